"""Starts the Godot client, and drives one for tests and the demo."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from host.errors import MallError
from host.godot.engine import Engine

REPORT = "MALL "
"""What a report line of the client begins with; one JSON object with a text field `event` follows."""

_ERROR_LINE = re.compile(r"^(?:USER )?(?:SCRIPT |SHADER )?ERROR:|^handle_crash:|Parse Error:")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE_LIMIT = 4 * 1024 * 1024
_KEPT_LINES = 2000
_END_TIMEOUT_S = 2.0

Report = dict[str, Any]


def client_command(
    engine: Engine, project: Path, args: Sequence[str], *, headless: bool, quiet: bool = False
) -> list[str]:
    """The argument vector of a client: engine, engine's options, `--`, the client's own arguments.

    Args:
        project: a prepared project folder (see `project.prepare`).
        args: the client's own arguments; the client reads them by `OS.get_cmdline_user_args()`.
        headless: no window and no drawing.
        quiet: no sound device, for a machine without one.
    """
    options = ["--headless"] if headless else ["--audio-driver", "Dummy"] if quiet else []
    return [*engine.command, *options, "--path", str(project), "--", *args]


def client_env(engine: Engine, display: str | None, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of a client. `display` names the X display to use instead of the user's own."""
    result = {**os.environ, **engine.env}
    if display is not None:
        # A Wayland session would win over the display that was asked for.
        result.pop("WAYLAND_DISPLAY", None)
        result["DISPLAY"] = display
    return {**result, **env}


def start_client(
    engine: Engine,
    project: Path,
    args: Sequence[str],
    *,
    display: str | None = None,
    headless: bool = False,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a client for a person: its output goes where ours goes. The caller waits for its end.

    Args and errors as `client_command`.
    """
    return subprocess.Popen(  # noqa: S603 - the engine that the user chose
        client_command(engine, project, args, headless=headless),
        env=client_env(engine, display, env or {}),
        stdin=subprocess.DEVNULL,
    )


class ClientDriver:
    """A running client whose reports can be awaited: `async with ClientDriver(engine, project, args) as client`.

    Leaving the context ends the client and everything that it started.

    Attributes:
        reports: the reports in the order in which they came.
        errors: what the engine complained about, each with its `at:` line.
        log: the last lines of both outputs, for the message of a failed test.
    """

    def __init__(
        self,
        engine: Engine,
        project: Path,
        args: Sequence[str] = (),
        *,
        display: str | None = None,
        headless: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.reports: list[Report] = []
        self.errors: list[str] = []
        self.log: deque[str] = deque(maxlen=_KEPT_LINES)
        self._command = client_command(engine, project, args, headless=headless, quiet=True)
        self._env = client_env(engine, display, env or {})
        self._taken = 0
        self._news = asyncio.Condition()
        self._ended = False
        self._readers: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_LIMIT,
            start_new_session=True,
        )
        self._readers = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pid(self) -> int:
        """The process id of the client."""
        assert self._process is not None, "the client was not started"
        return self._process.pid

    async def wait_for(self, event: str, timeout_s: float = 30.0, **fields: Any) -> Report:
        """The next report of this event that has these fields, counted from the last one that was waited for.

        Raises:
            MallError: `engine.client_ended` when the client ends first, `engine.client_silent` after the time.
        """
        try:
            async with asyncio.timeout(timeout_s), self._news:
                while True:
                    for place in range(self._taken, len(self.reports)):
                        report = self.reports[place]
                        if report["event"] == event and fields.items() <= report.items():
                            self._taken = place + 1
                            return report
                    if self._ended:
                        raise self._failure("engine.client_ended", f"The client ended before {event!r}.")
                    await self._news.wait()
        except TimeoutError as error:
            raise self._failure(
                "engine.client_silent", f"No {event!r} from the client within {timeout_s} s."
            ) from error

    async def wait_end(self, timeout_s: float = 30.0) -> int:
        """Waits until the client has ended by itself; returns its exit status.

        Raises:
            MallError: `engine.client_silent` when it still runs after the time.
        """
        assert self._process is not None
        assert self._readers is not None
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.shield(self._readers)
                return await self._process.wait()
        except TimeoutError as error:
            raise self._failure(
                "engine.client_silent", f"The client still runs after {timeout_s} s."
            ) from error

    async def close(self) -> int:
        """Ends the client and its children, first gently, then by force; returns the exit status."""
        assert self._process is not None
        assert self._readers is not None
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            # Also when the leader is gone: a child of it may still hold the group and the pipes.
            self._signal(signal.SIGKILL)
        status = await self._process.wait()
        await self._readers
        return status

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_stream(self._process.stdout))
                group.create_task(self._read_stream(self._process.stderr))
        finally:
            async with self._news:
                self._ended = True
                self._news.notify_all()

    async def _read_stream(self, stream: asyncio.StreamReader) -> None:
        in_error = False
        while block := await stream.readline():
            line = _COLOUR.sub("", block.decode("utf-8", "replace")).rstrip()
            self.log.append(line)
            if line.startswith(REPORT):
                await self._take(line)
            elif _ERROR_LINE.search(line):
                self.errors.append(line)
                in_error = True
                continue
            elif in_error and line.startswith("  "):
                self.errors[-1] += "\n" + line
                continue
            in_error = False

    async def _take(self, line: str) -> None:
        try:
            report = json.loads(line[len(REPORT) :])
        except ValueError:
            report = None
        if not isinstance(report, dict) or not isinstance(report.get("event"), str):
            self.errors.append(f"ERROR: not a report: {line[:200]}")
            return
        async with self._news:
            self.reports.append(report)
            self._news.notify_all()

    def _failure(self, code: str, message: str) -> MallError:
        tail = "\n".join(list(self.log)[-30:])
        return MallError(code, f"{message} Its last lines:\n{tail}", lines=len(self.log))
