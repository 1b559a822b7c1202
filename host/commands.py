"""What operators, moderators, creators and landholders can ask of a host: one method a verb, plain data in and out.

They run in a thread beside the world (`host.serve`) or directly on the data folder (`host.cli`). Each may be repeated:
what is done already is answered as it is.
"""

from __future__ import annotations

import base64
import binascii
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from contracts.bindings import Contract
from contracts.errors import ChainError
from contracts.keys import recover_message
from host.accounts.models import CREATOR, MODERATOR, OPERATOR, PLAYER, Actor
from host.chain_commands import ChainCommands
from host.economy import amounts, claims
from host.errors import MallError
from host.packages.capabilities import of_level
from host.packages.models import Manifest
from host.placements.models import Placement
from host.queries import CONSENT_S
from host.storage.tx import Tx

MODERATOR_LABEL = "moderator"
MAX_NUMBER = 1 << 53
VERBS = frozenset(
    {
        "approve",
        "balance",
        "chain_nonce",
        "chain_send",
        "chain_status",
        "chain_verify",
        "claims",
        "consent",
        "decide_claim",
        "enable",
        "enable_placement",
        "epoch",
        "export_proofs",
        "fund",
        "grant",
        "held_claims",
        "holder",
        "logs",
        "notices",
        "pay",
        "player_of_token",
        "pools",
        "publish",
        "request",
        "resume",
        "resume_consent",
        "settle",
        "status",
    }
)
"""What may be asked for by name."""


def from_hex(text: str) -> bytes:
    """Bytes of a hexadecimal text, with or without 0x.

    Raises:
        MallError: control.bad_arguments.
    """
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise MallError("control.bad_arguments", f"{text[:20]!r} is not hexadecimal.") from error


def typed_settings(manifest: Manifest, given: Mapping[str, str]) -> dict[str, Any]:
    """Settings given as text, in the types of the manifest's form; what fits no type is left for the form to refuse."""
    kinds = {field.name: field.type for field in manifest.settings}
    return {name: _typed(kinds.get(name, "text"), text) for name, text in given.items()}


def _typed(kind: str, text: str) -> Any:
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    return (
        {"true": True, "yes": True, "false": False, "no": False}.get(text, text)
        if kind == "boolean"
        else text
    )


