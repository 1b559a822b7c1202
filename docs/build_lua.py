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
from sandbox import commands, components  # noqa: E402
from sandbox.annotations import stubs  # noqa: E402
from sandbox.api import Call, Type, api  # noqa: E402
from sandbox.limits import Limits  # noqa: E402

NOTE = (
    "<!-- Written by `python docs/build_lua.py`; change sandbox/api.toml or the code, not this page. -->\n\n"
)
STUBS = ROOT / "sandbox" / "stubs"
HEAD = """# The Lua API

Level 1. [creating.md](creating.md) shows how to use it. Lua is 5.5 without `io`, `os`, `package` and `debug`.

Lengths are metres, times seconds, angles degrees, sizes bytes, LIVE whole numbers or exact texts such as `"1.5"`.
A position is `{x, y, z}`: x east, y up, z north, from the south-west corner of the placement. A color is `"#rrggbb"`.
`?` marks what may be left out; `A|B` is one of both; `T[]` is a list. `mall stubs` writes the same for your editor's
language server. Every call that is given something wrong raises `sandbox.bad_argument`.
"""
API = api()


def page() -> str:
    """The whole page."""
    parts = [
        _calls(), _words(), _types(), _events(), _components(), _capabilities(), _limits(), _codes(), _tests(),
    ]  # fmt: skip
    return "\n".join([HEAD, *("\n".join(lines) + "\n" for lines in parts)])


def _calls() -> list[str]:
    lines = ["## Calls", "", "| Call | Answer | Needs | What |", "|---|---|---|---|"]
    for call in API.calls.values():
        text = f"{_told(call)} {_raises(call)}".strip()
        lines.append(f"| {_shown(call)} | {_code(call.gives)} | {_code(call.needs)} | {text} |")
    store = API.types["mall.Store"]
    return [*lines, "", f"`{store.also}` has the same calls as `{store.receiver}`, for one player."]


def _shown(call: Call) -> str:
    """How a call is written, with its types."""
    if call.events:
        return _code(f"{call.name}(event, fn)")
    takes = (f"{one.name}{'?' if one.optional else ''}: {one.type}" for one in call.takes)
    return _code(f"{call.name}({', '.join(takes)})")


def _told(call: Call) -> str:
    remarks = (f"({one.name}: {one.text})" for one in call.takes if one.text)
    return " ".join([call.text, *remarks])


def _raises(call: Call) -> str:
    return f"Raises {', '.join(f'`{code}`' for code in call.raises)}." if call.raises else ""


def _words() -> list[str]:
    lines = ["## Short names of types", "", "| Name | Type | What |", "|---|---|---|"]
    rows = API.aliases.items()
    return lines + [f"| `{name}` | {_code(kind)} | {text} |" for name, (kind, text) in rows]


def _types() -> list[str]:
    lines = ["## Fields", "", "| Of | Field | Type | What |", "|---|---|---|---|"]
    for one in API.types.values():
        if one.name != "mall.Components" and not one.name.startswith("mall.Test"):
            lines += _fields(one)
    return lines


def _fields(one: Type) -> Iterator[str]:
    for entry in one.fields:
        name = f"{entry.name}{'?' if entry.optional else ''}"
        yield f"| {one.name.removeprefix('mall.')} | `{name}` | {_code(entry.type)} | {entry.text} |"


def _events() -> list[str]:
    lines = [
        "## Events", "",
        '`mall.on("enter", function(player) ... end)`, while the package loads. `entity:on` and `kind:on` know those',
        "that begin with their name.", "",
        "| Event | Handler | Needs | When |", "|---|---|---|---|",
    ]  # fmt: skip
    for family, prefix in (("event", ""), ("entity_event", "entity: "), ("match_event", "kind: ")):
        for event in API.events[family].values():
            takes = ", ".join(f"{one.name}: {one.type}" for one in event.takes)
            needs = event.needs or ("match" if family == "match_event" else "")
            shown = f"{prefix}`{event.name}`"
            answer = f": {event.gives}" if event.gives else ""
            lines.append(f"| {shown} | {_code(f'fn({takes}){answer}')} | {_code(needs)} | {event.text} |")
    return lines


def _components() -> list[str]:
    lines = [
        "## Components", "",
        "Keys of `mall.world.spawn` and `entity:set`; `false` takes one away.",
        "Bounds include both ends unless they say above.", "",
        "| Component | Type | Bounds | What |", "|---|---|---|---|",
    ]  # fmt: skip
    parts = {field.name: field.type for field in msgspec.inspect.type_info(components.Parts).fields}
    for entry in API.types["mall.Components"].fields:
        inner = _structs(parts[entry.name])
        text = _one_line(inner.cls) if inner else entry.text
        bounds = ", ".join(_bounds(inner)) if inner else _bound(parts[entry.name])
        name = f"{entry.name}{'?' if entry.optional else ''}"
        lines.append(f"| `{name}` | {_code(entry.type)} | {bounds} | {text} |")
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
    families = [event for family in API.events.values() for event in family.values()]
    used = {one.needs for one in [*API.calls.values(), *families]} | set(commands.NEEDS.values())
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
    lines = ["## Codes that Lua raises", "", "| Code | Says |", "|---|---|"]
    return lines + [f"| `{code}` | {text} |" for code, text in sorted(API.errors.items())]


def _tests() -> list[str]:
    lines = [
        "## In tests", "", 'Inside `mall.test("name", function(t) ... end)`; see [creating.md](creating.md#tests).',
        "", "| Call | Answer | What |", "|---|---|---|",
    ]  # fmt: skip
    lines += [f"| {_shown(c)} | {_code(c.gives)} | {_told(c)} |" for c in API.tests.values()]
    lines += ["", "| Of | Field | Type | What |", "|---|---|---|---|"]
    for one in API.types.values():
        if one.name.startswith("mall.Test"):
            lines += _fields(one)
    return lines


_TYPE = re.compile(r"\bmall\.(?=[A-Z])")


def _code(text: str) -> str:
    """Code in a table; types are written without their prefix."""
    return f"`{_TYPE.sub('', text)}`".replace("|", "\\|") if text else ""


def _one_line(item: object) -> str:
    return " ".join((inspect.getdoc(item) or "").split())


def main() -> int:
    """Write the page and the annotations, or compare them."""
    files = {ROOT / "docs" / "lua.md": NOTE + page().rstrip() + "\n"}
    files |= {STUBS / name: text for name, text in stubs(API).items()}
    if "--check" not in sys.argv[1:]:
        for path, text in files.items():
            path.write_text(text)
        return 0
    stale = [path.name for path, text in files.items() if not path.is_file() or path.read_text() != text]
    if stale:
        print(f"out of date, run `python docs/build_lua.py`: {', '.join(stale)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
