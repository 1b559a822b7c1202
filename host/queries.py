"""What can be asked of a host without changing it: plain data out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from host import notices
from host.accounts.addresses import checked
from host.accounts.models import Account
from host.economy import amounts, claims
from host.errors import MallError
from host.placements.faults import number
from host.storage import audit

if TYPE_CHECKING:
    from host.kernel import Kernel

COUNTS = {
    "releases": "select state, count(*) n from releases group by state",
    "placements": "select state, count(*) n from placements group by state",
    "claims": "select state, count(*) n from claims group by state",
}


CONSENT_S = 600
"""How long a holder's consent may be used (seconds)."""


def moment(at: float) -> str:
    """Seconds since 1970 as people read them, UTC."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}Z"


class Queries:
    """The verbs that only look."""

    def __init__(self, kernel: Kernel) -> None:
        self._k = kernel

    def status(self) -> dict[str, Any]:
        """Where the host stands."""
        rows, k = self._k.rows, self._k
        counts = {
            table: {str(r["state"]): int(r["n"]) for r in rows.all(query)} for table, query in COUNTS.items()
        }
        return {
            "name": k.config.name,
            "data": str(k.config.data),
            "accounts": rows.value("select count(*) from accounts"),
            **counts,
            "chain": {"id": k.chain.chain_id, "block": k.chain.head().number},
            "contracts": {name: d.address for name, d in k.deployment.contracts.items()},
            "treasury": k.treasury,
            "audit": rows.value("select hash from audit order by seq desc limit 1") or audit.GENESIS,
            "plugins": [info.name for info in k.plugins.infos()],
        }

    def balance(self, who: str = "") -> dict[str, Any]:
        """LIVE of one address or player, read from the chain.

        Without `who`: of those with keys of their own and the latest winners, at most 200.
        """
        if not who:
            rows = self._k.rows.all(
                "select id from accounts where wallet = ''"
                " or id in (select player from claims where state != 'rejected') order by id desc limit 200"
            )
            found = [self._balance_of(self._k.accounts.get(self._k.rows, int(r["id"]))) for r in rows]
            return {"balances": [b for b in found if b["wei"] != "0" or b["pending_wei"] != "0"]}
        account = self._find(who)
        if account is not None:
            return self._balance_of(account)
        return {"address": who, **self._live_of(who)}

    def _balance_of(self, account: Account) -> dict[str, Any]:
        pending = claims.pending(self._k.rows, account.id)
        return {
            "player": account.id,
            "name": account.name,
            "address": account.address,
            **self._live_of(account.address),
            "pending_wei": str(pending),
            "pending": amounts.show(pending),
        }

    def _live_of(self, address: str) -> dict[str, str]:
        wei = int(self._k.deployment.live.call(self._k.chain, "balanceOf", address))
        return {"wei": str(wei), "live": amounts.show(wei)}

    def _find(self, who: str) -> Account | None:
        rows = self._k.rows
        if who.lower().startswith("0x"):
            return self._k.accounts.of_address(rows, who)
        found = rows.all("select id from accounts where cast(id as text) = ? or name = ?", who, who)
        if len(found) != 1:
            what = "no player" if not found else f"{len(found)} players"
            raise MallError(
                "account.unknown", f"There is {what} {who!r}. Name a number or an address.", who=who
            )
        return self._k.accounts.get(rows, int(found[0]["id"]))

    def claims(self, player: int) -> list[dict[str, Any]]:
        """A player's claims, newest first."""
        return [
            {"id": c.id, "state": c.state, "wei": str(c.amount), "live": amounts.show(c.amount), "tx": c.tx,
             "epoch": c.epoch, "placement": c.placement, "reason": c.reason, "detail": c.detail}
            for c in claims.list_claims(self._k.rows, player=player)
        ]  # fmt: skip

    def epoch(self, number: int) -> list[dict[str, Any]]:
        """The transactions of one settlement, in their order."""
        found = self._k.rows.all(
            "select step, state, tx_hash, block from outbox where epoch = ? order by id", number
        )
        return [
            {"step": r["step"], "state": r["state"], "tx": r["tx_hash"] or "", "block": r["block"]}
            for r in found
        ]

    def player_of_token(self, token: str) -> dict[str, Any]:
        """Who signed in with a session token."""
        account = self._k.accounts.account_of_token(self._k.rows, token, self._k.clock())
        return {"player": account.id, "name": account.name, "address": account.address}

    def holder(self, tierra: int) -> dict[str, Any]:
        """Who holds a Tierra, by the chain's events that the host has read."""
        self._k.follow()
        found = self._k.land.holder(self._k.rows, tierra, self._k.clock())
        return {"tierra": tierra, "address": found.address, "kind": found.kind, "until": found.until}

    def pools(self, placement: int) -> list[dict[str, Any]]:
        """A placement's pools, with what nobody was promised, as far as the chain was read."""
        found = []
        for row in self._k.rows.all("select id, name from pools where placement = ? order by id", placement):
            left = claims.left(self._k.rows, int(row["id"]))
            found.append(
                {
                    "id": int(row["id"]),
                    "name": str(row["name"]),
                    "left_wei": str(left),
                    "left": amounts.show(left),
                }
            )
        return found

    def consent(
        self, release: int, tierra: int, settings: dict[str, str], holder: str, until: int = 0
    ) -> dict[str, Any]:
        """The text that a holder signs (EIP-191) to have a release placed: it names everything that is agreed to."""
        found = self._k.packages.get(self._k.rows, release)
        grants = ", ".join(sorted(self._k.packages.manifest(found).capabilities)) or "none"
        until = until or int(self._k.clock()) + CONSENT_S
        land = f"{self._k.deployment.tierra.address} on chain {self._k.chain.chain_id}"
        text = (
            f"mall.live placement\npackage {found.package} {found.version}\ndigest {found.digest}\ngrants {grants}\n"
            f"settings {json.dumps(settings, sort_keys=True)}\ntierra {tierra} of {land}\nholder {holder}\n"
            f"until {until} (UTC seconds)"
        )
        return {"holder": holder, "until": until, "text": text}

    def resume_consent(self, placement: int, holder: str, until: int = 0) -> dict[str, Any]:
        """The text that a holder signs (EIP-191) to let a paused placement run again."""
        found = self._k.placements.get(self._k.rows, placement)
        until = until or int(self._k.clock()) + CONSENT_S
        land = f"{self._k.deployment.tierra.address} on chain {self._k.chain.chain_id}"
        text = (
            f"mall.live resume\nplacement {found.id}\npackage {found.package} {found.version}\n"
            f"tierra {found.tierra} of {land}\nholder {holder}\nuntil {until} (UTC seconds)"
        )
        return {"holder": holder, "until": until, "text": text}

    def logs(self, placement: int) -> dict[str, Any]:
        """The last faults of a placement, newest first."""
        found = self._k.placements.get(self._k.rows, placement)
        return {
            "placement": found.id, "package": f"{found.package} {found.version}", "tierra": found.tierra,
            "state": found.state, "reason": found.reason,
            "faults": [
                {"at": moment(f.last), "since": moment(f.at) if f.times > 1 else "", "times": f.times,
                 "version": version, "code": f.code, "place": f.place, "handler": f.handler,
                 "limit": number(f.limit) if f.limit else "", "used": number(f.used) if f.limit else "",
                 "message": f.message, "trace": f.trace}
                for version, f in self._k.placements.faults(self._k.rows, placement)
            ],
        }  # fmt: skip

    def notices(self, address: str = "") -> dict[str, Any]:
        """Notices to the holder of a wallet, or the latest to anybody, newest first."""
        rows = self._k.rows
        found = notices.of_address(rows, checked(address)) if address else notices.latest(rows)
        return {
            "notices": [
                {"at": moment(n.at), "to": n.address, "subject": n.subject, "text": n.text} for n in found
            ]
        }
