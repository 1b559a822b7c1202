"""One seeded data folder for the session, consoles that run on it, and browsers for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from host.config import Config
from host.web.process import ConsoleProcess, start_console
from tests.web.city import seeded


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A data folder that a host has left; read only, do not change it."""
    return seeded(tmp_path_factory.mktemp("city"))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ConsoleProcess]]:
    """Starts consoles and ends them."""
    running: list[ConsoleProcess] = []

    def begin(config: Config, **changes: object) -> ConsoleProcess:
        running.append(start_console(replace(config, **changes)))
        return running[-1]

    yield begin
    for console in running:
        console.stop()


@pytest.fixture(scope="session")
def console(city: Config) -> Iterator[ConsoleProcess]:
    """The console of the seeded city."""
    made = start_console(city)
    yield made
    made.stop()


@pytest.fixture
def visitor(console: ConsoleProcess) -> Iterator[httpx.Client]:
    """A browser that came by the link."""
    with enter(console) as made:
        yield made


def base(console: ConsoleProcess) -> str:
    return console.url.partition("/?")[0]


@contextmanager
def enter(console: ConsoleProcess) -> Iterator[httpx.Client]:
    """A browser with the console's cookie."""
    with httpx.Client(base_url=base(console), trust_env=False) as client:
        assert client.get(console.url).status_code == 303
        yield client
