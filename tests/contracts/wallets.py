"""Contract wallets in a few bytes of EVM code, honest and not, to be asked by EIP-1271."""

from __future__ import annotations

from contracts.chain import Intent
from contracts.keys import derive_key
from contracts.local import LocalChain

_MAGIC = "1626ba7e"
_RETURN_WORD = "60005260206000f3"  # MSTORE(0, top); RETURN(0, 32)
YES = f"63{_MAGIC}60e01b{_RETURN_WORD}"
LIAR = f"63{'ffffffff'}60e01b{_RETURN_WORD}"
TRUE_ONE = f"6001{_RETURN_WORD}"
REVERTS = "60006000fd"
# Reverts with Error(string) whose string is not there.
REVERTS_BADLY = "6308c379a060e01b60005260046000fd"
ECHO = "00"
# The right word, and a megabyte after it.
GIANT = f"63{_MAGIC}60e01b600052" + "62100000" + "6000f3"
# The right word, after memory that costs 4 million gas.
BURNS = f"6215f9005150{YES}"
DEPLOYER = derive_key(b"for tests only".ljust(32), "deployer")


class NoContracts:
    """A chain of plain accounts. (py-evm sets the recursion limit when it is first used, which hypothesis reports.)"""

    def code(self, address: str, block: int | None = None) -> bytes:
        return b""

    def call(
        self,
        to: str,
        data: bytes,
        sender: str | None = None,
        block: int | None = None,
        gas: int | None = None,
    ) -> bytes:
        raise AssertionError


def install(chain: LocalChain, code: str) -> str:
    """Deploys runtime code; the contract's address."""
    body = bytes.fromhex(code)
    init = bytes.fromhex(f"60{len(body):02x}600c60003960{len(body):02x}6000f3") + body
    intent = Intent("wallet", DEPLOYER.address, None, init)
    signed = chain.sign(intent, chain.nonce(DEPLOYER.address), DEPLOYER)
    receipt = chain.receipt(chain.broadcast([signed.raw])[0])
    assert receipt is not None
    assert receipt.contract_address is not None
    assert chain.code(receipt.contract_address) == body
    return receipt.contract_address
