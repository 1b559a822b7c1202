"""Verbs about the chain: status, deploy, verify, fund, settle, claims that are held, export-proofs, claim."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contracts.errors import ChainError
from host.cli.frame import ask_host, show, verb
from host.config import Config
from host.errors import MallError

if TYPE_CHECKING:
    from contracts.proofs import Entry, ProofFile

FILE = click.Path(path_type=Path)
PATIENCE_S = 180.0
PAUSE_S = 0.25


def add_to(cli: click.Group) -> None:
    """Declare the group and its verbs."""

    @cli.group("chain")
    def chain() -> None:
        """The chain that settles: look, deploy, verify, fund, settle, prove, claim."""

    _operator_verbs(chain)
    _decision_verbs(chain)
    _player_verbs(chain)


def _operator_verbs(chain: click.Group) -> None:
    @verb(chain, "status", "mall chain status", "mall chain status --json")
    def status(config: Config) -> dict[str, Any]:
        """Show head, finality, contracts, open transactions, pools, and when books and chain were compared last."""
        answer: dict[str, Any] = ask_host(config, "chain_status")
        return answer

    @verb(
        chain,
        "deploy",
        "mall chain deploy",
        "MALL_CHAIN_ENDPOINTS=http://127.0.0.1:8545 MALL_CHAIN_ID=31337 mall chain deploy",
    )
    def deploy(config: Config) -> dict[str, Any]:
        """Put the contracts on the chain of the settings and keep their addresses; what was begun is finished.

        The operator's address pays the gas and must not have sent anything before.
        """
        return _deploy(config)

    @verb(chain, "verify", "mall chain verify", "mall chain verify --json")
    @click.pass_context
    def verify(ctx: click.Context, config: Config) -> None:
        """Compare the contracts' code and every figure of the books with the chain. Exit code 1 where they differ.

        The blocks of an embedded chain are checked first, all of them.
        """
        answer = ask_host(config, "chain_verify")
        show(answer, ctx.obj)
        if not answer["agrees"]:
            ctx.exit(1)

    @verb(chain, "fund", "mall chain fund 3 250", "mall chain fund 3 250 --once march-prizes")
    @click.argument("pool", type=click.IntRange(min=1))
    @click.argument("live")
    @click.option(
        "--once", default="", metavar="NAME", help="Fund once under this name, however often it is run."
    )
    def fund(config: Config, pool: int, live: str, once: str) -> dict[str, Any]:
        """Put LIVE of the treasury into a pool of prizes. `mall chain status` lists pools."""
        answer: dict[str, Any] = ask_host(config, "fund", pool=pool, amount=live, key=once)
        return answer

    @verb(
        chain,
        "settle",
        "mall chain settle",
        "mall chain settle --retry 'draws are allowed again'",
        "mall chain settle --give-up 'the funder of pool 3 left'",
    )
    @click.option(
        "--retry", default="", metavar="REASON", help="First sign a stuck step's same content again."
    )
    @click.option(
        "--give-up",
        default="",
        metavar="REASON",
        help="First give up an epoch that the vault refuses; claims wait again.",
    )
    def settle(config: Config, retry: str, give_up: str) -> dict[str, Any]:
        """Settle what is booked now, without waiting for the host's next round."""
        answer: dict[str, Any] = ask_host(config, "settle", retry=retry, give_up=give_up)
        return answer


def _decision_verbs(chain: click.Group) -> None:
    @verb(chain, "held", "mall chain held")
    def held(config: Config) -> dict[str, Any]:
        """List claims that a person has to decide, as their session was not recorded."""
        answer: dict[str, Any] = ask_host(config, "held_claims")
        return answer

    @verb(
        chain,
        "decide",
        "mall chain decide 17 pay 'seen it myself'",
        "mall chain decide 17 refuse 'no match was played'",
    )
    @click.argument("claim", type=click.IntRange(min=1))
    @click.argument("what", type=click.Choice(["pay", "refuse"]))
    @click.argument("reason")
    def decide(config: Config, claim: int, what: str, reason: str) -> dict[str, Any]:
        """Pay or refuse a claim that is held. The reason goes into the audit trail."""
        answer: dict[str, Any] = ask_host(
            config, "decide_claim", claim=claim, pay=what == "pay", reason=reason
        )
        return answer


