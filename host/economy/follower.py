"""Follows the chain from a stored block: each event reaches its handlers once and in order.

Only final blocks are read, so nothing that was booked is ever undone; the cursor moves in the same unit of work as what
the handlers book, and keeps the block's hash, so that a chain which changes what it called final is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from contracts.chain import Chain, ChainEvent
from host.errors import MallError
from host.storage.rows import Rows
from host.storage.tx import Tx

T = TypeVar("T")
CURSOR: Final = "main"
MAX_BLOCKS: Final = 500


class Write(Protocol):
    """Runs a unit of work in the database's writer and waits until it is durable."""

    def __call__(self, work: Callable[[Tx], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Handler:
    """Calls `handle` with each event of the contract at `address`, inside the transaction that moves the cursor."""

    address: str
    handle: Callable[[Tx, ChainEvent], None]


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the database knows the chain: `block` is done, `events` were handled now, `behind` says there is more."""

    block: int
    events: int
    behind: bool


def cursor(rows: Rows) -> int:
    """The last block whose events are in the database; -1 before the first."""
    found = rows.value("select block from chain_cursor where name = ?", CURSOR)
    return -1 if found is None else int(found)


class Follower:
    """Reads the chain for the host's domains.

    Args:
        first_block: where the contracts were deployed; nothing before it is read.
    """

    def __init__(self, rows: Rows, first_block: int = 0) -> None:
        self._rows = rows
        self._first = first_block

    def advance(self, write: Write, chain: Chain, handlers: Sequence[Handler]) -> Followed:
        """Hand over the events of the next final blocks, at most MAX_BLOCKS.

        A handler that raises leaves cursor and tables as they were; the error reaches the caller.

        Raises:
            ChainError: the chain did not answer; call again later.
            MallError: chain.rewound when the chain is not the one that was read, or a node is behind.
        """
        done, head = cursor(self._rows), chain.finalized().number
        self._check_same(chain, done, head)
        start = max(done + 1, self._first)
        last = min(head, start + MAX_BLOCKS - 1)
        if last < start:
            return Followed(done, 0, False)
        by_address = {
            address: [h for h in handlers if h.address == address]
            for address in {h.address for h in handlers}
        }
        events = chain.events(start, last, sorted(by_address))
        end = chain.block(last)
        if end is None:
            raise MallError("chain.rewound", f"Block {last} was final and is gone: ask again.", read=last)

        def book(tx: Tx) -> None:
            if cursor(tx) != done:
                raise MallError(
                    "chain.cursor_moved", "Two followers read the chain: run one host.", cursor=done
                )
            for event in events:
                for handler in by_address[event.address]:
                    handler.handle(tx, event)
            tx.execute(
                "insert into chain_cursor (name, block, hash) values (?, ?, ?)"
                " on conflict (name) do update set block = excluded.block, hash = excluded.hash",
                CURSOR,
                last,
                end.hash,
            )

        write(book)
        return Followed(last, len(events), last < head)

    def _check_same(self, chain: Chain, done: int, head: int) -> None:
        """The last block that was read must still be there, under its hash."""
        if head < done:
            raise MallError(
                "chain.rewound",
                f"Block {done} was read, but the chain is final up to {head} only: a node is behind, or this is not "
                "the chain of this database.",
                read=done, head=head,
            )  # fmt: skip
        known = self._rows.value("select hash from chain_cursor where name = ?", CURSOR)
        found = chain.block(done) if known else None
        if known and (found is None or found.hash != known):
            now = found.hash if found else "gone"
            raise MallError(
                "chain.rewound",
                f"Block {done} was read as {known} and is {now} now: final blocks changed, or this is not the chain of "
                "this database. Compare with another node before anything else is done.",
                read=done, head=head,
            )  # fmt: skip
