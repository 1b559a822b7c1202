"""The engine for stories with a real client: found, or installed as `make play` does it."""

from __future__ import annotations

import pytest

from host.cli.running import ready_engine
from host.godot.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The real Godot engine."""
    return ready_engine()
