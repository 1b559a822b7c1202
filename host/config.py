"""The host's settings: one file, environment variables, flags; later ones win.

`mall.toml` in the data folder (or the file given with --config) holds the names below at its top level and
plugin settings under `[plugins.<name>]`. An environment variable is `MALL_` and the name in capitals.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from contracts.address import checked_address
from contracts.errors import ChainError
from contracts.siwe import origin_of
from host.errors import MallError

Plain = str | int | float | bool
_A = {int: "a whole number", float: "a number", str: "a text", Path: "a path"}


@dataclass(frozen=True, slots=True)
class Config:
    """What an operator may set. Times in seconds, ports 0..65535 (0: any free one)."""

    data: Path = field(metadata={"help": "the one folder that holds all state"})
    name: str = field(default="mall.live", metadata={"help": "name of this host, shown to players"})
    listen: str = field(default="0.0.0.0", metadata={"help": "address of the game socket"})  # noqa: S104
    port: int = field(default=7777, metadata={"help": "port of the game socket"})
    console_listen: str = field(default="127.0.0.1", metadata={"help": "address of the web console"})
    console_port: int = field(default=7778, metadata={"help": "port of the web console"})
    public_url: str = field(
        default="",
        metadata={
            "help": "address at which players' browsers reach the pages of own wallets, as https://mall.example; "
            "empty: the console's own address"
        },
    )
    workers: int = field(default=1, metadata={"help": "Lua worker processes"})
    chain_endpoints: str = field(
        default="",
        repr=False,
        metadata={
            "help": "JSON-RPC addresses of the chain that settles, separated by commas, the preferred one first; "
            "empty: the embedded chain in the data folder"
        },
    )
    chain_id: int = field(
        default=1337,
        metadata={"help": "EIP-155 id of that chain, 56 for BNB Smart Chain; the embedded one is 1337"},
    )
    chain_quorum: int = field(
        default=1, metadata={"help": "endpoints that must say the same of what is final"}
    )
    chain_max_gwei: float = field(
        default=20.0,
        metadata={"help": "most for a unit of gas, in 10^-9 of the chain's coin; never exceeded"},
    )
    chain_deployment: str = field(
        default="",
        metadata={
            "help": "file with the addresses of the contracts; empty: deployment-<chain_id>.json of the data folder"
        },
    )
    signer_url: str = field(
        default="",
        repr=False,
        metadata={
            "help": "external signer (Clef, web3signer) for the two addresses below, as http://127.0.0.1:8550"
        },
    )
    operator_address: str = field(
        default="",
        metadata={
            "help": "address that settles rewards, kept by the external signer; empty: a key of the data folder"
        },
    )
    treasury_address: str = field(
        default="",
        metadata={"help": "address that owns unsold land and LIVE, as operator_address"},
    )
    key_password_file: str = field(
        default="",
        metadata={
            "help": "file whose first line is the password of the host's secret, which is then kept encrypted; "
            "without it the variable MALL_KEY_PASSWORD counts"
        },
    )
    reconcile_seconds: float = field(
        default=600.0, metadata={"help": "time between two comparisons of books and chain"}
    )
    epoch_seconds: float = field(default=5.0, metadata={"help": "time between two settlements of rewards"})
    idle_seconds: float = field(
        default=30.0, metadata={"help": "a game with nobody near stops after this time"}
    )
    recordings_mib: int = field(
        default=2048,
        metadata={"help": "most disk for recordings of games, MiB; the oldest without claims go first"},
    )
    recording_mib: int = field(
        default=16, metadata={"help": "most for one recording, MiB; then it is closed"}
    )
    recording_days: float = field(default=7.0, metadata={"help": "recordings are kept so long"})
    recording_fault_days: float = field(
        default=30.0, metadata={"help": "recordings in which something went wrong are kept so long"}
    )
    recording_claim_days: float = field(
        default=90.0, metadata={"help": "recordings that prove a reward are kept so long"}
    )
    log_level: str = field(default="info", metadata={"help": "debug, info, warning or error"})
    plugins: Mapping[str, Mapping[str, Plain]] = field(
        default_factory=lambda: MappingProxyType({}), metadata={"help": "settings of plugins, by plugin name"}
    )

    @property
    def database(self) -> Path:
        return self.data / "mall.db"

    @property
    def chain(self) -> Path:
        return self.data / "chain.db"

    @property
    def recordings(self) -> Path:
        return self.data / "recordings"

    @property
    def proofs(self) -> Path:
        return self.data / "proofs.json"

    @property
    def control_socket(self) -> Path:
        return self.data / "control.sock"


def default_data(env: Mapping[str, str]) -> Path:
    """The data folder of a person who named none (XDG base directory specification)."""
    base = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "~")).expanduser() / ".local" / "share")
    return Path(base) / "mall"


def load(
    file: Path | None = None, flags: Mapping[str, Any] | None = None, env: Mapping[str, str] = os.environ
) -> Config:
    """Read the settings.

    Raises:
        MallError: config.missing_file, config.unreadable, config.not_toml, config.unknown_key, config.bad_value.
    """
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    data = Path(given.get("data") or env.get("MALL_DATA") or default_data(env)).expanduser()
    path = file or data / "mall.toml"
    if file is not None and not file.is_file():
        raise MallError("config.missing_file", f"There is no settings file {file}.", file=str(file))
    values: dict[str, Any] = {"data": data}
    if os.path.isfile(path):  # unlike Path.is_file it does not raise in a folder that we may not enter
        for key, value in _read(path).items():
            values[key] = _check(key, value, f"{path.name}: {key}")
    for key in _types():
        variable = f"MALL_{key.upper()}"
        if key != "plugins" and variable in env:
            values[key] = _check(key, _from_text(key, env[variable], variable), variable)
    for key, value in given.items():
        values[key] = _check(key, value, f"--{key.replace('_', '-')}")
    return Config(**{**values, "data": data})


def _types() -> dict[str, type]:
    kinds: dict[str, type] = {"int": int, "float": float, "str": str, "Path": Path}
    return {f.name: kinds.get(str(f.type), dict) for f in fields(Config)}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MallError(
            "config.unreadable", f"{path} cannot be read: {error.strerror}.", file=str(path)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MallError("config.not_toml", f"{path} is not valid TOML: {error}.", file=str(path)) from error


def _from_text(key: str, text: str, place: str) -> Any:
    kind = _types()[key]
    try:
        return kind(text)
    except ValueError as error:
        raise MallError(
            "config.bad_value", f"{place} must be {_A[kind]}, not {text!r}.", place=place
        ) from error


def _check(key: str, value: Any, place: str) -> Any:
    kinds = _types()
    if key not in kinds:
        known = ", ".join(sorted(kinds))
        raise MallError("config.unknown_key", f"{place} is not a setting. Known: {known}.", place=place)
    if key == "plugins":
        return _plugin_tables(value, place)
    kind = kinds[key]
    if kind is Path and isinstance(value, str):
        value = Path(value)
    if kind is float and type(value) is int:
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MallError("config.bad_value", f"{place} must be {_A[kind]}, not {value!r}.", place=place)
    problem = _range_problem(key, value)
    if problem:
        raise MallError("config.bad_value", f"{place} {problem}, not {value!r}.", place=place)
    return value


def _range_problem(key: str, value: Any) -> str:
    if key.endswith("port") and not 0 <= value <= 65535:
        return "must be a port from 0 to 65535"
    if key == "workers" and not 1 <= value <= 64:
        return "must be 1 to 64"
    if key.endswith("_seconds") and not 0.1 <= value <= 86_400:
        return "must be 0.1 to 86,400 seconds"
    if key.endswith("_days") and not 0 < value <= 3650:
        return "must be above 0 and at most 3,650 days"
    if key.endswith("_mib") and not 1 <= value <= 1 << 20:
        return "must be 1 to 1,048,576 MiB"
    if key == "name" and not 1 <= len(value) <= 60:
        return "must have 1 to 60 characters"
    if key == "public_url" and value:
        try:
            origin_of(value)
        except ChainError:
            return "must be the address of a web server, as https://mall.example"
    if key in ("operator_address", "treasury_address") and value:
        try:
            checked_address(value)
        except ChainError:
            return "must be an address, 0x and 40 hex digits, spelled as its checksum asks"
    if key == "chain_id" and not 1 <= value <= 1 << 53:
        return "must be 1 to 2^53"
    if key == "chain_quorum" and not 1 <= value <= 16:
        return "must be 1 to 16"
    if key == "chain_max_gwei" and not 0 < value <= 1_000_000:
        return "must be above 0 and at most 1,000,000"
    if key == "log_level" and value not in ("debug", "info", "warning", "error"):
        return "must be debug, info, warning or error"
    return ""


def _plugin_tables(value: Any, place: str) -> Mapping[str, Mapping[str, Plain]]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise MallError(
            "config.bad_value", f"{place} must hold one table a plugin, as [plugins.chat].", place=place
        )
    for name, table in value.items():
        for key, item in table.items():
            if not isinstance(item, str | int | float | bool):
                where = f"{place}.{name}.{key}"
                raise MallError(
                    "config.bad_value", f"{where} must be text, a number or true/false.", place=where
                )
    return value
