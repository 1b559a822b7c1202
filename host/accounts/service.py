"""Who is who: guests with a host-kept wallet, people with their own keys, roles and session tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from host.accounts import rules, store
from host.accounts.addresses import checked
from host.accounts.models import PLAYER, Account, Actor
from host.errors import MallError
from host.events import AccountCreated
from host.storage.rows import Rows
from host.storage.tx import Tx


class Accounts:
    """Creates and finds accounts.

    Args:
        wallets: gives the address of the host-kept key with a label; the label is kept, never the key.
        entropy: source of random bytes.
    """

    def __init__(
        self, wallets: Callable[[str], str], entropy: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._wallets = wallets
        self._entropy = entropy

    def create_guest(self, tx: Tx, name: str | None = None) -> Account:
        """A new guest with a wallet of their own that the host keeps; without a name they become "Guest 4711".

        The wallet's label is random, not the account's number: after a restore from a backup numbers come
        again, and nobody may get another person's wallet.

        Raises:
            MallError: account.bad_name.
        """
        random = self._entropy(16)
        number = int.from_bytes(random, "big")
        shown = (
            rules.guest_name(number, lambda n: store.name_taken(tx, n))
            if name is None
            else rules.display_name(name)
        )
        label = f"guest:{random.hex()}"
        return self._add(tx, shown, checked(self._wallets(label)), label, frozenset({PLAYER}))

    def ensure_account(
        self, tx: Tx, address: str, name: str, roles: frozenset[str] = frozenset({PLAYER})
    ) -> Account:
        """The account of a wallet whose key its owner holds; made, or given further roles, where needed.

        The caller has proved that the address signed in, or acts for the operator.

        Raises:
            MallError: account.bad_address, account.bad_name, account.bad_role.
        """
        wallet = checked(address)
        wanted = rules.checked_roles(roles)
        found = store.by_address(tx, wallet)
        if found is None:
            return self._add(tx, rules.display_name(name), wallet, "", wanted)
        return found if wanted <= found.roles else self._set_roles(tx, "host", found, found.roles | wanted)

    def grant_role(self, tx: Tx, actor: Actor, account: int, role: str) -> Account:
        """Give a role; the operator's act.

        Raises:
            MallError: account.not_allowed, account.unknown, account.bad_role.
        """
        rules.require(actor, "account.grant_role")
        found = self.get(tx, account)
        roles = found.roles | rules.checked_roles(frozenset({role}))
        return found if roles == found.roles else self._set_roles(tx, actor.ref, found, roles)

    def take_role(self, tx: Tx, actor: Actor, account: int, role: str) -> Account:
        """Take a role back; the operator's act.

        Raises:
            MallError: account.not_allowed, account.unknown.
        """
        rules.require(actor, "account.grant_role")
        found = self.get(tx, account)
        roles = found.roles - {role}
        return found if roles == found.roles else self._set_roles(tx, actor.ref, found, roles)

    def rename(self, tx: Tx, account: int, name: str) -> Account:
        """Change the display name.

        Raises:
            MallError: account.unknown, account.bad_name.
        """
        before = self.get(tx, account)
        shown = rules.display_name(name)
        if shown != before.name:
            tx.execute("update accounts set name = ? where id = ?", shown, account)
            tx.audit(before.actor.ref, "account.rename", before.actor.ref, before=before.name, after=shown)
        return self.get(tx, account)

    def issue_token(self, tx: Tx, account: int) -> str:
        """A new session token, good for 30 days. Only its SHA-256 is kept; the newest eight of an account work.

        Raises:
            MallError: account.unknown.
        """
        self.get(tx, account)
        token = secrets.token_urlsafe(32)
        store.add_token(tx, account, _digest(token), tx.now + rules.TOKEN_LIFE, rules.TOKENS_EACH)
        return token

    def renew_token(self, tx: Tx, token: str) -> None:
        """Let a token that is in use last its whole life again, once half of it is gone: who comes back stays."""
        tx.execute(
            "update tokens set until = ? where hash = ? and until < ?",
            tx.now + rules.TOKEN_LIFE, _digest(token), tx.now + rules.TOKEN_LIFE / 2,
        )  # fmt: skip

    def drop_token(self, tx: Tx, token: str) -> None:
        """Sign out: the token works no more."""
        tx.execute("delete from tokens where hash = ?", _digest(token))

    def account_of_token(self, rows: Rows, token: str, now: float) -> Account:
        """Who signed in with this token. `now` in seconds, UTC.

        Raises:
            MallError: account.bad_token.
        """
        found = store.by_token(rows, _digest(token), now)
        if found is None:
            raise MallError("account.bad_token", "This sign-in is unknown or has ended. Sign in again.")
        return found

    def get(self, rows: Rows, account: int) -> Account:
        """The account with this id.

        Raises:
            MallError: account.unknown.
        """
        found = store.by_id(rows, account)
        if found is None:
            raise MallError("account.unknown", f"There is no account {account}.", account=account)
        return found

    def of_address(self, rows: Rows, address: str) -> Account | None:
        """The account of a wallet, if it has one.

        Raises:
            MallError: account.bad_address.
        """
        return store.by_address(rows, checked(address))

    def _add(self, tx: Tx, name: str, address: str, wallet: str, roles: frozenset[str]) -> Account:
        color = int.from_bytes(self._entropy(3), "big")
        made = store.insert(tx, name, address, wallet, roles, color)
        tx.audit("host", "account.create", made.actor.ref, after=store.spelled(roles), address=address)
        tx.emit(AccountCreated(at=tx.now, account=made.id, name=name, guest=made.guest, address=address))
        return made

    def _set_roles(self, tx: Tx, by: str, found: Account, roles: frozenset[str]) -> Account:
        before, after = store.spelled(found.roles), store.spelled(roles)
        tx.execute("update accounts set roles = ? where id = ?", after, found.id)
        tx.audit(by, "account.roles", found.actor.ref, before=before, after=after)
        return self.get(tx, found.id)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
