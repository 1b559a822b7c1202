"""The 22 capabilities in three levels, and how their use shows in Lua source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["basic", "sensitive", "restricted"]


@dataclass(frozen=True, slots=True)
class Capability:
    """A named power. `basic` comes with the manifest, `sensitive` from the holder, `restricted` from a moderator."""

    name: str
    level: Level
    text: str


_TABLE: Final[tuple[tuple[str, Level, str], ...]] = (
    ("world.build", "basic", "put things on the parcel"),
    ("ui", "basic", "show panels to players"),
    ("store", "basic", "remember values"),
    ("board", "basic", "keep high scores"),
    ("match", "basic", "run matches"),
    ("chat.say", "basic", "say things to players"),
    ("media.model", "basic", "use own 3D models"),
    ("avatar.move", "sensitive", "move players within the parcel"),
    ("avatar.emote", "sensitive", "let avatars play emotes"),
    ("avatar.effect", "sensitive", "put effects on avatars"),
    ("chat.listen", "sensitive", "read the chat on the parcel"),
    ("media.video", "sensitive", "play video"),
    ("media.audio", "sensitive", "play sound"),
    ("voice.zone", "sensitive", "shape voice chat"),
    ("npc", "sensitive", "run characters"),
    ("shop.offer", "sensitive", "offer products and try-on"),
    ("shop.coupon", "sensitive", "hand out coupons"),
    ("ticket", "sensitive", "check tickets"),
    ("bus", "sensitive", "talk to other placements of the parcel"),
    ("reward.claim", "restricted", "ask to pay LIVE from its pools"),
    ("net.fetch", "restricted", "read listed hosts on the network"),
    ("game.chance", "restricted", "run games of chance"),
)
CAPABILITIES: Final[dict[str, Capability]] = {row[0]: Capability(*row) for row in _TABLE}


def of_level(names: frozenset[str], level: Level) -> frozenset[str]:
    """Those of `names` that have this level."""
    return frozenset(name for name in names if CAPABILITIES[name].level == level)


# A use that cannot be anything else: calling it without the capability would only raise.
CERTAIN: Final[dict[str, re.Pattern[str]]] = {
    "world.build": re.compile(r"\bmall\s*\.\s*world\b"),
    "ui": re.compile(r"\bmall\s*\.\s*ui\b"),
    "store": re.compile(r"\bmall\s*\.\s*store\b"),
    "board": re.compile(r"\bmall\s*\.\s*board\b"),
    "match": re.compile(r"\bmall\s*\.\s*match\b"),
    "npc": re.compile(r"\bmall\s*\.\s*npc\b"),
    "shop.coupon": re.compile(r"\bmall\s*\.\s*shop\s*\.\s*coupon\b"),
    "shop.offer": re.compile(r"\bmall\s*\.\s*shop\s*\.\s*(?!coupon\b)\w+"),
    "ticket": re.compile(r"\bmall\s*\.\s*ticket\b"),
    "bus": re.compile(r"\bmall\s*\.\s*bus\b"),
    "reward.claim": re.compile(r"\bmall\s*\.\s*rewards\b"),
    "net.fetch": re.compile(r"\bmall\s*\.\s*net\b"),
}
# A use that may as well be something of the package's own with the same name.
LIKELY: Final[dict[str, re.Pattern[str]]] = {
    "store": re.compile(r"\.\s*store\b"),
    "board": re.compile(r"\bboard\s*="),
    "chat.say": re.compile(r":\s*say\b"),
    "avatar.move": re.compile(r":\s*teleport\b"),
    "avatar.emote": re.compile(r":\s*emote\b"),
    "avatar.effect": re.compile(r":\s*effect\b"),
    "ticket": re.compile(r":\s*has_ticket\b"),
    "media.model": re.compile(r"\bmodel\s*="),
    "media.audio": re.compile(r"\bmall\s*\.\s*media\b|\bsound\s*="),
    "media.video": re.compile(r"\bmall\s*\.\s*media\b|\bscreen\s*="),
}
# Uses that only show in string literals.
LIKELY_IN_TEXT: Final[dict[str, re.Pattern[str]]] = {
    "chat.listen": re.compile(r"""["'](?:chat|heard)["']"""),
}
# Powers with no call of their own.
SILENT: Final = frozenset({"voice.zone", "game.chance"})
