"""package.sig: the author's wallet signs the digest (EIP-191), and so every file at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from contracts.errors import ChainError
from contracts.keys import PrivateKey, recover_message, sign_message
from host.accounts.addresses import checked
from host.errors import MallError
from host.packages.archive import SIGNATURE
from host.packages.models import Package

_HEX: Final = re.compile(r"0x[0-9a-f]{130}", re.ASCII)
Recover = Callable[[bytes, bytes], str]


def message(package: str, version: str, digest: str) -> bytes:
    """The text that a wallet shows and signs."""
    return f"mall.live package\n{package} {version}\n{digest}".encode()


def sign(package: Package, key: PrivateKey) -> dict[str, bytes]:
    """The package's files with a signature by `key`."""
    manifest = package.manifest
    signed = sign_message(key, message(manifest.id, manifest.version, package.digest))
    text = json.dumps({"signer": key.address, "signature": "0x" + signed.hex()}, indent=2) + "\n"
    return {**package.files, SIGNATURE: text.encode()}


def signer(package: Package, recover: Recover = recover_message) -> str:
    """The address that signed the package.

    Raises:
        MallError: package.not_signed, package.bad_signature.
    """
    named, signature = _read(package.files)
    manifest = package.manifest
    try:
        found = recover(message(manifest.id, manifest.version, package.digest), signature)
    except ChainError as error:
        raise _bad(error.message) from error
    if found != named:
        raise _bad(f"it does not fit these files, this id and version for {named}")
    return named


def _read(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    data = files.get(SIGNATURE)
    if data is None:
        raise MallError("package.not_signed", f"The package has no {SIGNATURE}. `mall publish` signs it.")
    try:
        table = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _bad("it is not JSON") from error
    if not isinstance(table, dict) or set(table) != {"signer", "signature"}:
        raise _bad("it must hold signer and signature, nothing else")
    text = table["signature"]
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise _bad("signature must be 0x and 130 hexadecimal digits in small letters")
    if not isinstance(table["signer"], str):
        raise _bad("signer must be an address")
    return checked(table["signer"]), bytes.fromhex(text[2:])


def _bad(why: str) -> MallError:
    return MallError("package.bad_signature", f"{SIGNATURE} is refused: {why}. Sign the package again.")
