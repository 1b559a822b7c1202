"""Who may do what on the wallet pages: their own address and origin, a browser that got the page, bounded bodies."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from host.accounts.pace import client_address
from host.errors import MallError
from host.web.access import same

MAX_BODY: Final = 32 * 1024
COOKIE_AGE_S: Final = 86_400
_COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
PROOF_FIELD: Final = "proof"


class Door:
    """Checks requests to the pages at one origin.

    Args:
        origin, domain: of the pages, as `contracts.siwe.origin_of` spells them.
        port: that the console listens at; part of the cookie's name, since ports share cookies.
    """

    def __init__(self, origin: str, domain: str, port: int) -> None:
        self.origin = origin
        self.domain = domain
        self._secure = origin.startswith("https:")
        self.cookie_name = f"{'__Secure-' if self._secure else ''}mall_wallet_{port}"
        self._secret = secrets.token_bytes(32)

    def is_home(self, request: Request) -> bool:
        """Whether the browser opened the pages by their own name: wallets compare it with the text they sign."""
        return request.headers.get("host", "").lower() == self.domain.lower()

    def cookie(self, request: Request) -> str:
        """The cookie by which a browser is known again; a new one where it has none of ours."""
        found = request.cookies.get(self.cookie_name, "")
        return found if _COOKIE.fullmatch(found) else secrets.token_urlsafe(32)

    def keep(self, response: Response, cookie: str) -> None:
        """Let the browser keep its cookie; scripts and other sites never see it."""
        response.set_cookie(
            self.cookie_name, cookie, max_age=COOKIE_AGE_S, httponly=True, samesite="strict", path="/wallet",
            secure=self._secure,
        )  # fmt: skip

    def browser(self, cookie: str) -> str:
        """How the host knows this browser: not the cookie itself."""
        return hashlib.sha256(cookie.encode()).hexdigest()[:32]

    def proof(self, cookie: str) -> str:
        """What a page made for this browser brings back with each post."""
        return hmac.new(self._secret, cookie.encode(), hashlib.sha256).hexdigest()

    def source(self, request: Request) -> str:
        """The network address of the visitor."""
        return client_address(peer(request), request.headers.get("x-forwarded-for", ""))

    async def form(self, request: Request) -> dict[str, str]:
        """The fields of a posted form, the last of each name; checked as `json` is."""
        return self._own(
            request, dict(parse_qsl(await self._text(request, "application/x-www-form-urlencoded")))
        )

    async def json(self, request: Request) -> dict[str, str]:
        """The texts of a posted JSON object.

        Raises:
            MallError: wallet.bad_request, wallet.foreign when another site posts, wallet.reload when the page is not
                of this browser and this run of the console.
        """
        try:
            found: Any = json.loads(await self._text(request, "application/json"))
        except (ValueError, RecursionError) as error:
            raise _bad_request() from error
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise _bad_request()
        return self._own(request, found)

    def _own(self, request: Request, fields: dict[str, str]) -> dict[str, str]:
        if request.headers.get("origin") != self.origin:
            raise MallError(
                "wallet.foreign", f"Another site sent this. Open {self.origin}/wallet/sign-in yourself."
            )
        if not same(fields.pop(PROOF_FIELD, ""), self.proof(self.cookie(request))):
            raise MallError("wallet.reload", "This page is too old. Reload it and type the code again.")
        return fields

    async def _text(self, request: Request, kind: str) -> str:
        if content_type(request) != kind:
            raise _bad_request()
        try:
            return (await bounded_body(request, MAX_BODY)).decode()
        except UnicodeDecodeError as error:
            raise _bad_request() from error


def peer(request: Request) -> str:
    """The network address at the other end of the connection; "" when it is not known."""
    return request.client.host if request.client else ""


def content_type(request: Request) -> str:
    """What the body is said to be, without parameters, in small letters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def bounded_body(request: Request, most: int) -> bytes:
    """The body, of at most so many bytes.

    Raises:
        MallError: wallet.bad_request.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _bad_request()
    return bytes(body)


def _bad_request() -> MallError:
    return MallError("wallet.bad_request", "The page sent something that cannot be read. Reload it.")
