"""A process that records without end and says which claims it would have booked, until it is killed."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from host.play.recordings import Recordings
from host.play.retention import Keep
from sandbox.wire import Step
from tests.sandbox.conftest import make_spec

KEEP = Keep(1 << 30, 1 << 24, 7e5, 3e6, 9e6)


async def main(folder: Path) -> None:
    recordings = Recordings(folder, KEEP, set, time.time)
    await recordings.start()
    session = recordings.session(3, 1)
    recordings.began(make_spec("mall.log(1)"), 1, Step(1, 1, 1000.0, b"", bytes(32)))
    for number in range(1, 1_000_000):
        recordings.stepped(Step(1, 1, 1000.0 + number, os.urandom(500), os.urandom(32)))
        if number % 7 == 0:
            mark = await recordings.keep(session)
            print(session, number, mark.at, mark.check, flush=True)
        await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
