"""The first game of a new city: laid once, and laid to its end when the first try was cut."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from host.serve import Host
from host.story import Story, open_first_game
from tests.hosting import hosting


class CutError(Exception):
    """The power went."""


def test_a_first_game_that_was_cut_is_laid_to_its_end_and_then_never_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(story: Story) -> None:
        raise CutError

    async def lay(host: Host) -> bool:
        return await asyncio.to_thread(open_first_game, host.kernel.config, lambda step: None)

    async def main() -> None:
        async with hosting(data) as host:
            with monkeypatch.context() as patched:
                patched.setattr(Story, "fund", cut)
                with pytest.raises(CutError):
                    await lay(host)
            assert await lay(host)
            (placed,) = host.kernel.placements.living(host.kernel.rows)
            assert placed.state == "enabled"
            assert not await lay(host)

    asyncio.run(main())
