"""What a stage needs from the rest of the host: land and packages, stores, claims, boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from host.economy.models import Claim, Standing
from host.placements.faults import FaultNote
from host.play.boards import Period
from host.play.models import Placed
from sandbox.commands import Claim as ClaimCommand


class Backstage(Protocol):
    """The durable side of play. Reads are quick; writes answer when they are on disk."""

    async def placed(self) -> Sequence[Placed]:
        """Enabled placements of this region; archives are read beside the loop."""
        ...

    def load_store(self, placement: int) -> bytes:
        """The last snapshot of a placement's store."""
        ...

    async def save_store(self, placement: int, data: bytes) -> None:
        """Keep a snapshot."""
        ...

    async def file_claim(
        self, placed: Placed, session: str, command: ClaimCommand, standing: Standing
    ) -> Claim:
        """Decide on a claim; a refusal comes back as a rejected claim."""
        ...

    def pool_left(self, placement: int, pool: str, player: int) -> int:
        """Wei that this player may still win from the pool today."""
        ...

    async def submit_score(self, placement: int, board: str, player: int, name: str, score: int) -> None:
        """Offer a score to a leaderboard."""
        ...

    async def reset_board(self, placement: int, board: str) -> None:
        """Empty a leaderboard."""
        ...

    def board_rows(self, placement: int, board: str, period: Period) -> tuple[tuple[int, str, int], ...]:
        """The best of a leaderboard."""
        ...

    def boards(self, placement: int) -> list[str]:
        """Leaderboards that hold scores."""
        ...

    async def note_faults(self, placement: int, faults: Sequence[FaultNote]) -> None:
        """Keep faults; a placement with too many is paused, and who has to know is told."""
        ...
