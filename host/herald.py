"""Shows players what the host has to tell the holders of their wallets, once: on coming in, or at once when here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from host import notices
from host.events import EventBus, NoticeSent
from host.gateway.gateway import Gateway
from host.gateway.lobby import PlayerRef
from host.storage.rows import Rows
from host.storage.tx import Tx

SHOWN = 3
"""Of many unseen notices the newest; the console and `mall notices` show all."""


class Herald:
    """Everything runs in the loop.

    Args:
        later: runs an awaitable beside the tick and logs its failure.
    """

    def __init__(
        self,
        gateway: Gateway,
        read: Callable[[], Rows],
        write: Callable[[Callable[[Tx], Any]], Awaitable[Any]],
        later: Callable[[Awaitable[Any]], None],
    ) -> None:
        self._gateway = gateway
        self._read = read
        self._write = write
        self._later = later

    def listen(self, bus: EventBus) -> None:
        """Show new notices to whoever is here."""
        bus.subscribe(NoticeSent, self._sent)

    def joined(self, player: PlayerRef) -> None:
        """Show a player who came in what was not seen yet."""
        unseen = notices.of_address(self._read(), player.wallet, unseen=True)
        for notice in reversed(unseen[:SHOWN]):
            self._gateway.send(player.id, {"t": "toast", "text": notice.text, "kind": "bad"})
        if unseen:
            newest = unseen[0].id
            self._later(self._write(lambda tx: notices.mark_seen(tx, player.wallet, newest)))

    def _sent(self, event: NoticeSent) -> None:
        for player in self._gateway.players():
            if player.wallet == event.address:
                self.joined(player)
