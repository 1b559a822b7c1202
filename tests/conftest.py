"""A city that is laid once a run; every test gets a copy of its data folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from host.cli.running import ready_engine
from host.config import Config
from host.godot.engine import Engine
from host.kernel import open_kernel


@pytest.fixture(scope="session")
def genesis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a new city: keys, database, chain with its contracts. Copy it, do not use it."""
    data = tmp_path_factory.mktemp("genesis") / "data"
    with open_kernel(Config(data=data)):
        pass
    return data


@pytest.fixture
def data(genesis: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own."""
    copy = tmp_path / "data"
    shutil.copytree(genesis, copy)
    return copy


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The real Godot engine: found, or installed as `make play` does it."""
    return ready_engine()
