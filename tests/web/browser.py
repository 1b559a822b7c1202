"""A real Chromium with a wallet of the test's own in its pages."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from eth_account import Account
from playwright.async_api import BrowserContext, Page, async_playwright

from contracts.chain import Intent
from contracts.keys import PrivateKey, sign_message
from contracts.signing import sign_intent

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
INJECTED = """
(() => {
  const request = async ({ method, params }) => {
    const answer = await window.mallTestWallet(method, params ?? []);
    if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.result;
  };
  const provider = { request, on() {}, removeListener() {} };
  const MODE = "%s";
  if (MODE === "injected") window.ethereum = provider;
  if (MODE === "announced") {
    const info = { uuid: "350670db-19fa-4704-a166-e52e178b59d2", name: "<b>Test</b> wallet", rdns: "test.wallet" };
    const announce = () => window.dispatchEvent(
      new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info, provider }) }));
    window.addEventListener("eip6963:requestProvider", announce);
    announce();
  }
})();
"""


@dataclass
class Wallet:
    """What signs behind the page. It sends its transactions through the page's own JSON-RPC."""

    key: PrivateKey
    chain: str = "0x539"
    rpc: str = ""
    no_to: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)

    async def answer(self, source: Any, method: str, params: list[Any]) -> dict[str, Any]:
        self.asked.append((method, params))
        if method == self.no_to:
            return {"error": {"code": 4001, "message": "User rejected the request."}}
        return await getattr(self, f"do_{method}")(*params)

    async def do_eth_requestAccounts(self) -> dict[str, Any]:
        return {"result": [self.key.address.lower()]}

    async def do_eth_chainId(self) -> dict[str, Any]:
        return {"result": self.chain}

    async def do_wallet_switchEthereumChain(self, wanted: dict[str, str]) -> dict[str, Any]:
        return {"error": {"code": 4902, "message": "Unrecognized chain ID."}}

    async def do_wallet_addEthereumChain(self, chain: dict[str, Any]) -> dict[str, Any]:
        self.rpc, self.chain = chain["rpcUrls"][0], chain["chainId"]
        return {"result": None}

    async def do_personal_sign(self, message: str, address: str) -> dict[str, Any]:
        return {"result": "0x" + sign_message(self.key, bytes.fromhex(message[2:])).hex()}

    async def do_eth_signTypedData_v4(self, address: str, typed: str) -> dict[str, Any]:
        signed = Account.sign_typed_data(self.key.reveal(), full_message=json.loads(typed))
        return {"result": "0x" + bytes(signed.signature).hex()}

    async def do_eth_sendTransaction(self, request: dict[str, str]) -> dict[str, Any]:
        nonce = int(await self.call("eth_getTransactionCount", request["from"], "latest"), 16)
        intent = Intent("pay", self.key.address, request["to"], bytes.fromhex(request["data"][2:]))
        signed = sign_intent(
            intent, nonce, self.key, chain_id=int(request["chainId"], 16), gas=200_000, fee=0, tip=0
        )
        return {"result": await self.call("eth_sendRawTransaction", "0x" + signed.raw.hex())}

    async def call(self, method: str, *params: Any) -> Any:
        async with httpx.AsyncClient(trust_env=False) as client:
            asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            answer = (await client.post(self.rpc, json=asked, timeout=30)).json()
        return answer["result"]


@asynccontextmanager
async def browser(
    wallet: Wallet | None = None, mode: str = "announced", **context: Any
) -> AsyncIterator[Page]:
    """A page in a browser of its own; whatever it logs as an error, or asks of another host, fails the test."""
    assert CHROMIUM is not None, "no Chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        made: BrowserContext = await running.new_context(**context)
        page = await made.new_page()
        problems: list[str] = []
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if wallet is not None:
            await page.expose_binding("mallTestWallet", wallet.answer)
            await page.add_init_script(INJECTED % mode)
        yield page
        await running.close()
        assert [problem for problem in problems if "status of 4" not in problem] == []


async def type_code(page: Page, url: str, code: str) -> None:
    """Open the page and type the code, by keyboard alone."""
    await page.goto(url)
    await page.keyboard.type(code.lower())
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def shoot(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the whole page."""
    await page.screenshot(path=folder / f"{name}.png", full_page=True)
