"""The embedded chain: py-evm for execution, SQLite for everything that lasts."""

from contracts.local.chain import LocalChain

__all__ = ["LocalChain"]
