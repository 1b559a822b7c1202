"""What a transaction offers for gas (EIP-1559), and when a waiting one must offer more. All pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.chain import Fees
from contracts.errors import ChainError

BASE_FEES: Final = 2
"""An offer still holds when the base fee has doubled, which takes six full blocks."""
_BUMP: Final = (110, 100)
"""Nodes replace a waiting transaction when both prices are a tenth higher (go-ethereum, core/txpool)."""


def median(said: Sequence[int]) -> int:
    """The lower median of what the endpoints say: one that lies cannot raise it alone."""
    return sorted(said)[(len(said) - 1) // 2]


def offer(base_fee: int, tip: int, cap: int) -> Fees:
    """The fees for a transaction now, never above `cap` wei per gas. Raises ChainError `chain.fee_cap` when the
    cap would not be mined."""
    if base_fee + tip > cap:
        raise _over_cap(base_fee + tip, cap)
    return Fees(fee=min(BASE_FEES * base_fee + tip, cap), tip=tip)


def raised(offered: Fees, now: Fees, cap: int) -> Fees | None:
    """What replaces `offered` when the market asks for `now`, or None while it asks for no more. Raises ChainError
    `chain.fee_cap`."""
    if now.fee <= offered.fee and now.tip <= offered.tip:
        return None
    least = Fees(_bumped(offered.fee), _bumped(offered.tip))
    fees = Fees(fee=max(now.fee, least.fee), tip=max(now.tip, least.tip))
    if fees.fee > cap:
        raise _over_cap(fees.fee, cap)
    return fees


def _bumped(price: int) -> int:
    more, per = _BUMP
    return max(-(-price * more // per), price + 1)


def _over_cap(price: int, cap: int) -> ChainError:
    return ChainError(
        "chain.fee_cap",
        f"gas costs {price} wei now, the operator's cap is {cap}: wait, or raise the cap",
        price=price,
        cap=cap,
    )
