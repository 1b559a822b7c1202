"""Starts the console beside a host, as a process that never outlives it."""

from __future__ import annotations

import json
import subprocess
import sys

from host.config import Config
from host.errors import MallError
from host.web.server import READY

STOP_S = 5.0


class ConsoleProcess(subprocess.Popen[str]):
    """The running console. It ends when this process does, however that ends: its standard input is a pipe of ours.

    Attributes:
        url: the link with the token, for a browser on this machine; a secret.
    """

    url = ""

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self.terminate()
        try:
            self.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()
        for stream in (self.stdin, self.stdout):
            if stream is not None:
                stream.close()


def start_console(config: Config) -> ConsoleProcess:
    """Start the console of a data folder and wait until browsers can come. Takes a second; blocks meanwhile.

    Raises:
        MallError: console.port_in_use, console.token_open_to_others, console.bad_token_file, storage.unreadable,
            console.not_started when it ended without a word.
    """
    console = ConsoleProcess(
        [
            sys.executable, "-m", "host.web", "--child", "--data", str(config.data),
            "--listen", config.console_listen, "--port", str(config.console_port),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the host, which ends its console itself
    )  # fmt: skip
    assert console.stdout is not None
    line = console.stdout.readline()
    if line.startswith(READY):
        console.url = line.removeprefix(READY).strip()
        return console
    console.stop()
    try:
        said = json.loads(line)
        raise MallError(str(said["code"]), str(said["message"]), **said["facts"])
    except (ValueError, KeyError, TypeError) as error:
        raise MallError(
            "console.not_started",
            f"The console ended with exit code {console.returncode}; what it wrote stands above.",
            exit_code=console.returncode,
        ) from error
