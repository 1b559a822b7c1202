"""The wallet pages against hostile visitors: foreign sites, wrong names, broken bodies; and the chain for wallets."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.chain import Intent
from contracts.signing import sign_intent
from host import pages
from host.config import Config
from host.errors import MallError
from host.web import wallet_words
from host.web.process import ConsoleProcess, start_console
from tests.accounts.desk import ADA, EVE, at_wallet, give, live_of
from tests.hosting import hosting
from tests.web.conftest import base

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}


class Visitor(httpx.Client):
    """A browser on the wallet pages."""

    def __init__(self, console: ConsoleProcess, **headers: str) -> None:
        self.home = base(console)
        super().__init__(
            base_url=self.home, trust_env=False, headers={"origin": self.home, **headers}, timeout=30
        )

    def proof(self) -> str:
        page = self.get("/wallet/sign-in").text
        found = re.search(r'name="proof" value="(\w+)"', page)
        assert found is not None
        return found[1]

    def type(self, code: str, **fields: str) -> httpx.Response:
        return self.post("/wallet/sign-in", data={"proof": self.proof(), "code": code, **fields})

    def api(self, verb: str, **fields: Any) -> httpx.Response:
        return self.post(f"/wallet/api/{verb}", json={"proof": self.proof(), "code": "BBBBBBBB", **fields})

    def rpc(self, method: str, *params: Any, **headers: str) -> httpx.Response:
        asked = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return self.post("/wallet/chain", json=asked, headers=headers)


@pytest.fixture
def guest(console: ConsoleProcess) -> Iterator[Visitor]:
    """A visitor without the operator's token."""
    with Visitor(console) as made:
        yield made


def test_the_pages_are_public_and_the_console_beside_them_stays_locked(guest: Visitor) -> None:
    assert guest.get("/wallet/sign-in").status_code == 200
    assert guest.get("/wallet/pay").status_code == 200
    assert guest.get("/wallet").status_code == 303
    for path in ("/", "/accounts", "/walletx", "/wallet/../accounts", "/audit"):
        assert guest.get(path).status_code == 401


def test_every_answer_forbids_inline_scripts_foreign_content_and_frames(guest: Visitor) -> None:
    for path in (
        "/wallet/sign-in",
        "/wallet/static/wallet.js",
        "/wallet/nothing",
        "/wallet/static/wallet.css",
    ):
        answer = guest.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
    page = guest.get("/wallet/sign-in").text
    assert "<script>" not in page
    assert " style=" not in page
    assert "http" not in re.sub(r"http-equiv", "", page)


def test_the_cookie_is_of_no_use_to_scripts_and_other_sites(guest: Visitor) -> None:
    cookie = guest.get("/wallet/sign-in").headers["set-cookie"]
    for word in ("HttpOnly", "SameSite=strict", "Path=/wallet"):
        assert word in cookie


@pytest.mark.parametrize("host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", "a@127.0.0.1", ""])
def test_under_another_name_there_is_only_the_right_address(guest: Visitor, host: str) -> None:
    answer = guest.get("/wallet/sign-in", headers={"host": host})
    assert answer.status_code == 421
    assert f'href="{guest.home}/wallet/sign-in"' in answer.text
    assert "<form" not in answer.text


def test_another_site_cannot_post(guest: Visitor) -> None:
    proof = guest.proof()
    for origin in ("https://evil.example", "null", ""):
        headers = {"origin": origin, **FORM}
        answer = guest.post("/wallet/sign-in", headers=headers, content=f"proof={proof}&code=BBBBBBBB")
        assert answer.status_code == 403
        sent = guest.post(
            "/wallet/api/state", headers={"origin": origin}, json={"proof": proof, "code": "BBBBBBBB"}
        )
        assert (sent.status_code, sent.json()["code"]) == (403, "wallet.foreign")


