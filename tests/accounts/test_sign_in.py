"""Signing in with an own wallet on a real host: who gets in, and who does not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import ChainError
from contracts.keys import sign_message
from contracts.siwe import parse
from host.accounts import store
from host.accounts.signin import LIFE_S, TRIES
from host.errors import MallError
from host.serve import Host
from tests.accounts.desk import ADA, EVE, HERE, ORIGIN, ask, at_wallet, desk, give, live_of, sign, state
from tests.contracts.wallets import LIAR, YES, install
from tests.gateway.client import TestClient


async def refusal(call: Any) -> str:
    with pytest.raises((MallError, ChainError)) as refused:
        await call
    return str(refused.value.code)


def test_a_wallet_that_signs_and_is_confirmed_in_the_game_is_signed_in_on_its_socket(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host, "Ada")
            first = client.messages("sign_in")[0]
            assert first["url"] == f"{ORIGIN}/wallet/sign-in"
            assert code.replace("-", "") not in first["url"]
            await sign(host, code.lower())
            asked = await state(client, "confirm")
            assert asked["wallet"] == ADA.address
            assert not client.messages("welcome")
            await client.send({"t": "sign_in", "do": "yes"})
            welcome = await client.expect("welcome")
            assert (welcome["wallet"], welcome["guest"], welcome["name"]) == (ADA.address, False, "Ada")
            async with await TestClient.join(host.url, token=welcome["token"]) as again:
                assert again.welcome["player"] == welcome["player"]
            await client.close()

    asyncio.run(scenario())


def test_the_message_names_host_code_chain_and_end(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await host.wallets.look(code, **HERE)
            text = (await host.wallets.challenge(code, **HERE, address=ADA.address))["message"]
            message = parse(text)
            assert (message.domain, message.uri) == ("127.0.0.1:7999", f"{ORIGIN}/wallet/sign-in")
            assert (message.chain_id, message.request_id) == (host.kernel.chain.chain_id, code)
            assert code in message.statement
            assert message.expires_at is not None
            assert message.expires_at - message.issued_at <= LIFE_S
            await client.close()

    asyncio.run(scenario())


def test_without_a_yes_in_the_game_nobody_is_signed_in(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await sign(host, code, EVE)  # who read the code off the screen
            await state(client, "confirm")
            await client.send({"t": "sign_in", "do": "no"})
            assert (await state(client, "over"))["code"] == "wallet.declined"
            assert (await client.expect("bye"))["code"] == "wallet.declined"
            await client.closed()
            assert store.by_address(host.kernel.rows, EVE.address) is None

    asyncio.run(scenario())


def test_yes_before_the_wallet_signed_is_refused(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, _ = await at_wallet(host)
            await client.send({"t": "sign_in", "do": "yes"})
            assert (await client.expect("error"))["code"] == "wallet.not_now"
            assert not client.messages("welcome")
            await client.close()

    asyncio.run(scenario())


def test_a_signature_is_good_once_and_only_for_its_own_code(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            one, first = await at_wallet(host)
            two, second = await at_wallet(host)
            await host.wallets.look(first, **HERE)
            await host.wallets.look(second, **HERE)
            text = (await host.wallets.challenge(first, **HERE, address=ADA.address))["message"]
            await host.wallets.challenge(second, **HERE, address=ADA.address)
            signature = sign_message(ADA, text.encode()).hex()
            # The code of another connection, whose nonce is another one.
            assert (
                await refusal(host.wallets.answer(second, **HERE, signature=signature))
                == "siwe.bad_signature"
            )
            await host.wallets.answer(first, **HERE, signature=signature)
            # Replayed.
            assert await refusal(host.wallets.answer(first, **HERE, signature=signature)) == "wallet.not_now"
            assert (
                await refusal(host.wallets.challenge(first, **HERE, address=ADA.address)) == "wallet.not_now"
            )
            await one.send({"t": "sign_in", "do": "yes"})
            assert (await one.expect("welcome"))["wallet"] == ADA.address
            assert not two.messages("welcome")
            await one.close()
            await two.close()

    asyncio.run(scenario())


def test_a_challenge_that_was_replaced_or_never_made_is_not_answered(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await host.wallets.look(code, **HERE)
            assert await refusal(host.wallets.answer(code, **HERE, signature="00")) == "wallet.not_now"
            old = (await host.wallets.challenge(code, **HERE, address=ADA.address))["message"]
            await host.wallets.challenge(code, **HERE, address=ADA.address)
            signature = sign_message(ADA, old.encode()).hex()
            assert (
                await refusal(host.wallets.answer(code, **HERE, signature=signature)) == "siwe.bad_signature"
            )
            await client.close()

    asyncio.run(scenario())


def test_a_challenge_takes_one_answer_right_or_wrong(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await host.wallets.look(code, **HERE)
            text = (await host.wallets.challenge(code, **HERE, address=ADA.address))["message"]
            wrong, right = (sign_message(key, text.encode()).hex() for key in (EVE, ADA))
            assert await refusal(host.wallets.answer(code, **HERE, signature=wrong)) == "siwe.bad_signature"
            assert await refusal(host.wallets.answer(code, **HERE, signature=right)) == "wallet.not_now"
            await client.close()

    asyncio.run(scenario())


def test_only_the_browser_that_typed_the_code_goes_on(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await host.wallets.look(code, **HERE)
            other = HERE | {"browser": "b2"}
            calls = (
                host.wallets.look(code, **other),
                host.wallets.challenge(code, **other, address=ADA.address),
                host.wallets.state(code, **other),
                host.wallets.answer(code, **other, signature="00"),
            )
            for call in calls:
                assert await refusal(call) == "wallet.other_browser"
            await client.close()

    asyncio.run(scenario())


def test_signatures_that_do_not_fit_end_the_code(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await host.wallets.look(code, **HERE)
            for given in ["", "zz", "00" * 65, "ff" * 5000, sign_message(EVE, b"x").hex()][:TRIES]:
                await host.wallets.challenge(code, **HERE, address=ADA.address)
                assert await refusal(host.wallets.answer(code, **HERE, signature=given)) in (
                    "siwe.bad_signature", "control.bad_arguments",
                )  # fmt: skip
            assert (await client.expect("bye"))["code"] == "wallet.over"
            assert await refusal(host.wallets.look(code, **HERE)) == "wallet.over"
            await client.closed()

    asyncio.run(scenario())


@pytest.mark.parametrize(("wallet", "enters"), [(YES, True), (LIAR, False)])
def test_a_contract_wallet_is_asked_on_the_chain(data: Path, wallet: str, enters: bool) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            address = await host.treasurer.run(lambda: install(host.kernel.chain, wallet))
            client, code = await at_wallet(host, "Safe")
            await host.wallets.look(code, **HERE)
            await host.wallets.challenge(code, **HERE, address=address)
            call = host.wallets.answer(code, **HERE, signature="01")
            if enters:
                assert (await call)["wallet"] == address
                await client.send({"t": "sign_in", "do": "yes"})
                assert (await client.expect("welcome"))["wallet"] == address
            else:
                assert await refusal(call) == "siwe.bad_signature"
            await client.close()

    asyncio.run(scenario())


def test_a_code_ends_with_the_connection_that_asked(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host)
            await client.close()
            async with await TestClient.join(host.url):  # the host has seen the other go by then
                assert await refusal(host.wallets.look(code, **HERE)) == "wallet.no_code"

    asyncio.run(scenario())


def test_a_guest_takes_account_land_and_live_along(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host, await TestClient.join(host.url, "Gus") as guest:
            old = guest.welcome["wallet"]
            await host.treasurer.run(lambda: give(host.kernel, old, "12.5", (40, 41)))
            code = await ask(guest)
            seen = await host.wallets.look(code, **HERE)
            assert (seen["name"], seen["brings"]) == ("Gus", {"live": "12.5 LIVE", "titles": 2})
            await sign(host, code)
            await state(guest, "confirm")
            await guest.send({"t": "sign_in", "do": "yes"})
            assert "token" not in await state(guest, "done")
            await guest.expect("balance", lambda m: m["wei"] == str(125 * 10**17))
            await moved(host)
            assert (await host.execute("status", {}))["wallet_moves"] == []
            account = host.kernel.accounts.get(host.kernel.rows, guest.player)
            assert (account.address, account.guest, account.wallet) == (ADA.address, False, "")
            assert live_of(host, ADA.address) == 125 * 10**17
            for number in (40, 41):
                owner = host.kernel.deployment.tierra.call(host.kernel.chain, "ownerOf", number)
                assert owner == ADA.address
            assert host.gateway.player(guest.player) is not None
            assert host.gateway.player(guest.player).wallet == ADA.address  # type: ignore[union-attr]
            async with await TestClient.join(host.url, token=guest.welcome["token"]) as again:
                assert again.welcome["wallet"] == ADA.address
                await again.send({"t": "sign_in", "do": "ask"})
                assert (await again.expect("error"))["code"] == "wallet.no_guest"

    asyncio.run(scenario())


async def moved(host: Host) -> None:
    """Wait until no wallet is on its way."""
    for _ in range(100):
        if not host.kernel.rows.value("select count(*) from wallet_moves where state = 'open'"):
            return
        await host.treasurer.run(host.kernel.tend)
    raise AssertionError(host.kernel.rows.value("select reason from wallet_moves"))


def test_a_guest_whose_wallet_has_an_account_goes_on_with_that_one(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            client, code = await at_wallet(host, "Ada")
            await sign(host, code)
            await client.send({"t": "sign_in", "do": "yes"})
            ada = await client.expect("welcome")
            await client.close()
            async with await TestClient.join(host.url, "Gus") as guest:
                await host.treasurer.run(lambda: give(host.kernel, guest.welcome["wallet"], "3"))
                await sign(host, await ask(guest))
                await guest.send({"t": "sign_in", "do": "yes"})
                done = await state(guest, "done")
                bye = await guest.expect("bye")
                assert (bye["code"], bye["retry"]) == ("account.moved", True)
                await moved(host)
                assert live_of(host, ADA.address) == 3 * 10**18
                async with await TestClient.join(host.url, token=done["token"]) as again:
                    assert again.welcome["player"] == ada["player"]
                back = await TestClient.connect(host.url)
                await back.hello(token=guest.welcome["token"])
                assert (await back.expect("bye"))["code"] == "account.bad_token"
                await back.close()

    asyncio.run(scenario())


def test_a_guest_who_left_before_saying_yes_keeps_everything(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host:
            async with await TestClient.join(host.url, "Gus") as guest:
                await sign(host, await ask(guest), EVE)
            async with await TestClient.join(host.url, token=guest.welcome["token"]) as again:
                assert again.welcome["guest"] is True
                await again.send({"t": "sign_in", "do": "yes"})
                assert (await again.expect("error"))["code"] == "wallet.not_now"
                assert host.kernel.rows.value("select count(*) from wallet_moves") == 0

    asyncio.run(scenario())


def test_without_pages_the_client_is_told_so(data: Path) -> None:
    from tests.hosting import hosting

    async def scenario() -> None:
        async with hosting(data) as host, await TestClient.join(host.url) as guest:
            await guest.send({"t": "sign_in", "do": "ask"})
            assert (await guest.expect("error"))["code"] == "wallet.no_page"

    asyncio.run(scenario())


def test_codes_are_asked_for_at_a_pace(data: Path) -> None:
    async def scenario() -> None:
        async with desk(data) as host, await TestClient.join(host.url) as guest:
            for _ in range(9):
                await guest.send({"t": "sign_in", "do": "ask"})
            assert (await guest.expect("error"))["code"] == "wallet.too_fast"
            assert len({m["show"] for m in guest.messages("sign_in")}) == 8

    asyncio.run(scenario())
