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
from host.errors import MallError
from host.kernel import LIVE_SUPPLY, Kernel, open_kernel
from host.keyring import TREASURY
from host.land.rules import LAST_SECOND
from host.placements.models import Reason
from host.storage.tx import Tx
from host.story import nearest_plot, signed_consent
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
        asked = {
            "release": kernel.placements.get(kernel.rows, placement).release,
            "tierra": tierra,
            "settings": {},
        }
        consent = signed_consent(asker(kernel), TENANT, asked)
        mine = kernel.commands.run("request", {**asked, **consent})["placement"]
        assert kernel.commands.run("enable_placement", {"placement": mine})["state"] == "enabled"
        clock.now += 90
        kernel.tend()
        assert kernel.placements.get(kernel.rows, mine).state == "enabled"
        clock.now += 20
        kernel.tend()
        assert kernel.placements.get(kernel.rows, mine).state == "retired"
        assert kernel.land.holder(kernel.rows, tierra, clock()).kind == "owner"


def test_consent_holds_for_what_was_signed_and_not_for_long(data: Path, tmp_path: Path) -> None:
    clock = Clock()
    with open_kernel(config(data), clock=clock) as kernel:
        enable(kernel, write_package(tmp_path / "game", "mall.log('hi')", ()))
        asked = {"release": 1, "tierra": 5, "settings": {}}
        consent = signed_consent(asker(kernel), TENANT, asked)
        refused = [
            ({**asked, "tierra": 6, **consent}, "placement.bad_signature"),
            ({**asked, "settings": {"a": "b"}, **consent}, "placement.bad_signature"),
            ({**asked, **consent, "holder": AUTHOR.address}, "placement.bad_signature"),
            ({**asked, **consent, "until": consent["until"] + 1}, "placement.consent_over"),
            ({**asked, **consent, "signature": "0x00"}, "keys.bad_signature"),
            ({**asked, **consent, "signature": "zz"}, "control.bad_arguments"),
            ({**asked, **consent}, "land.not_holder"),
        ]
        for arguments, code in refused:
            assert refusal(kernel, "request", arguments) == code
        clock.now += 601
        assert refusal(kernel, "request", {**asked, **consent}) == "placement.consent_over"
        assert kernel.rows.value("select count(*) from placements") == 1


def asker(kernel: Kernel) -> Any:
    """Runs verbs as `ask(verb, **arguments)`."""
    return lambda verb, **arguments: kernel.commands.run(verb, arguments)


def refusal(kernel: Kernel, verb: str, arguments: dict[str, Any]) -> str:
    """The code with which a verb is refused."""
    with pytest.raises(MallError) as caught:
        kernel.commands.run(verb, arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("approve", {"release": 10**30}), ("approve", {"release": -1}), ("approve", {"release": "1"}),
        ("approve", {"realease": 1}), ("approve", {}), ("epoch", {"number": [1]}), ("holder", {"tierra": 1.5}),
        ("pay", {"to": TENANT.address, "amount": 5}), ("chain_send", {"raws": ["zz"]}), ("chain_send", {"raws": "ab"}),
        ("publish", {"archive": 7}), ("publish", {"archive": "!"}), ("player_of_token", {"token": None}),
        ("balance", {"who": 7}), ("enable", {"release": 1, "tierra": 1, "settings": {}, "fund": {"a": 5}}),
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_refused_as_such(
    data: Path, verb: str, arguments: dict[str, Any]
) -> None:
    with open_kernel(config(data)) as kernel:
        assert refusal(kernel, verb, arguments) == "control.bad_arguments"


def revoke(kernel: Kernel, release: int) -> None:
    """Two moderators take a release back."""

    def work(tx: Tx) -> None:
        for name in ("first", "second"):
            address = derive_key(b"r" * 32, name).address
            roles = frozenset({"player", "moderator"})
            actor = kernel.accounts.ensure_account(tx, address, name, roles).actor
            kernel.packages.revoke(tx, actor, release, "unsafe", "safety-1", "seen")

    kernel.write(work)


@pytest.mark.parametrize("suspended", [False, True])
def test_a_revoked_release_stops_its_placements_and_never_the_settlement(
    data: Path, tmp_path: Path, suspended: bool
) -> None:
    clock = Clock()
    with open_kernel(config(data), clock=clock) as kernel:
        placement = enable(kernel, write_package(tmp_path / "game", "mall.log('hi')", ()))
        if suspended:
            why = Reason("loud", "noise-1", "heard")
            kernel.write(
                lambda tx: kernel.placements.suspend(tx, kernel.commands.moderator(tx), placement, why)
            )
        revoke(kernel, 1)
        kernel.tend()
        state = kernel.placements.get(kernel.rows, placement).state
        assert state == ("retired" if suspended else "suspended")
        clock.now += 15 * 86_400
        kernel.tend()
        assert kernel.placements.get(kernel.rows, placement).state == state


def test_unknown_verbs_are_refused_and_nothing_private_is_reachable(data: Path) -> None:
    with open_kernel(config(data)) as kernel:
        for verb in ("no_such", "_send", "run", "__class__", "treasury", "moderator"):
            assert refusal(kernel, verb, {}) == "control.unknown_verb"
