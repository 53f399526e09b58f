"""Money of one currency in another, at the rates that the sequenced marks imply.

A rate is the mark of a spot instrument between the two currencies, or of two spot instruments that
share a third. There is no other source of rates, so that replay converts as the run did.
"""

from __future__ import annotations

from tradetui.core.state import KernelState
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import Currency
from tradetui.domain.units import div_half_even

Rate = tuple[int, int]
"""Numerator and denominator: what one unit of a currency is worth in another."""


def to_reporting(state: KernelState, currency: Currency, amount: int) -> int | None:
    """Return ``amount`` (CASH_SCALE) in the reporting currency, halves to even.

    None where no mark gives a rate.
    """
    return convert(state, currency, state.config.reporting_currency, amount)


def convert(state: KernelState, source: Currency, target: Currency, amount: int) -> int | None:
    """Return ``amount`` of one currency in another, or None where no mark gives a rate."""
    if source == target or amount == 0:
        return amount
    rate = rate_between(state, source, target)
    if rate is None:
        return None
    return div_half_even(amount * rate[0], rate[1])


def rate_between(state: KernelState, source: Currency, target: Currency) -> Rate | None:
    """Return the rate of two currencies: direct, else over one third currency.

    Of several, the first by instrument id: the choice must not depend on the order of arrival.
    """
    rates = _rates_from(state, source)
    direct = rates.get(target)
    if direct is not None:
        return direct
    for third, first in rates.items():
        second = _rates_from(state, third).get(target)
        if second is not None:
            return first[0] * second[0], first[1] * second[1]
    return None


def _rates_from(state: KernelState, source: Currency) -> dict[Currency, Rate]:
    """Return the rate of ``source`` in each currency that a marked spot instrument pairs it with,
    ordered by instrument id.
    """
    found: dict[Currency, Rate] = {}
    for instrument_id in sorted(state.marks):
        price = state.marks[instrument_id].price
        instrument = state.instruments.get(instrument_id)
        if (
            instrument is None
            or instrument.instrument_class is not InstrumentClass.SPOT
            or price <= 0
        ):
            continue
        unit: int = 10**instrument.price_scale
        if instrument.base == source:
            found.setdefault(instrument.quote, (price, unit))
        elif instrument.quote == source:
            found.setdefault(instrument.base, (unit, price))
    return found
