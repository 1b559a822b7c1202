"""The public Lua API: what is given, what is refused, and that each refusal names its rule and line."""

from __future__ import annotations

import pytest

from sandbox.commands import BoardSubmit, Claim, MatchScore, MatchStatus, Say, Spawn, Teleport, Toast, UiShow
from sandbox.commands import Set as SetParts
from sandbox.events import (
    AreaCrossed,
    BoardChanged,
    Bus,
    ClaimChanged,
    Enter,
    Input,
    Interact,
    Leave,
    Moved,
    PoolChanged,
    Start,
    Ui,
    pack_positions,
)
from sandbox.limits import Limits

ADA, BOB = Enter(1, "Ada", "es"), Enter(2, "Bob")

REFUSALS = {
    "out of the footprint": (
        "mall.world.spawn { at = {15.1, 0, 1} }",
        "world.out_of_bounds",
        "15 x 20 x 15 m",
    ),
    "not a number": ("mall.world.spawn { at = {0/0, 0, 1} }", "world.out_of_bounds", ""),
    "unknown component": (
        "mall.world.spawn { at = {1, 0, 1}, script = 'x' }",
        "sandbox.bad_argument",
        "script",
    ),
    "twice the same id": (
        "for _ = 1, 2 do mall.world.spawn { id = 'a', at = {1, 0, 1} } end",
        "sandbox.bad_argument",
        "'a'",
    ),
    "removed entity": (
        "local e = mall.world.spawn { at = {1, 0, 1} } e:remove() e:set { yaw = 1 }",
        "world.removed",
        "removed",
    ),
    "too many entities": (
        "for i = 1, 300 do mall.world.spawn { at = {1, 0, 1} } end",
        "world.entity_limit",
        "256",
    ),
    "too many timers": ("for i = 1, 100 do mall.after(1, print) end", "sandbox.timer_limit", "64"),
    "unknown event": ("mall.on('tock', print)", "sandbox.bad_argument", "tock"),
    "full store": ("mall.store.set('x', ('y'):rep(70000))", "store.quota", "65536"),
    "function in the store": ("mall.store.set('x', { print })", "sandbox.bad_argument", "function"),
    "handle in the store": (
        "mall.store.set('x', mall.world.spawn { at = {1, 0, 1} })",
        "sandbox.bad_argument",
        "handle",
    ),
    "text that is not UTF-8": ("mall.store.set('x', '\\xff')", "sandbox.bad_argument", "UTF-8"),
    "fraction of LIVE as float": (
        "mall.rewards.claim { player = 1, pool = 'daily', amount = 1 }",
        "sandbox.bad_argument",
        "player",
    ),
    "topic of another": ("mall.bus.send('eve/game:x', 1)", "sandbox.bad_argument", "ada/game:"),
    "flood": (
        "for i = 1, 5000 do mall.store.set('x', i) mall.world.effect { name = 'x', at = {1, 0, 1} } end",
        "",
        "",
    ),
    "wrong handle": ("mall.ui.show({}, { text = 'x' })", "sandbox.bad_argument", "needs a player"),
    "syntax": ("x = = 1", "sandbox.script_error", "unexpected symbol"),
    "missing module": ("require 'lib.none'", "sandbox.script_error", "lib/none.lua"),
}


