"""Which chain the host lives on, who signs for it there, and where its contracts are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import deploy
from contracts.errors import ChainError
from contracts.signer import RemoteSigner, Signer
from host.config import Config
from host.errors import MallError
from host.keyring import OPERATOR, TREASURY, Keyring

if TYPE_CHECKING:
    from contracts.chain import Chain

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Signers:
    """Who signs for the host: `operator` settles, `treasury` owns unsold land and the LIVE supply."""

    operator: Signer
    treasury: Signer


def open_chain(
    config: Config, stack: ExitStack, clock: Callable[[], float], *, read_only: bool = False
) -> Chain:
    """The chain of the settings: that of `chain_endpoints`, else the embedded one. Closed with `stack`.

    Raises:
        ChainError: chain.*.
    """
    urls = endpoints(config)
    if urls:
        from contracts.rpc import RpcChain

        return stack.enter_context(
            RpcChain(
                urls, config.chain_id, max_fee=int(config.chain_max_gwei * GWEI), quorum=config.chain_quorum
            )
        )
    from contracts.local import LocalChain

    return stack.enter_context(LocalChain(config.chain, read_only=read_only, clock=clock))


def audit(chain: Chain) -> int:
    """Check every block of an embedded chain against its header, and the headers against each other.

    Returns how many there are; 0 for a chain that others keep.

    Raises:
        ChainError: chain.corrupt, naming the block.
    """
    from contracts.local import LocalChain

    if not isinstance(chain, LocalChain):
        return 0
    count = chain.head().number + 1
    chain.audit()
    return count


def endpoints(config: Config) -> list[str]:
    """The endpoints of a chain that others run, the preferred one first; none for the embedded chain."""
    return [url.strip() for url in config.chain_endpoints.split(",") if url.strip()]


def deployment_file(config: Config) -> Path:
    """Where the contracts' addresses stand: the data folder's own for the embedded chain, else one a chain."""
    if config.chain_deployment:
        return Path(config.chain_deployment).expanduser()
    name = f"deployment-{config.chain_id}.json" if endpoints(config) else "deployment.json"
    return config.data / name


def signers(config: Config, keys: Keyring) -> Signers:
    """The host's signers: keys of its secret, or an external signer's for the addresses that the settings name.

    Raises:
        MallError: config.bad_value. ChainError: signer.bad_url, chain.bad_address.
    """

    def one(label: str, address: str) -> Signer:
        if not address:
            return keys.key(label)
        if not config.signer_url:
            raise MallError(
                "config.bad_value", f"{label}_address needs signer_url: the external signer of that address."
            )
        return RemoteSigner(config.signer_url, address)

    return Signers(one(OPERATOR, config.operator_address), one(TREASURY, config.treasury_address))


def check_operator(chain: Chain, found: deploy.Deployment, operator: str) -> None:
    """Whether the vault lets this operator draw.

    Raises:
        ChainError: chain.not_operator.
    """
    appointed = found.vault.call(chain, "operator")
    if appointed != operator:
        raise ChainError(
            "chain.not_operator",
            f"the vault's operator is {appointed}, this host signs as {operator}: appoint it, or use the other's key",
            appointed=appointed, operator=operator,
        )  # fmt: skip
