"""How many decimals a currency's money has on the screen."""

from __future__ import annotations

from typing import Final

from tradetui.domain import formatting
from tradetui.domain.units import CASH_SCALE

_CENTS: Final = (
    "USD USDT USDC BUSD FDUSD TUSD DAI USDP PYUSD EUR EURC GBP CHF AUD CAD NZD SGD HKD CNY SEK NOK "
    "DKK PLN CZK TRY BRL MXN ZAR INR ILS THB"
)
_WHOLE: Final = "JPY KRW HUF CLP VND IDR"
_DECIMALS: Final = {
    **dict.fromkeys(_CENTS.split(" "), 2),
    **dict.fromkeys(_WHOLE.split(" "), 0),
}
MASK: Final = "***"


def decimals_of(currency: str) -> int:
    """Return 2 for what is counted in cents, 0 for what has none, 8 for coins."""
    return _DECIMALS.get(currency, CASH_SCALE)


def money_text(amount: int, currency: str, *, signed: bool = False, masked: bool = False) -> str:
    """Write an amount in its currency's decimals, without the currency's name."""
    if masked:
        return MASK
    return formatting.money(amount, signed=signed, decimals=decimals_of(currency))
