"""The console as an application: which pages there are, and how each is read and rendered."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from host.config import Config
from host.errors import MallError
from host.plugins import PluginInfo, Plugins
from host.web import views
from host.web.guard import Guard
from host.web.live import HostWatch
from host.web.reading import MAX_NUMBER, Readers
from host.web.rendering import STATIC, templates
from host.web.trail import Checker
from host.web.views import Ask, Context

log = logging.getLogger(__name__)
SECTIONS: Final = (
    ("Overview", "/"), ("City", "/city"), ("Releases", "/releases"), ("Placements", "/placements"),
    ("Claims", "/claims"), ("Accounts", "/accounts"), ("Notices", "/notices"), ("Audit", "/audit"),
    ("Plugins", "/plugins"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its address, template, what it shows, its title, and the section of the navigation it belongs to."""

    path: str
    template: str
    view: Callable[[Ask], Context]
    title: str
    section: str


class Console:
    """What the pages share. Handlers run in threads; everything here may be used by many at once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._readers = Readers(config.database)
        self._watch = HostWatch(config.control_socket)
        self._checker = Checker()
        self._plugins, self._plugin_problem = _plugins(config)
        self._templates = templates()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every page."""
        return (
            Entry("/", "overview.html", views.overview, "Overview", "Overview"),
            Entry("/city", "city.html", views.city, "City", "City"),
            Entry("/releases", "releases.html", views.releases, "Releases", "Releases"),
            Entry("/releases/{id:int}", "release.html", views.release, "Release", "Releases"),
            Entry("/placements", "placements.html", views.placement_list, "Placements", "Placements"),
            Entry("/placements/{id:int}", "placement.html", views.placement, "Placement", "Placements"),
            Entry("/claims", "claims.html", views.claims, "Claims", "Claims"),
            Entry("/accounts", "accounts.html", views.account_list, "Accounts", "Accounts"),
            Entry("/notices", "notices.html", views.notice_list, "Notices", "Notices"),
            Entry("/audit", "audit.html", self._audit, "Audit", "Audit"),
            Entry("/plugins", "plugins.html", self._plugin_list, "Plugins", "Plugins"),
        )

    def application(self, token: str, port: int) -> ASGIApp:
        """The whole console behind its door. `port` is where browsers connect."""
        pages = Starlette(
            routes=[
                *(Route(entry.path, self._endpoint(entry), methods=["GET"]) for entry in self.entries),
                Route("/live", self._live, methods=["GET"]),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
            middleware=[Middleware(GZipMiddleware, minimum_size=2048)],
            exception_handlers={HTTPException: self._http_error, Exception: self._crash},
        )
        return Guard(pages, token, port, self._refusal)

    def _endpoint(self, entry: Entry) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            live = self._watch.look()
            path = request.path_params
            try:
                if any(number > MAX_NUMBER for number in path.values()):
                    raise MallError("console.unknown", "There is no such page.")
                with self._readers.snapshot() as rows:
                    context = entry.view(Ask(rows, request.query_params, path, time.time(), live))
            except MallError as error:
                return self._refusal(request, 404 if error.code.endswith(".unknown") else 503, error)
            return self._render(
                request, entry.template, 200, {"title": entry.title, "section": entry.section, **context}
            )

        return endpoint

    def _live(self, request: Request) -> Response:
        """The part of the overview that the page's script fetches again and again."""
        return self._render(request, "live.html", 200, {})

    def _audit(self, ask: Ask) -> Context:
        return views.audit_trail(ask, self._checker.verdict(ask.rows))

    def _plugin_list(self, ask: Ask) -> Context:
        return views.plugin_list(ask, self._plugins, self._plugin_problem)

    def _refusal(self, request: Request, status: int, error: MallError) -> Response:
        """A page that says what is wrong and what to do. To strangers it says nothing about the host."""
        template = "door.html" if status in (401, 421) else "message.html"
        context = {"title": TITLES.get(status, "Refused"), "section": "", "error": error}
        return self._render(request, template, status, context)

    def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = (
            "There is no such page."
            if status == 404
            else "This console only shows; it takes no such request."
        )
        return self._refusal(request, status, MallError("console.unknown", text, status=status))

    def _crash(self, request: Request, error: Exception) -> Response:
        log.error("page %s failed", request.url.path, exc_info=error)
        text = f"This page failed inside the console ({type(error).__name__}); see its log."
        return self._refusal(request, 500, MallError("console.internal", text))

    def _render(self, request: Request, template: str, status: int, context: Context) -> Response:
        shared: dict[str, Any] = {"sections": SECTIONS, "now": time.time(), "link": _linker(request)}
        if template != "door.html":
            shared |= {"live": self._watch.look(), "config": self._config}
        return HTMLResponse(self._templates.get_template(template).render({**shared, **context}), status)


TITLES: Final = {
    401: "The console is locked", 404: "Not found", 405: "Not possible", 421: "Wrong address",
    500: "The page failed", 503: "The data cannot be read",
}  # fmt: skip


def _linker(request: Request) -> Callable[..., str]:
    """Addresses of this page with some parameters changed: `link(page=2)`; None takes one out."""

    def link(**changes: object) -> str:
        kept = dict(request.query_params) | {name: str(value) for name, value in changes.items()}
        wanted = {name: value for name, value in kept.items() if changes.get(name, value) is not None}
        return "?" + urlencode(wanted, errors="replace")

    return link


def _plugins(config: Config) -> tuple[list[PluginInfo], str]:
    """The plugins of this installation, and why they cannot be loaded ("" when they can)."""
    plugins = Plugins(config)
    try:
        plugins.discover()
    except MallError as error:
        return plugins.infos(), str(error)
    return plugins.infos(), ""
