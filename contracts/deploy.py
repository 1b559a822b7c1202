"""Deploys the four contracts, and keeps what was deployed in a small JSON file that is checked at each
start."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import rlp

from contracts.address import address_bytes, address_from_bytes, checked_address, keccak256, to_hex
from contracts.bindings import Contract, deploy_intent
from contracts.chain import Chain, Intent
from contracts.errors import ChainError
from contracts.signer import Signer


@dataclass(frozen=True, slots=True)
class Deployed:
    """One contract on the chain: where it is, and the hash of its code there."""

    address: str
    code_hash: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contracts are. `block` is the first one whose events concern us."""

    chain_id: int
    block: int
    contracts: dict[str, Deployed]

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


def deploy(chain: Chain, key: Signer, live_supply: int, treasury: str) -> Deployment:
    """Deploys LIVE (whole supply to `treasury`), Tierra (all to `treasury`) and the vault with its
    distributor; the key's account becomes owner and operator of the vault. Tierra's Mall is the contract that
    the account deploys next, with nonce 3.

    Addresses follow from the key's account and its nonces 0 to 2, and the same arguments give the same signed
    bytes: calling it again, after a crash too, finds the deployment and changes nothing. One broadcast, so that
    an embedded chain holds all of it or none. Raises ChainError `chain.nonce` when the account has sent something
    else before, `chain.deploy_failed`.
    """
    treasury = checked_address(treasury)
    live_address = created_address(key.address, 0)
    intents = [
        deploy_intent("deploy:LiveToken", key.address, "LiveToken", treasury, live_supply),
        deploy_intent("deploy:Tierra", key.address, "Tierra", treasury, created_address(key.address, 3)),
        deploy_intent("deploy:PrizeVault", key.address, "PrizeVault", live_address, key.address, key.address),
    ]
    hashes = chain.broadcast([_sign(chain, intent, nonce, key) for nonce, intent in enumerate(intents)])
    addresses = {}
    blocks = []
    for intent, tx_hash in zip(intents, hashes, strict=True):
        receipt = chain.receipt(tx_hash)
        if receipt is None or receipt.status != 1 or receipt.contract_address is None:
            raise ChainError("chain.deploy_failed", f"{intent.key} was not mined or refused", tx_hash=tx_hash)
        addresses[intent.key.removeprefix("deploy:")] = receipt.contract_address
        blocks.append(receipt.block)
    addresses["Distributor"] = Contract("PrizeVault", addresses["PrizeVault"]).call(chain, "distributor")
    deployed = {name: Deployed(at, _code_hash(chain, at)) for name, at in addresses.items()}
    return Deployment(chain_id=chain.chain_id, block=min(blocks), contracts=deployed)


def _sign(chain: Chain, intent: Intent, nonce: int, key: Signer) -> bytes:
    return chain.sign(intent, nonce, key).raw


def created_address(sender: str, nonce: int) -> str:
    """The address of the contract that a transaction with this nonce (below 128) deploys:
    keccak256(rlp([sender, nonce]))[12:]."""
    return address_from_bytes(keccak256(rlp.encode([address_bytes(sender), nonce]))[12:])


def _code_hash(chain: Chain, address: str) -> str:
    return to_hex(keccak256(chain.code(address)))


def write(deployment: Deployment, path: Path) -> None:
    """Stores a deployment; the file is replaced as a whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(deployment), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> Deployment:
    """Reads a stored deployment. Raises ChainError `chain.bad_deployment` when the file is missing or
    malformed."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        contracts = {
            name: Deployed(
                checked_address(stored["contracts"][name]["address"]),
                str(stored["contracts"][name]["code_hash"]),
            )
            for name in stored["contracts"]
        }
        return Deployment(chain_id=int(stored["chain_id"]), block=int(stored["block"]), contracts=contracts)
    except (OSError, ValueError, KeyError, TypeError, ChainError) as error:
        raise ChainError(
            "chain.bad_deployment",
            f"the stored deployment is missing or malformed ({error}): restore it from a backup",
            path=str(path),
        ) from error


def verify(chain: Chain, deployment: Deployment) -> None:
    """Checks that the chain holds exactly the code that was deployed. Raises ChainError `chain.wrong_chain`,
    `chain.wrong_code`."""
    if chain.chain_id != deployment.chain_id:
        raise ChainError(
            "chain.wrong_chain", f"deployed on chain {deployment.chain_id}, this is chain {chain.chain_id}"
        )
    for name, deployed in deployment.contracts.items():
        found = _code_hash(chain, deployed.address)
        if found != deployed.code_hash:
            raise ChainError(
                "chain.wrong_code",
                f"{name} at {deployed.address} is not the code that was deployed: the chain file and the "
                "deployment file belong to different worlds, restore both from one backup",
                expected=deployed.code_hash,
                found=found,
            )
