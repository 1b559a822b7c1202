"""A placement runs other code from now on, without a new release: the preview of a creator's own machine."""

from __future__ import annotations

from dataclasses import replace

from host.errors import MallError
from host.play.models import Placed
from host.play.service import Play
from sandbox.supervisor import Supervisor
from sandbox.wire import Loaded

TRIAL = (1 << 53) - 1
"""Number of the instance that only tries whether code loads, when nobody is near and nothing runs."""


async def reload(play: Play, supervisor: Supervisor, placed: Placed, now: float) -> Loaded:
    """Let the placement run as `placed` says; a running one is swapped, one that sleeps wakes with it.

    `now` is the host's clock (seconds, UTC). On an error all stays as it was.

    Raises:
        MallError: play.not_placed, play.waking. SandboxError: what the load raised.
    """
    stage = play.stages.get(placed.id)
    if stage is None:
        raise MallError("play.not_placed", f"Placement {placed.id} is not enabled.", placement=placed.id)
    if stage.waking:
        raise MallError("play.waking", f"Placement {placed.id} is being started.", placement=placed.id)
    before = stage.placed, stage.released
    stage.run_instead(placed)
    try:
        if stage.instance:
            return await supervisor.reload(stage.instance, stage.spec(stage.instance, now))
        loaded = await supervisor.load(replace(stage.spec(TRIAL, now), instance=TRIAL))
    except BaseException:
        stage.placed, stage.released = before
        raise
    await supervisor.unload(TRIAL)
    stage.retry_at = 0.0
    play.wake_if_seen(stage)
    return loaded
