"""Sign-in with Ethereum (EIP-4361): messages built, parsed by the letter of the ABNF, and checked.

Every byte of a message comes from outside: what the grammar does not allow is refused, not repaired. Signatures are
those of `contracts.typed.verify`: a key's (EIP-191) or a contract wallet's (EIP-1271).
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from contracts.address import checked_address
from contracts.errors import ChainError
from contracts.keys import message_digest
from contracts.typed import Asked, verify

MAX_MESSAGE: Final = 4096
"""Bytes of a message that is still read."""
SKEW_S: Final = 60
"""How far the clock of who built a message may be ahead of ours, seconds."""
NONCE_LENGTH: Final = 22
"""Characters of a nonce of ours: 131 bits of letters and digits."""
_ALPHABET: Final = string.ascii_letters + string.digits
_PCHAR: Final = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_URI: Final = r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"
# RFC 3986 host and port; an authority's user part only serves deceit ("bank.example@evil.example").
_DOMAIN: Final = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_TIME: Final = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_STATEMENT: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]+")
_MESSAGE: Final = re.compile(
    rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://)?(?P<domain>{_DOMAIN})"
    r" wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n\n"
    rf"(?:(?P<statement>{_STATEMENT.pattern})\n)?\n"
    rf"URI: (?P<uri>{_URI})\n"
    r"Version: (?P<version>1)\n"
    r"Chain ID: (?P<chain_id>0|[1-9][0-9]{0,18})\n"
    r"Nonce: (?P<nonce>[A-Za-z0-9]{8,96})\n"
    rf"Issued At: (?P<issued_at>{_TIME})"
    rf"(?:\nExpiration Time: (?P<expires_at>{_TIME}))?"
    rf"(?:\nNot Before: (?P<not_before>{_TIME}))?"
    rf"(?:\nRequest ID: (?P<request_id>{_PCHAR}*))?"
    rf"(?:\nResources:(?P<resources>(?:\n- {_URI})*))?"
)


@dataclass(frozen=True, slots=True)
class Message:
    """A sign-in message. Times in seconds, UTC; None and empty fields do not appear in its text.

    Attributes:
        domain: who asks, host and port, as the browser shows it.
        statement: printable ASCII of URLs and spaces only, by EIP-4361.
    """

    domain: str
    address: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: float
    expires_at: float | None = None
    not_before: float | None = None
    statement: str = ""
    request_id: str | None = None
    resources: tuple[str, ...] = ()
    scheme: str = ""

    def text(self) -> str:
        """The text to sign. Raises ChainError `siwe.malformed` when a field cannot stand in a message."""
        lines = [
            f"{f'{self.scheme}://' if self.scheme else ''}{self.domain}"
            " wants you to sign in with your Ethereum account:",
            self.address,
            "",
            *([self.statement] if self.statement else []),
            "",
            f"URI: {self.uri}",
            "Version: 1",
            f"Chain ID: {self.chain_id}",
            f"Nonce: {self.nonce}",
            f"Issued At: {_shown(self.issued_at)}",
        ]
        if self.expires_at is not None:
            lines.append(f"Expiration Time: {_shown(self.expires_at)}")
        if self.not_before is not None:
            lines.append(f"Not Before: {_shown(self.not_before)}")
        if self.request_id is not None:
            lines.append(f"Request ID: {self.request_id}")
        if self.resources:
            lines += ["Resources:", *(f"- {resource}" for resource in self.resources)]
        text = "\n".join(lines)
        parse(text)
        return text


@dataclass(frozen=True, slots=True)
class Expected:
    """What a message must say to sign in here. `now` in seconds, UTC."""

    domain: str
    uri: str
    chain_id: int
    nonce: str
    now: float


def new_nonce() -> str:
    """A random nonce."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(NONCE_LENGTH))


