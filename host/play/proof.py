"""Proves a claim: its recording is run again in a jail, and what comes out is compared with the books and the chain.

Reads only; a host may run on the same data folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts import deploy
from contracts.errors import ChainError
from host import chains
from host.config import Config
from host.economy import claims, evidence
from host.economy.evidence import Line
from host.economy.models import Claim
from host.errors import MallError
from host.packages.scan import world_sources
from host.packages.service import Packages
from host.play.retention import code_path, recording_path
from host.storage.database import ThreadRows
from host.storage.rows import Rows
from sandbox import commands as c
from sandbox.errors import SandboxError
from sandbox.record_show import show_command
from sandbox.recording import Code, Header, Reader, Stepped, open_recording, sandbox_digest
from sandbox.replay import Played, Replayer, Result, replay
from sandbox.syntax import syntax_error


@dataclass(frozen=True, slots=True)
class Proof:
    """The lines of a proof in their order."""

    claim: Claim
    lines: tuple[Line, ...]

    @property
    def proven(self) -> bool:
        """Nothing failed. What cannot be said yet, as the claim has not come so far, is no failure."""
        return all(line.ok is not False for line in self.lines)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A session that was run again."""

    header: Header
    result: Result

    @property
    def same_sandbox(self) -> bool:
        """Whether the session was recorded under this very sandbox code."""
        return self.header.sandbox == sandbox_digest()

    @property
    def verdict(self) -> str:
        """One sentence."""
        difference = self.result.difference
        if difference is not None:
            text = f"differs at step {difference.step}: {difference.problem}"
            if not self.same_sandbox:
                text += (
                    f"; that proves nothing, as it ran under other sandbox code ({self.header.sandbox[:8]})"
                )
            return text
        if self.result.ending == "damaged":
            return f"identical up to step {self.result.steps - 1}, but the recording is damaged: {self.result.problem}"
        if self.result.ending == "ended":
            return "identical"
        return f"identical as far as it was recorded ({self.result.ending})"


def read_code(folder: Path, header: Header) -> Code:
    """The code that a recording names.

    Raises:
        MallError: recording.*.
    """
    try:
        return Code.unpack(header.code, code_path(folder, header.code).read_bytes())
    except OSError as error:
        raise MallError(
            "recording.no_code",
            f"The code {header.code[:12]} of this recording is not in the data folder: {error.strerror}.",
        ) from error
    except SandboxError as error:
        raise MallError(error.code, error.message) from error


def replay_session(config: Config, session: str) -> Replayed:
    """Run a session again.

    Raises:
        MallError: recording.*.
    """
    with _opened(config, session) as reader:
        return Replayed(reader.header, replay(reader, read_code(config.recordings, reader.header)))


def played_steps(config: Config, session: str) -> Iterator[tuple[Played, tuple[c.Command, ...]]]:
    """Each step of a session as it comes out again, with its commands, until the recording or the replay ends.

    Raises:
        MallError: recording.*, replay.*.
    """
    with _opened(config, session) as reader:
        rows = (row for block in reader.blocks() for row in block.rows)
        steps = (row for row in rows if isinstance(row, Stepped))
        with Replayer(reader.header, read_code(config.recordings, reader.header)) as replayer:
            for played in replayer.run(steps):
                yield played, replayer.commands(played)


@contextmanager
def _opened(config: Config, session: str) -> Iterator[Reader]:
    """The recording of a session; what the sandbox refuses is told in the host's own family of errors."""
    try:
        file, reader = open_recording(recording_path(config.recordings, session))
        with file:
            yield reader
    except SandboxError as error:
        raise MallError(error.code, error.message, session=session) from error


def prove(config: Config, number: int) -> Proof:
    """Check a claim from the first step of its session to the payment.

    Raises:
        MallError: claim.unknown, storage.*.
    """
    rows = ThreadRows(config.database)
    claim = claims.get(rows, number)
    lines: list[Line] = []
    for line in _recorded(config, rows, claim):
        lines.append(line)
        if line.ok is False:
            break
    lines += evidence.ledger_lines(rows, claim)
    if claim.state == "paid":
        lines += _chain(config, rows, claim)
    return Proof(claim, tuple(lines))


