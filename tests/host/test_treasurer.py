"""The chain's thread: compares books and chain in rounds, and holds the settlement while they differ."""

from __future__ import annotations

import json
from pathlib import Path

from host.economy import claims, funding, ledger
from host.kernel import open_kernel
from host.treasurer import Treasurer
from tests.economy.conftest import HERE, LIVE, add_pool, address, request
from tests.hosting import config


def test_books_and_chain_are_compared_in_rounds_and_nothing_is_settled_while_they_differ(
    tmp_path: Path,
) -> None:
    with open_kernel(config(tmp_path / "data")) as kernel:
        kernel.write(lambda tx: add_pool(tx, 1))
        kernel.commands.run("fund", {"pool": 1, "amount": "9"})
        treasurer = Treasurer(kernel, 60.0, 0.0)
        treasurer._round()
        assert treasurer.stuck == ""
        held = next(iter(funding.holdings(kernel.rows)))
        harm = {funding.VAULT + held: -1, "pool:1": 1}
        kernel.write(lambda tx: ledger.post(tx, "test.harm", "harm", harm))
        treasurer._round()
        assert treasurer.stuck.startswith("settlement.differs: pool 1 'daily'")
        kernel.write(lambda tx: claims.file(tx, request(1, player=1, address=address(1)), HERE))
        treasurer._round()
        assert claims.get(kernel.rows, 1).state == "booked"
        kernel.write(lambda tx: ledger.post(tx, "test.mend", "mend", {at: -wei for at, wei in harm.items()}))
        treasurer._round()
        assert treasurer.stuck == ""
        treasurer._round()
        assert claims.get(kernel.rows, 1).state == "paid"
        assert claims.left(kernel.rows, 1) == 6 * LIVE
        actions = [row["action"] for row in kernel.rows.all("select action from audit order by seq")]
        assert (actions.count("settlement.differs"), actions.count("settlement.agrees")) == (1, 1)


def test_a_pool_of_an_ended_placement_goes_back_by_itself(tmp_path: Path) -> None:
    with open_kernel(config(tmp_path / "data")) as kernel:
        kernel.write(lambda tx: add_pool(tx, 1))
        before = kernel.commands.run("balance", {"who": kernel.treasury})["wei"]
        kernel.commands.run("fund", {"pool": 1, "amount": "9"})
        assert kernel.commands.run("chain_status", {})["pools"][0]["goes_back"] is False
        kernel.write(lambda tx: tx.execute("update placements set state = 'retired'"))
        assert kernel.commands.run("chain_status", {})["pools"][0]["goes_back"] is True
        Treasurer(kernel, 60.0)._round()
        assert kernel.commands.run("balance", {"who": kernel.treasury})["wei"] == before
        assert claims.left(kernel.rows, 1) == 0


def test_the_proofs_of_an_epoch_are_left_even_where_the_host_ended_before_it_wrote_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "data" / "proofs.json"
    with open_kernel(config(tmp_path / "data")) as kernel:
        kernel.write(lambda tx: add_pool(tx, 1))
        kernel.commands.run("fund", {"pool": 1, "amount": "9"})
        Treasurer(kernel, 60.0)._round()
        assert not file.exists()
        kernel.write(lambda tx: claims.file(tx, request(1, player=1, address=address(1)), HERE))
        kernel.settlement.drain()
        assert not file.exists()
    with open_kernel(config(tmp_path / "data")) as kernel:
        treasurer = Treasurer(kernel, 60.0)
        treasurer._round()
        assert json.loads(file.read_text()) == kernel.commands.export_proofs()
        before = file.stat().st_ino
        treasurer._round()
        assert file.stat().st_ino == before
