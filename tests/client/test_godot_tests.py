"""The client's own tests, run by the real engine without a display."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from host.godot.engine import Engine
from host.godot.launch import REPORT
from host.godot.project import prepare

pytestmark = pytest.mark.engine

PROJECT = Path(__file__).resolve().parents[2] / "godot_project"


def test_the_clients_own_tests_pass(engine: Engine, tmp_path: Path) -> None:
    project = prepare(engine, PROJECT, {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")})
    done = subprocess.run(
        [*engine.command, "--headless", "--path", project, "--script", "res://tests/run_tests.gd"],
        env={**os.environ, **engine.env, "XDG_DATA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    reports = [
        json.loads(line.removeprefix(REPORT)) for line in done.stdout.splitlines() if line.startswith(REPORT)
    ]
    assert [report for report in reports if report["event"] == "test_failed"] == [], done.stdout
    assert reports[-1]["event"] == "tests"
    assert reports[-1]["passed"] > 20
    assert "ERROR" not in done.stderr + done.stdout, done.stderr
    assert done.returncode == 0
