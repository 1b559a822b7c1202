"""Carries out the moves of a data folder in processes of their own, which kill themselves at a numbered effect.

Started as a script. Each line on stdin is `folder number`; a process is forked for it that opens the kernel, lets the
guest go over where that has not happened, and moves what the old wallet holds. Before and after each durable unit of
work and each broadcast a counter goes up; where it reaches `number` the process ends by SIGKILL. The answer on stdout
is the number of the signal that ended it, 0 for none.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contracts.local import evm  # noqa: F401  (loads py-evm once, before the forks)
from host.accounts import moves, store
from host.config import Config
from host.kernel import open_kernel
from host.storage.tx import Tx
from tests.accounts.desk import ADA


def live(folder: Path, number: int) -> None:
    """One life of a host."""
    reached = 0

    def dying(act: Callable[..., Any]) -> Callable[..., Any]:
        def around(*arguments: Any) -> Any:
            step()
            found = act(*arguments)
            step()
            return found

        return around

    def step() -> None:
        nonlocal reached
        reached += 1
        if reached == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_kernel(Config(data=folder)) as kernel:
        write = dying(kernel.write)
        kernel.mover._write = kernel.sends._write = write
        kernel.chain.broadcast = dying(kernel.chain.broadcast)  # type: ignore[method-assign]
        for carrier in kernel.sends._carriers.values():
            carrier._write = write

        def begin(tx: Tx) -> None:
            guest = store.by_id(tx, int(tx.value("select min(id) from accounts where guest")))
            assert guest is not None
            moves.begin(tx, guest, ADA.address)

        if not kernel.rows.one("select 1 from wallet_moves"):
            write(begin)
        for _ in range(4):
            kernel.follow()
            kernel.mover.advance()


def main() -> None:
    """Fork a life for each line."""
    for line in sys.stdin:
        folder, number = line.rsplit(" ", 1)
        child = os.fork()
        if child == 0:
            live(Path(folder), int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status), flush=True)


if __name__ == "__main__":
    main()
