"""Writes the reference pages from the code: `python docs/build.py`, `--check` fails when a page is out of date."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from host import events, hookspecs  # noqa: E402
from host.cli import cli  # noqa: E402
from host.cli.frame import Verb  # noqa: E402
from host.config import Config  # noqa: E402
from host.packages import limits as package_limits  # noqa: E402
from host.placements import faults as placement_faults  # noqa: E402
from sandbox import limits as sandbox_limits  # noqa: E402

NOTE = "<!-- Written by `python docs/build.py`; change the code, not this page. -->\n\n"
ERROR_CLASSES = {"MallError", "ChainError", "SandboxError", "Refusal", "Finding"}


def hooks() -> str:
    """Every hook with its exact arguments and what it asks."""
    lines = ["# Hooks", "", inspect.getdoc(hookspecs) or "", ""]
    for name, function in vars(hookspecs.Specs).items():
        if name.startswith("mall_"):
            arguments = [a for a in inspect.signature(function).parameters if a != "self"]
            answer = str(inspect.signature(function).return_annotation)
            lines += [
                f"## {name}({', '.join(arguments)})",
                "",
                f"{inspect.getdoc(function)} Answer: `{answer}`.",
                "",
            ]
    return "\n".join(lines)


def event_page() -> str:
    """Every event with its fields."""
    lines = [
        "# Events",
        "",
        inspect.getdoc(events) or "",
        "",
        "| Event | Fields | Meaning |",
        "|---|---|---|",
    ]
    for name, kind in vars(events).items():
        if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event:
            names = ", ".join(f"`{f.name}`" for f in fields(kind) if f.name != "at")
            lines.append(f"| {name} | {names} | {_one_line(kind)} |")
    return "\n".join(lines)


def settings() -> str:
    """Every setting with its default."""
    lines = ["# Settings", "", inspect.getdoc(sys.modules[Config.__module__]) or "", ""]
    lines += ["| Setting | Environment | Default | Meaning |", "|---|---|---|---|"]
    for setting in fields(Config):
        default = "" if setting.default is MISSING else f"`{setting.default}`"
        variable = "" if setting.name == "plugins" else f"`MALL_{setting.name.upper()}`"
        lines.append(f"| `{setting.name}` | {variable} | {default} | {setting.metadata['help']} |")
    return "\n".join(lines)


def _leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def verbs() -> str:
    """Every verb with its options and examples."""
    lines = [
        "# The `mall` command",
        "",
        "Every verb also takes `--data`, `--config`, `--json` and `--help`.",
        "",
    ]
    for name, command in _leaves(cli):
        lines += [f"## mall {name}", "", (command.help or "").replace("\b\n", ""), ""]
        for option in command.params:
            if option.name in ("data", "config_file", "as_json"):
                continue
            shown = (
                "/".join(option.opts)
                if isinstance(option, click.Option)
                else option.make_metavar(click.Context(command))
            )
            lines.append(f"- `{shown}` {getattr(option, 'help', '') or ''}".rstrip())
        if isinstance(command, Verb):
            lines += ["", "```", *command.examples, "```"]
        lines.append("")
    return "\n".join(lines)


def errors() -> str:
    """Every error code with where it is raised and what it says."""
    found: dict[str, tuple[set[str], str]] = {}
    for code, text, place in _error_codes():
        places, first = found.setdefault(code, (set(), text))
        places.add(place)
        if not first:
            found[code] = (places, text)
    lines = [
        "# Error codes",
        "",
        "A code is stable. The message names the rule, the value and what to do.",
        "",
    ]
    lines += ["| Code | Says | Raised in |", "|---|---|---|"]
    for code, (places, text) in sorted(found.items()):
        lines.append(f"| `{code}` | {text} | {', '.join(f'`{p}`' for p in sorted(places))} |")
    return "\n".join(lines)


def _error_codes() -> Iterator[tuple[str, str, str]]:
    for folder in ("host", "sandbox", "contracts", "plugins"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            if "/tests/" in place or "node_modules" in place:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and node.args and _called(node) in ERROR_CLASSES:
                    yield from _code_of(node, place)


def _code_of(node: ast.Call, place: str) -> Iterator[tuple[str, str, str]]:
    """The first argument that looks like a code, and the text that follows it."""
    for position, argument in enumerate(node.args):
        if (
            isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
            and _is_code(argument.value)
        ):
            following = node.args[position + 1] if position + 1 < len(node.args) else None
            yield argument.value, _text(following), place
            return


def _is_code(text: str) -> bool:
    return text.count(".") == 1 and all(part.isidentifier() and part.islower() for part in text.split("."))


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value).replace("|", "\\|")
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else f"<{ast.unparse(p.value)}>" for p in node.values)
        return "".join(str(p) for p in parts).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return ""


BUDGET_OF = {
    "instructions_per_event": "event_instructions", "instructions_per_second": "second_instructions",
    "memory_kib": "memory_bytes", "entities": "entities", "store_kib": "store_bytes", "ui_nodes": "ui_nodes",
    "timers": "timers",
}  # fmt: skip
"""Keys of `[budget]` and the limits of the sandbox that they set."""


def limit_page() -> str:
    """Every key of `[budget]` by the size of the land, every limit of the sandbox, and when faults pause."""
    meanings = {**_field_texts(sandbox_limits.Limits), **_field_texts(sandbox_limits.ProcessLimits)}
    sizes = (1, 2, 4, 9, 16)
    allowed = {cells: package_limits.allowance(cells) for cells in sizes}
    lines = [
        "# Limits", "",
        "What a running creation may use. `[budget]` in `package.toml` asks for it: for less, or for up to what the "
        "land allows; what is not named is what one Tierra allows. `mall check` shows the allowance of a package, and "
        "refuses (`package.budget`) what is above it. A placement whose land allows less now is refused by number "
        "(`placement.budget_too_large`), and what runs already is cut to the allowance.", "",
        inspect.getdoc(package_limits.allowance) or "", "",
        "## Keys of `[budget]`", "",
        "| Key | " + " | ".join(f"{n} Tierra" for n in sizes[:-1]) + f" | {sizes[-1]} and more | At the limit |",
        "|---|" + "---:|" * len(sizes) + "---|",
    ]  # fmt: skip
    for field in fields(package_limits.Budget):
        name = field.name
        meaning = meanings.get(
            BUDGET_OF.get(name, ""), "Triangles of all models, as the manifest states them for reviewers."
        )
        numbers = " | ".join(f"{getattr(allowed[cells], name):,}" for cells in sizes)
        lines.append(f"| `{name}` | {numbers} | {meaning} |")
    for kind, title in (
        (sandbox_limits.Limits, "Limits of one Lua state on one Tierra"),
        (sandbox_limits.ProcessLimits, "Limits of a worker process"),
    ):
        lines += [
            "",
            f"## {title}",
            "",
            inspect.getdoc(kind) or "",
            "",
            "| Limit | Default | Meaning |",
            "|---|---:|---|",
        ]
        values = kind()
        lines += [
            f"| `{f.name}` | {getattr(values, f.name):,} | {meanings.get(f.name, '')} |" for f in fields(kind)
        ]
    lines += [
        "", "## When faults pause a placement", "", inspect.getdoc(placement_faults) or "", "",
        "Strikes: " + ", ".join(f"`{c}`" for c in sorted(placement_faults.BUDGET_CODES)) + ". Kills: "
        + ", ".join(f"`{c}`" for c in sorted(placement_faults.KILL_CODES)) + ".", "",
        "The count is kept on the disk. Holder and author each get a notice: in the console, by `mall notices`, and in "
        "the city when they are there or come next. `mall logs PLACEMENT` shows the last faults; `mall resume "
        "PLACEMENT` lets it run again.",
    ]  # fmt: skip
    return "\n".join(lines)


def _field_texts(kind: type) -> dict[str, str]:
    """The texts below the fields of a dataclass, where Python does not keep them."""
    (body,) = (
        node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef)
    )
    found = {}
    for field, text in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[ast.unparse(field.target)] = " ".join(str(text.value.value).split())
    return found


def _one_line(item: object) -> str:
    return " ".join((inspect.getdoc(item) or "").split())


PAGES = {
    "hooks.md": hooks,
    "events.md": event_page,
    "settings.md": settings,
    "cli.md": verbs,
    "errors.md": errors,
    "limits.md": limit_page,
}


def main() -> int:
    """Write the pages, or compare them."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, page in PAGES.items():
        path, text = ROOT / "docs" / name, NOTE + page().rstrip() + "\n"
        if check and (not path.is_file() or path.read_text() != text):
            stale.append(name)
        elif not check:
            path.write_text(text)
    if stale:
        print(f"out of date, run `python docs/build.py`: {', '.join(stale)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
