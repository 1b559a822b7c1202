"""Calls beyond the first set: looking, sky, chat commands, actions, tickets, ending handlers, helpful refusals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sandbox.commands import Actions, ChatCommand, Sky, check_command
from sandbox.errors import SandboxError
from sandbox.events import (
    Bus,
    Commanded,
    Emoted,
    Enter,
    Input,
    Interact,
    Leave,
    Start,
    Tickets,
    Ui,
    split_command,
)
from sandbox.testkit import run_package_tests
from sandbox.wire import decode_commands
from tests.sandbox.conftest import ALL

ADA, BOB = Enter(1, "Ada", "es"), Enter(2, "Bob")
RINGS = Path(__file__).parent / "packages" / "ring_toss"


def seen(game: Any, spawn: str, ray: str) -> list[str]:
    one = game(
        f"""{spawn}
        local hit = mall.world.ray({ray})
        if hit then
          mall.log(hit.entity and hit.entity.id, ("%.3f"):format(hit.distance), ("%.2f %.2f %.2f"):format(
            hit.at[1], hit.at[2], hit.at[3]))
        else
          mall.log("nothing")
        end"""
    )
    assert one.faults == ()
    return one.logs()


WALL = 'mall.world.spawn { id = "wall", at = {5, 0, 8}, collider = { size = {4, 2, 1} } }'


@pytest.mark.parametrize(
    ("spawn", "ray", "answer"),
    [
        (WALL, "{5, 1, 2}, {0, 0, 1}", "wall\t5.500\t5.00 1.00 7.50"),
        (WALL, "{5, 1, 2}, {0, 0, 9}, 5.5", "wall\t5.500\t5.00 1.00 7.50"),
        (WALL, "{5, 1, 2}, {0, 0, 1}, 5.4", "nothing"),
        (WALL, "{5, 3, 2}, {0, 0, 1}", "nothing"),
        (WALL, "{5, 1, 8}, {0, 0, 1}", "nothing"),
        (WALL, "{5, 4, 8}, {0, -1, 0}", "wall\t2.000\t5.00 2.00 8.00"),
        (WALL, "{1, 3, 4}, {0, -3, 4}", "nil\t5.000\t1.00 0.00 8.00"),
        (WALL, "{1, 3, 14}, {0, -3, 4}", "nothing"),
        (WALL.replace("id =", "yaw = 90, id ="), "{5, 1, 2}, {0, 0, 1}", "wall\t4.000\t5.00 1.00 6.00"),
        ('mall.world.spawn { id = "b", model = "box", scale = 2, at = {5, 0, 8}, collider = true }',
         "{5, 1.9, 2}, {0, 0, 1}", "b\t5.000\t5.00 1.90 7.00"),
        ('mall.world.spawn { id = "air", model = "box", at = {5, 0, 8} }', "{5, 0.5, 2}, {0, 0, 1}", "nothing"),
        (WALL + ' mall.world.get("wall"):remove()', "{5, 1, 2}, {0, 0, 1}", "nothing"),
        (WALL + ' mall.world.spawn { id = "near", at = {5, 0, 5}, collider = { size = {1, 2, 1} } }',
         "{5, 1, 2}, {0, 0, 1}", "near\t2.500\t5.00 1.00 4.50"),
    ],
)  # fmt: skip
def test_a_ray_meets_the_nearest_box_or_the_ground(game: Any, spawn: str, ray: str, answer: str) -> None:
    assert seen(game, spawn, ray) == [answer]


def test_a_box_that_is_turned_is_met_as_the_client_draws_it(game: Any) -> None:
    """Turned by 45 degrees a square box shows its edge, half a diagonal before its middle."""
    spawn = 'mall.world.spawn { id = "b", yaw = 45, at = {5, 0, 8}, collider = { size = {2, 2, 2} } }'
    (line,) = seen(game, spawn, "{5, 1, 2}, {0, 0, 1}")
    assert float(line.split("\t")[1]) == pytest.approx(6 - math.sqrt(2), abs=1e-3)


def test_the_sky_is_proposed_and_given_back(game: Any) -> None:
    one = game(
        'mall.world.sky { time = 21.5, tint = "#ff8800", fog = 0.5 } mall.world.sky {} mall.world.sky()'
    )
    assert one.commands == (Sky(21.5, "#ff8800", 0.5), Sky(None, None, None), Sky(None, None, None))
    assert "from 0 to 24" in game("mall.world.sky { time = 25 }").faults[0].message


def test_a_chat_command_comes_to_its_handler_with_the_rest_of_the_line(game: Any) -> None:
    one = game(
        """
        mall.chat.command("/bid", function(player, text) mall.log(player.name, text) end)
        mall.chat.command("help", function() mall.log("help") end)
        """
    )
    assert one.commands == (ChatCommand("bid"), ChatCommand("help"))
    one.tell(ADA, Commanded(1, "bid", "5 gold"), Commanded(1, "none", ""), Commanded(9, "help", ""))
    assert (one.logs(), one.faults) == (["Ada\t5 gold"], ())
    assert "already" in game("for _ = 1, 2 do mall.chat.command('a', print) end").faults[0].message
    assert game("mall.chat.command('a b', print)").faults[0].code == "sandbox.bad_argument"
    assert game("mall.chat.command('a', print)", capabilities=frozenset()).faults[0].code == (
        "sandbox.capability_missing"
    )


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("/bid 5 gold", ("bid", "5 gold")), (" /BID  5", ("bid", "5")), ("/bid", ("bid", "")), ("bid 5", ("", "")),
        ("/ 5", ("", "")), ("//bid", ("", "")), ("/5", ("", "")), ("/bid/5", ("", "")), ("", ("", "")),
    ],
)  # fmt: skip
def test_a_command_is_a_word_behind_a_slash(line: str, parts: tuple[str, str]) -> None:
    assert split_command(line) == parts


def test_actions_are_shown_in_the_language_of_each_player(game: Any) -> None:
    one = game(
        """
        mall.on("enter", function(p) mall.ui.actions(p, { { name = "throw", label = "Throw" }, { name = "b" } }) end)
        mall.on("input", function(p) mall.ui.actions(mall.players.all(), {}) end)
        """,
        texts={"es": {"Throw": "Lanzar"}},
    )
    one.tell(ADA, BOB)
    assert one.commands == (
        Actions(1, (("throw", "Lanzar"), ("b", "b"))),
        Actions(2, (("throw", "Throw"), ("b", "b"))),
    )
    one.tell(Input(1, "throw"))
    assert one.commands == (Actions(1, ()), Actions(2, ()))
    seven = "local t = {} for i = 1, 7 do t[i] = { name = 'a' .. i } end"
    one = game(f"{seven} mall.on('enter', function(p) mall.ui.actions(p, t) end)")
    one.tell(ADA)
    assert "from 0 to 6" in one.faults[0].message


def test_the_actions_of_a_match_are_there_while_its_round_runs(game: Any) -> None:
    one = game(
        """
        local kind = mall.match.define { min = 2, seconds = 5, join_late = true,
          actions = { { name = "go" } } }
        mall.on("enter", function(p) kind:join(p) end)
        """
    )

    def shown() -> list[Actions]:
        return [command for command in one.commands if isinstance(command, Actions)]

    one.tell(ADA)
    assert shown() == []
    go = (("go", "go"),)
    one.tell(BOB)
    assert shown() == [Actions(1, go), Actions(2, go)]
    one.tell(Enter(3, "Cy"))
    assert shown() == [Actions(3, go)]
    one.tell(Leave(2))
    assert shown() == [Actions(2, ())]
    one.advance(5.1)
    assert shown() == [Actions(1, ()), Actions(3, ())]


def test_actions_of_the_wire_need_match_or_ui() -> None:
    check_command(Actions(1, ()), (1.0, 1.0, 1.0), frozenset({"ui"}))
    check_command(Actions(1, ()), (1.0, 1.0, 1.0), frozenset({"match"}))
    with pytest.raises(SandboxError, match="not granted"):
        check_command(Actions(1, ()), (1.0, 1.0, 1.0), frozenset())


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["sky", math.nan, None, None], ">= 0.0"), (["sky", 25.0, None, None], "<= 24.0"),
        (["sky", None, "red", None], "regex"), (["sky", None, None, 1.1], "<= 1.0"),
        (["actions", 1, [["a", "A"]] * 7], "length <= 6"), (["actions", 1, [["a b", "A"]]], "regex"),
        (["actions", 1, [["a"]]], "length 2"), (["actions", 0, []], ">= 1"), (["chat_command", "A"], "regex"),
        (["chat_command", "a" * 25], "regex"),
    ],
)  # fmt: skip
def test_what_a_worker_makes_up_is_refused(row: list[Any], words: str) -> None:
    blob = msgspec.msgpack.encode([row])
    with pytest.raises(SandboxError, match=words):
        decode_commands(blob, limit=1 << 16, footprint=(9.0, 9.0, 9.0), capabilities=ALL)


def test_tickets_are_what_the_host_told(game: Any) -> None:
    source = 'mall.on("emote", function(p) mall.log(p:has_ticket("gala"), p:has_ticket("other")) end)'
    one = game(source, capabilities=ALL | {"ticket"})
    one.tell(ADA, Emoted(1, "wave"), Tickets(1, ("gala",)), Emoted(1, "wave"), Tickets(9, ("x",)))
    assert one.logs() == ["false\tfalse", "true\tfalse"]
    one = game(source)
    one.tell(ADA, Emoted(1, "wave"))
    assert one.faults[0].code == "sandbox.capability_missing"


def test_what_every_on_gives_ends_by_off(game: Any) -> None:
    one = game(
        """
        local e = mall.world.spawn { at = {1, 0, 1}, clickable = true }
        local kind = mall.match.define { min = 1 }
        local handles = {
          mall.on("interact", function() mall.log("mall") end), e:on("interact", function() mall.log("entity") end),
          kind:on("input", function() mall.log("kind") end), mall.bus.on("bo/b:x", function() mall.log("bus") end),
        }
        mall.on("enter", function(p) kind:join(p) end)
        mall.on("ui", function(p, id)
          if id == "own" then
            mall.off(handles[1]) mall.off(handles[4]) e:off(handles[2]) kind:off(handles[3])
          else
            for i = 1, 4 do mall.off(handles[i]) end
          end
        end)
        mall.on("leave", function() e:off(handles[3]) end)
        """
    )
    use = (Interact(1, 1), Input(1, "x"), Bus("bo/b:x", 1))
    one.tell(Start(), ADA, *use)
    assert one.logs() == ["entity", "mall", "kind", "bus"]
    one.tell(Ui(1, "own"), *use)
    assert (one.logs(), one.faults) == ([], ())
    one.tell(Ui(1, "again"), *use, Leave(1))
    assert one.logs() == []
    assert "entity:off takes" in one.faults[0].message


def test_a_handler_that_ends_itself_skips_no_other(game: Any) -> None:
    one = game(
        """
        local e = mall.world.spawn { at = {1, 0, 1}, clickable = true }
        local h
        h = e:on("interact", function() e:off(h) mall.log("once") end)
        e:on("interact", function() mall.log("always") end)
        """
    )
    one.tell(ADA, Interact(1, 1), Interact(1, 1))
    assert one.logs() == ["once", "always", "always"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("mall.world.spawn { at = {1, 0, 1}, lable = 'x' }", ("'lable'", "did you mean 'label'?", "at, clickable,")),
        ("mall.on('entered', print)", ("did you mean 'enter'?", "area, chat,")),
        ("mall.world.spawn { at = {1, 0, 1}, label = { text = 'x', colour = '#ffffff' } }",
         ("did you mean 'color'?", "color, height, text")),
        ("mall.world.spawn { at = {1, 0, 1} }:get('modell')", ("did you mean 'model'?",)),
        ("mall.world.spawn { at = {1, 0, 1} }:on('intract', print)", ("did you mean 'interact'?", "area, interact")),
        ("mall.match.define {}:on('stop', print)", ("known are finish, input, join, leave, start, tick",)),
        ("mall.world.sky { xyzzy = 1 }", ("'xyzzy'; known are fog, time, tint",)),
        ("mall.on({}, print)", ("table: #1'; known are area",)),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_is_answered_with_those_that_are(
    game: Any, source: str, words: tuple[str, ...]
) -> None:
    fault = game("\n" + source).faults[0]
    assert (fault.code, fault.file, fault.line) == ("sandbox.bad_argument", "init.lua", 2)
    for word in words:
        assert word in fault.message


def test_features_name_every_table_and_cannot_be_changed(game: Any) -> None:
    one = game(
        """
        for name, value in pairs(mall) do
          if type(value) == "table" and name ~= "settings" and name ~= "parcel" and name ~= "features" then
            assert(mall.features[name], name)
          end
        end
        assert(mall.features.flying == nil)
        mall.features.flying = 1
        """
    )
    assert "mall.features.flying cannot be set" in one.faults[0].message


def test_the_ring_toss_of_the_proposal_passes_its_own_test() -> None:
    report = run_package_tests(RINGS)
    assert [(result.name, result.error) for result in report.results] == [
        ("three places are paid from the daily pool", ""),
        ("nobody throws before the round", ""),
    ]