def _player_verbs(chain: click.Group) -> None:
    @verb(chain, "export-proofs", "mall chain export-proofs proofs.json", "mall chain export-proofs --json")
    @click.argument("file", type=FILE, required=False)
    def export_proofs(config: Config, file: Path | None) -> dict[str, Any]:
        """Write the proofs of everybody who has something to get: with the file and a node nobody needs the host."""
        from host.files import write_whole

        made: dict[str, Any] = ask_host(config, "export_proofs")
        if file is None:
            return made
        try:
            write_whole(file, json.dumps(made, indent=1).encode() + b"\n", file.with_name(file.name + ".new"))
        except OSError as error:
            raise MallError(
                "cli.unwritable", f"{file} cannot be written: {error.strerror}.", file=str(file)
            ) from error
        return {
            "file": str(file),
            "epoch": made["epoch"],
            "root": made["root"],
            "addresses": len(made["entries"]),
        }

    @verb(
        chain,
        "claim",
        "mall chain claim proofs.json --rpc https://bsc-dataseed.example --keystore wallet.json",
        "mall chain claim proofs.json --rpc http://127.0.0.1:8545 --keystore any.json --for "
        "0x52908400098527886E0F7030069857D2E4169EE7",
    )
    @click.argument("file", type=FILE)
    @click.option("--rpc", required=True, metavar="URL", help="A node of the chain.")
    @click.option(
        "--keystore", type=FILE, required=True, help="Key file that pays the gas; encrypted or plain."
    )
    @click.option(
        "--password-file", type=FILE, help="Its password; else MALL_KEY_PASSWORD, else you are asked."
    )
    @click.option(
        "--for", "address", default="", metavar="ADDRESS", help="Who is paid; the key's own address without."
    )
    @click.option("--max-gwei", type=click.FloatRange(min=0, min_open=True), default=20.0, show_default=True,
                  help="Most for a unit of gas.")  # fmt: skip
    def claim(
        config: Config,
        file: Path,
        rpc: str,
        keystore: Path,
        password_file: Path | None,
        address: str,
        max_gwei: float,
    ) -> dict[str, Any]:
        """Be paid by proof, with a file of proofs and any node: no host, no data folder. The money goes to ADDRESS."""
        from contracts.proofs import parse
        from host.keyfile import load_key
        from host.passwords import password_source

        if not keystore.is_file():
            raise MallError("key.unreadable", f"There is no key file {keystore}.", path=str(keystore))
        key = load_key(keystore, password_source(password_file, ask=f"Password of {keystore}"))
        try:
            found = parse(file.read_bytes())
            entry = found.entry(address or key.address)
        except OSError as error:
            raise MallError(
                "cli.unreadable", f"{file} cannot be read: {error.strerror}.", file=str(file)
            ) from error
        except ChainError as error:
            raise _told(error) from error
        return _claim(rpc, key, found, entry, max_gwei)


def _deploy(config: Config) -> dict[str, Any]:
    """Deploy what is missing; what was begun is finished with the bytes that were signed then."""
    from contracts import deploy as deploying
    from host import chains
    from host.kernel import LIVE_SUPPLY, open_kernel, prepare_folder, sole_user
    from host.keyring import open_keyring
    from host.passwords import password_source

    if not chains.endpoints(config):
        with open_kernel(config) as kernel:
            found = kernel.deployment
    else:
        prepare_folder(config.data)
        with ExitStack() as stack:
            stack.enter_context(sole_user(config))
            password = password_source(config.key_password_file, ask="Password of the host's secret")
            signers = chains.signers(config, open_keyring(config.data / "secret.key", password))
            try:
                chain, operator = chains.open_chain(config, stack, time.time), signers.operator
                if chain.balance(operator.address) == 0:
                    raise MallError(
                        "deploy.no_coin",
                        f"{operator.address} signs for this host and has no coin on chain {chain.chain_id}: send it "
                        "some to pay the gas.",
                        operator=operator.address,
                    )
                found = deploying.deploy(
                    chain,
                    operator,
                    LIVE_SUPPLY,
                    signers.treasury.address,
                    file=chains.deployment_file(config),
                )
            except ChainError as error:
                raise _told(error) from error
    return {
        "chain": found.chain_id, "block": found.block, "file": str(chains.deployment_file(config)),
        "contracts": {name: d.address for name, d in found.contracts.items()},
    }  # fmt: skip


def _claim(rpc: str, key: Any, file: ProofFile, entry: Entry, max_gwei: float) -> dict[str, Any]:
    """Send the claim and wait until it is mined; sent again it pays nothing twice, as amounts are cumulative."""
    from contracts import proofs
    from contracts.rpc import RpcChain
    from host.economy import amounts

    answer = {
        "to": entry.address,
        "won": amounts.show(entry.total),
        "epoch": file.epoch,
        "chain": file.chain_id,
    }
    try:
        with RpcChain([rpc], file.chain_id, max_fee=int(max_gwei * 10**9)) as chain:
            owed = proofs.due(chain, file, entry)
            if owed == 0:
                return {**answer, "paid": "0 LIVE", "state": "everything was paid before", "tx": ""}
            signed = chain.sign(proofs.claim(file, entry, key.address), chain.nonce(key.address), key)
            chain.broadcast([signed.raw])
            for _ in range(int(PATIENCE_S / PAUSE_S)):
                receipt = chain.receipt(signed.tx_hash)
                if receipt is not None:
                    break
                time.sleep(PAUSE_S)
    except ChainError as error:
        raise _told(error) from error
    if receipt is None:
        raise MallError(
            "chain.slow", f"{signed.tx_hash} is sent, not mined after {PATIENCE_S:g} s. Run the command again later.",
            tx=signed.tx_hash,
        )  # fmt: skip
    if receipt.status != 1:
        raise MallError(
            "chain.refused", "The distributor refused the claim: somebody was quicker.", tx=receipt.tx_hash
        )
    state = "final" if receipt.finalized else "mined, final soon"
    return {
        **answer,
        "paid": amounts.show(owed),
        "state": state,
        "block": receipt.block,
        "tx": receipt.tx_hash,
    }


def _told(error: ChainError) -> MallError:
    from host.kernel import from_chain

    return from_chain(error)
