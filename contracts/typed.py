"""EIP-712 typed data as data, and the one way in which a signature of anybody is checked.

A signer is an account with a key (ECDSA over the digest) or a contract wallet (EIP-1271). Wallets that are not
deployed yet (EIP-6492) cannot be asked and count as not having signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from contracts.abi import encode
from contracts.address import checked_address, keccak256, to_hex
from contracts.errors import ChainError
from contracts.keys import PrivateKey, joined, recover_digest

Types = Mapping[str, tuple[tuple[str, str], ...]]
"""Struct name -> its (field, type) pairs in order."""

ERC1271_MAGIC: Final = bytes.fromhex("1626ba7e")
"""What isValidSignature(bytes32,bytes) answers for yes; also its selector."""
ERC1271_GAS: Final = 3_000_000
"""A wallet that needs more to look at a signature has not signed: strangers' code is run here."""
MAX_SIGNATURE: Final = 4096
"""Bytes of a signature that is still looked at; wallets of many owners need a few hundred."""
_ARRAY: Final = re.compile(r"(.+)\[(\d*)\]")
_ATOM: Final = re.compile(r"address|bool|bytes([1-9]|[12]\d|3[0-2])|u?int(8|16|24|32|40|48|56|64|72|80|88|96|104|112|"
                          r"120|128|136|144|152|160|168|176|184|192|200|208|216|224|232|240|248|256)")  # fmt: skip
_DOMAIN: Final = (
    ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
)  # fmt: skip


