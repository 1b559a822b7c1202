"""Signing in with an own wallet: what a client asks for, a browser signs, and the player confirms in the game.

    asked -> opened (a browser typed the code) -> signed (the wallet signed) -> done (the player said yes)

All of it lives in memory: it ends with the connection that asked, after five minutes, or with the host. The person
acts twice, once at each end: types the code into the page, which no link can do, and says yes in the game to the
address that signed. So neither a link to a stranger's code nor a code read off a screen signs anybody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from contracts import siwe
from host.accounts.addresses import checked
from host.accounts.codes import CodeBook, shown
from host.errors import MallError

LIFE_S: Final = 300.0
"""How long a code works, and all that follows from it."""
TRIES: Final = 5
"""Signatures that do not fit before the code ends."""
PAGE: Final = "/wallet/sign-in"
FLOW: Final[dict[str, tuple[str, ...]]] = {
    "asked": ("opened", "over"),
    "opened": ("signed", "over"),
    "signed": ("done", "over"),
    "done": (),
    "over": (),
}


@dataclass(slots=True)
class SignIn:
    """One sign-in on its way.

    Attributes:
        asker: the connection that asked, and that alone can say yes.
        account: the guest who asked; 0 for somebody who is not in yet.
        name: how the asker is called, shown on the page.
        until: when it ends (seconds, UTC).
        browser: which browser typed the code, and that alone can go on.
        message: what the wallet is to sign; its nonce is gone once an answer came.
        wallet: the address that signed.
    """

    asker: str
    account: int
    name: str
    until: float
    code: str = ""
    state: str = "asked"
    browser: str = ""
    message: siwe.Message | None = None
    failures: int = 0
    wallet: str = ""

    def move(self, state: str) -> None:
        """Go on.

        Raises:
            MallError: wallet.not_now when there is no such way.
        """
        if state not in FLOW[self.state]:
            raise MallError(
                "wallet.not_now", f"This sign-in is {self.state}; ask for a new code.", state=self.state
            )
        self.state = state


@dataclass(frozen=True, slots=True)
class Place:
    """Where people sign in: the origin of the host's pages, its domain and the chain's number."""

    origin: str
    domain: str
    chain_id: int

    @property
    def page(self) -> str:
        """The page's address."""
        return self.origin + PAGE


class SignIns:
    """Those on their way; not for many threads.

    Args:
        book: codes, shared with what else they stand for.
    """

    def __init__(self, book: CodeBook[object]) -> None:
        self._book = book
        self._asked: dict[str, SignIn] = {}

    def ask(self, asker: str, account: int, name: str, now: float) -> SignIn:
        """Begin anew for this connection, with a new code.

        Raises:
            MallError: wallet.full.
        """
        self.end(asker)
        made = SignIn(asker, account, name, now + LIFE_S)
        made.code = self._book.issue(made, made.until)
        self._asked[asker] = made
        return made

    def of(self, asker: str) -> SignIn | None:
        """What this connection has asked for."""
        return self._asked.get(asker)

    def end(self, asker: str) -> SignIn | None:
        """The connection has gone, or wants it no more. A page that is open can still see so."""
        found = self._asked.pop(asker, None)
        if found is not None:
            if not found.browser:
                self._book.drop(found.code)
            if found.state not in ("done", "over"):
                found.move("over")
        return found

    def finish(self, found: SignIn) -> None:
        """The player said yes to the wallet. The page can still see so until the code ends.

        Raises:
            MallError: wallet.not_now.
        """
        found.move("done")
        self._asked.pop(found.asker, None)

    def sweep(self, now: float) -> list[SignIn]:
        """End those whose time is over; they are given back."""
        late = [found for found in self._asked.values() if found.until <= now]
        return [found for found in late if self.end(found.asker) and found.state == "over"]

    def open(self, found: SignIn, browser: str) -> None:
        """A browser has typed the code: from now on the sign-in is its own.

        Raises:
            MallError: wallet.other_browser, wallet.over.
        """
        if found.state in ("done", "over"):
            raise MallError("wallet.over", "This sign-in has ended. Ask for a new code in the game.")
        if found.state == "asked":
            found.move("opened")
            found.browser = browser
        self.check(found, browser)

    def check(self, found: SignIn, browser: str) -> None:
        """Refuse a browser that did not type the code.

        Raises:
            MallError: wallet.other_browser.
        """
        if found.browser != browser:
            raise MallError(
                "wallet.other_browser",
                "This code was typed in another browser. Ask for a new code in the game.",
            )

    def challenge(self, found: SignIn, browser: str, address: str, place: Place, now: float) -> siwe.Message:
        """What the wallet at `address` has to sign; an earlier challenge counts no more.

        Raises:
            MallError: wallet.other_browser, wallet.not_now, account.bad_address.
        """
        self.check(found, browser)
        if found.state != "opened":
            raise MallError(
                "wallet.not_now", f"This sign-in is {found.state}; ask for a new code.", state=found.state
            )
        found.message = siwe.Message(
            domain=place.domain,
            address=checked(address),
            uri=place.page,
            chain_id=place.chain_id,
            nonce=siwe.new_nonce(),
            issued_at=float(int(now)),
            expires_at=float(int(found.until)),
            statement=(
                f"Sign in to the game that shows the code {shown(found.code)}. Go on only if it is your own screen."
            ),
            request_id=shown(found.code),
        )
        return found.message

    def take(self, found: SignIn, browser: str) -> siwe.Message:
        """The challenge, for one answer.

        Raises:
            MallError: wallet.other_browser, wallet.not_now.
        """
        self.check(found, browser)
        message, found.message = found.message, None
        if message is None or found.state != "opened":
            raise MallError("wallet.not_now", "There is nothing to sign any more: connect the wallet again.")
        return message

    def failed(self, found: SignIn) -> None:
        """The answer did not fit. Too many end the code."""
        found.failures += 1
        if found.failures >= TRIES:
            self.end(found.asker)
