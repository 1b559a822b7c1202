"""Signs players in: a known token, or a new guest with a wallet that the host keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from host.accounts.models import Account
from host.accounts.pace import Paces, network
from host.accounts.service import Accounts
from host.errors import MallError
from host.events import EventBus, PlayerJoined, PlayerLeft
from host.gateway.lobby import Admission, Hello, PlayerRef
from host.storage.rows import Rows
from host.storage.tx import Tx

T = TypeVar("T")
DEFAULT_LOCALE = "en"
MAX_LOCALE = 16
GUESTS = (1 / 20, 30.0)
"""Guests that one network address may make: a second, and at once. Not counted on this machine itself."""


class Leaving(Protocol):
    """Who has to know first when a player goes."""

    def on_left(self, player: PlayerRef, reason: str) -> None: ...


class HostLobby:
    """The gateway's lobby.

    Args:
        refusal: why a plugin keeps an account out, "" where none does.

    Attributes:
        features: what clients may show.
        by_wallet: the account of who signs in with an own wallet.
        leaving: told when a player goes, before the world forgets the body.
    """

    def __init__(
        self,
        accounts: Accounts,
        read: Callable[[], Rows],
        write: Callable[[Callable[[Tx], Any]], Awaitable[Any]],
        bus: EventBus,
        clock: Callable[[], float],
        refusal: Callable[[Account], str],
    ) -> None:
        self.features: list[str] = []
        self.by_wallet: Callable[[Hello], Awaitable[Account]] | None = None
        self.leaving: list[Leaving] = []
        self._accounts = accounts
        self._read = read
        self._write = write
        self._bus = bus
        self._clock = clock
        self._refusal = refusal
        self._guests = Paces(*GUESTS)
        self._asked: dict[int, str] = {}
        self._locales: dict[int, str] = {}

    def locale(self, player: int) -> str:
        """The language that a player's client asked for."""
        return self._locales.get(player, DEFAULT_LOCALE)

    async def sign_in(self, hello: Hello) -> Admission:
        """Admit a player.

        Raises:
            MallError: account.bad_token, account.bad_name, account.refused with a plugin's reason,
                account.too_many_guests, wallet.* of an own wallet.
        """
        if hello.wallet and self.by_wallet is not None:
            account = await self.by_wallet(hello)
            token = await self._write(lambda tx: self._accounts.issue_token(tx, account.id))
        elif hello.token:
            token = hello.token
            account = self._accounts.account_of_token(self._read(), token, self._clock())
            await self._write(lambda tx: self._accounts.renew_token(tx, token))
        else:
            self._check_guests(hello)
            account, token = await self._write(lambda tx: self._new_guest(tx, hello.name))
        refused = self._refusal(account)
        if refused:
            raise MallError("account.refused", refused)
        locale = (hello.locale or "").strip()
        self._asked[account.id] = (
            locale if 0 < len(locale) <= MAX_LOCALE and locale.isascii() else DEFAULT_LOCALE
        )
        return Admission(
            player=account.id,
            name=account.name,
            token=token,
            wallet=account.address,
            guest=account.guest,
            color=f"#{account.color:06x}",
        )

    def _check_guests(self, hello: Hello) -> None:
        source = network(hello.caller.peer)
        if source and not self._guests.take(source, self._clock()):
            raise MallError(
                "account.too_many_guests",
                f"Your network has made {GUESTS[1]:g} guests; one more comes in every {1 / GUESTS[0]:g} s. "
                "Wait, or sign in with an own wallet.",
                burst=GUESTS[1],
            )

    def _new_guest(self, tx: Tx, name: str | None) -> tuple[Account, str]:
        account = self._accounts.create_guest(tx, name or None)
        return account, self._accounts.issue_token(tx, account.id)

    def on_message(self, player: PlayerRef, kind: str, fields: dict[str, Any]) -> None:
        """Messages of features that are not installed say nothing."""

    def on_left(self, player: PlayerRef) -> None:
        """A client is gone."""
        for who in self.leaving:
            who.on_left(player, "left")
        self._locales.pop(player.id, None)
        self._bus.publish(PlayerLeft(at=self._clock(), player=player.id, reason="left"))

    def joined(self, player: PlayerRef) -> None:
        """A client stands in the city; an older one of the same player has left before."""
        self._locales[player.id] = self._asked.pop(player.id, DEFAULT_LOCALE)
        self._bus.publish(PlayerJoined(at=self._clock(), player=player.id, name=player.name))
