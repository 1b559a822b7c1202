"""`mall doctor` says what is missing; a jail that is not whole is told at start, in the status and by the doctor."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from host import control
from host.config import Config
from host.doctor import examine
from sandbox.jail import MEANINGS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is made of means of Linux")
ROOT = Path(__file__).parent.parent.parent
OUTER = Path(__file__).parent / "outer_jail.py"
REFUSAL = "refused: [Errno 1] Operation not permitted"


def without_seccomp(*command: str, **options: Any) -> subprocess.Popen[str]:
    """A program of ours on a system that refuses seccomp."""
    return subprocess.Popen(
        [sys.executable, str(OUTER), sys.executable, *command], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True, **options,
    )  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path / "data", listen="127.0.0.1", port=0, console_port=0)


def test_every_step_of_the_jail_is_examined_by_starting_a_worker(config: Config) -> None:
    checks = "\n".join(examine(config)["checks"])
    for step in ("files", "user", "no_new_privileges", "resources", "seccomp"):
        assert f"ok      jail of Lua workers, {step}: ok" in checks


def test_a_port_in_use_is_missing_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "host.cli", "doctor", "--json", "--data", str(tmp_path)], cwd=ROOT,
            env={**os.environ, "MALL_PORT": str(port), "MALL_LISTEN": "127.0.0.1"}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["missing"] >= 1
    assert any(line.startswith(f"missing game port {port}") for line in found["checks"])


def test_the_doctor_says_that_seccomp_is_refused_and_what_it_means(tmp_path: Path) -> None:
    with without_seccomp(
        "-m", "host.cli", "doctor", "--json", "--data", str(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:  # fmt: skip
        answer, trouble = child.communicate(timeout=120)
    assert child.returncode == 1, trouble
    found = json.loads(answer)
    expected = f"missing jail of Lua workers, seccomp: {REFUSAL}; so {MEANINGS['seccomp']}"
    assert expected in found["checks"]
    assert "ok      jail of Lua workers, user" in "\n".join(found["checks"])
    assert f"{found['missing']} missing" in found["verdict"]


def test_a_host_without_seccomp_says_so_loudly_and_goes_on(tmp_path: Path) -> None:
    with without_seccomp(
        "-m", "host.serve", "--data", str(tmp_path), "--port", "0", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:  # fmt: skip
        assert child.stdout is not None
        try:
            ready = json.loads(child.stdout.readline())
            status = control.request(tmp_path / "control.sock", "status")
        finally:
            child.send_signal(signal.SIGTERM)
            _, said = child.communicate(timeout=60)
    assert "ready" in ready, said
    assert status["jail"]["seccomp"] == REFUSAL
    assert status["jail_warnings"] == [f"seccomp is {REFUSAL}. So {MEANINGS['seccomp']}."]
    assert f"WARNING __main__: the jail of Lua workers is not whole: seccomp is {REFUSAL}." in said
    assert status["jail"]["user"].startswith("ok")
