"""Nearby chat: what a player says is heard within a radius. Written against public hooks only."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from host.api import HostApi
from host.hookspecs import ClientMessage, Setting, hookimpl

MAX_CHARACTERS = 280


@hookimpl
def mall_settings() -> Sequence[Setting]:
    return [
        Setting("radius", 25.0, "how far a voice carries (metres)"),
        Setting("rate", 1.0, "messages a second that one player may send"),
        Setting("burst", 5, "messages that may come at once"),
    ]


@hookimpl
def mall_client_messages(host: HostApi) -> Sequence[ClientMessage]:
    def say(player: int, fields: Mapping[str, Any]) -> None:
        speaker = host.player(player)
        text = clean(str(fields["text"]))
        if speaker is None or not text:
            return
        if text.startswith("/"):
            if not host.command(player, text):
                host.send(player, {"t": "error", "code": "chat.unknown_command", "message": unknown(text)})
            return
        heard = {"t": "chat", "from": speaker.id, "slot": speaker.slot, "name": speaker.name, "text": text}
        for listener in host.players_near(speaker.at, float(host.setting("chat", "radius"))):
            host.send(listener.id, heard)
        host.said(player, text)

    rate, burst = float(host.setting("chat", "rate")), int(host.setting("chat", "burst"))
    return [ClientMessage("chat", {"text": "str"}, say, rate, burst, feature="chat")]


def unknown(line: str) -> str:
    """What a player reads whose line begins with "/" and means nothing here."""
    return f"There is no command {line.split()[0][:32]} here; lines that begin with / are never said aloud."


def clean(text: str) -> str:
    """Text as others may see it: one line, no control or direction-changing characters, at most 280 characters."""
    kept = (c if unicodedata.category(c)[0] != "C" else " " for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(kept).split())[:MAX_CHARACTERS]
