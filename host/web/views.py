"""What each page shows: values from the stores, ready for its template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from host import notices
from host.accounts import store as accounts
from host.accounts.addresses import ZERO
from host.accounts.models import Account
from host.economy import claims as claim_store
from host.economy import ledger
from host.economy.models import CLAIM_FLOW, Claim
from host.errors import MallError
from host.land import atlas
from host.packages import rules as release_rules
from host.packages import store as packages
from host.packages.models import Release
from host.placements import fault_store
from host.placements import rules as placement_rules
from host.placements import store as placements
from host.placements.faults import number as fault_number
from host.placements.models import Placement
from host.plugins import PluginInfo
from host.storage.rows import Rows
from host.web import city as city_map
from host.web.live import Live
from host.web.reading import Page, cut, listing, number, one_of
from host.web.trail import Verdict

AUDIT_PAGE: Final = 50
NOTICES_SHOWN: Final = 10
Context = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One look at a page: a snapshot of the data, what the visitor asked for, and how the host does.

    Attributes:
        path: numbers in the page's address.
        now: seconds, UTC.
    """

    rows: Rows
    query: Mapping[str, str]
    path: Mapping[str, int]
    now: float
    live: Live


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool and its money in wei: `left` was promised to nobody, `promised` waits, `paid` is in wallets."""

    id: int
    name: str
    per_claim: int
    per_player_day: int
    total: int
    left: int
    promised: int
    paid: int


def overview(ask: Ask) -> Context:
    """The host, its queues and its settlement."""
    rows = ask.rows
    epoch = rows.one("select number, state, total, closed_at from epochs order by number desc limit 1")
    return {
        "releases": _counts(rows, "releases"),
        "placements": _counts(rows, "placements"),
        "claims": _counts(rows, "claims"),
        "accounts": rows.value("select count(*) from accounts"),
        "guests": rows.value("select count(*) from accounts where guest"),
        "outbox": rows.value(
            "select count(*) from outbox where state in ('ready', 'signed', 'mined', 'reverted')"
        ),
        "epoch": epoch and {**epoch, "total": int(epoch["total"])},
        "sold": rows.value(
            "select coalesce(sum(last - first + 1), 0) from land_titles where owner != ?",
            city_map.house(rows),
        ),
        "tierra": atlas.TIERRA,
    }


def city(ask: Ask) -> Context:
    """The map of one region."""
    region = min(number(ask.query, "region") or 0, atlas.REGIONS - 1)
    drawn = city_map.draw(ask.rows, region, ask.now)
    sold = cut(drawn.sold, ask.query)
    who = {s.use.user if s.use else s.owner for s in sold.items} | {s.owner for s in sold.items}
    return {"city": drawn, "sold": sold, "names": _names(ask.rows, who), "states": city_map.STATES,
            "regions": atlas.REGIONS, "zero": ZERO}  # fmt: skip


def releases(ask: Ask) -> Context:
    """All releases, those that wait for a moderator first."""
    state = one_of(ask.query, "state", sorted(release_rules.STATES))
    source, params = ("releases where state = ?", [state]) if state else ("releases", [])
    order = (
        "state = 'scanned' desc, case state when 'scanned' then changed else 0 end,"
        " case state when 'scanned' then id else -id end"
    )
    found = listing(ask.rows, source, order, params, ask.query, lambda n: _release(ask.rows, n))
    return {
        "found": found,
        "findings": {release.id: packages.findings(ask.rows, release.id) for release in found.items},
        "counts": _counts(ask.rows, "releases"),
        "state": state,
    }


def release(ask: Ask) -> Context:
    """One release: its findings, where it stands and what was done to it."""
    found = _release(ask.rows, ask.path["id"])
    return {
        "release": found,
        "findings": packages.findings(ask.rows, found.id),
        "places": cut(placements.of_release(ask.rows, found.id), ask.query),
        "trail": _trail(ask.rows, f"release:{found.id}"),
    }


def placement_list(ask: Ask) -> Context:
    """All placements, requests first."""
    state = one_of(ask.query, "state", sorted(placement_rules.STATES))
    source, params = ("placements where state = ?", [state]) if state else ("placements", [])
    order = "state = 'requested' desc, case state when 'requested' then id else -id end"
    found = listing(ask.rows, source, order, params, ask.query, lambda n: _placement(ask.rows, n))
    return {
        "found": found,
        "pools": {p.id: pools(ask.rows, p.id) for p in found.items},
        "where": {p.id: atlas.address(p.tierra) for p in found.items},
        "names": _names(ask.rows, {p.holder for p in found.items}),
        "counts": _counts(ask.rows, "placements"),
        "state": state,
    }


def placement(ask: Ask) -> Context:
    """One placement: ground, grants, settings, pools, its latest claims and what was done to it."""
    found = _placement(ask.rows, ask.path["id"])
    latest = listing(
        ask.rows, "claims where placement = ?", "id desc", [found.id], {}, lambda n: claim_store.get(ask.rows, n),
        size=10,
    )  # fmt: skip
    return {
        "place": found,
        "where": atlas.address(found.tierra),
        "region": found.tierra >> 10,
        "names": _names(ask.rows, {found.holder}),
        "pools": pools(ask.rows, found.id),
        "latest": latest,
        "players": _players(ask.rows, latest.items),
        "trail": _trail(ask.rows, found.ref),
        "faults": fault_store.faults(ask.rows, found.id),
        "number": fault_number,
        "told": _notices(ask.rows, "notices where subject = ?", [found.ref], {}, NOTICES_SHOWN),
    }


def notice_list(ask: Ask) -> Context:
    """What holders and authors were told, newest first; of one wallet where asked."""
    address = ask.query.get("for", "")[:64]
    source, params = ("notices where address = ?", [address]) if address else ("notices", [])
    found = _notices(ask.rows, source, params, ask.query, AUDIT_PAGE)
    return {"found": found, "names": _names(ask.rows, {n.address for n in found.items}), "address": address}


def claims(ask: Ask) -> Context:
    """All claims, newest first, of one player or placement where asked."""
    state = one_of(ask.query, "state", list(CLAIM_FLOW))
    chosen = {
        "player": number(ask.query, "player"),
        "placement": number(ask.query, "placement"),
        "state": state,
    }
    wheres = {name: value for name, value in chosen.items() if value not in (None, "")}
    source = " where ".join(filter(None, ["claims", " and ".join(f"{name} = ?" for name in wheres)]))
    found = listing(
        ask.rows, source, "id desc", list(wheres.values()), ask.query, lambda n: claim_store.get(ask.rows, n)
    )
    return {
        "found": found,
        "players": _players(ask.rows, found.items),
        "counts": _counts(ask.rows, "claims"),
        **chosen,
    }


def account_list(ask: Ask) -> Context:
    """Everybody the host knows, newest first; never a token."""
    found = listing(ask.rows, "accounts", "id desc", [], ask.query, lambda n: _account(ask.rows, n))
    return {
        "found": found,
        "owed": {account.id: claim_store.pending(ask.rows, account.id) for account in found.items},
    }


def audit_trail(ask: Ask, verdict: Verdict) -> Context:
    """The audit trail, newest first, of one subject where asked."""
    subject = ask.query.get("subject", "")[:200]
    source, params = ("audit where subject = ?", [subject]) if subject else ("audit", [])
    found = listing(
        ask.rows,
        source,
        "seq desc",
        params,
        ask.query,
        lambda n: _entry(ask.rows, n),
        key="seq",
        size=AUDIT_PAGE,
    )
    return {"found": found, "verdict": verdict, "subject": subject}


def plugin_list(ask: Ask, plugins: Sequence[PluginInfo], problem: str) -> Context:
    """The plugins of this installation; `problem` says why they could not be loaded."""
    running = ask.live.status.get("plugins")
    return {"plugins": plugins, "problem": problem, "running": running if isinstance(running, list) else None}


def pools(rows: Rows, placement: int) -> list[PoolLine]:
    """The pools of a placement and their money."""
    found = []
    for row in rows.all("select name from pools where placement = ? order by id", placement):
        pool = claim_store.find_pool(rows, placement, str(row["name"]))
        if pool is not None:
            states: dict[str, int] = {}
            for claim in rows.all(
                "select state, amount from claims where pool = ? and state in ('settled', 'settling', 'paid')",
                pool.id,
            ):
                states[claim["state"]] = states.get(claim["state"], 0) + int(claim["amount"])
            found.append(
                PoolLine(
                    pool.id, pool.name, pool.per_claim, pool.per_player_day, pool.total,
                    left=claim_store.left(rows, pool.id),
                    promised=ledger.balance(rows, f"pool_reserved:{pool.id}") + states.get("settled", 0),
                    paid=states.get("paid", 0),
                )
            )  # fmt: skip
    return found


def _counts(rows: Rows, table: str) -> dict[str, int]:
    found = rows.all(f"select state, count(*) n from {table} group by state order by state")  # noqa: S608
    return {str(row["state"]): int(row["n"]) for row in found}


def _release(rows: Rows, number: int) -> Release:
    return _known(packages.by_id(rows, number), "release", number)


def _placement(rows: Rows, number: int) -> Placement:
    return _known(placements.by_id(rows, number), "placement", number)


def _account(rows: Rows, number: int) -> Account:
    return _known(accounts.by_id(rows, number), "account", number)


def _known(found: T | None, what: str, number: int) -> T:
    if found is None:
        raise MallError(f"{what}.unknown", f"There is no {what} {number}.", number=number)
    return found


def _names(rows: Rows, addresses: set[str]) -> dict[str, Account]:
    """The accounts behind wallets, as far as the host knows them."""
    found = {address: accounts.by_address(rows, address) for address in addresses}
    return {address: account for address, account in found.items() if account is not None}


def _players(rows: Rows, claims: Sequence[Claim]) -> dict[int, Account]:
    found = {claim.player: accounts.by_id(rows, claim.player) for claim in claims}
    return {player: account for player, account in found.items() if account is not None}


def _entry(rows: Rows, seq: int) -> Context:
    row = rows.one("select * from audit where seq = ?", seq)
    entry = dict(row) if row else {}
    return {**entry, "facts": _facts(str(entry.get("facts", "")))}


def _facts(text: str) -> dict[str, str]:
    """The facts of an audit row that say something; a row that somebody spoiled shows as it is."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    if not isinstance(found, dict):
        return {"unreadable": text}
    return {str(name): str(value) for name, value in found.items() if value not in ("", None)}


def _notices(
    rows: Rows, source: str, params: list[str], query: Mapping[str, str], size: int
) -> Page[notices.Notice]:
    return listing(
        rows, source, "id desc", params, query,
        lambda n: _known(notices.by_id(rows, n), "notice", n), size=size,
    )  # fmt: skip


def _trail(rows: Rows, subject: str) -> Page[Context]:
    """The latest acts on one subject."""
    return listing(
        rows,
        "audit where subject = ?",
        "seq desc",
        [subject],
        {},
        lambda n: _entry(rows, n),
        key="seq",
        size=10,
    )