def test_a_page_of_another_browser_is_not_taken(console: ConsoleProcess, guest: Visitor) -> None:
    with Visitor(console) as other:
        stolen = other.proof()
    guest.proof()
    for proof in (stolen, "", "0" * 64):
        answer = guest.post("/wallet/api/state", json={"proof": proof, "code": "BBBBBBBB"})
        assert (answer.status_code, answer.json()["code"]) == (403, "wallet.reload")


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/json", b"{"), ("application/json", b"[]"), ("application/json", b"1"),
     ("application/json", b'{"code": 5}'), ("application/json", b'{"code": {"a": 1}}'),
     ("application/json", b"\xff\xfe"), ("application/json", b"[" * 100_000), ("text/plain", b"{}"),
     ("application/json", b'{"code": "' + b"x" * 40_000 + b'"}'), ("", b"{}")],
)  # fmt: skip
def test_bodies_that_cannot_be_read_are_refused(guest: Visitor, kind: str, body: bytes) -> None:
    answer = guest.post("/wallet/api/state", headers={"content-type": kind}, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "wallet.bad_request")


def test_fields_of_a_page_reach_no_other_argument(guest: Visitor) -> None:
    names = ("path", "verb", "timeout", "browser", "source", "self")
    body = {"proof": guest.proof(), "code": "BBBBBBBB", **dict.fromkeys(names, "x")}
    answer = guest.post("/wallet/api/state", json=body)
    assert answer.json()["code"] in ("control.lost", "wallet.no_code")


def test_without_a_host_the_page_says_so(guest: Visitor) -> None:
    answer = guest.type("BBBBBBBB")
    assert answer.status_code == 200
    assert "The host does not answer" in answer.text
    assert guest.api("state").status_code == 503


def test_the_code_in_a_link_fills_in_nothing(guest: Visitor) -> None:
    for path in ("/wallet/sign-in?code=BCDFGHJK", "/wallet/sign-in?lang=en&code=BCDFGHJK#BCDFGHJK"):
        assert "BCDFGHJK" not in guest.get(path).text


def test_the_words_are_there_in_each_language(guest: Visitor) -> None:
    for lang, word in (("en", "Enter the code"), ("es", "Escribe el código"), ("zh", "输入代码")):
        assert word in guest.get("/wallet/sign-in", headers={"accept-language": f"{lang}-XX,fr;q=0.5"}).text
        assert word in guest.get(f"/wallet/sign-in?lang={lang}", headers={"accept-language": "de"}).text
    assert (
        'lang="en"' in guest.get("/wallet/sign-in?lang=%22><b>", headers={"accept-language": "%$,;;q=x"}).text
    )
    keys = {lang: set(wallet_words.words(lang)) for lang in wallet_words.LANGUAGES}
    assert keys["en"] == keys["es"] == keys["zh"]
    assert all(all(wallet_words.words(lang).values()) for lang in wallet_words.LANGUAGES)


def test_only_what_pages_do_is_possible(guest: Visitor) -> None:
    tried = {
        "/wallet/sign-in": "DELETE", "/wallet/pay": "PUT", "/wallet/api/state": "GET", "/wallet/api/ask": "POST",
        "/wallet/api/look": "POST", "/wallet/chain": "GET",
    }  # fmt: skip
    for path, method in tried.items():
        assert guest.request(method, path).status_code in (404, 405)


# the chain for wallets on this machine


def test_reads_of_the_chain_are_answered(guest: Visitor) -> None:
    assert guest.rpc("eth_chainId").json() == {"jsonrpc": "2.0", "id": 7, "result": "0x539"}
    block = int(guest.rpc("eth_blockNumber").json()["result"], 16)
    assert block > 0
    assert guest.rpc("eth_getBlockByNumber", hex(block), False).json()["result"]["number"] == hex(block)


@pytest.mark.parametrize(
    "method",
    ["evm_mine", "evm_increaseTime", "eth_sendTransaction", "eth_getLogs", "personal_sign", "__class__", ""],
)
def test_other_methods_are_not_offered(guest: Visitor, method: str) -> None:
    assert guest.rpc(method).json()["error"]["code"] == -32601


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'[{"method":"eth_chainId"}]', b'{"method":5}', b'{"method":"eth_call","params":{}}',
     b'{"method":"eth_call","params":[]}', b'{"method":"eth_call","params":[5,6]}', b"\xff",
     b'{"method":"eth_getBalance","params":["0x00"]}', b'{"method":"eth_sendRawTransaction","params":["0xzz"]}',
     b'{"method":"eth_sendRawTransaction","params":[["0x00"]]}', b'{"method":"eth_sendRawTransaction","params":[]}',
     b'{"method":"eth_getBlockByNumber","params":["0xffffffffffffffffffffffff"]}', b"x" * 70_000, b"[" * 60_000],
)  # fmt: skip
def test_a_request_that_is_none_is_an_error_and_no_failure(guest: Visitor, body: bytes) -> None:
    answer = guest.post("/wallet/chain", headers=JSON, content=body)
    assert answer.status_code in (200, 400)
    assert "error" in answer.json()


