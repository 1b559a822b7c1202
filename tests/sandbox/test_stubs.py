"""The description of the Lua API tells all that a state has, and nothing else; so do the annotations for editors."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from sandbox import components, events
from sandbox.annotations import LIBRARY, stubs
from sandbox.api import Api, api, read_api
from sandbox.commands import Log
from sandbox.errors import SandboxError
from sandbox.events import Enter

ROOT = Path(__file__).parents[2]
LUA = "\n".join(path.read_text() for path in sorted((ROOT / "sandbox" / "lua").glob("*.lua")))
HINT = "add it to sandbox/api.toml (its head says how), then run `python docs/build_lua.py`"
GONE = "is described in sandbox/api.toml, yet the state does not have it: take it out, or write it"
UNTOLD = {"moved", "pool_changed", "board_changed", "bus", "command", "tickets"}
"""Events of the wire that keep the state's mirrors true or have an own call (`mall.bus.on`, `mall.chat.command`)."""
PROBE = """
local function told(...) mall.log(...) end
for name, value in pairs(mall) do
  if type(value) == "function" then
    told("mall." .. name)
  elseif type(value) == "table" and name ~= "settings" and name ~= "parcel" and name ~= "features" then
    for inner, item in pairs(value) do
      if type(item) == "function" then told("mall." .. name .. "." .. inner) end
    end
  end
end
"""


def described() -> set[str]:
    return set(api().calls)


def has(game: Callable[..., Any], names: list[str], value: str = "") -> dict[str, str]:
    """Type of each expression in a state: {"mall.on": "function"}."""
    lines = "\n".join(f'mall.log("{name}", type({name}))' for name in names)
    one = game(f'mall.on("enter", function(player)\n{value}\n{lines}\nend)')
    found = {}
    for command in one.tell(Enter(1, "Ada")):
        if isinstance(command, Log):
            name, kind = command.text.split("\t")
            found[name] = kind
    assert not one.faults, one.faults
    return found


def test_every_function_of_the_state_is_described(game: Any) -> None:
    names = set(re.findall(r"^function (mall(?:\.\w+)+)\(", LUA, re.M)) | set(game(PROBE).logs())
    missing = sorted(names - described() - set(api().tests))
    assert not missing, f"{missing}: {HINT}"


def test_every_function_described_is_in_the_state(game: Any) -> None:
    names = [name for name in described() if ":" not in name]
    wrong = [name for name, kind in has(game, names[:40]).items() if kind != "function"]
    wrong += [name for name, kind in has(game, names[40:]).items() if kind != "function"]
    assert not wrong, f"{wrong} {GONE}"


HANDLES = {
    "player": "",
    "entity": "local entity = mall.world.spawn { at = { 1, 0, 1 } }",
    "kind": "local kind = KIND",
    "match": "local match = KIND:open()",
}


@pytest.mark.parametrize("receiver", HANDLES)
def test_every_method_described_is_in_the_state(receiver: str, game: Any) -> None:
    names = [name.replace(":", ".") for name in described() if name.startswith(f"{receiver}:")]
    lines = "\n".join(f'mall.log("{name}", type({name}))' for name in names)
    source = "KIND = mall.match.define {}\n" if receiver in ("kind", "match") else ""
    one = game(f'{source}mall.on("enter", function(player)\n{HANDLES[receiver]}\n{lines}\nend)')
    found = dict(
        c.text.split("\t") for c in one.tell(Enter(1, "Ada")) if isinstance(c, Log)
    )  # fmt: skip
    assert not one.faults, one.faults
    wrong = [name for name in names if found.get(name) != "function"]
    assert not wrong, f"{wrong} {GONE}"


def test_every_method_of_the_state_is_described() -> None:
    methods = {name.partition(":")[2] for name in described() | set(api().tests) if ":" in name}
    missing = sorted(set(re.findall(r"^function \w*methods\.(\w+)\(", LUA, re.M)) - methods)
    assert not missing, f"methods {missing}: {HINT}"
    missing = sorted(set(re.findall(r"^function t\.(\w+)\(", LUA, re.M)) - methods)
    assert not missing, f"methods of a test {missing}: {HINT}"


def test_what_a_call_needs_is_what_it_refuses_without(game: Any) -> None:
    names = sorted(n for n in described() if ":" not in n and n not in ("mall.log", "mall.on"))
    lines = "\n".join(f'told("{name}", pcall({name}))' for name in names)
    one = game(
        f"local lines = {{}} function told(name, ok, text) lines[#lines + 1] = name .. ' ' .. tostring(text) end\n"
        f"{lines}\nfor i = 1, #lines do mall.log(lines[i]) end",
        capabilities=frozenset(),
    )
    assert len(one.logs()) == len(names), "mall.log gives fifty lines in a batch: split this test"
    wrong = []
    for line in one.logs():
        name, _, text = line.partition(" ")
        needs = re.search(r"sandbox\.capability_missing: .* needs the capability '([\w.]+)'", text)
        if (needs[1] if needs else "") != api().calls[name].needs:
            wrong.append(
                f"{name} needs {needs[1] if needs else 'nothing'!r}, told {api().calls[name].needs!r}"
            )
    assert not wrong, wrong


