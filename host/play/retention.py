"""Which recordings lie on the disk, and how long each is kept."""

from __future__ import annotations

import logging
import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from host.config import Config
from host.errors import MallError
from sandbox.errors import SandboxError
from sandbox.recording import Ended, Header, Stepped, open_recording, read_end

log = logging.getLogger(__name__)
DAY_S = 86_400.0
SUFFIX = ".rec"
CODE = "code"
PER_PLACEMENT = 1000
"""Recordings of one placement without claims; a game that fails at every start makes many small ones."""
CODE_REST_S = DAY_S
"""Code that no recording uses goes after this time, so that none goes that is just being used again."""
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and figures that nobody takes for another."""
SESSION = re.compile(rf"(0|[1-9][0-9]{{0,15}})-[{ALPHABET}]{{10}}")
Claimed = Callable[[], set[str]]


@dataclass(frozen=True, slots=True)
class Keep:
    """How much is kept and how long: bytes, seconds. Sessions with a claim, with a fault, and others."""

    total_bytes: int
    session_bytes: int
    plain_s: float
    fault_s: float
    claim_s: float

    @classmethod
    def of(cls, config: Config) -> Keep:
        """What the settings say."""
        return cls(
            config.recordings_mib << 20, config.recording_mib << 20, config.recording_days * DAY_S,
            config.recording_fault_days * DAY_S, config.recording_claim_days * DAY_S,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A closed recording as retention sees it: `at` is when it ended (UTC seconds), `size` its bytes on the disk."""

    session: str
    at: float
    size: int
    faulty: bool
    claimed: bool

    @property
    def placement(self) -> str:
        return self.session.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording in a list; `ended` is None while it runs or when the host was killed."""

    header: Header
    ended: Ended | None
    size: int


def expired(found: Sequence[Kept], keep: Keep, now: float) -> list[Kept]:
    """Those that go: too old for their kind, too many of a placement, or the oldest beyond the whole room.

    What proves a claim goes last of all.
    """
    gone: list[Kept] = []
    stays: list[Kept] = []
    plain: dict[str, int] = defaultdict(int)
    for one in sorted(found, key=lambda one: -one.at):
        lasts = keep.claim_s if one.claimed else keep.fault_s if one.faulty else keep.plain_s
        plain[one.placement] += not one.claimed
        late = now - one.at > lasts or (not one.claimed and plain[one.placement] > PER_PLACEMENT)
        (gone if late else stays).append(one)
    total = sum(one.size for one in stays)
    for one in sorted(stays, key=lambda one: (one.claimed, one.at)):
        if total <= keep.total_bytes:
            break
        total -= one.size
        gone.append(one)
    return gone


def recording_path(folder: Path, session: str) -> Path:
    """Where a session's recording lies.

    Raises:
        MallError: recording.bad_name.
    """
    if not SESSION.fullmatch(session):
        raise MallError(
            "recording.bad_name",
            f"{session[:60]!r} names no session; one looks like 12-k7m2p9xq4t. `mall replay --list` shows them.",
        )
    return folder / session.partition("-")[0] / f"{session}{SUFFIX}"


def code_path(folder: Path, code: str) -> Path:
    """Where the code of that name lies.

    Raises:
        MallError: recording.bad_name.
    """
    if not re.fullmatch("[0-9a-f]{64}", code):
        raise MallError("recording.bad_name", "The recording names its code by something that is no digest.")
    return folder / CODE / f"{code}.z"


def paths(folder: Path, placement: int | None = None) -> Iterator[Path]:
    """Every recording, of one placement where given."""
    for path in folder.glob(f"{'*' if placement is None else placement}/*{SUFFIX}"):
        if SESSION.fullmatch(path.stem):
            yield path


def listed(folder: Path, placement: int | None, limit: int) -> list[Listed]:
    """The newest recordings first; what cannot be read is left out, since `replay` names its trouble."""
    newest = sorted(paths(folder, placement), key=lambda path: -path.stat().st_mtime)[:limit]
    found = []
    for path in newest:
        try:
            file, reader = open_recording(path)
        except SandboxError as error:
            log.warning("%s", error)
            continue
        with file:
            found.append(Listed(reader.header, read_end(file), os.fstat(file.fileno()).st_size))
    return found


def recover(folder: Path, now: float) -> int:
    """Close what a killed host left open: a torn last block is cut off. Answers how many were closed."""
    closed = 0
    for path in paths(folder):
        with path.open("rb") as file:
            if read_end(file) is not None:
                continue
        try:
            closed += _close(path, now)
        except SandboxError as error:
            log.warning("%s is removed: %s", path.name, error)
            path.unlink()
    return closed


def _close(path: Path, now: float) -> int:
    steps = faults = 0
    file, reader = open_recording(path)
    with file:
        for block in reader.blocks():
            steps += sum(isinstance(row, Stepped) for row in block.rows)
            faults += sum(not isinstance(row, Stepped | Ended) for row in block.rows)
    if reader.ending not in ("open", "torn"):
        return 0  # damaged in its middle: it stays as it is, for whoever asks why
    writer = reader.writer()
    os.truncate(path, writer.at)
    with path.open("ab") as out:
        out.write(writer.end(Ended("the host was killed", min(now, path.stat().st_mtime), steps, faults)))
    return 1


def sweep(
    folder: Path, keep: Keep, claimed: Claimed, open_now: frozenset[str], now: float | None = None
) -> list[str]:
    """Remove what has expired, and code that nothing uses any more. Answers the sessions that are gone.

    Args:
        claimed: asked for the sessions of claims that were not refused.
        open_now: sessions that are still written.
    """
    now = time.time() if now is None else now
    with_claims = claimed()
    found = []
    used = set()
    for path in paths(folder):
        status = path.stat()
        with path.open("rb") as file:
            ended = read_end(file)
        if path.stem not in open_now:
            faulty = ended is not None and ended.faults > 0
            size = status.st_blocks * 512
            found.append(Kept(path.stem, status.st_mtime, size, faulty, path.stem in with_claims))
    gone = [one.session for one in expired(found, keep, now)]
    for session in gone:
        recording_path(folder, session).unlink(missing_ok=True)
    for one in listed(folder, None, 1 << 30):
        used.add(one.header.code)
    for path in (folder / CODE).glob("*"):
        if path.stem not in used and now - path.stat().st_mtime > CODE_REST_S:
            path.unlink(missing_ok=True)
    return gone
