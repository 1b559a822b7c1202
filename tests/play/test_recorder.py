"""Recordings on the disk: what a kill leaves, bounds, what is kept how long."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

import pytest

from host.config import Config
from host.errors import MallError
from host.play.recordings import FULL, Recordings
from host.play.retention import (
    DAY_S,
    PER_PLACEMENT,
    Keep,
    Kept,
    expired,
    listed,
    paths,
    recording_path,
    recover,
    sweep,
)
from sandbox.recording import Ended, Faulted, Stepped, open_recording
from sandbox.wire import Fault, Step
from tests.play.recording_host import KEEP
from tests.sandbox.conftest import make_spec

SPEC = make_spec("mall.log(1)")
ROOT = Path(__file__).parent.parent.parent


def step(number: int, events: bytes = b"") -> Step:
    return Step(1, 1, 1000.0 + number, events, bytes(32))


def recorded(
    folder: Path, story: Callable[[Recordings], Coroutine[None, None, None]], keep: Keep = KEEP
) -> None:
    async def main() -> None:
        recordings = Recordings(folder, keep, set, time.time)
        await recordings.start()
        try:
            await story(recordings)
        finally:
            await recordings.stop()

    asyncio.run(main())


def rows(folder: Path, session: str) -> tuple[list[object], str, dict[int, bytes]]:
    """Rows of a recording, how it ends, and the check at the end of each block."""
    file, reader = open_recording(recording_path(folder, session))
    with file:
        blocks = list(reader.blocks())
    return [row for block in blocks for row in block.rows], reader.ending, {b.at: b.check for b in blocks}


def test_a_mark_stands_for_all_steps_before_it(tmp_path: Path) -> None:
    marks = []

    async def story(recordings: Recordings) -> None:
        session = recordings.session(3, 1)
        assert recordings.session(3, 1) == session
        recordings.began(SPEC, 1, step(0))
        for number in range(1, 60):
            recordings.stepped(step(number))
            if number % 20 == 0:
                first, again = await asyncio.gather(recordings.keep(session), recordings.keep(session))
                assert first == again
                marks.append((session, number, first))
        recordings.ended(1, 1, "ended")
        last = await recordings.keep(session)
        marks.append((session, 59, last))
        assert recordings.session(3, 1) != session

    recorded(tmp_path, story)
    session = marks[0][0]
    found, ending, checks = rows(tmp_path, session)
    assert ending == "ended"
    assert [row.now for row in found if isinstance(row, Stepped)] == [1000.0 + n for n in range(60)]
    for _, _, mark in marks:
        assert mark.problem == ""
        assert checks[mark.at].hex() == mark.check
    assert [one.ended.steps for one in listed(tmp_path, 3, 10) if one.ended] == [60]


@pytest.mark.parametrize("after", [5, 60, 200])
def test_a_kill_loses_no_step_before_a_claim_that_was_booked(tmp_path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.play.recording_host", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as host:
        assert host.stdout is not None
        said = [host.stdout.readline() for _ in range(after)]
        host.kill()
        said += host.stdout.read().splitlines(keepends=True)
    session, number, at, check = [line for line in said if line.endswith("\n")][-1].split()
    assert recover(tmp_path, time.time()) == 1
    found, ending, checks = rows(tmp_path, session)
    assert ending == "ended"
    assert checks[int(at)].hex() == check
    steps = [row.now for row in found if isinstance(row, Stepped)]
    assert steps == [1000.0 + n for n in range(len(steps))]
    assert len(steps) > int(number)
    assert isinstance(found[-1], Ended)
    assert found[-1].why == "the host was killed"
    assert recover(tmp_path, time.time()) == 0


def test_a_fault_that_ends_a_state_is_in_its_recording(tmp_path: Path) -> None:
    async def story(recordings: Recordings) -> None:
        recordings.session(3, 1)
        recordings.began(SPEC, 1, step(0))
        recordings.ended(1, 1, "sandbox.hung")
        recordings.faulted(Fault(1, "sandbox.hung", "one call ran for more than 1 s", gone=True))

    recorded(tmp_path, story)
    (path,) = paths(tmp_path)
    found = rows(tmp_path, path.stem)[0]
    assert isinstance(found[1], Faulted)
    assert found[2] == replace_end(found[2], why="sandbox.hung", steps=1, faults=1)


def replace_end(ended: object, **values: object) -> Ended:
    assert isinstance(ended, Ended)
    return Ended(**{"why": ended.why, "at": ended.at, "steps": ended.steps, "faults": ended.faults, **values})  # type: ignore[arg-type]


def test_a_generation_has_a_recording_of_its_own(tmp_path: Path) -> None:
    names = []

    async def story(recordings: Recordings) -> None:
        names.append(recordings.session(3, 1))
        recordings.began(SPEC, 1, step(0))
        recordings.ended(1, 1, "sandbox.restarted")
        recordings.began(SPEC, 2, replace(step(1), generation=2))
        names.append(recordings.session(3, 1, 2))
        recordings.stepped(replace(step(2), generation=2))
        recordings.stepped(step(3))

    recorded(tmp_path, story)
    assert [len(rows(tmp_path, name)[0]) for name in names] == [2, 3]


def test_a_full_recording_is_closed_and_says_so(tmp_path: Path) -> None:
    marks = []

    async def story(recordings: Recordings) -> None:
        session = recordings.session(3, 1)
        recordings.began(SPEC, 1, step(0))
        for number in range(1, 40):
            recordings.stepped(step(number, random_bytes(number)))
            marks.append(await recordings.keep(session))

    recorded(tmp_path, story, replace(KEEP, session_bytes=20_000))
    (one,) = listed(tmp_path, None, 10)
    assert one.ended is not None
    assert (one.ended.full, one.ended.why) == (True, FULL)
    problems = [mark.problem for mark in marks]
    assert problems[0] == ""
    assert problems[-1] == FULL
    assert problems == sorted(problems)
    assert sum(path.stat().st_size for path in paths(tmp_path)) < 24_000


def random_bytes(seed: int) -> bytes:
    import random

    return random.Random(seed).randbytes(2000)


def test_a_disk_that_refuses_stops_no_game_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "3").write_text("no folder")

    async def story(recordings: Recordings) -> None:
        session = recordings.session(3, 1)
        recordings.began(SPEC, 1, step(0))
        recordings.stepped(step(1))
        assert "the disk refused it" in (await recordings.keep(session)).problem
        recordings.ended(1, 1, "ended")

    recorded(tmp_path, story)


def test_what_was_not_recorded_is_said(tmp_path: Path) -> None:
    async def story(recordings: Recordings) -> None:
        assert (await recordings.keep("3-2222222222")).problem == "the run was not recorded"

    recorded(tmp_path, story)


def kept(
    number: int, age_days: float, size: int = 10, *, faulty: bool = False, claimed: bool = False
) -> Kept:
    return Kept(f"3-{number}", 1e9 - age_days * DAY_S, size, faulty, claimed)


RULES = Keep.of(Config(data=Path("/nowhere")))


def test_recordings_expire_by_what_is_in_them() -> None:
    found = [
        kept(1, 6.9), kept(2, 7.1), kept(3, 29, faulty=True), kept(4, 31, faulty=True),
        kept(5, 89, claimed=True), kept(6, 91, claimed=True, faulty=True),
    ]  # fmt: skip
    assert {one.session for one in expired(found, RULES, 1e9)} == {"3-2", "3-4", "3-6"}


def test_without_room_the_oldest_without_claims_go_first() -> None:
    found = [
        kept(1, 5, claimed=True),
        kept(2, 4),
        kept(3, 3, faulty=True),
        kept(4, 2, claimed=True),
        kept(5, 1),
    ]
    rules = replace(RULES, total_bytes=25)
    assert [one.session for one in expired(found, rules, 1e9)] == ["3-2", "3-3", "3-5"]
    assert [one.session for one in expired(found, replace(rules, total_bytes=10), 1e9)][-1] == "3-1"


def test_one_placement_cannot_fill_the_folder() -> None:
    found = [kept(number, number / 10_000) for number in range(PER_PLACEMENT + 5)]
    assert [one.session for one in expired(found, RULES, 1e9)] == [
        f"3-{number}" for number in range(PER_PLACEMENT, PER_PLACEMENT + 5)
    ]


def test_a_sweep_takes_code_that_nothing_uses(tmp_path: Path) -> None:
    async def story(recordings: Recordings) -> None:
        recordings.session(3, 1)
        recordings.began(SPEC, 1, step(0))

    recorded(tmp_path, story)
    later = time.time() + 10 * DAY_S
    assert len(list((tmp_path / "code").iterdir())) == 1
    (session,) = [path.stem for path in paths(tmp_path)]
    assert sweep(tmp_path, KEEP, lambda: {session}, frozenset(), later) == []
    assert sweep(tmp_path, KEEP, set, frozenset({session}), later) == []
    assert len(list((tmp_path / "code").iterdir())) == 1
    assert sweep(tmp_path, KEEP, set, frozenset(), later) == [session]
    assert list((tmp_path / "code").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "x", "../../etc/passwd", "3-../x", "3-2222222222/", "03-2222222222", "3-222222222l"]
)
def test_what_is_no_name_reaches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(MallError, match=r"recording\.bad_name"):
        recording_path(tmp_path, name)
