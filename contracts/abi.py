"""Artifacts and their ABIs: encodes calls, decodes answers, events and custom errors. ABI rules:
docs.soliditylang.org, "Contract ABI Specification"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eth_abi import abi as codec
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import ABIType, BasicType, TupleType, parse

from contracts.address import checked_address, keccak256
from contracts.chain import ChainEvent, Log
from contracts.errors import ChainError, ChainRevert

ARTIFACTS = Path(__file__).parent / "artifacts"
SOURCES = Path(__file__).parent / "src"
# Every contract that has its source here, in the order of deployment.
CONTRACTS = tuple(
    name
    for name in (
        "LiveToken",
        "Tierra",
        "PrizeVault",
        "Distributor",
        "Mall",
        "Island",
        "Resource",
        "Market",
        "Escrow",
        "Registry",
    )
    if (SOURCES / f"{name}.sol").exists()
)
# Those that are built.
NAMES = tuple(name for name in CONTRACTS if (ARTIFACTS / f"{name}.json").exists())

_PANICS = {0x01: "assertion", 0x11: "overflow", 0x12: "division by zero", 0x32: "index out of range"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One function, event or error of an ABI."""

    name: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    indexed: tuple[bool, ...]
    outputs: tuple[str, ...]
    digest: bytes

    @property
    def selector(self) -> bytes:
        """The first four bytes of the hash of the signature."""
        return self.digest[:4]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract: its code to deploy, its code on the chain with the (start, length) of each immutable
    in it, and the entries of its ABI by kind."""

    name: str
    bytecode: bytes
    runtime: bytes
    immutables: tuple[tuple[int, int], ...]
    constructor: tuple[str, ...]
    functions: Mapping[tuple[str, int], Entry]
    events: tuple[Entry, ...]
    errors: tuple[Entry, ...]


def _type(field: Mapping[str, Any]) -> str:
    # A struct is named `tuple` in the ABI; signatures and codecs spell out its fields.
    kind = str(field["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(part) for part in field['components'])}){kind.removeprefix('tuple')}"


def _entry(item: Mapping[str, Any]) -> Entry:
    inputs = item["inputs"]
    types = tuple(_type(field) for field in inputs)
    return Entry(
        name=item["name"],
        names=tuple(field["name"] or str(index) for index, field in enumerate(inputs)),
        types=types,
        indexed=tuple(field.get("indexed", False) for field in inputs),
        outputs=tuple(_type(field) for field in item.get("outputs", ())),
        digest=keccak256(f"{item['name']}({','.join(types)})".encode()),
    )


@cache
def load_artifact(name: str) -> Artifact:
    """The committed artifact of a contract. Raises ChainError `chain.no_artifact` on an unknown name."""
    if name not in NAMES:
        raise ChainError("chain.no_artifact", f"the contracts are {', '.join(NAMES)}", name=name)
    stored = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    kinds: dict[str, list[Mapping[str, Any]]] = {"function": [], "event": [], "error": [], "constructor": []}
    for item in stored["abi"]:
        kinds[item["type"]].append(item)
    return Artifact(
        name=name,
        bytecode=bytes.fromhex(stored["bytecode"][2:]),
        runtime=bytes.fromhex(stored["deployedBytecode"][2:]),
        immutables=tuple((start, length) for start, length in stored["immutables"]),
        constructor=tuple(_type(field) for item in kinds["constructor"] for field in item["inputs"]),
        functions={(item["name"], len(item["inputs"])): _entry(item) for item in kinds["function"]},
        events=tuple(_entry(item) for item in kinds["event"]),
        errors=tuple(_entry(item) for item in kinds["error"]),
    )


def encode(types: tuple[str, ...], values: tuple[Any, ...], what: str) -> bytes:
    """ABI encoding. Raises ChainError `chain.bad_argument` when a value does not fit its type."""
    try:
        return codec.encode(types, values)
    except (EncodingError, TypeError) as error:
        raise ChainError("chain.bad_argument", f"{what} takes ({', '.join(types)}): {error}") from error


def decode(types: tuple[str, ...], data: bytes, what: str) -> tuple[Any, ...]:
    """ABI decoding with addresses in EIP-55 spelling. Raises ChainError `chain.bad_answer`."""
    try:
        values = codec.decode(types, data)
    except DecodingError as error:
        raise ChainError(
            "chain.bad_answer", f"{what} did not answer ({', '.join(types)}): {error}"
        ) from error
    return tuple(_spelled(parse(kind), value) for kind, value in zip(types, values, strict=True))


def _spelled(kind: ABIType, value: Any) -> Any:
    """The value with every address in EIP-55 spelling, also those in structs and lists."""
    if kind.is_array:
        return tuple(_spelled(kind.item_type, item) for item in value)
    if isinstance(kind, TupleType):
        return tuple(_spelled(part, item) for part, item in zip(kind.components, value, strict=True))
    return checked_address(value) if isinstance(kind, BasicType) and kind.base == "address" else value


@cache
def _event_table() -> dict[tuple[bytes, int], Entry]:
    # ERC-20 and ERC-721 share the hash of Transfer and differ in the number of topics.
    events = [entry for name in NAMES for entry in load_artifact(name).events]
    return {(entry.digest, 1 + sum(entry.indexed)): entry for entry in events}


@cache
def _error_table() -> dict[bytes, Entry]:
    return {entry.selector: entry for name in NAMES for entry in load_artifact(name).errors}


def decode_event(log: Log) -> ChainEvent | None:
    """The event in a log, or None when no ABI of ours describes it. Raises ChainError `chain.bad_answer` on a
    malformed one."""
    entry = _event_table().get((log.topics[0], len(log.topics))) if log.topics else None
    if entry is None:
        return None
    fields = list(zip(entry.names, entry.types, entry.indexed, strict=True))
    plain = decode(tuple(kind for _, kind, indexed in fields if not indexed), log.data, entry.name)
    topics = iter(log.topics[1:])
    rest = iter(plain)
    args = {
        name: decode((kind,), next(topics), entry.name)[0] if indexed else next(rest)
        for name, kind, indexed in fields
    }
    return ChainEvent(log.address, entry.name, args, log.block, log.tx_hash, log.log_index, log.block_hash)


def decode_revert(data: bytes) -> ChainRevert:
    """The reason in the answer of a refused call; unknown bytes stay visible in `data`."""
    selector, body = data[:4], data[4:]
    if selector == keccak256(b"Error(string)")[:4]:
        return ChainRevert("Error", {"reason": decode(("string",), body, "Error")[0]}, data)
    if selector == keccak256(b"Panic(uint256)")[:4]:
        panic = decode(("uint256",), body, "Panic")[0]
        return ChainRevert(
            "Panic", {"code": panic, "meaning": _PANICS.get(panic, "see the Solidity docs")}, data
        )
    entry = _error_table().get(selector)
    if entry is None:
        return ChainRevert("Unknown", {"selector": selector.hex()} if data else {}, data)
    return ChainRevert(
        entry.name, dict(zip(entry.names, decode(entry.types, body, entry.name), strict=True)), data
    )
