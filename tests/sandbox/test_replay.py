"""A recording runs again in another process and comes out the same; what was changed is found."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from sandbox.commands import Claim, Log
from sandbox.events import Enter, Input, Leave, Moved, pack_positions
from sandbox.folder import read_spec
from sandbox.limits import Limits
from sandbox.record_show import array_length, read_events, show_command, show_event
from sandbox.recording import Reader, Row, Stepped
from sandbox.replay import Replayer, Result, replay
from tests.sandbox.conftest import make_spec
from tests.sandbox.recorded import Tape, crowd, played, read, written

GAMES = Path(__file__).parent.parent.parent / "builtin_games"
LEAKS = """
local seen = {}
local function show(...)
  local parts = {}
  for i, value in ipairs { ... } do parts[i] = tostring(value) end
  mall.log(table.concat(parts, " "))
end
mall.on("enter", function(player)
  seen[player] = true
  seen[true] = player
  seen[player.name] = 2
  seen[0.5 * #player.name] = 3
end)
mall.every(0.5, function()
  for key, value in pairs(seen) do show(key, value) end
  show(math.random(), math.random(1000), os.clock(), os.time(), mall.now())
  show(tostring({}), tostring(print), tostring(coroutine.create(show)))
  local words = {}
  for word in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do words[#words + 1] = word end
  table.sort(words, function(a, b) return #a < #b end)
  show(table.concat(words, ","))
  local work = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(math.random(i)) end end)
  show(work(), work(), work())
  show(pcall(error, {}), select("#", pcall(string.rep)), collectgarbage and "gc" or "no gc")
end)
mall.after(1, function() mall.store.set("seen", math.random()) end)
"""


def again(tape: Tape, rows: list[Row] | None = None, step_s: float = 20.0) -> Result:
    """The tape replayed from a file in a jailed process."""
    data = written(tape.spec, tape.rows if rows is None else rows)
    return replay(Reader(io.BytesIO(data)), tape.code(), step_s)


def test_nothing_of_the_machine_leaks_into_a_game() -> None:
    """Each process has an own hash seed and an own layout of its memory, and the outboxes are the same in all."""
    tape = played(make_spec(LEAKS), islice(crowd(3, 5), 100))
    commands = [len(raw) for raw in tape.commands]
    assert sum(commands) > 5000
    for _ in range(3):
        result = again(tape)
        assert (result.identical, result.difference) == (True, None)
    assert result.steps == len(tape.rows)
    assert result.events >= 100


def test_coin_rush_comes_out_the_same() -> None:
    tape = played(read_spec(GAMES / "coin_rush", seed=11, now=1000.0), islice(crowd(4, 10), 900))
    result = again(tape)
    assert result.identical, result.difference
    assert (result.ending, result.recorded_s) == ("ended", pytest.approx(89.95))


def test_another_seed_differs() -> None:
    tape = played(make_spec(LEAKS), islice(crowd(3, 5), 20))
    other = played(make_spec(LEAKS, seed=8), islice(crowd(3, 5), 20))
    result = replay(Reader(io.BytesIO(written(other.spec, tape.rows))), tape.code())
    assert not result.identical


def changed(tape: Tape, at: int, **changes: object) -> list[Row]:
    rows = list(tape.rows)
    rows[at] = msgspec.structs.replace(rows[at], **changes)
    return rows


def test_a_changed_event_is_found_at_its_step_and_shown() -> None:
    game = "mall.on('input', function(player, action) mall.log(player.name .. ' ' .. action) end)"
    tape = Tape(make_spec(game))
    for events in ([Enter(5, "Ada")], [Input(5, "jump")], [Input(5, "run")]):
        tape.advance(0.1, *events)
    result = again(tape, changed(tape, 3, events=msgspec.msgpack.encode([Input(5, "fall")])))
    found = result.difference
    assert found is not None
    assert (found.step, found.now) == (3, pytest.approx(1000.2))
    assert [show_event(event) for event in found.events] == ["input player=5 action='fall'"]
    assert [command.text for command in found.commands if isinstance(command, Log)] == ["Ada fall"]
    assert not result.identical


def test_a_changed_digest_or_time_is_found() -> None:
    tape = played(make_spec("mall.every(0.1, function() mall.log(mall.now()) end)"), islice(crowd(1, 2), 10))
    for rows in (changed(tape, 4, digest=bytes(32)), changed(tape, 4, now=1000.31)):
        found = again(tape, rows).difference
        assert found is not None
        assert found.step == 4


def test_a_step_that_is_missing_is_found() -> None:
    tape = played(
        make_spec("mall.every(0.1, function() mall.log(math.random()) end)"), islice(crowd(1, 2), 10)
    )
    assert not again(tape, [*tape.rows[:5], *tape.rows[6:]]).identical


def test_the_stop_of_a_handler_that_used_up_its_instructions_is_the_same_again() -> None:
    game = "local n = 0 mall.on('input', function() while true do n = n + 1 end end)"
    game += " mall.on('leave', function() mall.log(n) end)"
    tape = Tape(make_spec(game))
    tape.advance(0.1, Enter(5, "Ada"))
    tape.advance(0.1, Input(5, "x"))
    tape.advance(0.1, Leave(5))
    result = again(tape)
    assert result.identical, result.difference


def test_a_handler_that_was_stopped_for_its_cpu_time_is_stopped_at_the_same_place() -> None:
    """The first limit on CPU time is that of a slow machine; the replay has none but stops at the recorded cut."""
    game = "local n = 0 mall.on('input', function() while true do n = n + 1 end end)"
    game += " mall.on('leave', function() mall.log(n) end)"
    limits = Limits(event_cpu_s=0.002, event_instructions=1 << 40, second_instructions=1 << 40)
    tape = Tape(make_spec(game, limits=limits))
    tape.advance(0.1, Enter(5, "Ada"))
    tape.advance(0.1, Input(5, "x"))
    tape.advance(0.1, Leave(5))
    assert [row.cut is not None for row in tape.rows if isinstance(row, Stepped)] == [
        False,
        False,
        False,
        True,
        False,
    ]
    result = again(tape)
    assert result.identical, result.difference
    stopped = next(row for row in tape.rows if isinstance(row, Stepped) and row.cut is not None)
    assert stopped.cut is not None
    elsewhere = again(tape, changed(tape, 3, cut=(1, stopped.cut[1] - 1_000_000)))
    assert not elsewhere.identical


def test_a_replay_that_hangs_is_stopped() -> None:
    """A recording that says nothing of a stop, for code that never ends, was made up."""
    limits = Limits(event_cpu_s=0.01, event_instructions=1 << 50, second_instructions=1 << 50)
    tape = Tape(make_spec("mall.on('input', function() while true do end end)", limits=limits))
    tape.advance(0.1, Enter(5, "Ada"))
    tape.advance(0.1, Input(5, "x"))
    result = again(tape, changed(tape, 3, cut=None), step_s=0.5)
    assert result.difference is not None
    assert (result.difference.step, "ran for more than" in result.difference.problem) == (3, True)


def test_the_process_of_a_replay_is_gone_afterwards() -> None:
    tape = played(make_spec("mall.log(1)"), islice(crowd(1, 2), 3))
    header = Reader(io.BytesIO(written(tape.spec, tape.rows))).header
    with Replayer(header, tape.code()) as replayer:
        next(replayer.run([row for row in tape.rows if isinstance(row, Stepped)]))
        process = replayer._process
        assert process.poll() is None
    assert process.returncode is not None


def test_a_recording_that_was_cut_off_is_identical_as_far_as_it_goes() -> None:
    tape = played(make_spec(LEAKS), islice(crowd(3, 5), 60))
    data = written(tape.spec, tape.rows, block=8)
    result = replay(Reader(io.BytesIO(data[: len(data) // 2])), tape.code())
    assert (result.identical, result.ending) == (True, "torn")
    assert 0 < result.steps < len(tape.rows)


def test_events_and_commands_can_be_read() -> None:
    moved = Moved(pack_positions({7: (1.0, 0.0, 2.5)}))
    raw = msgspec.msgpack.encode([moved, Leave(7)])
    assert [show_event(event) for event in read_events(raw)] == [
        "moved 7 at (1.00, 0.00, 2.50)",
        "leave player=7 reason='walked'",
    ]
    assert (array_length(raw), array_length(b"")) == (2, 0)
    assert show_command(Claim(1, 7, "daily", "2.5", 0, "won")).startswith(
        "claim claim=1 player=7 pool='daily'"
    )


def test_the_rows_of_a_file_are_those_of_the_tape() -> None:
    tape = played(make_spec("mall.log(1)"), islice(crowd(1, 2), 3))
    assert read(written(tape.spec, tape.rows, end=False))[1] == tape.rows
