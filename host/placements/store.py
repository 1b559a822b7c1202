"""Tables of placements, the Tierra they occupy, their pools and their stores."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlite_utils import Database, Migrations

from host.packages.models import PoolPlan
from host.placements.models import Placement
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

MIGRATIONS = Migrations("placements")


@MIGRATIONS()
def create(db: Database) -> None:
    placements = db.table("placements")
    columns = {
        "id": int, "release": int, "package": str, "version": str, "digest": str, "tierra": int, "width": int,
        "depth": int, "holder": str, "grants": str, "settings": str, "state": str, "seed": int, "pools_frozen": int,
        "suspended_by": str, "safety": int, "until": float, "reason": str, "created": float, "changed": float,
    }  # fmt: skip
    placements.create(columns, pk="id", not_null=set(columns) - {"id"})
    placements.create_index(["state"])
    placements.create_index(["holder"])
    placements.create_index(["release"])
    cells = db.table("placement_cells")
    cells.create(
        {"tierra": int, "placement": int},
        pk="tierra",
        not_null={"placement"},
        foreign_keys=[("placement", "placements", "id")],
    )
    cells.create_index(["placement"])
    pools = db.table("pools")
    pools.create(
        {
            "id": int, "placement": int, "name": str, "per_claim": str, "per_player_day": str, "total": str,
            "cooldown": int, "min_presence": int,
        },
        pk="id",
        not_null={"placement", "name", "per_claim", "per_player_day", "total", "cooldown", "min_presence"},
        foreign_keys=[("placement", "placements", "id")],
    )  # fmt: skip
    pools.create_index(["placement", "name"], unique=True)
    db.table("placement_store").create(
        {"placement": int, "data": bytes, "at": float},
        pk="placement",
        not_null={"data", "at"},
        foreign_keys=[("placement", "placements", "id")],
    )


def _placement(row: Row) -> Placement:
    values = {name: row[name] for name in Placement.__slots__}
    values["grants"] = frozenset(row["grants"].split())
    values["settings"] = json.loads(row["settings"])
    values["pools_frozen"] = bool(row["pools_frozen"])
    values["safety"] = bool(row["safety"])
    return Placement(**values)


def _columns(place: Placement) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(place, name) for name in Placement.__slots__ if name != "id"}
    values["grants"] = " ".join(sorted(place.grants))
    values["settings"] = json.dumps(dict(place.settings), sort_keys=True)
    values["pools_frozen"] = int(place.pools_frozen)
    values["safety"] = int(place.safety)
    return values


def by_id(rows: Rows, number: int) -> Placement | None:
    """The placement with this id."""
    row = rows.one("select * from placements where id = ?", number)
    return _placement(row) if row else None


def at(rows: Rows, tierra: int) -> Placement | None:
    """The living placement that covers a Tierra."""
    row = rows.one(
        "select p.* from placement_cells c join placements p on p.id = c.placement where c.tierra = ?", tierra
    )
    return _placement(row) if row else None


def in_states(rows: Rows, states: Iterable[str]) -> list[Placement]:
    """Placements in these states, oldest first."""
    found = rows.all(
        "select * from placements where state in (select value from json_each(?)) order by id",
        json.dumps(sorted(states)),
    )
    return [_placement(row) for row in found]


def of_holder(rows: Rows, holder: str) -> list[Placement]:
    """All placements of a holder, ended ones too, oldest first."""
    return [
        _placement(row) for row in rows.all("select * from placements where holder = ? order by id", holder)
    ]


def of_release(rows: Rows, release: int) -> list[Placement]:
    """All placements of a release, oldest first."""
    return [
        _placement(row) for row in rows.all("select * from placements where release = ? order by id", release)
    ]


def insert(tx: Tx, place: Placement) -> int:
    """Add a placement; returns its id."""
    return tx.insert("placements", **_columns(place))


def save(tx: Tx, place: Placement) -> None:
    """Write a placement back."""
    columns = _columns(place)
    names = ", ".join(f"{name} = ?" for name in columns)
    tx.execute(f"update placements set {names} where id = ?", *columns.values(), place.id)  # noqa: S608


def occupy(tx: Tx, placement: int, tierras: Iterable[int]) -> None:
    """Take the Tierra; the table's key keeps two placements from one Tierra."""
    for tierra in tierras:
        tx.insert("placement_cells", tierra=tierra, placement=placement)


def vacate(tx: Tx, placement: int) -> None:
    """Give all its Tierra free."""
    tx.execute("delete from placement_cells where placement = ?", placement)


def put_pools(tx: Tx, placement: int, plans: Iterable[PoolPlan]) -> None:
    """Set the pools of a placement by name; ids stay, and a pool that is planned no more keeps its row and money."""
    for plan in plans:
        tx.execute(
            "insert into pools (placement, name, per_claim, per_player_day, total, cooldown, min_presence)"
            " values (?, ?, ?, ?, ?, ?, ?) on conflict (placement, name) do update set per_claim = excluded.per_claim,"
            " per_player_day = excluded.per_player_day, total = excluded.total, cooldown = excluded.cooldown,"
            " min_presence = excluded.min_presence",
            placement,
            plan.name,
            str(plan.per_claim),
            str(plan.per_player_day),
            str(plan.total),
            plan.cooldown,
            plan.min_presence,
        )


def put_store(tx: Tx, placement: int, data: bytes) -> None:
    """Keep a snapshot of the store."""
    tx.execute(
        "insert or replace into placement_store (placement, data, at) values (?, ?, ?)",
        placement,
        data,
        tx.now,
    )


def get_store(rows: Rows, placement: int) -> bytes | None:
    """The last snapshot of the store."""
    found: bytes | None = rows.value("select data from placement_store where placement = ?", placement)
    return found
