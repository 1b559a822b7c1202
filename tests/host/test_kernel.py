"""The kernel on its own: genesis that may be cut anywhere, land rights from the chain, what time does."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from contracts.keys import derive_key
from host.kernel import LAST_SECOND, LIVE_SUPPLY, Kernel, open_kernel
from host.keyring import TREASURY
from host.story import nearest_plot
from tests.hosting import AUTHOR, config, enable, write_package

NOW = 1_800_000_000.0
TENANT = derive_key(b"t" * 32, "tenant")


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def treasury_does(kernel: Kernel, function: str, *arguments: Any) -> None:
    """A transaction of the treasury on the land contract, read into the database."""
    key, chain, land = kernel.keys.key(TREASURY), kernel.chain, kernel.deployment.tierra
    intent = land.intent("test", key.address, function, *arguments)
    (sent,) = chain.broadcast([chain.sign(intent, chain.nonce(key.address), key).raw])
    receipt = chain.receipt(sent)
    assert receipt is not None
    assert receipt.status == 1
    kernel.follow()


@pytest.mark.parametrize("file", ["secret.key", "mall.db", "chain.db", "deployment.json"])
def test_a_genesis_cut_by_kill_minus_nine_is_completed_by_the_next_start(tmp_path: Path, file: str) -> None:
    data = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "host.serve", "--data", str(data), "--port", "0"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (data / file).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_kernel(config(data)) as kernel:
        treasury = kernel.keys.address(TREASURY)
        assert kernel.deployment.live.call(kernel.chain, "balanceOf", treasury) == LIVE_SUPPLY
        assert kernel.land.holder(kernel.rows, 100_099, kernel.clock()).address == treasury


@pytest.mark.parametrize("function", ["setUser", "setQuadUser"])
def test_a_rent_to_the_end_of_time_stops_nobody(data: Path, function: str) -> None:
    """The chain allows any uint64 second; SQLite does not hold them all."""
    with open_kernel(config(data)) as kernel:
        first = (0, TENANT.address) if function == "setUser" else (1, 16, TENANT.address)
        if function == "setQuadUser":
            treasury = kernel.keys.address(TREASURY)
            treasury_does(kernel, "transferQuad", treasury, treasury, 1, 16, False)
        treasury_does(kernel, function, *first, 2**64 - 1)
        holder = kernel.land.holder(kernel.rows, 0 if function == "setUser" else 20, kernel.clock())
        assert (holder.address, holder.kind, holder.until) == (TENANT.address, "tenant", LAST_SECOND)


def test_a_placement_of_a_tenant_ends_with_the_rent_by_the_clock_alone(data: Path, tmp_path: Path) -> None:
    clock, tierra = Clock(), nearest_plot(1, 1)
    folder = write_package(tmp_path / "game", "mall.log('hi')", ())
    with open_kernel(config(data), clock=clock) as kernel:
        placement = enable(kernel, folder)
        treasury_does(kernel, "setUser", tierra, TENANT.address, int(NOW) + 100)
        assert kernel.placements.get(kernel.rows, placement).state == "retired", "the owner has let the land"
        from host.cli.creation import consent_to

        release = kernel.placements.get(kernel.rows, placement).release
        asked = {"release": release, "tierra": tierra, "settings": {}, **consent_to(TENANT, release, tierra)}
        mine = kernel.commands.run("request", asked)["placement"]
        assert kernel.commands.run("enable_placement", {"placement": mine})["state"] == "enabled"
        clock.now += 90
        kernel.tend()
        assert kernel.placements.get(kernel.rows, mine).state == "enabled"
        clock.now += 20
        kernel.tend()
        assert kernel.placements.get(kernel.rows, mine).state == "retired"
        assert kernel.land.holder(kernel.rows, tierra, clock()).kind == "owner"


def test_consent_of_another_release_or_signer_is_refused(data: Path, tmp_path: Path) -> None:
    from host.cli.creation import consent_to
    from host.errors import MallError

    with open_kernel(config(data)) as kernel:
        enable(kernel, write_package(tmp_path / "game", "mall.log('hi')", ()))
        asked = {"release": 1, "tierra": 5, "settings": {}}
        other = consent_to(TENANT, 2, 5)
        forged = {"holder": AUTHOR.address, "signature": consent_to(TENANT, 1, 5)["signature"]}
        for consent in (
            other,
            forged,
            {"holder": TENANT.address, "signature": "0x00"},
            {"holder": TENANT.address},
        ):
            with pytest.raises(MallError) as caught:
                kernel.commands.run("request", {**asked, **consent})
            assert caught.value.code in ("placement.bad_signature", "keys.bad_signature")
        assert kernel.rows.value("select count(*) from placements") == 1


def test_unknown_verbs_and_arguments_are_refused_and_nothing_private_is_reachable(data: Path) -> None:
    from host.errors import MallError

    with open_kernel(config(data)) as kernel:
        for verb, arguments, code in (
            ("no_such", {}, "control.unknown_verb"), ("_send", {}, "control.unknown_verb"),
            ("run", {}, "control.unknown_verb"), ("__class__", {}, "control.unknown_verb"),
            ("approve", {"realease": 1}, "control.bad_arguments"), ("treasury", {"tx": None}, "control.unknown_verb"),
        ):  # fmt: skip
            with pytest.raises(MallError) as caught:
                kernel.commands.run(verb, arguments)
            assert caught.value.code == code, verb
