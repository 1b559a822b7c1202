"""What a broken-out worker would propose: the guards of the host against commands."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec

from tests.sandbox.conftest import ALL
from tests.sandbox.guards import HostGuard, refused

FOOTPRINT = (15.0, 20.0, 15.0)
FAR = [99.0, 0.0, 1.0]


def command(*given: Any, capabilities: frozenset[str] = ALL) -> Callable[[ModuleType], bool]:
    """An attack by one command, asked of `commands.check_command`."""

    def attack(module: ModuleType) -> bool:
        blob = msgspec.msgpack.encode(given)
        decoded = msgspec.msgpack.Decoder(module.Command).decode(blob)
        return refused(module.check_command, decoded, FOOTPRINT, capabilities)

    return attack


COMMAND_GUARDS = (
    HostGuard(
        "granted capabilities",
        "commands.py",
        "check_command",
        "a broken-out worker claims rewards that were not granted",
        "if need is not None and need not in capabilities:",
        "if False:",
        command("claim", 1, 1, "daily", "1", 0, "", capabilities=frozenset({"ui"})),
    ),
    HostGuard(
        "aim of an effect",
        "commands.py",
        "check_command",
        "an effect at nobody and nowhere reaches code that needs one of both",
        "if (command.player is None) == (command.at is None):",
        "if False:",
        command("effect", "x", None, None, None, None, 1.0),
    ),
    HostGuard(
        "place of an effect",
        "commands.py",
        "check_command",
        "effects on others' land",
        "        if command.at is not None:\n            _check_place(command.at, footprint)\n",
        "",
        command("effect", "x", None, FAR, None, None, 1.0),
    ),
    HostGuard(
        "place of a teleport",
        "commands.py",
        "check_command",
        "players are thrown to any place of the region",
        "    elif isinstance(command, Teleport):\n        _check_place(command.at, footprint)\n",
        "",
        command("teleport", 1, FAR, None),
    ),
    HostGuard(
        "a spawn has a place",
        "commands.py",
        "check_command",
        "an entity without a place reaches the world",
        "if isinstance(command, Spawn) and command.parts.at is UNSET:",
        "if False:",
        command("spawn", 1, "a", {}),
    ),
    HostGuard(
        "place of an entity",
        "commands.py",
        "_check_parts",
        "entities on others' land",
        "    if isinstance(parts.at, tuple):\n        _check_place(parts.at, footprint)\n",
        "",
        command("spawn", 1, "a", {"at": FAR}),
    ),
    HostGuard(
        "NaN is no place",
        "commands.py",
        "_check_place",
        "a position that is no number poisons distances of the region",
        "if not all(0.0 <= value <= most",
        "if any(value < 0.0 or value > most",
        command("spawn", 1, "a", {"at": [math.nan, 0.0, 1.0]}),
    ),
    HostGuard(
        "size of an entity",
        "commands.py",
        "_check_parts",
        "one entity hides the city",
        "        _check_size(parts.scale)\n",
        "        pass\n",
        command("set", 1, {"scale": [1e9, 1.0, 1.0]}),
    ),
    HostGuard(
        "scale of an entity",
        "commands.py",
        "_check_parts",
        "one entity hides the city",
        "        _check_size((parts.scale, 1.0, 1.0))\n",
        "        pass\n",
        command("set", 1, {"scale": 1e9}),
    ),
    HostGuard(
        "components are whole",
        "commands.py",
        "_check_parts",
        "`true` in the place of a component reaches the world",
        "if any(getattr(parts, name) is True for name in REMOVABLE):",
        "if False:",
        command("set", 1, {"collider": True}),
    ),
    HostGuard(
        "size of boxes",
        "commands.py",
        "_check_parts",
        "a wall across the region",
        "            _check_size(sized.size)\n",
        "            pass\n",
        command("set", 1, {"collider": {"shape": "box", "size": [1e9, 1.0, 1.0]}}),
    ),
    HostGuard(
        "shape of an area",
        "commands.py",
        "_check_parts",
        "an area without a shape reaches the world",
        "if isinstance(parts.area, Area) and (parts.area.radius is None) == (parts.area.size is None):",
        "if False:",
        command("set", 1, {"area": {}}),
    ),
    HostGuard(
        "way of a mover",
        "commands.py",
        "_check_parts",
        "entities move onto others' land",
        "        _check_place(parts.mover.to, footprint)\n",
        "        pass\n",
        command("set", 1, {"mover": {"to": FAR}}),
    ),
    HostGuard(
        "values of a state",
        "commands.py",
        "_check_parts",
        "NaN reaches clients",
        "        for value in parts.state.values():\n            _check_finite(value)\n",
        "        pass\n",
        command("set", 1, {"state": {"x": math.inf}}),
    ),
    HostGuard(
        "size of a panel",
        "commands.py",
        "_check_tree",
        "one panel stops the client of each player",
        "if depth > UI_DEPTH_MAX or left < 0:",
        "if False:",
        command(
            "ui_show",
            1,
            "p",
            {"kind": "column", "children": [{"kind": "row", "children": [{"kind": "text"}] * 100}] * 3},
        ),
    ),
    HostGuard(
        "values of a panel",
        "commands.py",
        "_check_tree",
        "NaN reaches clients",
        "            _check_finite(node.value)\n",
        "            pass\n",
        command("ui_show", 1, "p", {"kind": "slider", "value": math.nan}),
    ),
    HostGuard(
        "values of a change",
        "commands.py",
        "check_command",
        "NaN reaches clients",
        "        _check_finite(command.change.value)\n",
        "        pass\n",
        command("ui_update", 1, "x", {"value": math.nan}),
    ),
    HostGuard(
        "depth of messages",
        "commands.py",
        "_check_plain",
        "nested data ends the stack of another placement's state",
        "if depth > 12:",
        "if False:",
        command("bus_send", "a/b:c", [[[[[[[[[[[[[[1]]]]]]]]]]]]]]),
    ),
    HostGuard(
        "keys of messages",
        "commands.py",
        "_check_plain",
        "keys that Lua cannot have end the state of another placement",
        "if not isinstance(key, str | int):",
        "if False:",
        command("bus_send", "a/b:c", {1.5: 1}),
    ),
    HostGuard(
        "values of messages",
        "commands.py",
        "_check_plain",
        "NaN and dates reach other placements",
        'raise _bad(f"data of the kind {type(value).__name__}")',
        "pass",
        command("bus_send", "a/b:c", b"bytes"),
    ),
)