def test_every_event_of_the_wire_is_described() -> None:
    tags = {kind.__struct_config__.tag for kind in get_args(events.Event)}
    missing = sorted(tags - UNTOLD - set(api().events["event"]))
    assert not missing, f"events {missing}: {HINT}"


@pytest.mark.parametrize("family", ["event", "entity_event", "match_event"])
def test_every_event_described_can_be_listened_to_and_no_other(family: str, game: Any) -> None:
    on = {
        "event": "mall.on(name, print)",
        "entity_event": "mall.world.spawn { at = { 1, 0, 1 } }:on(name, print)",
        "match_event": "mall.match.define {}:on(name, print)",
    }[family]
    names = set(re.findall(r"(\w+) = ", "\n".join(re.findall(r"EVENTS = \{(.*?)\}", LUA, re.S))))
    names |= set(api().events[family])
    quoted = ", ".join(f'"{name}"' for name in sorted(names))
    one = game(
        f"for _, name in ipairs {{ {quoted} }} do if pcall(function() {on} end) then mall.log(name) end end"
    )
    assert sorted(one.logs()) == sorted(api().events[family]), f"{family}: {HINT}"


def test_what_an_event_needs_is_what_it_is_refused_without(game: Any) -> None:
    names = ", ".join(f'"{name}"' for name in api().events["event"])
    one = game(
        f"for _, n in ipairs {{ {names} }} do mall.log(n, select(2, pcall(mall.on, n, print))) end",
        capabilities=frozenset(),
    )
    for line in one.logs():
        name, _, text = line.partition("\t")
        needs = api().events["event"][name].needs
        assert ("capability_missing" in text) == bool(needs), line
        assert not needs or f"'{needs}'" in text, line


def fields_of(name: str) -> set[str]:
    return {one.name for one in api().types[name].fields}


def test_components_are_those_of_the_wire() -> None:
    assert fields_of("mall.Components") == set(components.Parts.__struct_fields__), HINT


@pytest.mark.parametrize(
    ("told", "kind", "more"),
    [
        ("mall.Area", components.Area, set()),
        ("mall.Label", components.Label, set()),
        ("mall.Light", components.Light, set()),
        ("mall.Sound", components.Sound, set()),
        ("mall.Clickable", components.Clickable, set()),
        ("mall.Mover", components.Mover, set()),
        ("mall.Collider", components.Collider, {"shape"}),
        ("mall.NodeChange", components.UiChange, set()),
    ],
)
def test_parts_of_components_are_those_of_the_wire(told: str, kind: Any, more: set[str]) -> None:
    assert fields_of(told) | more == set(kind.__struct_fields__), HINT


def test_nodes_of_panels_are_those_of_the_wire() -> None:
    kinds = set(get_args(components.NodeKind))
    rest = set(components.UiNode.__struct_fields__) - {"kind", "text", "options", "children"}
    assert fields_of("mall.Node") == kinds | rest, HINT


def test_every_code_that_lua_raises_is_described() -> None:
    codes = set(re.findall(r'(?:raise|stop)\(\s*"(\w+\.\w+)"', LUA)) | {"sandbox.script_error"}
    assert codes - set(api().errors) == set(), HINT
    assert set(api().errors) - codes == set(), GONE
    raised = {code for call in api().all_calls() for code in call.raises}
    assert raised <= set(api().errors)


def test_capabilities_are_those_of_the_alias() -> None:
    known = set(re.findall(r'"([\w.]+)"', api().aliases["Capability"][0]))
    families = [event for family in api().events.values() for event in family.values()]
    assert {one.needs for one in [*api().all_calls(), *families]} - {""} <= known


# The annotations ------------------------------------------------------------------------------------------------------

PLAIN = {"nil", "any", "boolean", "string", "number", "integer", "function", "table", "true", "false"}


