"""Writes docs/lua.md from the code: `python docs/build_lua.py`, `--check` fails when the page is out of date."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from host.packages.capabilities import CAPABILITIES  # noqa: E402
from sandbox import commands, components, events  # noqa: E402
from sandbox.limits import Limits  # noqa: E402

NOTE = "<!-- Written by `python docs/build_lua.py`; change the code, not this page. -->\n\n"
LUA = ROOT / "sandbox" / "lua"
STUBS = (ROOT / "sandbox" / "stubs" / "mall.lua").read_text()
API = "\n".join(path.read_text() for path in sorted(LUA.glob("api_*.lua")))
HEAD = """# The Lua API

Level 1. [creating.md](creating.md) shows how to use it. Lua is 5.5 without `io`, `os`, `package` and `debug`.

Lengths are metres, times seconds, angles degrees, sizes bytes, LIVE whole numbers or exact texts such as `"1.5"`.
A position is `{x, y, z}`: x east, y up, z north, from the south-west corner of the placement. A color is `"#rrggbb"`.
`?` marks what may be left out; `A|B` is one of both; `T[]` is a list. A language server reads the same from
`sandbox/stubs/mall.lua`.
"""
RECEIVERS = {"Player": "player", "Entity": "entity", "Match": "match", "MatchKind": "kind"}
METHODS = {
    "player": "methods.{}(handle",
    "entity": "methods.{}(handle",
    "match": "match_methods.{}(",
    "kind": "kind_methods.{}(",
}
EVENT_CLASSES = {
    str(kind.__struct_config__.tag): kind
    for kind in vars(events).values()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__struct_config__.tag
}


def page() -> str:
    """The whole page."""
    parts = [_calls(), _classes(), _events(), _components(), _capabilities(), _limits(), _codes(), _tests()]
    return "\n".join([HEAD, *("\n".join(lines) + "\n" for lines in parts)])


def _calls() -> list[str]:
    lines = ["## Calls", "", "| Call | Answer | Needs | What |", "|---|---|---|---|"]
    for name, notes in _functions():
        shown, answer, text = _signature(name, notes)
        capability = _needed(name)
        lines.append(f"| `{shown}` | {_code(answer)} | {_code(capability)} | {text} |")
    for name in re.findall(r"^---@field (\w+) fun\(", _class("mall.Store"), re.M):
        found = re.search(rf"^---@field {name} fun(\(.*?\))(?:: (\S+))?$", _class("mall.Store"), re.M)
        answer = (found[2] or "") if found else ""
        arguments = found[1] if found else "()"
        lines.append(f"| `mall.store.{name}{arguments}` | {_code(answer)} | `store` | also `player.store` |")
    return lines


def _functions() -> Iterator[tuple[str, list[str]]]:
    """Every function of the annotations with the comment lines above it."""
    for found in re.finditer(r"((?:^---.*\n)*)^function ([\w.:]+)\(", STUBS, re.M):
        owner, colon, method = found[2].partition(":")
        name = f"{RECEIVERS[owner]}:{method}" if colon else found[2]
        yield name, [line.removeprefix("---") for line in found[1].splitlines()]


def _signature(name: str, notes: list[str]) -> tuple[str, str, str]:
    """How a call is written with its types, what it answers, and one line about it."""
    arguments, answer, remarks = [], "", []
    text = " ".join(line for line in notes if not line.startswith("@"))
    for line in notes:
        if found := re.match(r"@param (\S+?)(\??) (fun\(.*?\)|\{.*\}|\S+)(?: (.*))?$", line):
            arguments.append(f"{found[1]}{found[2]}: {_type(found[3])}")
            remarks += [f"({found[1]}: {found[4]})"] if found[4] else []
        elif found := re.match(r"@return (\S+)(?: (.*))?$", line):
            answer = f"{_type(found[1])} {found[2] or ''}".strip()
        elif line.startswith("@overload"):
            arguments = ["event", "fn"]
    if not text:
        text = _comment(name)
    return (
        f"{name}({', '.join(arguments)})".replace("|", "\\|"),
        answer,
        " ".join([t for t in (text, *remarks) if t]),
    )


def _comment(name: str) -> str:
    """The comment above the function in the Lua sources."""
    owner, _, method = name.partition(":")
    start = re.escape(METHODS[owner].format(method) if method else f"{name}(")
    found = re.search(rf"((?:^-- .*\n)+)^function {start}", API, re.M)
    lines = found[1].splitlines() if found else []
    return " ".join(line.removeprefix("-- ") for line in lines).replace("|", "\\|")


def _needed(name: str) -> str:
    found = re.search(rf'K\.need\("([\w.]+)", "{re.escape(name)}"\)', API)
    return found[1] if found else ""


def _class(name: str) -> str:
    found = re.search(rf"^---@class {re.escape(name)}\b.*\n((?:---@field.*\n)*)", STUBS, re.M)
    assert found, name
    return found[1]


def _classes() -> list[str]:
    lines = ["## Fields", "", "| Of | Field | Type | What |", "|---|---|---|---|"]
    for found in re.finditer(r"^---@class (mall[.\w]*)(.*)\n((?:---@field.*\n)+)", STUBS, re.M):
        if found[1] in ("mall.Components", "mall.Store"):
            continue
        for name, kind in re.findall(r"^---@field (\S+) (.*)$", found[3], re.M):
            shown, text = _split(kind)
            lines.append(f"| {found[1].removeprefix('mall.')} | `{name}` | {_code(shown)} | {text} |")
    return lines


def _events() -> list[str]:
    lines = [
        "## Events", "",
        '`mall.on("enter", function(player) ... end)`, while the package loads. `entity:on` knows `interact` and',
        "`area`, without the entity as argument. `kind:on` knows the last six.", "",
        "| Event | Handler | Needs | When |", "|---|---|---|---|",
    ]  # fmt: skip
    found = re.search(r"local EVENTS = \{(.*?)\n\}", API, re.S)
    needs = dict(re.findall(r'(\w+) = "([\w.]+)"', found[1] if found else ""))
    notes = next(notes for name, notes in _functions() if name == "mall.on")
    for name, arguments in _overloads(notes):
        kind = EVENT_CLASSES.get(name)
        text = _one_line(kind) if kind else "At most ten times a second, `dt` seconds after the one before."
        lines.append(f"| `{name}` | {_code(f'fn({arguments})')} | {_code(needs.get(name, ''))} | {text} |")
    notes = next(notes for name, notes in _functions() if name == "kind:on")
    for name, arguments in _overloads(notes):
        lines.append(f"| kind: `{name}` | {_code(f'fn({arguments})')} | `match` | |")
    return lines


def _overloads(notes: list[str]) -> Iterator[tuple[str, str]]:
    for line in notes:
        if found := re.match(r"@overload fun\(.*?event: (\S+), fn: fun\((.*?)\)\)", line):
            for name in found[1].split("|"):
                yield name.strip('"'), _type(found[2])


def _components() -> list[str]:
    lines = [
        "## Components", "",
        "Keys of `mall.world.spawn` and `entity:set`; `false` takes one away.",
        "Bounds include both ends unless they say above.", "",
        "| Component | Type | Bounds | What |", "|---|---|---|---|",
    ]  # fmt: skip
    parts = {field.name: field.type for field in msgspec.inspect.type_info(components.Parts).fields}
    for name, optional, kind in re.findall(r"^---@field (\w+)(\??) (.*)$", _class("mall.Components"), re.M):
        inner = _structs(parts[name])
        shown, text = _split(kind)
        text = _one_line(inner.cls) if inner else text
        bounds = ", ".join(_bounds(inner)) if inner else _bound(parts[name])
        lines.append(f"| `{name}{optional}` | {_code(shown)} | {bounds} | {text} |")
    return lines


def _structs(kind: Any) -> Any:
    """The struct within a type, or None."""
    options = getattr(kind, "types", (kind,))
    return next((option for option in options if isinstance(option, msgspec.inspect.StructType)), None)


def _bounds(struct: Any) -> Iterator[str]:
    for field in struct.fields:
        bound = _bound(field.type)
        if bound:
            yield f"{field.name} {bound}"


def _bound(kind: Any) -> str:
    for option in getattr(kind, "types", (kind,)):
        low, above, high = (getattr(option, name, None) for name in ("ge", "gt", "le"))
        if high is not None:
            return f"above {above:g} to {high:g}" if low is None else f"{low:g} to {high:g}"
        if getattr(option, "max_length", None) is not None and getattr(option, "pattern", None) is None:
            return f"at most {option.max_length}"
    return ""


def _capabilities() -> list[str]:
    used = set(re.findall(r'K\.need\("([\w.]+)"', API)) | set(commands.NEEDS.values()) | {"chat.listen"}
    lines = [
        "## Capabilities", "",
        "`basic` comes with the manifest, `sensitive` is granted by the land's holder, `restricted` by a moderator.",
        "", "| Capability | Level | Lets a creation | In this level |", "|---|---|---|---|",
    ]  # fmt: skip
    for one in CAPABILITIES.values():
        lines.append(
            f"| `{one.name}` | {one.level} | {one.text} | {'yes' if one.name in used else 'no call yet'} |"
        )
    return lines


def _limits() -> list[str]:
    """The docstrings of the limits stand below their fields, where Python does not keep them."""
    source = inspect.getsource(Limits)
    pattern = r'^    (\w+): \w+ = .*\n(?:    """(.*)""")?'
    lines = [
        "## Limits", "", inspect.getdoc(Limits) or "", "", "| Limit | Value | Meaning |", "|---|---|---|"
    ]  # fmt: skip
    for name, text in re.findall(pattern, source, re.M):
        lines.append(f"| `{name}` | {getattr(Limits(), name):,} | {' '.join(text.split())} |")
    return lines


def _codes() -> list[str]:
    """Codes that the Lua sources raise, with the text as far as it is fixed."""
    found: dict[str, list[str]] = {}
    sources = "\n".join(path.read_text() for path in sorted(LUA.glob("*.lua")))
    for code, text in re.findall(r'(?:raise|stop)\("(\w+\.\w+)", (?:s_format\()?([^\n]*)', sources):
        literal = " ... ".join(part.strip() for part in re.findall(r'"([^"]*)"', text) if part.strip())
        texts = found.setdefault(code, [])
        texts += [literal] if literal and literal not in texts else []
    found["sandbox.bad_argument"] = ["an argument is wrong; the text names the call, the rule and what came"]
    found["sandbox.script_error"] = ["any other error of Lua, in its own words"]
    lines = ["## Codes that Lua raises", "", "| Code | Says |", "|---|---|"]
    return lines + [
        f"| `{code}` | {' / '.join(map(_code, texts))} |" for code, texts in sorted(found.items())
    ]


def _tests() -> list[str]:
    source = (LUA / "testkit.lua").read_text()
    lines = [
        "## In tests", "", 'Inside `mall.test("name", function(t) ... end)`; see [creating.md](creating.md#tests).',
        "", "| Call | What |", "|---|---|",
    ]  # fmt: skip
    for comment, name, arguments in re.findall(r"((?:^-- .*\n)*)^function t\.(\w+)\((.*?)\)", source, re.M):
        shown = ", ".join(arguments.split(", ")[1:])
        text = " ".join(line.removeprefix("-- ") for line in comment.splitlines())
        lines.append(f"| `t:{name}({shown})` | {text} |")
    return lines


def _split(text: str) -> tuple[str, str]:
    """A type, and the words behind it."""
    found = re.match(r"((?:\{[^}]*\}|<[^>]*>|\([^)]*\)|\S)+) ?(.*)", _type(text))
    return (found[1], found[2]) if found else (text, "")


def _type(text: str) -> str:
    return text.replace("mall.", "").replace("self: MatchKind, ", "").replace("self: Entity, ", "")


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else ""


def _one_line(item: object) -> str:
    return " ".join((inspect.getdoc(item) or "").split())


def main() -> int:
    """Write the page, or compare it."""
    path, text = ROOT / "docs" / "lua.md", NOTE + page().rstrip() + "\n"
    if "--check" not in sys.argv[1:]:
        path.write_text(text)
    elif not path.is_file() or path.read_text() != text:
        print("out of date, run `python docs/build_lua.py`: lua.md")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
