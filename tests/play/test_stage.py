"""What players are told of a match."""

from __future__ import annotations

from host.play.models import Placed
from host.play.stage import Stage
from host.world.geometry import Rect
from sandbox.commands import MatchScore, MatchStatus

PLACED = Placed(
    id=7, package="ada/test", version="1.0.0", digest="", kind="game", title="Test", tierra=1,
    rect=Rect(10, 20, 15, 15), height=20.0, max_players=8, capabilities=frozenset(), settings={}, pools=(), sources={},
    entry="init.lua", texts={}, facts={}, color="#ffffff",
)  # fmt: skip


def test_the_board_is_in_rank_order_and_its_clock_runs_on_between_two_statuses() -> None:
    stage = Stage(PLACED)
    stage.apply_status(MatchStatus(1, "running", 45.0, "Rush", "points", (3, 4)), now=100.0)
    stage.apply_score(MatchScore(1, 4, 9))
    stage.apply_score(MatchScore(1, 99, 50))
    board = stage.scoreboard(stage.matches[1], {3: "Ada", 4: "Bob"}, now=112.5)
    assert [(row["name"], row["score"]) for row in board["players"]] == [("Bob", 9), ("Ada", 0)]
    assert board["left"] == 32.5
    assert stage.scoreboard(stage.matches[1], {}, now=999.0)["left"] == 0.0


def test_positions_turn_between_the_parcels_corner_and_the_region_and_back() -> None:
    assert PLACED.to_world((1.0, 2.0, 3.0)) == (11.0, 2.0, 32.0)
    assert PLACED.to_local(PLACED.to_world((1.0, 2.0, 3.0))) == (1.0, 2.0, 3.0)
    assert PLACED.to_local((0.0, -1.0, 99.0)) == (0.0, 0.0, 0.0)
