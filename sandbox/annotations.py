"""Annotations for Lua language servers (LuaLS, https://luals.github.io/wiki/annotations), made from the description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sandbox.api import Api, Call, Event, Parameter, Type

HEAD = """---@meta
-- Annotations of the mall's Lua API, written from sandbox/api.toml. Change that, not this.
"""
LIBRARY = ".luals"
"""Folder of the annotations in a package. Its name begins with a dot, so that it is never packed nor loaded."""
GLOBALS = """
---The host's clock. There is no other part of `os`.
---@class oslib
---@field clock fun(): number seconds of the host's clock
---@field time fun(): integer the same, whole
os = {}
"""
SETTING_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}


def stubs(api: Api, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The library files by name. `settings` gives the Lua type of each setting of one package, by name."""
    types = [HEAD, *(f"---@alias {name} {kind} {text}\n" for name, (kind, text) in api.aliases.items())]
    calls, tests = [HEAD], [HEAD]
    for name, one in api.types.items():
        file = tests if name.startswith("mall.Test") else calls if one.receiver or name == "mall" else types
        file += ["\n", *_class(api, one, settings if name == "mall.Settings" else None)]
    areas = sorted(
        {name.rpartition(".")[0] for name in api.calls if name.count(".") > 1} - set(api.receivers)
    )
    calls += ["\n", *(f"{area} = {{}}\n" for area in areas)]
    for call in api.calls.values():
        calls += _function(api, call)
    for call in api.tests.values():
        tests += _function(api, call)
    return {
        "types.lua": "".join(types),
        "mall.lua": "".join(calls),
        "tests.lua": "".join(tests),
        "globals.lua": HEAD + GLOBALS,
    }


def _class(api: Api, one: Type, settings: Mapping[str, str] | None) -> Iterator[str]:
    yield f"---{one.text}\n"
    yield f"---@class {one.name}{': ' + one.extends if one.extends else ''}\n"
    fields = one.fields
    if settings:
        fields = tuple(Parameter(name, kind) for name, kind in settings.items())
    for entry in fields:
        mark = "?" if entry.optional else ""
        yield f"---@field {entry.name}{mark} {entry.type} {entry.text}".rstrip() + "\n"
    if one.name == "mall" or one.receiver.startswith("mall."):
        yield f"{one.receiver or one.name} = {{}}\n"
    elif one.receiver:
        yield f"local {_local(api, one.receiver)} = {{}}\n"


def _local(api: Api, receiver: str) -> str:
    return api.receivers[receiver].removeprefix("mall.")


def _function(api: Api, call: Call) -> Iterator[str]:
    notes = [call.text]
    notes += [f"Needs `{call.needs}`."] if call.needs else []
    notes += [f"Raises {', '.join(f'`{code}`' for code in call.raises)}."] if call.raises else []
    yield f"---{' '.join(notes)}\n"
    yield from _arguments(api, call)
    if call.gives and not call.events:
        yield f"---@return {call.gives}\n"
    name = call.name
    if call.receiver:
        name = f"{_local(api, call.receiver)}:{call.name.partition(':')[2]}"
    yield f"function {name}({', '.join(one.name for one in call.takes)}) end\n"


def _arguments(api: Api, call: Call) -> Iterator[str]:
    if not call.events:
        for one in call.takes:
            mark = "?" if one.optional else ""
            yield f"---@param {one.name}{mark} {one.type} {one.text}".rstrip() + "\n"
        return
    self = f"self: {api.receivers[call.receiver]}, " if call.receiver else ""
    answer = f": {call.gives}" if call.gives else ""
    for event in api.events[call.events].values():
        yield f'---@overload fun({self}event: "{event.name}", fn: {handler(event)}){answer}\n'


def handler(event: Event) -> str:
    """The type of a handler of this event."""
    takes = ", ".join(f"{one.name}: {one.type}" for one in event.takes)
    return f"fun({takes}){': ' + event.gives if event.gives else ''}"


def luarc() -> str:
    """`.luarc.json` of a package folder: the Lua of the sandbox, and where the annotations lie."""
    return (
        json.dumps(
            {
                "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
                "runtime.version": "Lua 5.4",
                "runtime.path": ["?.lua"],
                "runtime.builtin": {
                    "io": "disable",
                    "os": "disable",
                    "debug": "disable",
                    "package": "disable",
                },
                "workspace.library": [LIBRARY],
                "workspace.checkThirdParty": False,
            },
            indent=2,
        )
        + "\n"
    )
