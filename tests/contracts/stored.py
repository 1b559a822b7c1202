"""A chain file with LIVE on it, for tests of the file."""

from __future__ import annotations

from pathlib import Path

from contracts.address import keccak256, to_hex
from contracts.bindings import Contract, deploy_intent
from contracts.deploy import Deployed, Deployment
from contracts.keys import derive_key
from contracts.local import LocalChain

KEY = derive_key(b"for tests only".ljust(32), "operator")
ANN = derive_key(b"for tests only".ljust(32), "ann")


def store_chain(path: Path) -> Deployment:
    """Writes a chain file: KEY has all LIVE and the next nonce 1."""
    with LocalChain(path) as chain:
        made = deploy_intent("live", KEY.address, "LiveToken", KEY.address, 10**27)
        receipt = chain.receipt(chain.broadcast([chain.sign(made, 0, KEY).raw])[0])
        assert receipt is not None
        assert receipt.contract_address is not None
        at = receipt.contract_address
        code_hash = to_hex(keccak256(chain.code(at)))
    return Deployment(1337, 1, {"LiveToken": Deployed(at, code_hash)})


def pay(chain: LocalChain, live: Contract, amount: int, nonce: int) -> bytes:
    """Signed bytes that give LIVE (wei) to ANN."""
    intent = live.intent(f"pay:{nonce}", KEY.address, "transfer", ANN.address, amount)
    return chain.sign(intent, nonce, KEY).raw


def balance(chain: LocalChain, live: Contract, block: int | None = None) -> int:
    """What ANN has."""
    return int(live.call(chain, "balanceOf", ANN.address, block=block))
