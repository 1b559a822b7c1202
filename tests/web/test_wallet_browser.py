"""Signing in and paying in a real Chromium, with a provider in the page and a real host on its embedded chain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts import typed
from contracts.keys import derive_key
from host.accounts import payments
from host.accounts.payments import Wanted
from host.serve import Host
from host.web.process import start_console
from tests.accounts.desk import ADA, EVE, at_wallet, give, live_of, state
from tests.gateway.client import TestClient
from tests.hosting import hosting
from tests.web.browser import Wallet, browser, shoot, type_code

SHOP = derive_key(b"for tests only".ljust(32), "shop").address
LIVE = 10**18


@asynccontextmanager
async def city(data: Path) -> AsyncIterator[Host]:
    """A host in service with its console beside it."""
    async with hosting(data) as host:
        console = await asyncio.to_thread(start_console, host.kernel.config)
        try:
            yield host
        finally:
            await asyncio.to_thread(console.stop)


async def ada_in(host: Host) -> TestClient:
    """Ada, signed in with her own wallet, with 20 LIVE."""
    from tests.accounts.desk import sign

    client, code = await at_wallet(host, "Ada")
    await sign(host, code)
    await client.send({"t": "sign_in", "do": "yes"})
    client.welcome = await client.expect("welcome")
    await host.treasurer.run(lambda: give(host.kernel, ADA.address, "20"))
    return client


@pytest.mark.parametrize("mode", ["announced", "injected"])
def test_a_person_signs_in_with_the_wallet_of_the_browser(data: Path, tmp_path: Path, mode: str) -> None:
    async def scenario() -> None:
        wallet = Wallet(ADA)
        async with city(data) as host, browser(wallet, mode) as page:
            client, code = await at_wallet(host, "Ada")
            url = client.messages("sign_in")[0]["url"]
            await type_code(page, url, code)
            await shoot(page, tmp_path, f"sign_in_{mode}")
            assert await page.locator(".shown").inner_text() == code
            assert "Ada" in await page.locator("dl").inner_text()
            button = page.locator("#wallets button")
            assert await button.inner_text() == (
                "<b>Test</b> wallet" if mode == "announced" else "Browser wallet"
            )
            await state(client, "opened")
            await button.focus()
            await page.keyboard.press("Enter")
            asked = await state(client, "confirm")
            assert asked["wallet"] == ADA.address
            await page.get_by_text("say yes to").wait_for()
            await shoot(page, tmp_path, f"confirm_{mode}")
            assert not client.messages("welcome")
            await client.send({"t": "sign_in", "do": "yes"})
            assert (await client.expect("welcome"))["wallet"] == ADA.address
            await page.get_by_text("you are signed in").wait_for()
            await shoot(page, tmp_path, f"done_{mode}")
            assert [method for method, _ in wallet.asked] == ["eth_requestAccounts", "personal_sign"]
            await client.close()

    asyncio.run(scenario())


def test_a_person_pays_what_the_game_asks_for(data: Path, tmp_path: Path) -> None:
    async def scenario() -> None:
        wallet = Wallet(ADA, chain="0x1")
        async with city(data) as host, browser(wallet) as page:
            ada = await ada_in(host)
            made = await host.wallets.ask_payment(
                Wanted("k1", ada.player, "", SHOP, 25 * LIVE // 10, "A red hat")
            )
            asked = await ada.expect("pay")
            assert (asked["text"], asked["purpose"], asked["to"]) == ("2.5 LIVE", "A red hat", SHOP)
            await type_code(page, asked["url"], asked["show"])
            shown = await page.locator("main").inner_text()
            for words in ("2.5 LIVE", SHOP, ADA.address, "A red hat", "1337"):
                assert words in shown
            await shoot(page, tmp_path, "pay")
            await page.locator("#wallets button").click()
            await page.get_by_text("Paid. The game knows").wait_for()
            await shoot(page, tmp_path, "paid")
            paid = await ada.expect("pay", lambda m: m["state"] == "paid")
            assert live_of(host, SHOP) == 25 * LIVE // 10
            found = payments.get(host.kernel.rows, made.id)
            receipt = host.kernel.chain.receipt(found.tx)
            assert (found.state, paid["tx"]) == ("paid", found.tx)
            assert receipt is not None
            assert receipt.status == 1
            methods = [method for method, _ in wallet.asked]
            assert methods[1:4] == ["eth_chainId", "wallet_switchEthereumChain", "wallet_addEthereumChain"]
            assert methods.count("eth_sendTransaction") == 1
            await ada.close()

    asyncio.run(scenario())


def test_a_person_signs_an_order(data: Path, tmp_path: Path) -> None:
    async def scenario() -> None:
        wallet = Wallet(ADA)
        async with city(data) as host, browser(wallet) as page:
            ada = await ada_in(host)
            domain = typed.Domain("Market", "1", 1337, SHOP)
            types: typed.Types = {"Order": (("maker", "address"), ("price", "uint96"), ("note", "string"))}
            order = typed.Typed(
                domain, types, "Order", {"maker": ADA.address, "price": 2**90, "note": "<i>hat</i>"}
            )
            made = await host.wallets.ask_payment(Wanted("k2", ada.player, "", SHOP, 0, "Sell a hat", order))
            asked = await ada.expect("pay")
            await type_code(page, asked["url"], asked["show"])
            assert "<i>hat</i>" in await page.locator("main").inner_text()
            await shoot(page, tmp_path, "sign")
            await page.locator("#wallets button").click()
            await page.get_by_text("Signed. The game knows").wait_for()
            found = payments.get(host.kernel.rows, made.id)
            assert found.state == "signed"
            assert typed.verify(ADA.address, order.digest, found.signature, host.kernel.chain)
            await ada.close()

    asyncio.run(scenario())


def test_no_and_the_wrong_account_change_nothing_and_can_be_tried_again(data: Path, tmp_path: Path) -> None:
    async def scenario() -> None:
        wallet = Wallet(EVE, chain="0x1", no_to="eth_sendTransaction")
        async with city(data) as host, browser(wallet) as page:
            ada = await ada_in(host)
            await host.wallets.ask_payment(Wanted("k3", ada.player, "", SHOP, LIVE, "A hat"))
            asked = await ada.expect("pay")
            await type_code(page, asked["url"], asked["show"])
            await page.locator("#wallets button").click()
            await page.get_by_text("Choose that account").wait_for()
            wallet.key = ADA
            await page.locator("#wallets button").click()
            await page.get_by_text("The wallet was told no").wait_for()
            await shoot(page, tmp_path, "told_no")
            assert live_of(host, SHOP) == 0
            wallet.no_to = ""
            await page.locator("#wallets button").click()
            await page.get_by_text("Paid. The game knows").wait_for()
            await ada.close()

    asyncio.run(scenario())


LOOKS = {
    "wide": {"viewport": {"width": 1280, "height": 800}},
    "narrow": {"viewport": {"width": 360, "height": 720}, "locale": "es-ES"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark", "locale": "zh-CN"},
    "narrow_dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
}


def test_the_pages_fit_every_width_scheme_and_language(data: Path, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with city(data) as host:
            ada = await ada_in(host)
            await host.wallets.ask_payment(
                Wanted("k4", ada.player, "", SHOP, 12_345 * LIVE, "Rent of Tierra 4,711")
            )
            asked = await ada.expect("pay")
            for name, look in LOOKS.items():
                async with browser(Wallet(ADA), **look) as page:
                    await page.goto(asked["url"])
                    await shoot(page, tmp_path, f"code_{name}")
                    await type_code(page, asked["url"], "BBBBBBBB")
                    assert await page.locator("[role=alert]").count() == 1
                    await shoot(page, tmp_path, f"wrong_{name}")
                    await type_code(page, asked["url"], asked["show"])
                    await page.locator("#wallets button").wait_for()
                    await shoot(page, tmp_path, f"bill_{name}")
                    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert wide <= 0, f"{name} scrolls sideways by {wide} px"
                    lang = await page.evaluate("document.documentElement.lang")
                    assert lang == str(look.get("locale", "en"))[:2]
            await ada.close()

    asyncio.run(scenario())


def test_a_browser_without_a_wallet_says_so(data: Path, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with city(data) as host, browser() as page:
            client, code = await at_wallet(host)
            await type_code(page, client.messages("sign_in")[0]["url"], code)
            await page.get_by_text("No wallet was found").wait_for()
            await shoot(page, tmp_path, "no_wallet")
            await client.close()

    asyncio.run(scenario())


def test_another_browser_with_the_same_code_is_kept_out(data: Path) -> None:
    async def scenario() -> None:
        async with city(data) as host, browser(Wallet(ADA)) as page, browser(Wallet(EVE)) as other:
            client, code = await at_wallet(host)
            url = client.messages("sign_in")[0]["url"]
            await type_code(page, url, code)
            await type_code(other, url, code)
            await other.get_by_text("typed in another browser").wait_for()
            assert await other.locator("#wallets").count() == 0
            await client.close()

    asyncio.run(scenario())
