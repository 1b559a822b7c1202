"""A writer that is killed before any statement of SQL leaves a chain that opens, whole, with all that was promised."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.chain import Intent
from contracts.keys import derive_key
from contracts.local import LocalChain, evm
from contracts.local.store import Store

KEY = derive_key(b"for tests only".ljust(32), "operator")
OTHER = derive_key(b"for tests only".ljust(32), "other").address
START = 1_800_000_000
# Logs a word and deploys nothing.
CODE = bytes.fromhex("60005f5260205fa0")


def payments(chain: LocalChain, blocks: int, told: int | None = None) -> None:
    """Mines blocks, and writes the number of each to a file once it is promised."""
    for _ in range(blocks):
        nonce = chain.nonce(KEY.address)
        raws = [
            chain.sign(Intent("pay", KEY.address, OTHER, value=5), nonce, KEY).raw,
            chain.sign(Intent("make", KEY.address, None, CODE), nonce + 1, KEY).raw,
        ]
        chain.broadcast(raws)
        if told is not None:
            os.write(told, f"{chain.head().number}\n".encode())


def opened(path: Path) -> LocalChain:
    return LocalChain(path, clock=lambda: START, balances={KEY.address: 10**6})


def killed_at(statement: int, act: Callable[[], None]) -> bool:
    """Runs `act` in a child that is killed before its n-th statement. False if it came to its end before."""
    child = os.fork()
    if child == 0:
        # Nothing of the child may reach the test runner: it ends here in any case.
        try:
            prepare = Store._prepare
            left = [statement]

            def count(_: str) -> None:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

            def traced(store: Store, read_only: bool) -> None:
                store._db.set_trace_callback(count)
                prepare(store, read_only)

            Store._prepare = traced  # type: ignore[method-assign]
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def whole(path: Path, promised: int) -> None:
    with opened(path) as chain:
        chain.audit()
        head = chain.head().number
        assert head >= promised
        assert chain.balance(OTHER) == 5 * head
        assert chain.nonce(KEY.address) == 2 * head
        assert len(chain.store.logs(0, head)) == head
        payments(chain, 1)
        assert chain.balance(OTHER) == 5 * (head + 1)


@pytest.mark.parametrize("begun", [False, True])
def test_a_kill_before_any_statement_loses_nothing(tmp_path: Path, begun: bool) -> None:
    assert evm.QuickState  # py-evm is loaded here once, and not in each child
    kills, killed = 0, True
    while killed:
        folder = tmp_path / str(kills)
        folder.mkdir()
        path, told = folder / "chain.db", folder / "told"
        told.touch()
        if begun:
            with opened(path) as chain:
                payments(chain, 1)

        def act(path: Path = path, told: Path = told) -> None:
            with opened(path) as chain:
                payments(chain, 2, os.open(told, os.O_WRONLY))

        killed = killed_at(kills + 1, act)
        kills += killed
        whole(path, max([int(begun), *map(int, told.read_text().split())]))
    # The last child was not killed, and told of both blocks.
    assert len(told.read_text().split()) == 2
    assert kills > 20
