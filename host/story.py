"""From a folder with a game to a game that runs on held land: what a creator, a landholder and a moderator do.

Every act goes through the doors that people have: signed packages, signed consent, transactions signed by the
holder's own key, the host's commands. Each step first looks whether it is done, so a story that was cut short goes on.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.bindings import Contract
from contracts.chain import TX_GAS_CAP
from contracts.keys import PrivateKey, sign_message
from contracts.signing import sign_intent
from host import control
from host.config import Config
from host.creation import open_folder, signed_archive
from host.economy import amounts
from host.errors import MallError
from host.keyfile import load_key
from host.land import atlas

Ask = Callable[..., Any]
GAME = Path(__file__).parent.parent / "builtin_games" / "coin_rush"
PRIZE_LIVE = "100"


def signed_consent(ask: Ask, key: PrivateKey, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A holder's consent to what is `asked` (release, tierra, settings): the host says the text, the holder signs."""
    found = ask("consent", **asked, holder=key.address)
    signature = sign_message(key, str(found["text"]).encode())
    return {"holder": key.address, "until": found["until"], "signature": "0x" + signature.hex()}


@dataclass(slots=True)
class Story:
    """One release on one Tierra, step by step; the steps in their order.

    Args:
        ask: runs a command of the host (`ask(verb, **arguments)`).
        folder: of the package. settings: what the landholder sets, as text.
    """

    ask: Ask
    folder: Path
    creator: PrivateKey
    landholder: PrivateKey
    tierra: int
    settings: Mapping[str, str] = field(default_factory=dict)
    release: int = 0
    placement: int = 0
    pools: list[dict[str, Any]] = field(default_factory=list)

    def take_land(self) -> dict[str, Any]:
        """The treasury gives the landholder the Tierra, on the chain."""
        got: dict[str, Any] = self.ask("grant", tierra=self.tierra, to=self.landholder.address)
        held = self.ask("holder", tierra=self.tierra)
        if held["address"] != self.landholder.address:
            raise MallError("story.land", f"Tierra {self.tierra} is held by {held['address']}.")
        return {
            "tierra": self.tierra,
            "address": atlas.address(self.tierra),
            "holder": got["owner"],
            "tx": got["tx"],
        }

    def publish(self) -> dict[str, Any]:
        """The creator signs and submits the release; the host scans it."""
        archive = signed_archive(self.folder, self.creator)
        got = self.ask("publish", archive=base64.b64encode(archive).decode())
        self.release = int(got["release"])
        return {k: got[k] for k in ("release", "package", "version", "digest", "signer", "state")} | {
            "findings": len(got["findings"])
        }

    def approve(self) -> dict[str, Any]:
        """The moderator approves the release."""
        got: dict[str, Any] = self.ask("approve", release=self.release)
        return {"release": got["release"], "state": got["state"]}

    def place(self) -> dict[str, Any]:
        """The landholder asks for the placement, with signed consent."""
        asked = {"release": self.release, "tierra": self.tierra, "settings": dict(self.settings)}
        got = self.ask("request", **asked, **signed_consent(self.ask, self.landholder, asked))
        self.placement, self.pools = int(got["placement"]), got["pools"]
        return {"placement": self.placement, "tierra": self.tierra, "state": got["state"]}

    def fund(self) -> dict[str, Any]:
        """The landholder puts LIVE into the pools, on the chain."""
        status, wanted = self.ask("status"), amounts.parse(PRIZE_LIVE)
        live, vault = (Contract(n, status["contracts"][n]) for n in ("LiveToken", "PrizeVault"))
        sent: list[str] = []
        for pool in self.pools:
            missing = wanted - int(pool["left_wei"])
            if missing <= 0:
                continue
            had = int(self.ask("balance", who=self.landholder.address)["wei"])
            if had < missing:
                self.ask("pay", to=self.landholder.address, amount=amounts.plain(missing - had))
            calls = [(live, "approve", vault.address, missing), (vault, "fund", pool["id"], missing)]
            sent = self._send(status["chain"]["id"], calls)
        self.pools = self.ask("pools", placement=self.placement)
        return {
            "pools": ", ".join(f"{p['name']} {p['left']}" for p in self.pools),
            "tx": sent[-1] if sent else "",
        }

    def enable(self) -> dict[str, Any]:
        """The moderator enables the placement on this parcel."""
        got = self.ask("enable_placement", placement=self.placement)
        return {"placement": self.placement, "state": got["state"]}

    def _send(self, chain_id: int, calls: list[tuple[Any, ...]]) -> list[str]:
        nonce = int(self.ask("chain_nonce", address=self.landholder.address))
        raws = []
        for number, (contract, function, *arguments) in enumerate(calls):
            intent = contract.intent(f"landholder:{function}", self.landholder.address, function, *arguments)
            signed = sign_intent(
                intent, nonce + number, self.landholder, chain_id=chain_id, gas=TX_GAS_CAP // 16, fee=0, tip=0
            )
            raws.append("0x" + signed.raw.hex())
        receipts = self.ask("chain_send", raws=raws)
        refused = [receipt["tx"] for receipt in receipts if receipt["status"] != 1]
        if refused:
            raise MallError("chain.refused", f"The chain refused transaction {refused[0]}.", tx=refused[0])
        return [str(receipt["tx"]) for receipt in receipts]


def begin(config: Config, ask: Ask, settings: Mapping[str, str] | None = None) -> Story:
    """The story of Coin Rush on the plot nearest to where players arrive.

    Raises:
        MallError: story.no_game, key.*.
    """
    if not (GAME / "package.toml").is_file():
        raise MallError(
            "story.no_game", "builtin_games/coin_rush is not installed; there is nothing to play."
        )
    people = config.data / "people"
    room = open_folder(GAME).manifest.footprint
    return Story(
        ask=ask,
        folder=GAME,
        creator=load_key(people / "creator.key"),
        landholder=load_key(people / "landholder.key"),
        tierra=nearest_plot(room.width, room.depth),
        settings=settings or {},
    )


def nearest_plot(width: int, depth: int) -> int:
    """The Tierra of region 0 nearest to the spawn from which `width` x `depth` cells fit into its block of 4 x 4."""
    plan = atlas.region(0)
    x, _, z, _ = plan.spawn

    def distance(number: int) -> tuple[float, int]:
        centre = atlas.tierra(number).rect.centre
        return math.hypot(centre[0] - x, centre[1] - z), number

    plots = [atlas.tierra(number) for number in range(1 << 10)]
    return min((p.number for p in plots if p.x % 4 + width <= 4 and p.y % 4 + depth <= 4), key=distance)


def open_first_game(config: Config, progress: Callable[[str], None]) -> bool:
    """Place Coin Rush in a city where nothing ever ran; true when it did so. A placing that was cut goes on."""
    ask = asker(config)
    if set(ask("status")["placements"]) - {"requested", "declined"} or not (GAME / "package.toml").is_file():
        return False
    story = begin(config, ask)
    steps = {
        "Laying the first plot": story.take_land,
        "Publishing Coin Rush": story.publish,
        "Reviewing Coin Rush": story.approve,
        "Placing Coin Rush": story.place,
        "Funding its prizes": story.fund,
        "Enabling Coin Rush": story.enable,
    }
    for text, step in steps.items():
        progress(text)
        step()
    return True


def asker(config: Config) -> Ask:
    """Runs commands in the host that serves this data folder."""

    def ask(verb: str, **arguments: Any) -> Any:
        return control.request(config.control_socket, verb, **arguments)

    return ask
