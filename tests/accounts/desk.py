"""A running host whose pages have an address, and people with wallets who sign in as a browser would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from contracts.keys import PrivateKey, derive_key, sign_message
from contracts.siwe import parse
from host import pages
from host.kernel import Kernel
from host.serve import Host
from host.storage.tx import Tx
from tests.gateway.client import TestClient
from tests.hosting import hosting

ORIGIN = "http://127.0.0.1:7999"
HERE = {"browser": "b1", "source": "127.0.0.1"}
ADA = derive_key(b"for tests only".ljust(32), "ada")
EVE = derive_key(b"for tests only".ljust(32), "eve")
LIVE = 10**18


@asynccontextmanager
async def desk(data: Path, **settings: Any) -> AsyncIterator[Host]:
    """A host in service whose console is said to be at ORIGIN."""
    async with hosting(data, **settings) as host:
        pages.announce(host.kernel.config, ORIGIN)
        yield host


async def at_wallet(host: Host, name: str | None = None) -> tuple[TestClient, str]:
    """A client that wants to sign in with a wallet, and the code it shows."""
    client = await TestClient.connect(host.url)
    await client.send({"t": "hello", "v": 1, "client": "test", "name": name, "wallet": True})
    return client, str((await client.expect("sign_in"))["show"])


async def ask(client: TestClient) -> str:
    """A guest in the city asks for a code."""
    before = len(client.messages("sign_in"))
    await client.send({"t": "sign_in", "do": "ask"})
    await client.until(lambda: len(client.messages("sign_in")) > before)
    return str(client.messages("sign_in")[-1]["show"])


async def sign(host: Host, code: str, key: PrivateKey = ADA, **who: str) -> dict[str, Any]:
    """Type the code, connect and sign, as the page does."""
    where = HERE | who
    await host.wallets.look(code, **where)
    asked = await host.wallets.challenge(code, **where, address=key.address)
    assert parse(asked["message"]).address == key.address
    signature = sign_message(key, asked["message"].encode()).hex()
    return await host.wallets.answer(code, **where, signature=signature)


async def state(client: TestClient, wanted: str) -> dict[str, Any]:
    """The `sign_in` message of this state, when it comes."""
    return await client.expect("sign_in", lambda m: m["state"] == wanted)


def live_of(host: Host, address: str) -> int:
    return int(host.kernel.deployment.live.call(host.kernel.chain, "balanceOf", address))


def give(kernel: Kernel, to: str, amount: str = "12.5", tierra: tuple[int, ...] = ()) -> None:
    """The treasury's gift."""
    kernel.commands.pay(to, amount)
    for number in tierra:
        kernel.commands.grant(number, to)


def send(kernel: Kernel, key: PrivateKey, function: str, *arguments: Any) -> str:
    """A transaction of LIVE."""
    live, chain = kernel.deployment.live, kernel.chain
    signed = chain.sign(live.intent("test", key.address, function, *arguments), chain.nonce(key.address), key)
    return chain.broadcast([signed.raw])[0]


def guest_of(kernel: Kernel, name: str = "Gus") -> Any:
    def work(tx: Tx) -> Any:
        return kernel.accounts.create_guest(tx, name)

    return kernel.write(work)