@pytest.mark.parametrize(("source", "code", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_names_rule_file_and_line(game, source, code, words) -> None:
    one = game("\n" + source)
    fault = one.faults[0]
    assert fault.code == (code or "sandbox.outbox_full")
    assert words in fault.message
    assert (fault.file, fault.line) == ("init.lua", 2)


@pytest.mark.parametrize(
    ("source", "capability"),
    [
        ("mall.world.spawn { at = {1, 0, 1} }", "world.build"),
        ("mall.store.get('x')", "store"),
        ("mall.match.define {}", "match"),
        ("mall.board.top('x')", "board"),
        ("mall.rewards.claim {}", "reward.claim"),
        ("mall.bus.send('ada/game:x', 1)", "bus"),
        ("mall.on('chat', print)", "chat.listen"),
        ("mall.ui.toast({}, 'x')", "ui"),
    ],
)
def test_a_missing_capability_is_named(game, source, capability) -> None:
    one = game(f"assert(not mall.has('{capability}'))\n{source}", capabilities=frozenset())
    assert one.faults[0].code == "sandbox.capability_missing"
    assert f"'{capability}'" in one.faults[0].message
    assert "ada/game" in one.faults[0].message
    assert one.faults[0].line == 2


@pytest.mark.parametrize(
    "call", ["mall.on('tick', print)", "mall.match.define {}", "mall.bus.on('ada/game:x', print)"]
)
def test_declaring_is_closed_after_the_load(game, call) -> None:
    one = game(f"mall.on('start', function() {call} end)")
    one.tell(Start())
    assert one.faults[0].code == "sandbox.load_closed"


def test_entities_are_made_changed_found_and_removed(game) -> None:
    one = game(
        """
        local peg = mall.world.spawn { id = "peg", model = "cone", at = {1, 0, 2}, tags = {"target"}, label = "Hi",
          clickable = "Go" }
        assert(mall.world.get("peg") == peg and mall.world.find("target")[1] == peg)
        assert(#mall.world.near({1, 0, 1}, 2) == 1 and #mall.world.near({9, 0, 9}, 2) == 0)
        peg:set { label = false, color = "#ff0000", state = { hits = 1 } }
        assert(peg:get("label") == nil and peg:get("state").hits == 1 and peg.tags[1] == "target")
        peg:on("interact", function(p, verb) mall.log(p.name, verb) end)
        mall.on("interact", function(p, e) if e == peg then e:remove() end end)
        """
    )
    assert one.faults == ()
    spawn, change = one.commands
    assert isinstance(spawn, Spawn)
    assert spawn.key == "peg"
    assert isinstance(change, SetParts)
    assert change.parts.label is False
    one.tell(ADA, Interact(1, 1, "use"), Interact(1, 1, "use"), AreaCrossed(1, 1, True))
    assert one.logs() == ["Ada\tuse"]
    assert one.faults == ()


def test_players_are_known_by_handle_and_place(game) -> None:
    one = game(
        """
        mall.on("input", function(p, action)
          local at = p:at()
          mall.log(action, p.id, p.locale, at[1], at[3], mall.players.count(), mall.players.get(2) and "two")
          p:say("hi")
          p:teleport({5, 0, 5}, 90)
        end)
        mall.on("leave", function(p, why) mall.log(p.name, why, mall.players.count()) end)
        """
    )
    one.tell(ADA, BOB, Moved(pack_positions({1: (2.5, 0.0, 3.5), 77: (1.0, 1.0, 1.0)})), Input(1, "jump"))
    assert one.logs() == ["jump\t1\tes\t2.5\t3.5\t2\ttwo"]
    assert Say(1, "hi") in one.commands
    assert Teleport(1, (5.0, 0.0, 5.0), 90.0) in one.commands
    one.tell(Leave(2, "walked"), Input(2, "ghost"))
    assert one.logs() == ["Bob\twalked\t1"]


def test_timers_run_on_the_clock_of_the_host_and_die_with_their_owner(game) -> None:
    one = game(
        """
        local e = mall.world.spawn { at = {1, 0, 1} }
        mall.after(1, function() mall.log("once") end)
        mall.every(0.5, function() mall.log("often") end, e)
        mall.after(1.2, function() e:remove() end)
        local stop = mall.every(0.5, function() mall.log("never") end)
        mall.cancel(stop)
        """
    )
    assert one.result.wake == one.now + 0.5
    seen = []
    for _ in range(40):
        one.advance(0.1)
        seen += one.logs()
    assert seen.count("once") == 1
    assert seen.count("often") == 2
    assert "never" not in seen


def test_a_match_runs_from_lobby_to_ranking(game) -> None:
    one = game(
        """
        local kind = mall.match.define { min = 2, max = 3, seconds = 10, lobby = 2, board = "best",
          title = "Toss", unit = "hits" }
        mall.on("enter", function(p) kind:join(p) end)
        kind:on("start", function(m) m.hits = 0 mall.log("start", #m.players, m:left()) end)
        kind:on("input", function(m, p, n) m:score(p, math.tointeger(tonumber(n))) end)
        kind:on("finish", function(m, ranking)
          for _, r in ipairs(ranking) do mall.log(r.place, r.player.name, r.score) end
          mall.rewards.claim { player = ranking[1].player, pool = "daily", amount = "1.5", match = m }
        end)
        """
    )
    one.tell(ADA)
    assert one.result.wake == float("inf")
    one.tell(BOB)
    one.advance(2)
    assert one.logs() == ["start\t2\t10.0"]
    one.tell(Input(2, "5"), Input(1, "3"), Input(2, "-1"))
    assert [c.score for c in one.commands if isinstance(c, MatchScore)] == [5, 3, 4]
    one.advance(10)
    assert one.logs() == ["1\tBob\t4", "2\tAda\t3"]
    assert [c.players for c in one.commands if isinstance(c, MatchStatus)] == [(2, 1)]
    assert [c for c in one.commands if isinstance(c, Claim)] == [Claim(1, 2, "daily", "1.5", 1, "")]
    assert [c.score for c in one.commands if isinstance(c, BoardSubmit)] == [4, 3]


def test_a_match_that_all_leave_ends(game) -> None:
    one = game(
        """
        local kind = mall.match.define { seconds = 10 }
        mall.on("enter", function(p) kind:join(p) end)
        kind:on("finish", function(_, ranking) mall.log("over", #ranking) end)
        """
    )
    one.tell(ADA, Leave(1))
    assert one.logs() == ["over\t0"]
    assert one.result.wake == float("inf")


@pytest.mark.parametrize(
    "amount", ["0.1", "-1", "0", "'1e3'", "'abc'", "'.5'", "'1.'", "'0.0000000000000000001'", "1 << 60"]
)
def test_an_amount_that_is_not_exact_live_is_refused(game, amount) -> None:
    one = game(
        f"mall.on('enter', function(p) mall.rewards.claim {{ player = p, pool = 'daily', amount = {amount} }} end)"
    )
    one.tell(ADA)
    assert one.faults[0].code == "sandbox.bad_argument"
    assert "amount" in one.faults[0].message


def test_what_the_host_decides_is_mirrored(game) -> None:
    one = game(
        """
        mall.on("input", function(p)
          local id = mall.rewards.claim { player = p, pool = "daily", amount = 2 }
          mall.log(id, mall.rewards.status(id), mall.rewards.left("daily", p))
          local top = mall.board.top("best", 1)[1]
          mall.log(top.place, top.name, top.score, #mall.board.around("best", p))
        end)
        mall.on("claim_changed", function(c) mall.log(c.id, c.state, c.reason, mall.rewards.status(c.id)) end)
        mall.bus.on("eve/game:door", function(data) mall.log(data.open) end)
        """
    )
    one.tell(
        ADA,
        PoolChanged("daily", 1, "4.5"),
        BoardChanged("best", "all", ((2, "Bob", 9), (1, "Ada", 4))),
        Input(1, "x"),
        ClaimChanged(1, "refused", "2", "cooldown"),
        Bus("eve/game:door", {"open": True}),
    )
    assert one.logs() == ["1\tfiled\t4.5", "1\tBob\t9\t2", "1\trefused\tcooldown\trefused", "true"]


def test_the_store_outlives_the_state(game) -> None:
    source = """
    mall.on("enter", function(p)
      p.store.update("visits", function(n) return (n or 0) + 1 end)
      mall.store.set("last", { name = p.name, list = { 1, 2.5, true } })
      mall.store.set("gone", 1) mall.store.delete("gone")
      mall.log(p.store.get("visits"), mall.store.get("last").list[2], mall.store.get("gone"))
    end)
    """
    first = game(source)
    first.tell(ADA)
    assert first.result.store is not None
    second = game(source, store=first.state.snapshot())
    second.tell(ADA)
    assert second.logs() == ["2\t2.5\tnil"]


def test_a_value_read_from_the_store_is_a_copy(game) -> None:
    one = game("mall.store.set('t', { n = 1 }) mall.store.get('t').n = 5 assert(mall.store.get('t').n == 1)")
    assert one.faults == ()


def test_a_broken_snapshot_is_an_error_not_a_crash(game) -> None:
    one = game("mall.store.get('x')", store=b"\x93\x09\x90\x90")
    assert one.faults[0].code == "store.format"


def test_panels_are_trees_of_known_nodes(game) -> None:
    one = game(
        """
        mall.on("enter", function(p)
          mall.ui.show(p, { id = "shop", role = "dialog", column = {
            { text = p:t("Hello {1}", p.name) }, { button = "Buy", id = "buy", value = 3 },
            { choice = { "a", "b" }, id = "c" }, { slider = 0.5, min = 0, max = 1, id = "s" } } })
          mall.ui.toast({ p }, "done", "good")
        end)
        mall.on("ui", function(p, id, value) mall.log(id, value) mall.ui.close(p, "shop") end)
        mall.on("input", function(p) mall.ui.show(p, { text = "x", button = "y" }) end)
        """,
        texts={"es": {"Hello {1}": "Hola {1}"}},
    )
    one.tell(ADA)
    panel, toast = one.commands
    assert isinstance(panel, UiShow)
    assert panel.node.children is not None
    assert [child.kind for child in panel.node.children] == ["text", "button", "choice", "slider"]
    assert panel.node.children[0].text == "Hola Ada"
    assert toast == Toast(1, "done", "good")
    one.tell(Ui(1, "buy", 3), Input(1, "x"))
    assert one.logs() == ["buy\t3"]
    assert "one thing" in one.faults[0].message


def test_an_error_ends_its_handler_and_the_next_event_runs(game) -> None:
    one = game(
        "mall.on('input', function(p, a)\n mall.log('before')\n local x = nil .. a\nend)", limits=Limits()
    )
    one.tell(ADA, Input(1, "a"), Input(1, "b"))
    assert one.logs() == ["before", "before"]
    assert [(fault.line, fault.event) for fault in one.faults] == [(3, "input")] * 2


def test_modules_of_the_package_are_run_once(game) -> None:
    one = game(
        "local a, b = require 'lib.a', require 'lib.a' mall.log(a == b, a.n)",
        sources={
            "init.lua": b"local a, b = require 'lib.a', require 'lib.a' mall.log(a == b, a.n)",
            "lib/a.lua": b"count = (count or 0) + 1 return { n = count }",
        },
    )
    assert one.logs() == ["true\t1"]
