"""Which block is the newest, which is final, and which all endpoints share."""

from __future__ import annotations

import threading

from contracts.chain import Block
from contracts.errors import ChainError
from contracts.rpc import ask
from contracts.rpc.pool import Pool


class Blocks:
    """The blocks of a pool's endpoints. Remembers the newest final one: finality never goes back."""

    def __init__(self, pool: Pool, confirmations: int) -> None:
        """`confirmations` is the depth of a final block on nodes without the `finalized` tag."""
        self._pool = pool
        self._confirmations = confirmations
        self._final: Block | None = None
        self._lock = threading.Lock()

    def head(self) -> Block:
        """The newest block of the preferred endpoint."""
        return self._pool.first(lambda endpoint: ask.tagged(endpoint, "latest")).block

    def shared(self) -> Block:
        """The newest block that most endpoints have, or the final one while they are on different forks."""
        heads = self._pool.each(lambda endpoint: ask.tagged(endpoint, "latest").block)
        if len(heads) == 1:
            return heads[0][1]
        number = _most_have([head.number for _, head in heads])
        blocks = {
            found for _, found in self._pool.each(lambda endpoint: ask.block_at(endpoint, number).block)
        }
        return blocks.pop() if len(blocks) == 1 else self.finalized()

    def finalized(self) -> Block:
        """The newest block that most endpoints call final; never an older one than before.

        Raises ChainError `chain.finality_broken` when a block that was final is on the chain no more.
        """
        answers = self._pool.each(lambda endpoint: ask.final_number(endpoint, self._confirmations))
        number = _most_have([number for _, number in answers])
        with self._lock:
            last = self._final
        if last is not None:
            self._check_still(last)
            if number <= last.number:
                return last
        found = self._agreed(number)
        with self._lock:
            if self._final is None or self._final.number < found.number:
                self._final = found
        return found

    def _check_still(self, last: Block) -> None:
        found = self._agreed(last.number)
        if found.hash != last.hash:
            raise ChainError(
                "chain.finality_broken",
                f"block {last.number} was final as {last.hash} and is {found.hash} now: stop, compare the endpoints "
                "with a public explorer, and start again with one that is right",
                number=last.number, was=last.hash, found=found.hash,
            )  # fmt: skip

    def _agreed(self, number: int) -> Block:
        return self._pool.agreed(lambda endpoint: ask.block_at(endpoint, number).block, f"block {number}")

    def is_final(self, number: int) -> bool:
        """Whether a block cannot be undone any more. Raises as `finalized` does."""
        with self._lock:
            last = self._final
        return (last is not None and number <= last.number) or number <= self.finalized().number

    def at(self, number: int) -> Block | None:
        """A block by number, or None above the head."""
        if number < 0:
            return None
        try:
            if self.is_final(number):
                return self._agreed(number)
            return self._pool.first(lambda endpoint: ask.block_at(endpoint, number)).block
        except ChainError as error:
            if error.code == "chain.no_block":
                return None
            raise


def _most_have(numbers: list[int]) -> int:
    """The highest number that more than half reach (of two, both)."""
    return sorted(numbers, reverse=True)[len(numbers) // 2]
