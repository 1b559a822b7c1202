"""What the console's pages and the wallet pages share: their templates, and headers that every answer gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import jinja2
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from host.web.words import FILTERS

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"


def templates() -> jinja2.Environment:
    """The templates: what they show is escaped, and a name that is not there is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(FILTERS)
    return made


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """Sends an answer with these headers, which replace its own."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return sending