def origin_of(url: str) -> tuple[str, str]:
    """Origin ("https://mall.example:8443") and domain ("mall.example:8443") of a web address, as browsers name them.

    Raises ChainError `siwe.bad_origin` on anything that is no plain http or https origin.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad_origin(url) from error
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    domain = shown if port in (None, {"http": 80, "https": 443}.get(parts.scheme)) else f"{shown}:{port}"
    if (
        parts.scheme not in ("http", "https")
        or not re.fullmatch(_DOMAIN, domain)
        or parts.path not in ("", "/")
        or any((parts.query, parts.fragment, parts.username, parts.password))
    ):
        raise _bad_origin(url)
    return f"{parts.scheme}://{domain}", domain


def parse(message: str | bytes) -> Message:
    """The fields of a message, its address in the spelling of EIP-55 as the standard demands.

    Raises ChainError `siwe.malformed`.
    """
    text = _ascii(message)
    found = _MESSAGE.fullmatch(text)
    if found is None:
        raise _malformed("it does not follow the form of EIP-4361")
    address = found["address"]
    try:
        exact = checked_address(address) == address
    except ChainError:
        exact = False
    if not exact:
        raise _malformed("its address is not in the EIP-55 spelling")
    resources = found["resources"]
    return Message(
        domain=found["domain"],
        address=address,
        uri=found["uri"],
        chain_id=int(found["chain_id"]),
        nonce=found["nonce"],
        issued_at=_seconds(found["issued_at"]),
        expires_at=_optional(found["expires_at"]),
        not_before=_optional(found["not_before"]),
        statement=found["statement"] or "",
        request_id=found["request_id"],
        resources=tuple(resources.split("\n- ")[1:]) if resources else (),
        scheme=found["scheme"] or "",
    )


def check(message: Message, expected: Expected) -> None:
    """Refuse a message that was made for something else than this very sign-in.

    Raises ChainError `siwe.wrong_domain`, `siwe.wrong_uri`, `siwe.wrong_chain`, `siwe.wrong_nonce`,
    `siwe.no_expiry`, `siwe.expired`, `siwe.not_yet`.
    """
    if message.domain.lower() != expected.domain.lower():
        raise ChainError(
            "siwe.wrong_domain",
            f"this message signs in at {message.domain}, here is {expected.domain}: open this host's own page",
            domain=message.domain,
        )
    if message.uri != expected.uri or message.scheme not in ("", urlsplit(expected.uri).scheme):
        raise ChainError("siwe.wrong_uri", f"this message is for {message.uri}, not {expected.uri}")
    if message.chain_id != expected.chain_id:
        raise ChainError(
            "siwe.wrong_chain", f"this message is for chain {message.chain_id}, here is {expected.chain_id}"
        )
    if not secrets.compare_digest(message.nonce, expected.nonce):
        raise ChainError("siwe.wrong_nonce", "this message was made for another sign-in: begin again")
    if message.expires_at is None:
        raise ChainError("siwe.no_expiry", "a sign-in must name the time when it ends")
    if message.expires_at <= expected.now:
        raise ChainError("siwe.expired", "this sign-in has run out: ask for a new code in the game")
    if max(message.issued_at, message.not_before or 0.0) > expected.now + SKEW_S:
        raise ChainError("siwe.not_yet", "this message is dated in the future: set the clock")


def authenticate(message: str | bytes, signature: bytes, expected: Expected, chain: Asked) -> str:
    """The address that signed in with exactly this message.

    Raises ChainError as `parse` and `check` do, `siwe.bad_signature` when nobody of that address has signed it, and
    `chain.*` when a contract wallet cannot be asked.
    """
    parsed = parse(message)
    check(parsed, expected)
    if not verify(parsed.address, message_digest(_ascii(message).encode()), signature, chain):
        raise ChainError(
            "siwe.bad_signature",
            f"the signature is not one of {parsed.address}: sign with that account, a contract wallet must be deployed "
            "on this chain",
            address=parsed.address,
        )
    return parsed.address


def _ascii(message: str | bytes) -> str:
    if len(message) > MAX_MESSAGE:
        raise _malformed(f"it is longer than {MAX_MESSAGE} bytes")
    try:
        return message.decode("ascii") if isinstance(message, bytes) else message.encode("ascii").decode()
    except UnicodeError as error:
        raise _malformed("it holds other characters than ASCII") from error


def _shown(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _malformed(f"{seconds} is no time") from error
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _optional(text: str | None) -> float | None:
    return None if text is None else _seconds(text)


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise _malformed(f"{text} is no time") from error


def _malformed(why: str) -> ChainError:
    return ChainError("siwe.malformed", f"this is no sign-in message: {why}")


def _bad_origin(url: str) -> ChainError:
    return ChainError(
        "siwe.bad_origin",
        f"{url[:100]!r} is no address of a web server, as https://mall.example",
        url=url[:100],
    )
