"""What a preview says in the terminal: saves, errors with their source line, the game's own lines."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from sandbox.api import api

_NEAR = re.compile(r"near '([^']+)'|\((?:global|local|field|method|upvalue|constant) '([^']+)'\)")
_PLACE = re.compile(r"^([\w./-]+\.lua):(\d+): ")


class Words:
    """Prints to a console. `clock` gives the time of day in seconds, UTC."""

    def __init__(self, out: Console, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock

    def line(self, mark: str, style: str, *parts: str | tuple[str, str]) -> None:
        """One line with the time, a mark and its words."""
        now = time.strftime("%H:%M:%S", time.localtime(self._clock()))
        self._out.print(Text.assemble((now, "dim"), " ", (mark, style), " ", *parts))

    def good(self, text: str) -> None:
        """Something worked."""
        self.line("✓", "bold green", text)

    def note(self, text: str) -> None:
        """Something to know."""
        self.line("·", "bold", text)

    def warn(self, text: str) -> None:
        """Something to look at."""
        self.line("!", "bold yellow", text)

    def said(self, text: str) -> None:
        """A line of `mall.log`."""
        self.line("│", "cyan", text)

    def error(
        self,
        code: str,
        message: str,
        sources: Mapping[str, bytes],
        *,
        file: str = "",
        line: int = 0,
        then: str = "",
    ) -> None:
        """An error with its source line, what it means, and what goes on.

        Args:
            file, line: where; taken from the front of the message where they are not given.
            then: one sentence about what the game does now.
        """
        found = _PLACE.match(message)
        if found:
            file, line, message = file or found[1], line or int(found[2]), message[found.end() :]
        place = f"{file}:{line}: " if file and line else ""
        self.line("✗", "bold red", (place, "bold"), (f"{message} ", "red"), (code, "dim"))
        for text in excerpt(sources, file, line, message):
            self._out.print(Text(f"           {text}", style="dim"))
        hint = api().errors.get(code, "")
        if hint and code != "sandbox.script_error":
            self._out.print(Text(f"           {hint}"))
        if then:
            self._out.print(Text(f"           {then}"))


def excerpt(sources: Mapping[str, bytes], file: str, line: int, message: str) -> Sequence[str]:
    """The source line and a caret below the word that the message names, or below its first word."""
    lines = sources.get(file, b"").decode("utf-8", "replace").splitlines()
    if not 1 <= line <= len(lines):
        return ()
    source = lines[line - 1].replace("\t", "  ").rstrip()
    found = _NEAR.search(message)
    word = (found[1] or found[2]) if found else ""
    at = source.find(word) if word else -1
    if at < 0:
        at, word = len(source) - len(source.lstrip()), source.strip()[:1]
    head = f"{line} | "
    return (head + source, " " * (len(head) + at) + "^" * max(1, len(word)))
