"""Leaderboards of placements: the best score of each player by day, week and for ever. Times in seconds, UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sqlite_utils import Database, Migrations

from host.storage.rows import Rows
from host.storage.tx import Tx

Period = Literal["day", "week", "all"]
PERIODS: tuple[Period, ...] = ("day", "week", "all")
SHOWN = 50
MIGRATIONS = Migrations("boards")


@MIGRATIONS()
def create(db: Database) -> None:
    db.table("boards").create(
        {
            "placement": int,
            "board": str,
            "period": str,
            "player": int,
            "name": str,
            "score": int,
            "at": float,
        },
        pk=("placement", "board", "period", "player"),
        not_null={"name", "score", "at"},
        strict=True,
    )
    db.table("boards").create_index(["placement", "board", "period", "score"])


def period_key(period: Period, at: float) -> str:
    """Names the day or ISO week that `at` lies in, as `day:2026-01-31` or `week:2026-05`."""
    when = datetime.fromtimestamp(at, UTC)
    if period == "day":
        return when.strftime("day:%Y-%m-%d")
    return when.strftime("week:%G-%V") if period == "week" else "all"


def submit(tx: Tx, placement: int, board: str, player: int, name: str, score: int) -> None:
    """Offer a score: kept where it beats the player's own."""
    for period in PERIODS:
        tx.execute(
            "insert into boards (placement, board, period, player, name, score, at) values (?, ?, ?, ?, ?, ?, ?)"
            " on conflict (placement, board, period, player) do update"
            " set score = excluded.score, name = excluded.name, at = excluded.at where excluded.score > score",
            placement, board, period_key(period, tx.now), player, name, score, tx.now,
        )  # fmt: skip


def reset(tx: Tx, placement: int, board: str) -> None:
    """Empty a board."""
    tx.execute("delete from boards where placement = ? and board = ?", placement, board)


def top(
    rows: Rows, placement: int, board: str, period: Period, now: float
) -> tuple[tuple[int, str, int], ...]:
    """The best, highest first, the earlier of equals before the later: (player, name, score)."""
    found = rows.all(
        "select player, name, score from boards where placement = ? and board = ? and period = ?"
        " order by score desc, at, player limit ?",
        placement, board, period_key(period, now), SHOWN,
    )  # fmt: skip
    return tuple((int(r["player"]), str(r["name"]), int(r["score"])) for r in found)


def names(rows: Rows, placement: int) -> list[str]:
    """Boards of a placement that hold scores."""
    return [
        str(r["board"]) for r in rows.all("select distinct board from boards where placement = ?", placement)
    ]