class Asked(Protocol):
    """What is needed of a chain here; every `contracts.chain.Chain` has it."""

    def code(self, address: str, block: int | None = None) -> bytes: ...

    def call(
        self,
        to: str,
        data: bytes,
        sender: str | None = None,
        block: int | None = None,
        gas: int | None = None,
    ) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: one contract of one chain, so that it can be used nowhere else."""

    name: str
    version: str
    chain_id: int
    contract: str

    @property
    def values(self) -> dict[str, Any]:
        """The fields as EIP-712 names them."""
        return {
            "name": self.name, "version": self.version, "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }  # fmt: skip

    @property
    def separator(self) -> bytes:
        """hashStruct(eip712Domain), what a contract answers as DOMAIN_SEPARATOR()."""
        return hash_struct("EIP712Domain", {"EIP712Domain": _DOMAIN}, self.values)


@dataclass(frozen=True, slots=True)
class Typed:
    """A message to sign. `types` describes `primary` and every struct within, not the domain."""

    domain: Domain
    types: Types
    primary: str
    message: Mapping[str, Any] = field(repr=False)

    @property
    def struct_hash(self) -> bytes:
        """hashStruct(message). Raises ChainError `typed.bad_type`, `typed.bad_value`."""
        return hash_struct(self.primary, self.types, self.message)

    @property
    def digest(self) -> bytes:
        """The 32 bytes that are signed: keccak256(0x1901 || domain separator || struct hash)."""
        return keccak256(b"\x19\x01" + self.domain.separator + self.struct_hash)

    def payload(self) -> dict[str, Any]:
        """The JSON that a wallet takes as eth_signTypedData_v4: whole numbers as decimal text, bytes as 0x."""
        types = {"EIP712Domain": _DOMAIN, **self.types}
        return {
            "types": {
                name: [{"name": key, "type": kind} for key, kind in fields] for name, fields in types.items()
            },
            "primaryType": self.primary,
            "domain": {**self.domain.values, "chainId": str(self.domain.chain_id)},
            "message": _plain(self.message),
        }


def type_string(primary: str, types: Types) -> str:
    """encodeType: the struct and, in order of their names, all that it refers to. Raises ChainError
    `typed.bad_type`."""
    others = sorted(set(_structs_in(primary, types, ())) - {primary})
    return "".join(
        f"{name}({','.join(f'{kind} {key}' for key, kind in types[name])})" for name in [primary, *others]
    )


def hash_struct(primary: str, types: Types, message: Mapping[str, Any]) -> bytes:
    """keccak256(typeHash || encodeData). Raises ChainError `typed.bad_type`, `typed.bad_value`."""
    words = [keccak256(type_string(primary, types).encode())]
    wanted = {key for key, _ in types[primary]}
    if set(message) != wanted:
        raise ChainError(
            "typed.bad_value", f"{primary} has exactly the fields {', '.join(sorted(wanted))}", struct=primary
        )
    words += [_word(kind, message[key], types, f"{primary}.{key}") for key, kind in types[primary]]
    return keccak256(b"".join(words))


def sign_digest(key: PrivateKey, digest: bytes) -> bytes:
    """65 bytes r || s || v with v 27 or 28."""
    return joined(*key.sign_digest(digest))


def verify(address: str, digest: bytes, signature: bytes, chain: Asked) -> bool:
    """Whether `address` signed the 32 bytes: its key did, or its contract says so.

    What a contract answers is believed only in the exact form of EIP-1271; one that reverts, or answers anything
    else, has not signed. Raises ChainError `chain.*` when the chain itself fails, `chain.bad_address`.
    """
    signer = checked_address(address)
    if len(digest) != 32 or not 0 < len(signature) <= MAX_SIGNATURE:
        return False
    try:
        if recover_digest(digest, signature) == signer:
            return True
    except ChainError as error:
        if error.code != "keys.bad_signature":
            raise
    return bool(chain.code(signer)) and _says_yes(signer, digest, signature, chain)


def _says_yes(wallet: str, digest: bytes, signature: bytes, chain: Asked) -> bool:
    asked = ERC1271_MAGIC + encode(("bytes32", "bytes"), (digest, signature), "isValidSignature")
    try:
        answer = chain.call(wallet, asked, gas=ERC1271_GAS)
    except ChainError as error:
        if error.code in ("chain.reverted", "chain.bad_answer"):
            return False
        raise
    return answer == ERC1271_MAGIC.ljust(32, b"\x00")


def _structs_in(name: str, types: Types, above: tuple[str, ...]) -> Iterator[str]:
    """`name` and every struct below it, some more than once. A struct within itself has no finite value here."""
    if name not in types or name in above:
        raise ChainError("typed.bad_type", f"{name!r} is no type, or is part of itself", type=name[:80])
    yield name
    for _, kind in types[name]:
        base = kind.partition("[")[0]
        if base in types:
            yield from _structs_in(base, types, (*above, name))


def _word(kind: str, value: Any, types: Types, where: str) -> bytes:
    """encodeData of one field: 32 bytes."""
    if array := _ARRAY.fullmatch(kind):
        if not isinstance(value, list | tuple) or (array[2] and len(value) != int(array[2])):
            raise ChainError("typed.bad_value", f"{where} is a list of type {kind}", field=where)
        return keccak256(b"".join(_word(array[1], item, types, where) for item in value))
    if kind in types:
        if not isinstance(value, Mapping):
            raise ChainError("typed.bad_value", f"{where} is a {kind}", field=where)
        return hash_struct(kind, types, value)
    if kind == "string" and isinstance(value, str):
        return keccak256(_utf8(value, where))
    if kind == "bytes" and isinstance(value, bytes):
        return keccak256(value)
    if not _ATOM.fullmatch(kind):
        code = "typed.bad_value" if kind in ("string", "bytes") else "typed.bad_type"
        raise ChainError(code, f"{where} has the type {kind}: the value or the type is wrong", field=where)
    if kind == "address":
        value = checked_address(value)
    elif kind.startswith("bytes") and (not isinstance(value, bytes) or len(value) != int(kind[5:])):
        # The codec would fill up shorter values; here they are errors of the caller.
        raise ChainError("typed.bad_value", f"{where} takes exactly {kind[5:]} bytes", field=where)
    try:
        return encode((kind,), (value,), where)
    except ChainError as error:
        raise ChainError("typed.bad_value", error.message, field=where) from error


def _utf8(text: str, where: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise ChainError("typed.bad_value", f"{where} is no valid Unicode text", field=where) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return to_hex(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