def _recorded(config: Config, rows: Rows, claim: Claim) -> Iterator[Line]:
    """From the recording to the request in the books."""
    noted = evidence.noted(rows, claim.id)
    if noted is None or noted[2]:
        why = "the host kept no mark of its recording" if noted is None else noted[2]
        yield Line("recording", False, f"not provable: {why}")
        return
    try:
        with _opened(config, claim.session) as reader:
            yield from _checked(config, rows, claim, reader, noted[0], noted[1])
    except MallError as error:
        yield Line("recording", False, f"not provable: {error.message}")


def _checked(config: Config, rows: Rows, claim: Claim, reader: Reader, at: int, check: str) -> Iterator[Line]:
    header = reader.header
    steps: list[Stepped] = []
    for block in reader.blocks():
        steps += [row for row in block.rows if isinstance(row, Stepped)]
        if block.at >= at:
            whole = block.at == at and block.check.hex() == check
            break
    else:
        yield Line(
            "recording", False, reader.problem or f"it ends before byte {at}, where the claim was decided"
        )
        return
    if not whole or (header.session, header.placement) != (claim.session, claim.placement):
        yield Line("recording", False, "it is not the one that was on the disk when the claim was decided")
        return
    yield Line(
        "recording", True, f"session {claim.session}, {len(steps)} steps, check {check[:16]} as booked"
    )
    code = read_code(config.recordings, header)
    yield _same_code(config, rows, header, code)
    yield from _played(rows, claim, header, code, steps)


def _same_code(config: Config, rows: Rows, header: Header, code: Code) -> Line:
    """Whether the recorded code is that of the release; its archive may be gone by now."""
    what = f"{header.package} {header.version}"
    release = rows.value(
        "select id from releases where digest = ? and package = ?", header.digest, header.package
    )
    if release is None:
        return Line("code", False, f"{what} with digest {header.digest[:16]} was never published here")
    packages = Packages(config.data / "packages", syntax_error)
    try:
        files = packages.open(packages.get(rows, int(release))).files
    except MallError as error:
        return Line(
            "code", True, f"{what}; the archive is gone ({error.code}), the recording's own copy was used"
        )
    if dict(world_sources(files)) != dict(code.sources):
        return Line("code", False, f"the recorded sources are not those of {what}")
    return Line("code", True, f"{what}, release {release}, digest {header.digest[:16]}")


def _played(rows: Rows, claim: Claim, header: Header, code: Code, steps: list[Stepped]) -> Iterator[Line]:
    """Run the steps again up to the one that proposes the claim."""
    other = (
        ""
        if header.sandbox == sandbox_digest()
        else f" (recorded under other sandbox code {header.sandbox[:8]})"
    )
    with Replayer(header, code) as replayer:
        for played in replayer.run(steps):
            if not played.same:
                yield Line("replay", False, f"differs at step {played.number} of {len(steps)}{other}")
                return
            for command in replayer.commands(played):
                if isinstance(command, c.Claim) and command.claim == claim.number:
                    yield Line("replay", True, f"identical up to step {played.number}{other}")
                    yield Line("claim", True, f"step {played.number} proposes {show_command(command)}")
                    yield evidence.request_line(
                        rows, claim, command.claim, command.pool, command.player, command.amount
                    )
                    return
    yield Line("replay", True, f"identical in all {len(steps)} steps{other}")
    yield Line("claim", False, f"none of them proposes claim {claim.number}")


def _chain(config: Config, rows: Rows, claim: Claim) -> list[Line]:
    try:
        with ExitStack() as stack:
            chain = chains.open_chain(config, stack, time.time, read_only=True)
            deployed = deploy.load(chains.deployment_file(config))
            return list(evidence.chain_lines(rows, chain, deployed, claim))
    except ChainError as error:
        return [Line("chain", False, f"the chain cannot be read: {error.message}")]
