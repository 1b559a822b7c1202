"""The composition root: one data folder with its database, chain, keys, plugins and services.

A kernel is whole without a running world: commands work on it directly. `host.serve` adds sockets, the world and
play.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from contracts import deploy
from contracts.chain import Chain, ChainEvent
from contracts.errors import ChainError
from host import chains
from host.accounts import editions, moves, payments
from host.accounts.models import SYSTEM
from host.accounts.service import Accounts
from host.accounts.store import MIGRATIONS as ACCOUNT_TABLES
from host.config import Config
from host.economy import epochs, funding, tables
from host.economy.follower import Follower, Handler, cursor
from host.economy.sends import Sends
from host.economy.settlement import Done, Settlement
from host.errors import MallError
from host.events import Event, EventBus
from host.files import write_whole
from host.keyring import Keyring, open_keyring
from host.land import rules
from host.land.service import Land
from host.land.store import MIGRATIONS as LAND_TABLES
from host.notices import MIGRATIONS as NOTICE_TABLES
from host.packages.models import Inspected
from host.packages.service import Packages
from host.packages.store import MIGRATIONS as PACKAGE_TABLES
from host.passwords import password_source
from host.placements.fault_store import MIGRATIONS as FAULT_TABLES
from host.placements.models import Reason
from host.placements.service import Placements
from host.placements.store import MIGRATIONS as PLACEMENT_TABLES
from host.play.boards import MIGRATIONS as BOARD_TABLES
from host.plugins import Plugins
from host.storage import audit
from host.storage.database import ThreadRows
from host.storage.rows import Rows
from host.storage.tx import Tx
from host.storage.writer import Writer
from sandbox.syntax import syntax_error

if TYPE_CHECKING:
    from host.commands import Commands

log = logging.getLogger(__name__)
T = TypeVar("T")
LIVE_SUPPLY = 1_000_000_000 * 10**18
LAND_CONTRACTS: dict[str, rules.Contract] = {"Tierra": "tierra", "Mall": "mall", "Island": "island"}
Progress = Callable[[str], None]


class Kernel:
    """The parts of a host that last. Use `open_kernel`.

    Attributes:
        rows: committed data, for any thread.
        publish: gets the events of each committed unit of work, in the writer's thread.
    """

    def __init__(
        self, config: Config, stack: ExitStack, progress: Progress, clock: Callable[[], float]
    ) -> None:
        self.config = config
        self.clock = clock
        self.bus = EventBus()
        self.publish: Callable[[list[Event]], None] = self._publish_here
        progress("Loading plugins")
        self.plugins = Plugins(config)
        self.plugins.discover()
        self.keys: Keyring = open_keyring(
            config.data / "secret.key",
            password_source(config.key_password_file, ask="Password of the host's secret"),
        )
        self.signers = chains.signers(config, self.keys)
        progress("Opening the database")
        migrations = [
            audit.MIGRATIONS, ACCOUNT_TABLES, LAND_TABLES, PACKAGE_TABLES, PLACEMENT_TABLES, tables.MIGRATIONS,
            BOARD_TABLES, NOTICE_TABLES, FAULT_TABLES, editions.MIGRATIONS,
            *(m for _, found in self.plugins.ask("mall_migrations") for m in found),
        ]  # fmt: skip
        self._writer = Writer(config.database, migrations, lambda events: self.publish(events), self.clock)
        stack.callback(self._writer.close)
        self.rows: Rows = ThreadRows(config.database)
        progress("Opening the chain")
        self.chain, self.deployment = self._open_chain(stack, progress)
        self.accounts = Accounts(self.keys.address)
        self.land = Land()
        self.packages = Packages(config.data / "packages", syntax_error)
        self.placements = Placements(self.packages, self.land)
        self._follower = Follower(self.rows, self.deployment.block)
        self.settlement = Settlement(
            self.write, self.rows, self.chain, self.deployment, self.signers.operator, self.follow
        )
        self.sends = Sends(
            self.write, self.rows, self.chain, self.deployment,
            {signer.address: signer for signer in (self.signers.operator, self.signers.treasury)},
        )  # fmt: skip
        self.mover = moves.Mover(
            self.write,
            self.rows,
            self.chain,
            self.deployment,
            self.sends,
            self.signers.treasury.address,
            self.keys.key,
        )
        self._proven = 0
        from host.commands import Commands

        self.commands: Commands = Commands(self)
        progress("Reading the chain")
        self.follow()

    def submit(self, work: Callable[[Tx], T]) -> Any:
        """Queue a unit of work; a concurrent future of its answer."""
        return self._writer.submit(work)

    def write(self, work: Callable[[Tx], T], /) -> T:
        """Run a unit of work and wait until it is durable."""
        return self._writer.submit(work).result()

    def follow(self) -> None:
        """Read the chain's new events into the database."""
        known = self.deployment.contracts
        handlers = [
            *self._land_handlers(),
            funding.handler(self.deployment.vault.address),
            *(Handler(known[name].address, editions.moved) for name in ("Resource",) if name in known),
            Handler(self.deployment.live.address, payments.transferred),
            Handler(self.deployment.live.address, moves.arrived),
            *(Handler(known[name].address, moves.arrived) for name in moves.TITLES if name in known),
        ]
        events, behind = 0, True
        while behind:
            followed = self._follower.advance(self.write, self.chain, handlers)
            events, behind = events + followed.events, followed.behind
        if events:
            self._tended("rights", self.placements.end_lapsed_rights)

    def settle(self) -> list[Done]:
        """Carry on the host's own orders, then settle what is booked; the last answer says why no more is done.

        Raises:
            ChainError: the chain failed; call again later, nothing is lost.
            MallError: storage.*, ledger.*, proofs.unwritable.
        """
        while self.sends.carry_on():
            pass
        try:
            return self.settlement.drain()
        finally:  # an epoch may be settled before the chain fails
            self._keep_proofs()

    def _keep_proofs(self) -> None:
        """Write the proofs by the root in force into the data folder: who has them needs no host to be paid.

        Once for each epoch, and once after each start, since a host may end between an epoch and its file. The console
        shows the file to everybody (`host.web.proofs`).

        Raises:
            MallError: proofs.unwritable.
        """
        epoch, path = epochs.in_force(self.rows), self.config.proofs
        if epoch == self._proven:
            return
        made = json.dumps(self.commands.export_proofs(), indent=1).encode() + b"\n"
        try:
            write_whole(path, made, path.with_name(path.name + ".new"))
        except OSError as error:
            raise MallError(
                "proofs.unwritable", f"{path} cannot be written: {error.strerror}.", path=str(path)
            ) from error
        self._proven = epoch

    def tend(self) -> None:
        """What time does: rights that ended, placements of revoked releases, suspensions that lapsed.

        Each placement is a unit of work of its own: one that cannot be moved is logged and stops no other.
        """
        self._tended("rights", self.placements.end_lapsed_rights)
        for release in {place.release for place in self.placements.living(self.rows)}:
            if self.packages.get(self.rows, release).state == "revoked":
                why = Reason("The release was revoked.", "release.revoked", f"release:{release}")
                self._tended(f"release {release}", partial(self._end_release, release=release, why=why))
        for place in self.placements.lapses_due(self.rows, self.clock()):
            self._tended(place.ref, partial(self.placements.lapse, placement=place.id))
        payments.look_after(self.write, self.rows, self.chain, self.clock())
        self.mover.advance()

    def _end_release(self, tx: Tx, release: int, why: Reason) -> None:
        """Running placements are suspended for safety, requests declined, and what was suspended before ends."""
        self.placements.end_of_release(tx, release, why)
        for place in self.placements.living(tx):
            if place.release == release and place.state == "suspended" and not place.safety:
                self.placements.retire(tx, SYSTEM, place.id, why.text)

    def _tended(self, what: str, work: Callable[[Tx], object]) -> None:
        try:
            self.write(work)
        except MallError as error:
            log.error("%s cannot be tended: %s", what, error)

    def inspect(self, archive: bytes) -> Inspected:
        """Open and scan an archive; findings of plugins are added to the host's own."""
        found = self.packages.inspect(archive)
        manifest = found.package.manifest
        more = self.plugins.findings(
            "mall_scan_release", package=manifest.id, version=manifest.version, files=found.package.files
        )
        return replace(found, findings=(*found.findings, *more))

    def _land_handlers(self) -> list[Handler]:
        """Tierra, Mall and Island tell who holds what; an old deployment may lack the last two."""
        known = self.deployment.contracts
        mall = known["Mall"].address if "Mall" in known else ""

        def handle(tx: Tx, event: ChainEvent, contract: rules.Contract) -> None:
            told = rules.told(contract, event.name, event.args, mall)
            if told is not None:
                self.land.apply(tx, told)

        return [
            Handler(known[name].address, partial(handle, contract=contract))
            for name, contract in LAND_CONTRACTS.items()
            if name in known
        ]

    def _publish_here(self, events: list[Event]) -> None:
        for event in events:
            self.bus.publish(event)

    def _open_chain(self, stack: ExitStack, progress: Progress) -> tuple[Chain, deploy.Deployment]:
        chain = chains.open_chain(self.config, stack, self.clock)
        file, remote = chains.deployment_file(self.config), bool(chains.endpoints(self.config))
        if remote and not file.exists():
            raise MallError(
                "chain.not_deployed",
                f"There are no contracts for chain {chain.chain_id} in {file}. Do `mall chain deploy`, or name the "
                "file of a deployment with chain_deployment.",
            )
        if remote:
            found = deploy.load(file)
            deploy.verify(chain, found)
        else:
            progress("Checking the contracts" if file.exists() else "Deploying the contracts")
            found = deploy.deploy(chain, self.signers.operator, LIVE_SUPPLY, self.treasury, file=file)
        chains.check_operator(chain, found, self.signers.operator.address)
        return chain, found

    @property
    def read_block(self) -> int:
        """The last block whose events are in the database."""
        return cursor(self.rows)

    @property
    def treasury(self) -> str:
        """The address that owns unsold land and the LIVE supply."""
        return self.signers.treasury.address


