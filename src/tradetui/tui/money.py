"""Money on the screen, which a person may hide."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting

MASK: Final = "***"


def money_text(amount: int, currency: str, *, signed: bool = False, masked: bool = False) -> str:
    """Write an amount in its currency's decimals, without the currency's name."""
    if masked:
        return MASK
    return formatting.money(amount, currency, signed=signed)
