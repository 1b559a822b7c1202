"""BNB Smart Chain, or any chain with Ethereum's JSON-RPC, through web3.py."""

from contracts.rpc.chain import RpcChain

__all__ = ["RpcChain"]
