"""How many guests one network may make, and whose address counts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from host.accounts.pace import MOST, Paces, client_address, network
from host.lobby import GUESTS
from tests.gateway.client import TestClient
from tests.hosting import hosting


async def join_from(url: str, address: str) -> tuple[str, str]:
    """Say hello through a proxy on this machine; the answer's kind and code."""
    async with connect(url, additional_headers={"X-Forwarded-For": address}, compression=None) as socket:
        await socket.send(json.dumps({"t": "hello", "v": 1, "client": "test"}))
        answer = json.loads(await socket.recv())
    return answer["t"], answer.get("code", "")


def test_one_network_makes_so_many_guests_and_another_goes_on(data: Path) -> None:
    async def scenario() -> None:
        async with hosting(data) as host:
            for number in range(int(GUESTS[1])):
                # Whoever is behind the proxy may write what it likes before the proxy's own entry.
                assert await join_from(host.url, f"10.0.0.{number}, 203.0.113.7") == ("welcome", "")
            assert await join_from(host.url, "203.0.113.7") == ("bye", "account.too_many_guests")
            assert await join_from(host.url, "203.0.113.8") == ("welcome", "")
            async with await TestClient.join(host.url):  # this machine itself has no limit
                pass

    asyncio.run(scenario())


def test_who_has_a_token_comes_in_from_a_network_that_is_full(data: Path) -> None:
    async def scenario() -> None:
        async with hosting(data) as host:
            async with await TestClient.join(host.url) as known:
                token = known.welcome["token"]
            for _ in range(int(GUESTS[1]) + 1):
                await join_from(host.url, "203.0.113.7")
            headers = {"X-Forwarded-For": "203.0.113.7"}
            async with connect(host.url, additional_headers=headers, compression=None) as socket:
                await socket.send(json.dumps({"t": "hello", "v": 1, "client": "test", "token": token}))
                assert json.loads(await socket.recv())["t"] == "welcome"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("address", "known_as"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("::ffff:203.0.113.7", "203.0.113.7"),
     ("127.0.0.1", ""), ("::1", ""), ("::ffff:127.0.0.1", ""), ("", ""), ("unknown", ""), ("203.0.113.7:80", "")],
)  # fmt: skip
def test_a_network_is_one_address_or_the_64_of_ipv6(address: str, known_as: str) -> None:
    assert network(address) == known_as


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [("127.0.0.1", "203.0.113.7", "203.0.113.7"), ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),
     ("198.51.100.2", "203.0.113.7", "198.51.100.2"), ("127.0.0.1", "", "127.0.0.1"),
     ("127.0.0.1", "junk", "127.0.0.1"), ("::1", "203.0.113.7", "203.0.113.7")],
)  # fmt: skip
def test_only_a_proxy_on_this_machine_is_believed(peer: str, forwarded: str, counts: str) -> None:
    assert client_address(peer, forwarded) == counts


def test_addresses_that_were_quiet_longest_are_forgotten() -> None:
    paces = Paces(0.0, 1.0)
    assert paces.take("first", 0.0)
    assert not paces.take("first", 0.0)
    for number in range(MOST):
        paces.take(str(number), 0.0)
    assert paces.take("first", 0.0)
