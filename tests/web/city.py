"""A data folder as a real host leaves it: people, land, releases, placements, claims that were paid on the chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.keys import derive_key
from host import notices
from host.accounts.models import CREATOR, PLAYER, Account
from host.config import Config
from host.economy import claims
from host.economy.models import ClaimRequest, Standing
from host.kernel import Kernel, open_kernel
from host.keyring import TREASURY
from host.packages import archive, signature
from host.placements.faults import FaultNote
from host.storage.tx import Tx
from tests.packages.making import KEYS, files, signed

EVIL = "<b onx=1>&\"'Eve"
EVIL_TITLE = '<script>alert(1)</script> & "co"'
ESCAPED = "&lt;b onx=1&gt;&amp;&#34;&#39;Eve"
HERE = Standing(enabled=True, granted=True, present=True, presence=60.0)
FAULT = FaultNote("sandbox.script_error", EVIL, 1000.0, 2000.0, 3, "init.lua", 7, EVIL, "", 1e6, 1_000_500.0)
LAND = 7
TENANT = derive_key(b"for tests only".ljust(32), "tenant").address
OWNER = derive_key(b"for tests only".ljust(32), "owner").address


def config(folder: Path) -> Config:
    return Config(data=folder, console_port=0)


def publish(kernel: Kernel, **changes: Any) -> int:
    """Hand in a package of ada's; its number."""
    return submit(kernel, signed(**changes))


def submit(kernel: Kernel, data: bytes) -> int:
    inspected = kernel.inspect(data)

    def work(tx: Tx) -> int:
        roles = frozenset({PLAYER, CREATOR})
        ada = kernel.accounts.ensure_account(tx, KEYS["ada"].address, "Ada", roles)
        return kernel.packages.submit(tx, ada.actor, inspected).id

    return kernel.write(work)


def evil_package(kernel: Kernel) -> int:
    """A release whose title tries to be markup and whose script the scan refuses."""
    made = files(id="ada/evil", lua="return os.execute('<img src=x>')")
    made["package.toml"] = made["package.toml"].replace(b'"Ring toss"', f"'{EVIL_TITLE}'".encode())
    return submit(kernel, archive.pack(signature.sign(archive.open_package(made), KEYS["ada"])))


def people(kernel: Kernel, count: int) -> list[Account]:
    return kernel.write(
        lambda tx: [kernel.accounts.create_guest(tx, EVIL if n == 0 else f"Guest {n}") for n in range(count)]
    )


def claim(kernel: Kernel, player: Account, number: int, amount: str = "2.5", session: str = "s1") -> int:
    request = ClaimRequest(1, session, number, "daily", player.id, player.address, amount)
    return kernel.write(lambda tx: claims.file(tx, request, HERE)).id


def settle(kernel: Kernel) -> None:
    kernel.follow()
    kernel.settlement.drain()
    kernel.follow()


def land(kernel: Kernel) -> None:
    """Sell a Tierra and a block, rent one out."""
    tierra, me = kernel.deployment.tierra, kernel.keys.address(TREASURY)
    send = kernel.commands._send
    kernel.commands.grant(40, OWNER)
    send("", tierra, "transferQuad", me, OWNER, 1, 64, False)
    send("", tierra, "setUser", 9, TENANT, 2**62)
    kernel.follow()


def fill(kernel: Kernel, accounts: int = 40) -> None:
    """Seed everything that the console shows."""
    first = publish(kernel)
    kernel.commands.approve(first)
    kernel.commands.enable(first, LAND, {}, {"daily": "100"})
    publish(kernel, version="1.1.0", required=["world.build", "match", "reward.claim", "chat.say"])
    evil_package(kernel)
    players = people(kernel, accounts)
    claim(kernel, players[0], 1)
    claim(kernel, players[1], 1, session="s2")
    settle(kernel)
    claim(kernel, players[2], 2)
    claim(kernel, players[3], 3, amount="9999")
    land(kernel)
    kernel.write(lambda tx: kernel.placements.note_faults(tx, 1, [FAULT]))
    kernel.write(lambda tx: notices.send(tx, OWNER, "placement:1", "placement.paused", EVIL))
    second = publish(kernel, id="ada/park", cells=[2, 2])
    kernel.commands.approve(second)
    kernel.commands.request(second, 0, {})


def seeded(folder: Path) -> Config:
    found = config(folder)
    with open_kernel(found) as kernel:
        fill(kernel)
    return found
