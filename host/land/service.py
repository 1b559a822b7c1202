"""Who holds which land, read from the chain's events; a rent ends by itself, by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from host.accounts.addresses import ZERO, checked, short
from host.errors import MallError
from host.events import LandChanged
from host.land import rules, store
from host.land.models import DeedMoved, Holder, Holding, IslandLet, LandEvent, Title, TitleMoved, Use
from host.storage.rows import Rows
from host.storage.tx import Tx


class Land:
    """Land rights. The chain's follower calls `apply` with each final event, in order."""

    def apply(self, tx: Tx, event: LandEvent) -> None:
        """Take in one event of the land contracts; the same event again changes nothing.

        Raises:
            MallError: land.unknown, land.footprint, account.bad_address.
        """
        if isinstance(event, IslandLet):
            self._let(tx, event)
        elif isinstance(event, DeedMoved):
            self._move(tx, event)
        else:
            rules.check_range(event.first, event.last)
            if isinstance(event, TitleMoved):
                store.put_title(tx, Title(event.first, event.last, checked(event.to)))
            else:
                self._grant(tx, Use(event.first, event.last, checked(event.user), event.until))
            self._tell(tx, event.first, event.last)

    def _move(self, tx: Tx, event: DeedMoved) -> None:
        to = checked(event.to)
        if event.kind == "island":
            rules.check_island(event.number)
            store.put_deed(tx, "island", event.number, to)
            return
        first, last = rules.mall_range(event.number)
        if to == ZERO:
            # Tierra tells in the same transaction who has the land now.
            store.drop_mall(tx, event.number)
            return
        store.put_deed(tx, "mall", event.number, to)
        store.put_title(tx, Title(first, last, to))
        self._tell(tx, first, last)

    def _let(self, tx: Tx, event: IslandLet) -> None:
        rules.check_island(event.number)
        user = checked(event.user)
        # A lease with nobody holds for nobody, whatever its end.
        store.put_island_use(tx, event.number, user, event.until if user != ZERO else 0)

    def _grant(self, tx: Tx, use: Use) -> None:
        if (use.first, use.last) not in rules.aligned_ranges(use.first):
            raise MallError(
                "land.footprint",
                f"Tierra {use.first}..{use.last} are no single Tierra and no aligned square; no use can cover them.",
                first=use.first,
                last=use.last,
            )
        if use.user == ZERO:
            store.drop_use(tx, use.first, use.last)
        else:
            store.put_use(tx, use)

    def _tell(self, tx: Tx, first: int, last: int) -> None:
        """One LandChanged for each stretch with the same owner and tenant."""
        for start, end, owner, use in self._stretches(tx, first, last, tx.now):
            tx.emit(
                LandChanged(
                    at=tx.now,
                    tierra=start,
                    count=end - start + 1,
                    owner=owner,
                    user=use.user if use else "",
                    user_until=use.until if use else 0,
                )
            )

    def _stretches(
        self, rows: Rows, first: int, last: int, now: float
    ) -> Iterator[tuple[int, int, str, Use | None]]:
        """Cut `first`..`last` where the owner or the governing use changes."""
        running = store.uses(rows, first, last, now)
        for title in store.titles(rows, first, last) or [Title(first, last, ZERO)]:
            low, high = max(first, title.first), min(last, title.last)
            for start, end, use in rules.segments(low, high, running):
                yield start, end, title.owner, use

    def owner(self, rows: Rows, tierra: int) -> str:
        """The address that owns a Tierra; the zero address before the land was issued.

        Raises:
            MallError: land.unknown.
        """
        rules.check_range(tierra, tierra)
        found = store.titles(rows, tierra, tierra)
        return found[0].owner if found else ZERO

    def holder(self, rows: Rows, tierra: int, now: float) -> Holder:
        """Who holds a Tierra at `now` (seconds, UTC): the tenant while the rent runs, else the owner.

        Raises:
            MallError: land.unknown.
        """
        owner = self.owner(rows, tierra)
        return _holder(owner, store.use_of(rows, tierra, now))

    def island_holder(self, rows: Rows, number: int, now: float) -> Holder:
        """Who holds an Island at `now` (seconds, UTC): the tenant while the lease runs, else the owner.

        Raises:
            MallError: land.unknown.
        """
        rules.check_island(number)
        lease = store.island_use(rows, number, now)
        if lease is not None:
            return Holder(lease[0], "tenant", lease[1])
        return Holder(store.deed_owner(rows, "island", number) or ZERO, "owner", None)

    def holdings(self, rows: Rows, address: str, now: float) -> list[Holding]:
        """All land that `address` holds at `now` (seconds, UTC), as ranges, ascending.

        Raises:
            MallError: account.bad_address.
        """
        who = checked(address)
        found: dict[int, Holding] = {}
        for title in store.titles_of(rows, who):
            for start, end, _, use in self._stretches(rows, title.first, title.last, now):
                if use is None:
                    found[start] = Holding(start, end, "owner", None)
        for mine in store.uses_of(rows, who, now):
            for start, end, _, use in self._stretches(rows, mine.first, mine.last, now):
                if use == mine:
                    found[start] = Holding(start, end, "tenant", mine.until)
        return [found[start] for start in sorted(found)]

    def require_holder(self, rows: Rows, address: str, tierras: Iterable[int], now: float) -> None:
        """Refuse an act on land that `address` does not hold at `now` (seconds, UTC).

        Raises:
            MallError: land.not_holder, land.unknown.
        """
        for first, last in rules.runs(tierras):
            rules.check_range(first, last)
            for tierra, _, owner, use in self._stretches(rows, first, last, now):
                holder = _holder(owner, use)
                if holder.address != address or address in ("", ZERO):
                    raise _not_holder(tierra, holder, address)


def _holder(owner: str, use: Use | None) -> Holder:
    return Holder(use.user, "tenant", use.until) if use else Holder(owner, "owner", None)


def _not_holder(tierra: int, holder: Holder, address: str) -> MallError:
    until = f" until {holder.until} (UTC seconds)" if holder.until is not None else ""
    return MallError(
        "land.not_holder",
        f"Tierra {tierra} is held by {short(holder.address)} ({holder.kind}){until}, not by {short(address)}.",
        tierra=tierra,
        holder=short(holder.address),
        kind=holder.kind,
        until=holder.until,
    )