@contextmanager
def open_kernel(
    config: Config, progress: Progress = lambda step: None, clock: Callable[[], float] = time.time
) -> Iterator[Kernel]:
    """Open the data folder, made where there is none; one process at a time.

    Args:
        progress: told what is being done. clock: the host's clock (seconds, UTC).

    Raises:
        MallError: host.already_running, storage.*, key.*, plugin.*, chain.*.
    """
    with ExitStack() as stack:
        prepare_folder(config.data)
        stack.enter_context(sole_user(config))
        try:
            kernel = Kernel(config, stack, progress, clock)
        except ChainError as error:
            raise from_chain(error) from error
        except OSError as error:
            raise MallError("storage.unreadable", f"The data folder {config.data}: {error}.") from error
        yield kernel


def from_chain(error: ChainError) -> MallError:
    """The same refusal in the host's family."""
    facts = {
        k: v if isinstance(v, str | int | float | bool | None) else str(v) for k, v in error.facts.items()
    }
    return MallError(error.code, error.message, **facts)


def prepare_folder(data: Path) -> None:
    """Make the data folder, for its owner's eyes only.

    Raises:
        MallError: storage.unreadable.
    """
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if data.stat().st_mode & 0o077:
            data.chmod(0o700)
        if not os.access(data, os.W_OK | os.X_OK):
            raise PermissionError(f"no right to write into {data}")
    except OSError as error:
        raise MallError(
            "storage.unreadable",
            f"The data folder {data} cannot be used: {error.strerror or error}. Name another with --data.",
            path=str(data),
        ) from error


@contextmanager
def sole_user(config: Config) -> Iterator[None]:
    """Hold the data folder's lock; the system frees it when the process ends, however it ends.

    Raises:
        MallError: host.already_running.
    """
    with (config.data / "host.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise MallError(
                "host.already_running",
                f"The data folder is in use by {holder}. Stop it first (Ctrl-C), or name another with --data.",
                holder=holder,
            ) from error
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
