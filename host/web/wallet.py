"""The pages where players' own wallets sign in and pay: public, in three languages, apart from the operator's console.

They hold no data of their own. What a code is for, what a wallet has to sign and whether it did is asked of the running
host over its control socket; the chain of a host without a node of its own is offered to wallets on this machine.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from host import control
from host.config import Config
from host.errors import MallError
from host.web.chain_rpc import ChainRpc
from host.web.guard import HEADERS
from host.web.rendering import STATIC, templates, with_headers
from host.web.wallet_door import PROOF_FIELD, Door
from host.web.wallet_words import LANGUAGES, language, refusal, words

PREFIX: Final = "/wallet"
PATIENCE_S: Final = 20.0
VERBS: Final = ("challenge", "answer", "state", "sent", "signed")
"""What the page's script may ask: `POST /wallet/api/<verb>`."""
FIELDS: Final = ("code", "address", "signature", "tx")
TITLES: Final = {"sign_in": "title_sign_in", "pay": "title_pay"}
STATUS: Final = {"wallet.foreign": 403, "wallet.reload": 403, "wallet.bad_request": 400, "control.lost": 503}
IN_SCRIPT: Final = (
    "browser_wallet", "no_wallet", "connecting", "signing", "sending", "confirm", "done", "sent", "paid", "signed",
    "over", "rejected", "other_account", "other_chain", "wallet_failed", "host_gone", "put_back",
)  # fmt: skip


class WalletPages:
    """The pages of one origin.

    Args:
        rpc: the embedded chain for wallets on this machine.
    """

    def __init__(self, config: Config, door: Door, rpc: ChainRpc) -> None:
        self._config = config
        self._door = door
        self._rpc = rpc
        self._templates = templates()

    def application(self) -> ASGIApp:
        """Everything below /wallet."""
        pages = Starlette(
            routes=[
                Route(PREFIX, lambda _: RedirectResponse(f"{PREFIX}/sign-in", 303)),
                Route(f"{PREFIX}/sign-in", self._enter, methods=["GET"]),
                Route(f"{PREFIX}/pay", self._enter, methods=["GET"]),
                Route(f"{PREFIX}/sign-in", self._look, methods=["POST"]),
                Route(f"{PREFIX}/pay", self._look, methods=["POST"]),
                *(Route(f"{PREFIX}/api/{verb}", self._asker(verb), methods=["POST"]) for verb in VERBS),
                Route(f"{PREFIX}/chain", self._rpc.answer, methods=["POST"]),
                Mount(f"{PREFIX}/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[Middleware(GZipMiddleware, minimum_size=2048)],
            exception_handlers={HTTPException: self._http_error},
        )

        async def at_home(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope)
            # The chain is asked by programs, under any name of this machine.
            home = self._door.is_home(request) or request.url.path == f"{PREFIX}/chain"
            answer: ASGIApp = pages if home else self._elsewhere(request)
            await answer(scope, receive, with_headers(send, _HEADERS))

        return at_home

    async def _enter(self, request: Request) -> Response:
        """The form for the code. A link can open it, never fill it in."""
        return self._page(request, "wallet_code.html", 200, title="title_code")

    async def _look(self, request: Request) -> Response:
        """What the typed code is for."""
        try:
            fields = await self._door.form(request)
            found = await self._ask(request, "look", {"code": fields.get("code", "")})
        except MallError as error:
            if error.code in ("wallet.foreign", "wallet.reload"):
                return self._refused(request, error)
            problem = refusal(self._language(request), error.code, error.message)
            return self._page(request, "wallet_code.html", 200, title="title_code", problem=problem)
        title = "title_sign" if "typed" in found else TITLES[found["kind"]]
        return self._page(
            request, f"wallet_{found['kind']}.html", 200, title=title, found=found, data=self._data(request, found),
            typed=_flat(found["typed"]["message"]) if "typed" in found else [],
        )  # fmt: skip

    def _data(self, request: Request, found: dict[str, Any]) -> str:
        """What the page's script needs, as JSON."""
        said = words(self._language(request))
        chain = {"id": found["chain_id"], "name": found["host"]}
        if self._rpc.serves(request):
            chain["rpc"] = f"{self._door.origin}{PREFIX}/chain"
        return json.dumps({
            "code": found["code"], "kind": found["kind"], "state": found["state"], "chain": chain,
            "payer": found.get("payer", ""), "request": found.get("request"), "typed": found.get("typed"),
            "proof": self._door.proof(self._door.cookie(request)), "words": {key: said[key] for key in IN_SCRIPT},
        })  # fmt: skip

    def _asker(self, verb: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return JSONResponse(await self._ask(request, verb, await self._door.json(request)))
            except MallError as error:
                text = refusal(self._language(request), error.code, error.message)
                return JSONResponse({"code": error.code, "message": text}, STATUS.get(error.code, 422))

        return answer

    async def _ask(self, request: Request, verb: str, fields: dict[str, str]) -> dict[str, Any]:
        """Ask the host, which checks every field."""
        door = self._door
        who = {"browser": door.browser(door.cookie(request)), "source": door.source(request)}
        given = {name: fields[name] for name in FIELDS if name in fields}
        found: dict[str, Any] = await asyncio.to_thread(
            control.request, self._config.control_socket, f"wallet_{verb}", PATIENCE_S, **given, **who
        )
        return found

    def _elsewhere(self, request: Request) -> Response:
        shown = self._template(
            "wallet_elsewhere.html", request, "title_refused", page=f"{self._door.origin}{PREFIX}/sign-in"
        )
        return HTMLResponse(shown, 421)

    def _refused(self, request: Request, error: MallError) -> Response:
        text = refusal(self._language(request), error.code, error.message)
        return self._page(
            request, "wallet_code.html", STATUS.get(error.code, 422), title="title_code", problem=text
        )

    def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._page(request, "wallet_code.html", status, title="title_refused")

    def _page(self, request: Request, template: str, status: int, *, title: str, **context: Any) -> Response:
        cookie = self._door.cookie(request)
        request.cookies[self._door.cookie_name] = cookie  # the page's own proof is of the cookie that it sets
        response = HTMLResponse(self._template(template, request, title, **context), status)
        self._door.keep(response, cookie)
        return response

    def _template(self, template: str, request: Request, title: str, **context: Any) -> str:
        chosen = self._language(request)
        shared = {
            "words": words(chosen), "lang": chosen, "languages": LANGUAGES, "title": title, "problem": "",
            "host": self._config.name, "domain": self._door.domain, "path": request.url.path, "field": PROOF_FIELD,
            "proof": self._door.proof(self._door.cookie(request)),
        }  # fmt: skip
        return self._templates.get_template(template).render({**shared, **context})

    def _language(self, request: Request) -> str:
        return language(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))


# With "no-referrer" a browser would send its forms with the origin "null"; some wallets answer from a window of theirs.
_HEADERS: Final = {
    **HEADERS,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}


def _flat(message: Any, name: str = "") -> list[tuple[str, str]]:
    """The leaves of a typed message with their names, for people to read."""
    if isinstance(message, dict):
        return [
            leaf for key, value in message.items() for leaf in _flat(value, f"{name}.{key}" if name else key)
        ]
    if isinstance(message, list):
        return [leaf for at, value in enumerate(message) for leaf in _flat(value, f"{name}[{at}]")]
    return [(name, str(message))]
