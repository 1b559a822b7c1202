"""A profile as people read it, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from sandbox.prof import Handler, Meter, Profile

COLUMNS = (
    "handler", "function", "calls", "instr", "(max)", "CPU ms", "(max)", "share", "out KiB", "cmds", "mem KiB",
)  # fmt: skip
HIGH = 0.8
"""A limit used up to here is worth a colour."""


def as_data(profile: Profile) -> dict[str, Any]:
    """Plain values; CPU in milliseconds, memory in bytes, shares from 0 to 1."""
    total = _total(profile)
    return {
        "package": profile.package,
        "seconds": profile.seconds,
        "players": profile.players,
        "seed": profile.seed,
        "handlers": [
            {
                "event": one.event,
                "where": one.where,
                "calls": one.calls,
                "instructions_mean": one.instructions // max(1, one.calls),
                "instructions_max": one.most_instructions,
                "cpu_ms_mean": round(one.cpu_s * 1000 / max(1, one.calls), 4),
                "cpu_ms_max": round(one.most_cpu_s * 1000, 4),
                "share": round(one.instructions / total, 4),
                "outbox_bytes": one.outbox_bytes,
                "commands": one.commands,
                "memory_growth_bytes": one.growth,
            }
            for one in profile.handlers
        ],
        "limits": [{**asdict(meter), "share": round(meter.share, 4)} for meter in profile.meters],
        "hottest_lines": [{"line": line, "share": round(share, 4)} for line, share in profile.lines],
        "faults": list(profile.faults),
    }


def show(profile: Profile, out: Console, source: dict[str, list[str]]) -> None:
    """Print it. `source` gives the lines of each file, for the hottest ones."""
    out.print(
        f"[bold]{profile.package}[/]: {profile.players} bots for {profile.seconds:g} s, seed {profile.seed}"
    )
    for line in (*_handlers(profile), Text(), *_meters(profile), Text()):
        out.print(line)
    if profile.lines:
        out.print("Hottest lines, by instructions")
    for place, share in profile.lines:
        out.print(Text.assemble(f"  {share:4.0%}  ", (place, "bold"), "  ", (_text_of(place, source), "dim")))
    for fault in profile.faults:
        out.print(Text.assemble(("✗ ", "bold red"), fault))
    for hint in hints(profile):
        out.print(Text.assemble(("! ", "bold yellow"), hint))


def hints(profile: Profile) -> Iterator[str]:
    """What is near a limit, and where to look."""
    for meter in profile.meters:
        if meter.share >= HIGH and profile.handlers:
            worst = max(profile.handlers, key=lambda one: one.most_instructions)
            where = (
                f"; the dearest handler is {worst.event} at {worst.where}"
                if "per event" in meter.name
                else ""
            )
            yield (
                f"{meter.name}: {_figure(meter.used)} of {_figure(meter.limit)} ({meter.share:.0%}){where}. "
                "The host stops what goes above."
            )


def _total(profile: Profile) -> int:
    return max(1, sum(one.instructions for one in profile.handlers))


def _handlers(profile: Profile) -> Iterator[Text]:
    rows = [_row(one, _total(profile)) for one in profile.handlers]
    return aligned([COLUMNS, *rows], words=2)


def aligned(rows: Sequence[Sequence[str]], words: int) -> Iterator[Text]:
    """Lines of a table, its head dim; the first `words` columns are text, the others figures. Never cut to a width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = [
            cell.ljust(width) if at < words else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield Text("  " + "  ".join(cells).rstrip(), style="" if number else "dim")


def _row(one: Handler, total: int) -> tuple[str, ...]:
    calls = max(1, one.calls)
    return (
        one.event,
        one.where,
        f"{one.calls:,}",
        f"{one.instructions // calls:,}",
        f"{one.most_instructions:,}",
        f"{one.cpu_s * 1000 / calls:.3f}",
        f"{one.most_cpu_s * 1000:.3f}",
        f"{one.instructions / total:.0%}",
        f"{one.outbox_bytes / 1024:.1f}",
        f"{one.commands:,}",
        f"{one.growth / 1024:+.1f}",
    )


def _meters(profile: Profile) -> Iterator[Text]:
    rows = [("limit", "worst", "of", "used"), *map(_meter, profile.meters)]
    shares = [0.0, *(meter.share for meter in profile.meters)]
    for line, share in zip(aligned(rows, words=1), shares, strict=True):
        if share >= HIGH:
            line.stylize("bold red" if share >= 1 else "yellow")
        yield line


def _meter(meter: Meter) -> tuple[str, ...]:
    return meter.name, _figure(meter.used), _figure(meter.limit), f"{meter.share:.1%}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _text_of(line: str, source: dict[str, list[str]]) -> str:
    """The source of file:line, "" where there is none."""
    file, _, number = line.rpartition(":")
    lines = source.get(file, [])
    at = int(number) - 1 if number.isdigit() else -1
    return lines[at].strip() if 0 <= at < len(lines) else ""
