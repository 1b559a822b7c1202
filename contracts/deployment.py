"""Where the contracts are on a chain: a small JSON file, one for each chain, checked against the chain at each
start."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.abi import load_artifact
from contracts.address import checked_address, keccak256, to_hex
from contracts.bindings import Contract
from contracts.chain import Chain
from contracts.errors import ChainError


@dataclass(frozen=True, slots=True)
class Deployed:
    """One contract on the chain: where it is, and the hash of its code there."""

    address: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contracts are. `block` is the first one whose events concern us. `signed` holds, by contract, the
    signed transactions of deployments that are not final yet: sent again after a crash or a reorganisation, they
    give the same addresses."""

    chain_id: int
    block: int
    contracts: Mapping[str, Deployed]
    signed: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)

    def contract(self, name: str) -> Contract:
        """The bound contract. Raises ChainError `chain.no_artifact`."""
        if name not in self.contracts:
            raise ChainError("chain.no_artifact", f"deployed are {', '.join(self.contracts)}", name=name)
        return Contract(name, self.contracts[name].address)

    @property
    def live(self) -> Contract:
        """LIVE, the token."""
        return self.contract("LiveToken")

    @property
    def tierra(self) -> Contract:
        """The land."""
        return self.contract("Tierra")

    @property
    def vault(self) -> Contract:
        """The prize pools."""
        return self.contract("PrizeVault")

    @property
    def distributor(self) -> Contract:
        """Pays rewards out."""
        return self.contract("Distributor")

    @property
    def addresses(self) -> list[str]:
        """All addresses, for `Chain.events`."""
        return [deployed.address for deployed in self.contracts.values()]


def write(deployment: Deployment, path: Path) -> None:
    """Stores a deployment; the file is replaced as a whole or not at all."""
    stored = {
        "chain_id": deployment.chain_id,
        "block": deployment.block,
        "contracts": {
            name: {"address": each.address, "code_hash": each.code_hash}
            for name, each in deployment.contracts.items()
        },
        "signed": {name: [to_hex(raw) for raw in raws] for name, raws in deployment.signed.items()},
    }
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(stored, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> Deployment:
    """Reads a stored deployment. Raises ChainError `chain.bad_deployment` when the file is missing or
    malformed."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        contracts = {
            str(name): Deployed(checked_address(found["address"]), str(found["code_hash"]))
            for name, found in stored["contracts"].items()
        }
        signed = {
            str(name): tuple(bytes.fromhex(raw.removeprefix("0x")) for raw in raws)
            for name, raws in stored.get("signed", {}).items()
        }
        for name in (*contracts, *signed):
            load_artifact(name)
        return Deployment(int(stored["chain_id"]), int(stored["block"]), contracts, signed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ChainError) as error:
        raise ChainError(
            "chain.bad_deployment",
            f"the stored deployment is missing or malformed ({error}): restore it from a backup",
            path=str(path),
        ) from error


def verify(chain: Chain, deployment: Deployment) -> None:
    """Checks that the chain holds exactly the code that was deployed, and that it is the code of this release.

    Raises ChainError `chain.wrong_chain`, `chain.wrong_code`, `chain.other_release`.
    """
    if chain.chain_id != deployment.chain_id:
        raise ChainError(
            "chain.wrong_chain", f"deployed on chain {deployment.chain_id}, this is chain {chain.chain_id}"
        )
    for name, deployed in deployment.contracts.items():
        code = chain.code(deployed.address)
        found = code_hash(code)
        if found != deployed.code_hash:
            raise ChainError(
                "chain.wrong_code",
                f"{name} at {deployed.address} is not the code that was deployed: the chain file and the "
                "deployment file belong to different worlds, restore both from one backup",
                expected=deployed.code_hash,
                found=found,
            )
        if not is_ours(name, code):
            raise ChainError(
                "chain.other_release",
                f"{name} at {deployed.address} is not the {name} of this release, and contracts cannot be changed: "
                "use the release that deployed it, or begin with a new data folder",
                code_hash=found,
            )


def code_hash(code: bytes) -> str:
    """keccak256 of code on the chain, as deployment files hold it."""
    return to_hex(keccak256(code))


def is_ours(name: str, code: bytes) -> bool:
    """Whether code on the chain is the artifact's, whatever its immutables hold."""
    artifact = load_artifact(name)
    if len(code) != len(artifact.runtime):
        return False
    filled = bytearray(code)
    for start, length in artifact.immutables:
        filled[start : start + length] = bytes(length)
    return bytes(filled) == artifact.runtime
