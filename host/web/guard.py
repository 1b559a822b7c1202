"""The door of the console: checks Host header and token before any page, and sets the headers of every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from host.errors import MallError
from host.web import access
from host.web.rendering import with_headers

TOKEN_PARAMETER: Final = "token"  # noqa: S105
COOKIE_AGE_S: Final = 30 * 86_400
PUBLIC: Final = "/static/"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Lets in whoever brings the token or the cookie made from it.

    Args:
        port: that browsers connect to; part of the cookie's name.
        refuse: the page that says so, with this status.
    """

    def __init__(
        self, app: ASGIApp, token: str, port: int, refuse: Callable[[Request, int, MallError], Response]
    ) -> None:
        self._app = app
        self._token = token
        self._name, self._value = access.cookie_name(port), access.cookie_value(token)
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        answer = self._judge(Request(scope)) or self._app
        await answer(scope, receive, with_headers(send, HEADERS))

    def _judge(self, request: Request) -> Response | None:
        """The refusal or the redirect; None for a visitor who may pass."""
        if not access.is_own_host(request.headers.get("host", "")):
            error = MallError(
                "console.bad_host",
                "This console answers to localhost and to addresses in digits only, "
                "so that no foreign page can reach it by a name of its own.",
            )
            return self._refuse(request, 421, error)
        given = request.query_params.get(TOKEN_PARAMETER)
        if given is not None and access.same(given, self._token):
            welcome = RedirectResponse("/", 303)
            welcome.set_cookie(
                self._name, self._value, max_age=COOKIE_AGE_S, httponly=True, samesite="strict", path="/"
            )
            return welcome
        if request.url.path.startswith(PUBLIC) or access.same(
            request.cookies.get(self._name, ""), self._value
        ):
            return None
        error = MallError(
            "console.no_token",
            "Open the console by the link that `mall play` prints at its start; it ends with ?token=… . "
            f"The token lies in the file {access.TOKEN_FILE} of the data folder.",
        )
        return self._refuse(request, 401, error)
