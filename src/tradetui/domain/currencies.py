"""How many decimals money of a currency is written with."""

from __future__ import annotations

from typing import Final

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
FEE_DECIMALS: Final = 4
"""The fewest decimals of a single fee: in cents most of them would be nothing."""


def money_decimals(currency: str) -> int:
    """Return 2 for what is counted in cents, 0 for what has none, 8 for coins and all else."""
    return _DECIMALS.get(currency, CASH_SCALE)
