"""Pure rules of accounts: names, roles and what each role may do."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final

from host.accounts.models import CREATOR, HOST, MODERATOR, OPERATOR, PLAYER, Actor
from host.errors import MallError

MAX_NAME: Final = 24
TOKEN_LIFE: Final = 30 * 24 * 3600.0
"""Seconds after which a session token ends."""
TOKENS_EACH: Final = 8
"""Session tokens of one account at a time; a further one ends the oldest."""
ROLES: Final = frozenset({PLAYER, CREATOR, MODERATOR, OPERATOR})

MAY: Final[dict[str, frozenset[str]]] = {"account.grant_role": frozenset({OPERATOR, HOST})}
"""Which roles may do an act outside the life cycles of releases and placements, whose flows name their own."""

# Letters, marks and variation selectors that print nothing: a name of them would look empty or like another's.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def require(actor: Actor, action: str) -> None:
    """Refuse an act of `MAY` to an actor without a role for it.

    Raises:
        MallError: account.not_allowed.
    """
    require_role(actor, MAY[action], action)


def require_role(actor: Actor, roles: frozenset[str], action: str) -> None:
    """Refuse `action` to an actor with none of `roles`.

    Raises:
        MallError: account.not_allowed.
    """
    if not actor.roles & roles:
        wanted = " or ".join(sorted(roles))
        raise MallError(
            "account.not_allowed",
            f"{action} needs the role {wanted}; {actor.name} has {', '.join(sorted(actor.roles)) or 'none'}.",
            action=action,
            roles=wanted,
        )


def display_name(text: str) -> str:
    """The name as it is kept: NFKC, stripped, 1 to 24 visible characters.

    Raises:
        MallError: account.bad_name.
    """
    if len(text) > 8 * MAX_NAME:
        raise _bad_name(f"it has {len(text)} characters")
    name = unicodedata.normalize("NFKC", text).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise _bad_name(f"it has {len(name)} characters")
    for char in name:
        category = unicodedata.category(char)
        if category in _REFUSED or char in _BLANK or (category == "Zs" and char != " "):
            raise _bad_name(f"U+{ord(char):04X} is a control, format or blank character")
    if not any(unicodedata.category(char)[0] in "LN" for char in name):
        raise _bad_name("it has no letter or digit")
    return name


def _bad_name(why: str) -> MallError:
    return MallError(
        "account.bad_name",
        f"This name cannot be used: {why}. Choose 1 to {MAX_NAME} visible characters.",
        limit=MAX_NAME,
    )


def guest_name(number: int, taken: Callable[[str], bool]) -> str:
    """A readable name for a guest ("Guest 4711"), from a random `number`; longer while the short ones are taken."""
    for digits in (4, 4, 4, 6, 9):
        name = f"Guest {number % 10**digits:0{digits}d}"
        if not taken(name):
            return name
        number //= 7
    return f"Guest {number % 10**12:012d}"


def checked_roles(roles: frozenset[str]) -> frozenset[str]:
    """`roles`, each known.

    Raises:
        MallError: account.bad_role.
    """
    for role in sorted(roles - ROLES):
        raise MallError(
            "account.bad_role", f"{role!r} is no role. Known: {', '.join(sorted(ROLES))}.", role=role[:32]
        )
    return roles