def checked_arguments(verb: str, method: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types that the verb declares; whole numbers are 0 to 2^53.

    Raises:
        MallError: control.bad_arguments.
    """
    kinds = get_type_hints(method)
    try:
        inspect.signature(method).bind(**arguments)
        checked = {name: msgspec.convert(value, kinds[name]) for name, value in arguments.items()}
    except (TypeError, msgspec.ValidationError) as error:
        raise MallError("control.bad_arguments", f"{verb}: {error}.", verb=verb) from error
    for name, value in checked.items():
        if isinstance(value, int) and not 0 <= value <= MAX_NUMBER:
            raise MallError("control.bad_arguments", f"{verb}: {name} is a number from 0 to 2^53.", verb=verb)
    return checked


class Commands(ChainCommands):
    """The verbs of a host."""

    def run(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        """Run a verb with named arguments.

        Raises:
            MallError: control.unknown_verb, control.bad_arguments, or what the verb refuses.
        """
        method = getattr(self, verb) if verb in VERBS else None
        if method is None:
            raise MallError("control.unknown_verb", f"The host knows no command {verb!r}.", verb=verb)
        checked = checked_arguments(verb, method, arguments)
        try:
            return method(**checked)
        except ChainError as error:
            from host.kernel import from_chain

            raise from_chain(error) from error

    # publishing and placing

    def publish(self, archive: str) -> dict[str, Any]:
        """Take in a signed package (base64)."""
        try:
            data = base64.b64decode(archive, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MallError("control.bad_arguments", "publish: the archive is not base64.") from error
        inspected = self._k.inspect(data)

        def work(tx: Tx) -> Any:
            author = inspected.package.manifest.author
            account = self._k.accounts.ensure_account(
                tx, inspected.signer, author, frozenset({PLAYER, CREATOR})
            )
            return self._k.packages.submit(tx, account.actor, inspected)

        release = self._k.write(work)
        blocked = self._k.packages.blocked(self._k.rows, release)
        if blocked is not None:
            raise blocked
        found = self._k.packages.findings(self._k.rows, release.id)
        return {
            "release": release.id, "package": release.package, "version": release.version, "state": release.state,
            "digest": release.digest, "signer": release.signer,
            "findings": [f"{f.level} {f.path}: {f.message} ({f.code})" for f in found],
        }  # fmt: skip

    def approve(self, release: int) -> dict[str, Any]:
        """Approve a scanned release, as the host's moderator."""

        def work(tx: Tx) -> Any:
            found = self._k.packages.get(tx, release)
            if found.state == "approved":
                return found
            return self._k.packages.approve(
                tx, self.moderator(tx), release, "reviewed by the host's moderator"
            )

        found = self._k.write(work)
        return {"release": found.id, "package": found.package, "version": found.version, "state": found.state}

    def request(
        self,
        release: int,
        tierra: int,
        settings: dict[str, str],
        holder: str = "",
        until: int = 0,
        signature: str = "",
    ) -> dict[str, Any]:
        """Ask for a placement, with the holder's signed consent or on the treasury's own land.

        Where the package stands there already, it moves to this release; a paused one runs again.
        """
        if holder:
            self._check_consent(self.consent(release, tierra, settings, holder, until), signature)
        self._k.follow()

        def work(tx: Tx) -> Placement:
            actor = self.treasury(tx)
            if holder:
                actor = self._k.accounts.ensure_account(tx, holder, "Landholder", frozenset({PLAYER})).actor
            wanted = self._k.packages.get(tx, release)
            manifest = self._k.packages.manifest(wanted)
            known = self._k.placements.at(tx, tierra)
            if known is None or known.package != wanted.package:
                sensitive = of_level(manifest.capabilities, "sensitive")
                return self._k.placements.request(
                    tx, actor, release, tierra, typed_settings(manifest, settings), sensitive
                )
            if known.state == "paused":
                known = self._k.placements.resume(tx, actor, known.id)
            if known.release == release:
                return known
            return self._k.placements.change_release(
                tx, actor, known.id, release, typed_settings(manifest, settings)
            )

        return self._placement(self._k.write(work))

    def enable_placement(self, placement: int) -> dict[str, Any]:
        """Enable a requested placement, as the host's moderator."""

        def work(tx: Tx) -> Placement:
            found = self._k.placements.get(tx, placement)
            if found.state == "enabled":
                return found
            manifest = self._k.packages.manifest(self._k.packages.get(tx, found.release))
            restricted = of_level(manifest.required, "restricted")
            return self._k.placements.enable(tx, self.moderator(tx), placement, restricted)

        return self._placement(self._k.write(work))

    def enable(
        self,
        release: int,
        tierra: int,
        settings: dict[str, str],
        fund: dict[str, str],
        holder: str = "",
        until: int = 0,
        signature: str = "",
    ) -> dict[str, Any]:
        """Request, fund and enable in one go."""
        if fund and holder:
            raise MallError(
                "enable.fund_by_holder",
                "A pool is funded by its holder's own transaction; --fund is for the treasury's land.",
            )
        wei = {name: amounts.parse(text) for name, text in fund.items()}
        found = self.request(release, tierra, settings, holder, until, signature)
        unknown = sorted(set(wei) - {str(pool["name"]) for pool in found["pools"]})
        if unknown:
            raise MallError(
                "enable.unknown_pool", f"The release declares no pool {unknown[0]!r}.", pool=unknown[0]
            )
        for pool in found["pools"]:
            if wei.get(pool["name"], 0) > 0:
                key = f"enable:{release}:{pool['id']}:{wei[pool['name']]}"  # a repeated order funds once
                self._fund(int(pool["id"]), wei[pool["name"]], key)
        return self.enable_placement(found["placement"])

    def resume(self, placement: int, holder: str = "", until: int = 0, signature: str = "") -> dict[str, Any]:
        """Let a paused placement run again, with its holder's signed consent or on the treasury's own land."""
        if holder:
            self._check_consent(self.resume_consent(placement, holder, until), signature)
        self._k.follow()

        def work(tx: Tx) -> Placement:
            found = self._k.placements.get(tx, placement)
            actor = self.treasury(tx)
            if holder:
                actor = self._k.accounts.ensure_account(tx, holder, "Landholder", frozenset({PLAYER})).actor
            if found.state == "enabled" and found.holder == actor.address:
                return found
            return self._k.placements.resume(tx, actor, placement)

        return self._placement(self._k.write(work))

    def _placement(self, found: Placement) -> dict[str, Any]:
        return {
            "placement": found.id, "package": found.package, "version": found.version, "tierra": found.tierra,
            "holder": found.holder, "state": found.state, "pools": self.pools(found.id),
        }  # fmt: skip

    def _check_consent(self, asked: Mapping[str, Any], signature: str) -> None:
        if not self._k.clock() <= asked["until"] <= self._k.clock() + CONSENT_S:
            raise MallError(
                "placement.consent_over", "The holder's consent has run out. Ask for it and sign it again."
            )
        signer = recover_message(str(asked["text"]).encode(), from_hex(signature))
        if signer != asked["holder"]:
            raise MallError(
                "placement.bad_signature",
                f"The consent was signed by {signer}, not by {asked['holder']}, or for another placement.",
                signer=signer,
            )

    # the chain

    def grant(self, tierra: int, to: str) -> dict[str, Any]:
        """Give a Tierra of the treasury to somebody."""
        land = self._k.deployment.tierra
        if land.call(self._k.chain, "ownerOf", tierra) == to:
            return {"tierra": tierra, "owner": to, "tx": ""}
        sent = self._send("", land, "transferFrom", self._k.treasury, to, tierra)
        self._k.follow()
        return {"tierra": tierra, "owner": to, "tx": sent}

    def pay(self, to: str, amount: str, key: str = "") -> dict[str, Any]:
        """Send LIVE of the treasury to somebody; the same `key` pays once, however often it is asked."""
        wei = amounts.parse(amount)
        sent = self._send(key and f"pay:{key}", self._k.deployment.live, "transfer", to, wei)
        return {"to": to, "live": amounts.show(wei), "tx": sent}

    def chain_nonce(self, address: str) -> int:
        """The nonce of an address's next transaction."""
        return self._k.chain.nonce(address)

    def chain_send(self, raws: list[str]) -> list[dict[str, Any]]:
        """Send signed transactions (hex) and read what they changed; the host signs nothing here."""
        hashes = self._k.chain.broadcast([from_hex(raw) for raw in raws])
        self._k.follow()
        receipts = [self._k.chain.receipt(tx) for tx in hashes]
        return [{"tx": r.tx_hash, "status": r.status, "block": r.block} for r in receipts if r is not None]

    def fund(self, pool: int, amount: str, key: str = "") -> dict[str, Any]:
        """Put LIVE of the treasury into a pool of a placement; the same `key` funds once, however often it is asked."""
        if self._k.rows.one("select 1 from pools where id = ?", pool) is None:
            raise MallError(
                "fund.unknown_pool", f"There is no pool {pool}. `mall chain status` lists them.", pool=pool
            )
        wei = amounts.parse(amount)
        sent = self._fund(pool, wei, key)
        return {
            "pool": pool,
            "live": amounts.show(wei),
            "tx": sent,
            "left": amounts.show(claims.left(self._k.rows, pool)),
        }

    def _fund(self, pool: int, wei: int, key: str) -> str:
        vault = self._k.deployment.vault
        self._send(key and f"approve:{key}", self._k.deployment.live, "approve", vault.address, wei)
        sent = self._send(key and f"fund:{key}", vault, "fund", pool, wei)
        self._k.follow()
        return sent

    def _send(self, key: str, contract: Contract, function: str, *arguments: Any) -> str:
        """A transaction of the treasury, sent and final."""
        return self._k.sends.send(self._k.treasury, key, contract, function, *arguments)

    # the host's own people

    def moderator(self, tx: Tx) -> Actor:
        """The house moderator as the one who acts."""
        return self._own(
            tx, self._k.keys.address(MODERATOR_LABEL), "House moderator", frozenset({PLAYER, MODERATOR})
        )

    def treasury(self, tx: Tx) -> Actor:
        """The treasury as the one who acts."""
        return self._own(tx, self._k.treasury, "Treasury", frozenset({PLAYER, OPERATOR}))

    def _own(self, tx: Tx, address: str, name: str, roles: frozenset[str]) -> Actor:
        return self._k.accounts.ensure_account(tx, address, name, roles).actor
