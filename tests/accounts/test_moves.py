"""Guests' wallets on their way to an own one: killed at every effect, refused, and woken again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.signer import Signer
from host.accounts import editions, moves, store
from host.accounts.moves import MOVE_FLOW
from host.config import Config
from host.economy import claims
from host.errors import MallError
from host.kernel import Kernel, open_kernel
from host.storage import audit
from host.storage.tx import Tx
from tests.accounts.desk import ADA, EVE, give, guest_of

ROOT = Path(__file__).parents[2]
WEI = 125 * 10**17
LAND = (40, 41)


def balance(kernel: Kernel, who: str) -> int:
    return int(kernel.deployment.live.call(kernel.chain, "balanceOf", who))


def owner(kernel: Kernel, number: int) -> str:
    return str(kernel.deployment.tierra.call(kernel.chain, "ownerOf", number))


def move_on(kernel: Kernel) -> None:
    kernel.follow()
    kernel.mover.advance()
    kernel.follow()


@pytest.fixture
def rich(data: Path) -> Path:
    """A city with one guest, who holds LIVE and land."""
    with open_kernel(Config(data=data)) as kernel:
        guest = guest_of(kernel)
        give(kernel, guest.address, "12.5", LAND)
    return data


@pytest.fixture
def life() -> Iterator[subprocess.Popen[str]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.accounts.moving_host"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield server
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    assert server.wait(timeout=30) == 0
    server.stdout.close()


def live(server: subprocess.Popen[str], folder: Path, number: int) -> int:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{folder} {number}\n")
    server.stdin.flush()
    return int(server.stdout.readline())


@pytest.mark.slow
def test_a_kill_at_any_effect_loses_nothing_and_moves_nothing_twice(
    rich: Path, tmp_path: Path, life: subprocess.Popen[str]
) -> None:
    number, killed = 1, 0
    while True:
        folder = tmp_path / f"life{number}"
        shutil.copytree(rich, folder)
        ended = live(life, folder, number)
        assert ended in (0, signal.SIGKILL), f"life {number} ended with {ended}"
        assert live(life, folder, 0) == 0
        with open_kernel(Config(data=folder)) as kernel:
            move = kernel.rows.one("select * from wallet_moves")
            assert move is not None
            assert (move["state"], move["reason"]) == ("done", "")
            assert (balance(kernel, ADA.address), balance(kernel, move["source"])) == (WEI, 0)
            assert [owner(kernel, land) for land in LAND] == [ADA.address] * len(LAND)
            # One permit, one transfer of LIVE and one of each title, however often it died.
            assert (
                kernel.rows.value("select count(*) from outbox where state = 'final' and step like 'move:%'")
                == 4
            )
            assert kernel.rows.value("select count(*) from accounts where address = ?", ADA.address) == 1
            audit.verify(kernel.rows.all("select * from audit order by seq"))
        shutil.rmtree(folder)
        if ended == 0:
            break
        killed, number = killed + 1, number + 1
    assert killed > 30


def test_a_wallet_with_an_account_gets_all_and_the_guest_is_signed_out(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        guest = guest_of(kernel)
        give(kernel, guest.address, "3")
        token = kernel.write(lambda tx: kernel.accounts.issue_token(tx, guest.id))
        ada = kernel.write(lambda tx: kernel.accounts.ensure_account(tx, ADA.address, "Ada"))
        after = kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        assert after.id == ada.id
        with pytest.raises(MallError, match=r"account\.bad_token"):
            kernel.accounts.account_of_token(kernel.rows, token, kernel.clock())
        move_on(kernel)
        assert balance(kernel, ADA.address) == 3 * 10**18


def test_a_guest_goes_over_once(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        guest = guest_of(kernel)
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        for again in (guest, kernel.accounts.get(kernel.rows, guest.id)):
            with pytest.raises(MallError, match=r"wallet\.no_guest"):
                kernel.write(lambda tx, who=again: moves.begin(tx, who, EVE.address))
        assert kernel.accounts.get(kernel.rows, guest.id).address == ADA.address


def test_what_comes_late_to_the_old_wallet_goes_on_too(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        guest = guest_of(kernel)
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        move_on(kernel)
        assert moves.waiting(kernel.rows) == []
        give(kernel, guest.address, "1", (44,))
        kernel.follow()
        assert len(moves.waiting(kernel.rows)) == 1
        move_on(kernel)
        assert (balance(kernel, ADA.address), owner(kernel, 44)) == (10**18, ADA.address)
        assert moves.waiting(kernel.rows) == []


def owns(kernel: Kernel, name: str, number: int) -> str:
    return str(kernel.deployment.contract(name).call(kernel.chain, "ownerOf", number))


def does(kernel: Kernel, key: Signer, name: str, function: str, *arguments: object) -> None:
    intent = kernel.deployment.contract(name).intent("test", key.address, function, *arguments)
    kernel.chain.broadcast([kernel.chain.sign(intent, kernel.chain.nonce(key.address), key).raw])


def test_malls_and_islands_go_along_as_wholes(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        guest, treasury = guest_of(kernel), kernel.signers.treasury
        old = kernel.keys.key(guest.wallet)
        mall = kernel.deployment.contract("Mall").address
        ground = ("transferQuad", treasury.address, old.address, 1, 32, False)
        does(kernel, treasury, "Tierra", *ground)
        does(kernel, old, "Tierra", "safeTransferQuad", old.address, mall, 1, 32, False, b"")
        does(kernel, treasury, "Island", "transferFrom", treasury.address, old.address, 9)
        kernel.follow()
        brings = moves.holdings(kernel.chain, kernel.deployment, old.address)
        assert brings == {"live": "0 LIVE", "titles": 2}
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        move_on(kernel)
        assert (owns(kernel, "Mall", 1 << 20 | 32), owns(kernel, "Island", 9)) == (ADA.address,) * 2
        assert moves.waiting(kernel.rows) == []
        assert kernel.land.holder(kernel.rows, 40, kernel.clock()).address == ADA.address
        steps = kernel.rows.value("select count(*) from outbox where step like 'move:%'")
        assert steps == 2
        does(kernel, treasury, "Island", "transferFrom", treasury.address, old.address, 10)
        kernel.follow()
        assert len(moves.waiting(kernel.rows)) == 1
        move_on(kernel)
        assert owns(kernel, "Island", 10) == ADA.address


def test_editions_of_resources_go_along(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        guest, treasury = guest_of(kernel), kernel.signers.treasury
        old, content = kernel.keys.key(guest.wallet), b"\x07" * 32
        resource = kernel.deployment.contract("Resource")
        does(kernel, old, "Resource", "publish", content, 1, 4, 500)
        does(kernel, treasury, "Resource", "publish", content, 1, 1, 0)
        mine, theirs = (
            int(resource.call(kernel.chain, "creationOf", who.address, content)) for who in (old, treasury)
        )
        does(kernel, old, "Resource", "transferFrom", old.address, EVE.address, mine + 2)
        does(kernel, treasury, "Resource", "transferFrom", treasury.address, old.address, theirs + 1)
        kernel.follow()
        held = {mine + 1, mine + 3, mine + 4, theirs + 1}
        assert set(editions.of(kernel.rows, old.address)) == held
        assert moves.holdings(kernel.chain, kernel.deployment, old.address)["titles"] == 4
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        move_on(kernel)
        assert moves.waiting(kernel.rows) == []
        assert {owns(kernel, "Resource", number) for number in held} == {ADA.address}
        assert owns(kernel, "Resource", mine + 2) == EVE.address
        assert set(editions.of(kernel.rows, ADA.address)) == held
        assert list(editions.of(kernel.rows, EVE.address)) == [mine + 2]


def test_each_title_costs_the_same_questions_to_the_chain_however_many_there_are(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with open_kernel(Config(data=data)) as kernel:
        guest, land, call = guest_of(kernel), range(40, 48), kernel.chain.call
        for number in land:
            kernel.commands.grant(number, guest.address)
        kernel.follow()
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        monkeypatch.setattr(kernel.chain, "call", lambda *a, **more: asked.append(a) or call(*a, **more))
        kernel.mover.advance()
        monkeypatch.undo()
        assert [owner(kernel, number) for number in land] == [ADA.address] * len(land)
        assert len(asked) <= 3 * len(land) + 1


def test_rewards_on_their_way_are_waited_for(data: Path) -> None:
    from tests.web.city import HERE as STANDING
    from tests.web.city import ClaimRequest, publish

    with open_kernel(Config(data=data)) as kernel:
        release = publish(kernel)
        kernel.commands.approve(release)
        kernel.commands.enable(release, 7, {}, {"daily": "100"})
        guest = guest_of(kernel)
        request = ClaimRequest(1, "s1", 1, "daily", guest.id, guest.address, "2.5")
        kernel.write(lambda tx: claims.file(tx, request, STANDING))
        kernel.write(lambda tx: moves.begin(tx, guest, ADA.address))
        move_on(kernel)
        assert "1 rewards" in moves.waiting(kernel.rows)[0].reason
        kernel.settlement.drain()
        move_on(kernel)
        assert balance(kernel, ADA.address) == 25 * 10**17
        assert moves.waiting(kernel.rows) == []


def test_a_move_that_is_refused_again_and_again_waits_for_an_operator_and_stops_no_other(data: Path) -> None:
    with open_kernel(Config(data=data)) as kernel:
        broken, fine = guest_of(kernel, "Broken"), guest_of(kernel, "Fine")
        give(kernel, broken.address, "1")
        give(kernel, fine.address, "2")
        # The label of another wallet: its permit is refused by LIVE.
        kernel.write(lambda tx: moves.begin(tx, broken, ADA.address))
        kernel.write(
            lambda tx: tx.execute(
                "update wallet_moves set label = 'guest:other' where account = ?", broken.id
            )
        )
        kernel.write(lambda tx: moves.begin(tx, fine, EVE.address))
        for _ in range(3):
            move_on(kernel)
        (left,) = moves.waiting(kernel.rows)
        assert (left.account, "refused" in left.reason) == (broken.id, True)
        assert kernel.rows.value("select count(*) from outbox where step like ?", f"move:{left.id}:%") == 5
        assert (balance(kernel, EVE.address), balance(kernel, broken.address)) == (2 * 10**18, 10**18)


def test_the_states_of_a_move_are_two(data: Path) -> None:
    assert set(MOVE_FLOW) == {"open", "done"}
    with open_kernel(Config(data=data)) as kernel:
        guest = guest_of(kernel)

        def twice(tx: Tx) -> None:
            moves.begin(tx, guest, ADA.address)
            found = store.by_id(tx, guest.id)
            assert found is not None
            assert not found.guest

        kernel.write(twice)
