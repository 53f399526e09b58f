"""Money on the screen, which a person may hide."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting

MASK: Final = "***"


def sign_look(text: str) -> str:
    """Return the look of an amount with its sign, by what is shown of it: one that is written as
    zero is neither gain nor loss, and a hidden one tells nothing.
    """
    return {"+": "good", "-": "bad"}.get(text[:1], "base")


def money_text(amount: int, currency: str, *, signed: bool = False, masked: bool = False) -> str:
    """Write an amount in its currency's decimals, without the currency's name."""
    if masked:
        return MASK
    return formatting.money(amount, currency, signed=signed)