def unknown_types(text: str, known: set[str]) -> set[str]:
    """Names in a type that nothing declares. Raises ValueError for what is no type at all.

    Grammar (LuaLS): T|T, T[], T?, table<K, V>, fun(name: T, ...): T, "literal", a name.
    """
    at = 0

    def peek(pattern: str) -> re.Match[str] | None:
        return re.compile(pattern).match(text, at)

    def take(pattern: str) -> str:
        nonlocal at
        found = peek(pattern)
        if found is None:
            raise ValueError(f"{text!r}: expected {pattern} at {text[at:]!r}")
        at = found.end()
        return found[0]

    found: set[str] = set()

    def union() -> None:
        single()
        while peek(r"\|"):
            take(r"\|")
            single()

    def single() -> None:
        if peek(r'"'):
            take(r'"[^"]*"')
        elif peek(r"fun\b"):
            take(r"fun\(")
            while not peek(r"\)"):
                take(r"\w+: ")
                union()
                if not peek(r"\)"):
                    take(r", ")
            take(r"\)")
            if peek(r": "):
                take(r": ")
                union()
        elif peek(r"table<"):
            take(r"table<")
            union()
            take(r", ")
            union()
            take(r">")
        else:
            name = take(r"[A-Za-z][\w.]*")
            if name not in known:
                found.add(name)
        while peek(r"\[\]|\?"):
            take(r"\[\]|\?")

    union()
    if at != len(text):
        raise ValueError(f"{text!r}: {text[at:]!r} is left over")
    return found


def declared(described: Api) -> set[str]:
    return PLAIN | set(described.aliases) | set(described.types)


def test_every_type_used_is_declared() -> None:
    one = api()
    known = declared(one)
    used = [kind for kind, _ in one.aliases.values()]
    used += [field.type for kind in one.types.values() for field in kind.fields]
    used += [p.type for call in one.all_calls() for p in call.takes]
    families = [event for family in one.events.values() for event in family.values()]
    used += [thing.gives for thing in [*one.all_calls(), *families] if thing.gives]
    used += [p.type for family in one.events.values() for event in family.values() for p in event.takes]
    wrong = {name: kind for kind in used for name in unknown_types(kind, known)}
    assert wrong == {}
    assert {kind.extends for kind in one.types.values()} - {""} <= set(one.types)


@pytest.mark.parametrize("text", ["mall.Gone", "fun(a: Gone): string", "table<string, Gone>", "Gone[]?"])
def test_a_type_that_is_not_declared_is_found(text: str) -> None:
    assert unknown_types(text, declared(api())) == {text if text.startswith("mall") else "Gone"}


@pytest.mark.parametrize("text", ["string|", "fun(string)", "table<string>", "a b", ""])
def test_what_is_no_type_is_found(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|left over"):
        unknown_types(text, PLAIN)


LINE = re.compile(
    r"---@meta|--(?: .*)?|---[^@].*"
    r"|---@(?:alias|class|field|param|return|overload) .+"
    r"|local (?P<local>\w+) = \{\}|(?P<table>[\w.]+) = \{\}"
    r"|function (?P<owner>[\w.]+?)[.:]\w+\((?:\w+(?:, \w+)*)?(?:(?:, )?\.\.\.)?\) end|"
)


def test_the_files_are_lua_annotations_and_every_call_stands_on_a_declared_table() -> None:
    for name, text in stubs(api()).items():
        tables: set[str] = {"mall"} if name == "tests.lua" else set()
        for line in text.splitlines():
            found = LINE.fullmatch(line)
            assert found, f"{name}: {line}"
            tables |= {found["local"], found["table"]} - {None}
            assert not found["owner"] or found["owner"] in tables, f"{name}: {line}"


def test_every_event_has_a_typed_handler() -> None:
    text = stubs(api())["mall.lua"]
    line = (
        '---@overload fun(event: "area", fn: fun(player: mall.Player, entity: mall.Entity, inside: boolean))'
    )
    assert line + ": mall.Handler\nfunction" in re.sub(r"(?m)^---@overload (?!.*\"area\").*\n", "", text)


def test_the_settings_of_a_package_are_typed() -> None:
    assert "---@field [string] any" in stubs(api())["types.lua"]
    text = stubs(api(), {"rounds": "integer"})["types.lua"]
    assert "---@field rounds integer" in text
    assert "---@field [string] any" not in text


def test_the_shipped_files_are_fresh() -> None:
    folder = ROOT / "sandbox" / "stubs"
    assert {path.name: path.read_text() for path in folder.glob("*.lua")} == stubs(api()), HINT


def test_the_library_is_no_part_of_a_package() -> None:
    assert LIBRARY.startswith(".")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[calls.x]\ndoes = 'x'", "is no part of a description"),
        ("[call.x]\ndose = 'x'", "knows no 'dose'"),
        ("[call.x]\ngives = 'x'", "needs `does`"),
        ("[call.x]\ndoes = 'x'\ntakes = ['a string']\n[alias]\n[type]\n[test_call]\n[error]", '"name: type"'),
        ("[call", "api.toml"),
    ],
)
def test_a_description_that_cannot_be_read_names_the_place_and_the_rule(text: str, says: str) -> None:
    with pytest.raises(SandboxError, match=re.escape(says)) as caught:
        read_api(text)
    assert caught.value.code == "api.bad_description"
