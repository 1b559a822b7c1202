"""How values read in the console: times in UTC, ages, amounts, short addresses."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup, escape

from host.economy import amounts

_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def utc(seconds: float) -> str:
    """`2026-03-01 12:00:05 UTC`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """A length of time in its largest whole unit: `3 h`, `12 s`."""
    left = max(0, int(seconds))
    for size, unit in _STEPS:
        if left >= size:
            return f"{left // size} {unit}"
    return "0 s"


def moment(seconds: float) -> Markup:
    """A time element; a moment never set reads as a dash."""
    if not seconds:
        return Markup("–")
    text = utc(seconds)
    iso = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    day, clock = text[:10], text[11:]
    return Markup('<time datetime="{}">{} <span class="nb">{}</span></time>').format(iso, day, clock)


def code(text: str) -> Markup:
    """A digest, hash or address: shortened by the style sheet, copied in full."""
    if not text:
        return Markup("–")
    return Markup('<code class="id" title="{0}" tabindex="0">{0}</code>').format(escape(text))


def stranger(text: str) -> Markup:
    """A name that somebody chose, kept from turning the text around it (bidirectional isolation)."""
    return Markup("<bdi>{}</bdi>").format(text)


FILTERS = {
    "utc": utc,
    "span": span,
    "moment": moment,
    "code": code,
    "stranger": stranger,
    "live": amounts.show,
}
