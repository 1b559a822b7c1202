"""Verbs about the sandbox itself: probe."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from host.cli.frame import out, verb
from host.config import Config
from host.errors import MallError

if TYPE_CHECKING:
    from sandbox.probe import ProbeRow

FILE = click.Path(path_type=Path)
COLORS = {"ok": "green", "error": "yellow", "budget": "cyan", "memory": "cyan", "killed": "bold red"}
MESSAGE_WIDTH = 90


def add_to(cli: click.Group) -> None:
    """Declare the group and its verb."""

    @cli.group("sandbox")
    def sandbox() -> None:
        """Try the walls around creators' code: `mall sandbox probe FILE...`."""

    @verb(
        sandbox,
        "probe",
        "mall sandbox probe tests/escapes/loops/*.lua",
        "mall sandbox probe bad.lua --in-event --json",
    )
    @click.argument("files", type=FILE, nargs=-1, required=True)
    @click.option("--in-event", is_flag=True, help="Run each file's body in a tick handler, at every tick.")
    @click.pass_context
    def probe(ctx: click.Context, config: Config, files: tuple[Path, ...], in_event: bool) -> None:
        """Run each Lua file in a jailed worker beside a neighbour game, and say what became of both.

        Outcome is ok, error, budget, memory or killed. Exit code 1 when a neighbour was hurt or an outbox invalid.
        """
        from sandbox.errors import SandboxError
        from sandbox.probe import probe as run

        sources = [(str(file), _read(file)) for file in files]
        width = min(60, max(len(name) for name, _ in sources))
        if not ctx.obj:
            out.print(
                f"{'file':<{width}}  outcome  worst ms  neighbour  worker  outbox   message", style="bold"
            )
        try:
            rows = run(
                sources,
                in_event=in_event,
                on_row=lambda row: _print_json(row) if ctx.obj else _print_row(row, width),
            )
        except SandboxError as problem:
            raise MallError(problem.code, problem.message, **problem.facts) from problem
        if not ctx.obj:
            _print_summary(rows)
        if not all(row.neighbour_intact and row.outbox_valid for row in rows):
            ctx.exit(1)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise MallError(
            "cli.no_file", f"{file} cannot be read: {problem.strerror}.", file=str(file)
        ) from problem


def _print_json(row: ProbeRow) -> None:
    click.echo(json.dumps(row.as_dict(), ensure_ascii=False))


def _print_row(row: ProbeRow, width: int) -> None:
    name = row.name if len(row.name) <= width else "…" + row.name[1 - width :]
    out.print(f"{name:<{width}}  ", end="", markup=False)
    out.print(f"{row.outcome:<7}", end="", style=COLORS[row.outcome])
    out.print(f"  {row.worst_ms:>8.1f}  ", end="")
    for good, fine, bad, room in (
        (row.neighbour_intact, "intact", "HURT", 9),
        (row.worker_alive, "alive", "DEAD", 6),
        (row.outbox_valid, "valid", "INVALID", 7),
    ):
        out.print(f"{fine if good else bad:<{room}}  ", end="", style=None if good else "bold red")
    line = " ".join(row.message.split())
    out.print(line if len(line) <= MESSAGE_WIDTH else line[: MESSAGE_WIDTH - 1] + "…", markup=False)


def _print_summary(rows: list[ProbeRow]) -> None:
    counts: Counter[str] = Counter(row.outcome for row in rows)
    shown = ", ".join(f"{counts[name]} {name}" for name in COLORS if counts[name])
    hurt = sum(not row.neighbour_intact for row in rows)
    dead = sum(not row.worker_alive for row in rows)
    invalid = sum(not row.outbox_valid for row in rows)
    out.print(
        f"{len(rows)} files: {shown}; {hurt} neighbours hurt, {dead} workers dead, {invalid} outboxes invalid; "
        f"worst {max(row.worst_ms for row in rows):.1f} ms"
    )
