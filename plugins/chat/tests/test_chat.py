"""What a player says is heard nearby, as one clean line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from host.api import PlayerView
from plugins.chat.plugin import MAX_CHARACTERS, clean, mall_client_messages

SETTINGS = {"radius": 25.0, "rate": 1.0, "burst": 5}


class City:
    """Two players near each other and one far away, with what each was sent."""

    def __init__(self) -> None:
        self.people = [
            PlayerView(n, n + 10, f"P{n}", True, (x, 0.0, 0.0)) for n, x in ((1, 0.0), (2, 20.0), (3, 90.0))
        ]
        self.sent: list[tuple[int, Mapping[str, Any]]] = []
        self.told: list[tuple[int, str]] = []

    def setting(self, plugin: str, name: str) -> Any:
        return SETTINGS[name]

    def player(self, player: int) -> PlayerView | None:
        return next((p for p in self.people if p.id == player), None)

    def players_near(self, at: tuple[float, float, float], radius: float) -> list[PlayerView]:
        return [p for p in self.people if abs(p.at[0] - at[0]) <= radius]

    def said(self, player: int, text: str) -> None:
        self.told.append((player, text))

    def command(self, player: int, line: str) -> bool:
        self.told.append((player, line))
        return line.startswith("/wave")

    def send(self, player: int, message: Mapping[str, Any]) -> None:
        self.sent.append((player, message))


def say(city: City, player: int, text: str) -> None:
    (message,) = mall_client_messages(city)  # type: ignore[arg-type]
    message.handle(player, {"text": text})


def test_only_those_nearby_hear_it() -> None:
    city = City()
    say(city, 1, "hello")
    assert [player for player, _ in city.sent] == [1, 2]
    assert city.sent[0][1] == {"t": "chat", "from": 1, "slot": 11, "name": "P1", "text": "hello"}


def test_what_is_said_is_told_to_the_creation_around() -> None:
    city = City()
    say(city, 1, "hello")
    assert city.told == [(1, "hello")]


def test_a_command_is_carried_out_and_not_heard() -> None:
    city = City()
    say(city, 1, " /wave now ")
    assert (city.told, city.sent) == ([(1, "/wave now")], [])


def test_a_command_that_nobody_knows_is_answered_to_the_speaker_alone() -> None:
    city = City()
    say(city, 1, "/fly high")
    ((player, answer),) = city.sent
    assert (player, answer["t"], answer["code"]) == (1, "error", "chat.unknown_command")
    assert "/fly " in answer["message"]


def test_empty_text_and_absent_players_say_nothing() -> None:
    city = City()
    say(city, 1, " \n\t ")
    say(city, 99, "boo")
    assert city.sent == []


@given(st.text(max_size=600))
def test_text_becomes_one_line_without_control_characters(text: str) -> None:
    line = clean(text)
    assert len(line) <= MAX_CHARACTERS
    assert line.isprintable()
    assert clean(line) == line


def test_direction_changing_characters_are_taken_out() -> None:
    assert clean("a\u202eb\u200bc") == "a b c"
