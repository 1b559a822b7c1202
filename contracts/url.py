"""The http or https URL of a service that an operator names: how to connect to it, and what each request carries.

Path, query and password may be secrets: nothing here puts them into an error.
"""

from __future__ import annotations

import http.client
import ssl
from base64 import b64encode
from urllib.parse import SplitResult, unquote, urlsplit


def http_url(text: str) -> SplitResult | None:
    """The parts of an http or https URL with a host, or None for any other text."""
    try:
        found = urlsplit(text)
        good = found.scheme in ("http", "https") and bool(found.hostname) and (found.port or 1) > 0
    except ValueError:
        return None
    return found if good else None


def connection(url: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection that is not open yet; `timeout` in seconds for each operation."""
    host = url.hostname or ""
    if url.scheme == "https":
        return http.client.HTTPSConnection(
            host, url.port, timeout=timeout, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, url.port, timeout=timeout)


def target(url: SplitResult) -> str:
    """Path and query, as a request names them."""
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def headers(url: SplitResult) -> dict[str, str]:
    """The headers of a JSON request, with the URL's user and password (RFC 7617)."""
    made = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if url.username is not None:
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        made["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
    return made