def test_only_this_machine_and_no_foreign_page_is_answered(guest: Visitor) -> None:
    assert guest.rpc("eth_chainId", **{"x-forwarded-for": "203.0.113.7"}).status_code == 403
    plain = guest.post(
        "/wallet/chain", headers={"content-type": "text/plain"}, content=b'{"method":"eth_chainId"}'
    )
    assert plain.status_code == 403
    asked = guest.request("OPTIONS", "/wallet/chain", headers={"access-control-request-method": "POST"})
    assert "access-control-allow-origin" not in asked.headers


def test_a_signed_transaction_reaches_the_running_host(data: Path) -> None:
    async def scenario() -> None:
        async with hosting(data) as host:
            await host.treasurer.run(lambda: give(host.kernel, ADA.address, "2"))
            console = await asyncio.to_thread(start_console, host.kernel.config)
            live = host.kernel.deployment.live
            intent = Intent("t", ADA.address, live.address, live.encode("transfer", EVE.address, 10**18))
            signed = sign_intent(intent, 0, ADA, chain_id=1337, gas=200_000, fee=0, tip=0)

            def send() -> Any:
                with Visitor(console) as guest:
                    before = guest.rpc("eth_getTransactionCount", ADA.address, "latest").json()
                    sent = guest.rpc("eth_sendRawTransaction", "0x" + signed.raw.hex()).json()
                    again = guest.rpc("eth_sendRawTransaction", "0x" + signed.raw.hex()).json()
                    receipt = guest.rpc("eth_getTransactionReceipt", signed.tx_hash).json()
                    after = guest.rpc("eth_getTransactionCount", ADA.address, "latest").json()
                    return (
                        before["result"],
                        sent["result"],
                        again["result"],
                        receipt["result"]["status"],
                        after["result"],
                    )

            try:
                found = await asyncio.to_thread(send)
                assert found == ("0x0", signed.tx_hash, signed.tx_hash, "0x1", "0x1")
                assert live_of(host, EVE.address) == 10**18
            finally:
                await asyncio.to_thread(console.stop)

    asyncio.run(scenario())


def test_guessing_on_the_page_is_paced_and_the_right_code_is_shown_to_its_browser_only(data: Path) -> None:
    async def scenario() -> None:
        async with hosting(data) as host:
            console = await asyncio.to_thread(start_console, host.kernel.config)
            client, code = await at_wallet(host, "<b>Ada")

            def visit() -> None:
                with Visitor(console) as guest, Visitor(console) as other:
                    page = guest.type(code).text
                    assert "&lt;b&gt;Ada" in page
                    assert code in page
                    found = re.search(r'data-page="([^"]*)"', page)
                    assert found is not None
                    assert json.loads(found[1].replace("&#34;", '"'))["kind"] == "sign_in"
                    assert "another browser" in other.type(code).text
                    assert (
                        other.api("challenge", code=code, address=EVE.address).json()["code"]
                        == "wallet.other_browser"
                    )
                    for _ in range(10):
                        assert other.api("state").json()["code"] == "wallet.no_code"
                    assert other.api("state", code=code).json()["code"] == "wallet.too_many_tries"

            try:
                await asyncio.to_thread(visit)
            finally:
                await client.close()
                await asyncio.to_thread(console.stop)

    asyncio.run(scenario())


def test_where_the_pages_are_is_known_while_the_console_runs(data: Path) -> None:
    config = Config(data=data, console_port=0)
    console = start_console(config)
    assert pages.place(config) == (base(console), base(console).removeprefix("http://"))
    console.stop()
    with pytest.raises(MallError, match=r"wallet\.no_page"):
        pages.place(config)


def test_the_operators_own_address_goes_first(tmp_path: Path) -> None:
    config = Config(data=tmp_path, public_url="https://Mall.example/")
    pages.announce(config, "http://127.0.0.1:7778")
    assert pages.place(config) == ("https://mall.example", "mall.example")
