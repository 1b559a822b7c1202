"""The real client signs in with an own wallet and is asked to pay, on a real host with its console."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contracts.keys import derive_key
from host.accounts.payments import Wanted
from host.cli.running import PROJECT
from host.godot.engine import Engine
from host.godot.launch import ClientDriver
from host.godot.project import prepare
from tests.accounts.desk import ADA, desk, give, send, sign

pytestmark = pytest.mark.engine
SHOP = derive_key(b"for tests only".ljust(32), "shop").address


def test_the_client_shows_the_code_is_signed_in_and_told_that_it_paid(
    engine: Engine, data: Path, tmp_path: Path
) -> None:
    async def scenario() -> None:
        project = prepare(engine, PROJECT)
        env = {"XDG_DATA_HOME": str(tmp_path / "home"), "LANG": "en_US.UTF-8"}
        async with desk(data) as host:
            args = ["--server", host.url, "--wallet", "--autopilot", "--quit-after", "120"]
            async with ClientDriver(engine, project, args, env=env) as client:
                code = (await client.wait_for("sign_in", state="code"))["show"]
                await sign(host, code)
                await client.wait_for("sign_in", state="confirm")
                welcome = await client.wait_for("signed_in")
                assert welcome["wallet"] == ADA.address
                await host.treasurer.run(lambda: give(host.kernel, ADA.address, "5"))
                wanted = Wanted("k", int(welcome["player"]), "", SHOP, 10**18, "A hat")
                await host.wallets.ask_payment(wanted)
                asked = await client.wait_for("pay", state="asked")
                assert (asked["text"], asked["purpose"]) == ("1 LIVE", "A hat")
                await host.treasurer.run(lambda: send(host.kernel, ADA, "transfer", SHOP, 10**18))
                await client.wait_for("toast", text="Paid: 1 LIVE")
                await client.wait_for("pay", state="paid")
                await client.wait_for("balance", wei=str(4 * 10**18))
                assert client.errors == []
            # The token was kept: the next start needs neither code nor wallet.
            args = ["--server", host.url, "--autopilot", "--quit-after", "60"]
            async with ClientDriver(engine, project, args, env=env) as client:
                assert (await client.wait_for("signed_in"))["player"] == welcome["player"]

    asyncio.run(scenario())
