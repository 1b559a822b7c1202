"""`mall demo`: the whole story with nothing faked, one line a step, resumable after any cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts import deploy
from host import chains, control
from host.config import Config
from host.economy import amounts
from host.errors import MallError
from host.godot.display import virtual_display
from host.godot.engine import Engine
from host.godot.launch import ClientDriver
from host.godot.project import prepare
from host.story import Ask, Story, asker, begin

PROJECT = Path(__file__).parent.parent / "godot_project"
START_TIMEOUT_S = 60.0
PLAY_TIMEOUT_S = 240.0
PAID_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """One step that was done: its number, what it was, its ids, and how long it took in seconds."""

    number: int
    name: str
    facts: Mapping[str, Any]
    seconds: float


class Demo:
    """Runs the story on a data folder and tells each step.

    Args:
        tell: gets each step when it is done.
        settings: of the game, as text, when it is placed for the first time.
        pictures: draw the client under a virtual display and keep screenshots in `<data>/shots`.
    """

    def __init__(
        self,
        config: Config,
        engine: Engine,
        tell: Callable[[Told], None],
        settings: Mapping[str, str],
        *,
        pictures: bool,
    ) -> None:
        self._config = config
        self._engine = engine
        self._tell = tell
        self._settings = settings
        self._pictures = pictures
        self._number = 0
        self._ask: Ask = asker(config)
        self._token = config.data / "demo.token"
        self._shots = config.data / "shots"

    async def run(self) -> None:
        """Tell the story to its end.

        Raises:
            MallError: what went wrong; its fact `step` names the failing step.
        """
        async with contextlib.AsyncExitStack() as stack:
            url = await self._step("host", lambda: self._host(stack))
            story = begin(self._config, self._ask, self._settings)
            for name, act in (
                ("land", story.take_land), ("publish", story.publish), ("approve", story.approve),
                ("place", story.place), ("fund", story.fund), ("enable", story.enable),
            ):  # fmt: skip
                await self._step(name, lambda act=act: asyncio.to_thread(act))  # type: ignore[misc]
            claim = await asyncio.to_thread(self._earlier_claim)
            client = await self._step("client", lambda: self._client(stack, url["url"], story, claim))
            if claim is None:
                await self._play(client["driver"], story)
            await self._step("settled", lambda: self._settled(client["player"]))
            paid = await self._step("paid", lambda: self._claim_in(client["player"], ("paid",)))
            await self._step("balance", lambda: self._shown(client, paid, played=claim is None))
            self._token.unlink(missing_ok=True)

    async def _step(self, name: str, act: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        self._number += 1
        began = time.monotonic()
        try:
            facts = await act()
        except MallError as error:
            raise MallError(
                error.code, f"Step {self._number}, {name}: {error.message}", **error.facts, step=name
            ) from error
        shown = {key: value for key, value in facts.items() if value not in ("", None) and key != "driver"}
        self._tell(Told(self._number, name, shown, time.monotonic() - began))
        return facts

    # the host

    async def _host(self, stack: contextlib.AsyncExitStack) -> dict[str, Any]:
        if not control.is_running(self._config.control_socket):
            stack.enter_context(_own_host(self._config))
        status = await asyncio.to_thread(self._ask, "status")
        return {"url": status["url"], "chain": status["chain"]["id"], "block": status["chain"]["block"],
                "data": status["data"]}  # fmt: skip

    # the client

    def _earlier_claim(self) -> dict[str, Any] | None:
        """A reward of this story's guest that was won before the run was cut."""
        token = _token_in(self._token) if self._token.exists() else ""
        if not token:
            return None
        try:
            player = self._ask("player_of_token", token=token)["player"]
        except MallError as error:
            if error.code != "account.bad_token":
                raise
            self._token.unlink()  # of another data folder, or older than a sign-in lasts
            return None
        claims = [c for c in self._ask("claims", player=player) if c["state"] != "rejected"]
        return claims[0] if claims else None

    async def _client(
        self, stack: contextlib.AsyncExitStack, url: str, story: Story, claim: dict[str, Any] | None
    ) -> dict[str, Any]:
        project = await asyncio.to_thread(prepare, self._engine, PROJECT)
        display = stack.enter_context(virtual_display(self._engine)) if self._pictures else None
        args = ["--server", url, "--token-file", str(self._token), "--quit-after", str(PLAY_TIMEOUT_S)]
        if claim is None:
            args += ["--autopilot", "--place", str(story.placement)]
        if display is not None:
            self._shots.mkdir(exist_ok=True)
            args += ["--shots", str(self._shots)]
        home = self._config.data / "demo-client"
        env = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        driver = await stack.enter_async_context(
            ClientDriver(self._engine, project, args, display=display, headless=display is None, env=env)
        )
        signed = await driver.wait_for("signed_in", START_TIMEOUT_S)
        return {"driver": driver, "engine": str(self._engine.version), "player": int(signed["player"]),
                "wallet": signed["wallet"], "drawn": display is not None}  # fmt: skip

    async def _play(self, driver: ClientDriver, story: Story) -> None:
        await self._step("walk", lambda: self._report(driver, "arrived", "place"))
        await self._step("play", lambda: self._report(driver, "won", "place"))
        await self._step("claim", lambda: self._claimed(driver))

    async def _report(self, driver: ClientDriver, event: str, *keys: str) -> dict[str, Any]:
        found = await _seen(driver, event, PLAY_TIMEOUT_S)
        return {key: int(found[key]) for key in keys}

    async def _claimed(self, driver: ClientDriver) -> dict[str, Any]:
        found = await _seen(driver, "claim", PAID_TIMEOUT_S)
        if found["state"] == "rejected":
            raise MallError("demo.claim_rejected", f"The host refused the reward: {found['reason']}.")
        return {"claim": int(found["id"]), "state": found["state"], "live": found["text"]}

    async def _settled(self, player: int) -> dict[str, Any]:
        """The epoch that the claim is part of, and its transaction."""
        claim = await self._claim_in(player, ("settled", "paid"))
        steps = await asyncio.to_thread(self._ask, "epoch", number=claim["epoch"])
        settle = next(step for step in steps if step["step"] == "settle")
        return {
            "epoch": claim["epoch"],
            "state": settle["state"],
            "block": settle["block"],
            "tx": settle["tx"],
        }

    async def _claim_in(self, player: int, states: tuple[str, ...]) -> dict[str, Any]:
        """Wait until the player's claim is in one of the states; the host is asked, as any client could."""
        deadline = time.monotonic() + PAID_TIMEOUT_S
        while True:
            claims = [
                c
                for c in await asyncio.to_thread(self._ask, "claims", player=player)
                if c["state"] != "rejected"
            ]
            if claims and claims[0]["state"] in states:
                found = claims[0]
                kept = ("state", "epoch", "live", "wei", "tx")
                return {"claim": int(found["id"]), **{key: found[key] for key in kept}}
            if time.monotonic() > deadline:
                state = claims[0]["state"] if claims else "missing"
                raise MallError(
                    "demo.not_settled", f"The claim is still {state} after {PAID_TIMEOUT_S:.0f} s."
                )
            await asyncio.sleep(0.2)

    async def _shown(
        self, client: Mapping[str, Any], paid: Mapping[str, Any], *, played: bool
    ) -> dict[str, Any]:
        """The HUD's figure and the stored chain's own must be one."""
        driver: ClientDriver = client["driver"]
        report = await _seen(driver, "balance", PAID_TIMEOUT_S, wei=paid["wei"])
        if played:
            await _seen(driver, "done", PAID_TIMEOUT_S)
        stored = await asyncio.to_thread(self._on_stored_chain, str(client["wallet"]))
        if str(stored) != report["wei"]:
            raise MallError(
                "demo.differs",
                f"The client shows {report['wei']} wei, the stored chain holds {stored}.",
                wallet=client["wallet"],
            )
        shots = sorted(str(p) for p in self._shots.glob("*.png")) if client["drawn"] else []
        return {
            "hud": report["text"],
            "chain": amounts.show(stored),
            "wallet": client["wallet"],
            "shots": " ".join(shots),
        }

    def _on_stored_chain(self, wallet: str) -> int:
        with contextlib.ExitStack() as stack:
            chain = chains.open_chain(self._config, stack, time.time, read_only=True)
            found = deploy.load(chains.deployment_file(self._config))
            return int(found.live.call(chain, "balanceOf", wallet))


async def _seen(driver: ClientDriver, event: str, within: float, **fields: Any) -> dict[str, Any]:
    """A report that has come already, or the next one: reports of one moment may come in any order."""
    for report in driver.reports:
        if report["event"] == event and fields.items() <= report.items():
            return report
    return await driver.wait_for(event, within, **fields)


def _token_in(path: Path) -> str:
    """The session token in the client's file (Godot's ConfigFile)."""
    found = re.search(r'^token="([A-Za-z0-9_-]+)"$', path.read_text(), re.MULTILINE)
    return found[1] if found else ""


@contextlib.contextmanager
def _own_host(config: Config) -> Iterator[None]:
    """A host of our own for the length of the story, its log in the data folder."""
    config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = [sys.executable, "-m", "host.serve", "--data", str(config.data)]
    with (config.data / "demo-host.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise MallError(
                "demo.no_host",
                f"The host did not start; its log is {config.data / 'demo-host.log'}.",
                exit_code=process.wait(),
            )
        answer = json.loads(line)
        if "error" in answer:
            raise MallError(answer["error"]["code"], answer["error"]["message"])
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
