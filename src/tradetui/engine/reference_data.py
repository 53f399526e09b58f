"""Instruments and their names: canonical symbols here, venue symbols there, and what may be
ordered.

The engine registers what the feeds name. Venue symbols and constraints are for adapters of real
venues and for scripts: nothing in the product asks for them yet.
"""

from __future__ import annotations

from tradetui.domain.ids import InstrumentId, instrument_id
from tradetui.domain.instruments import Instrument
from tradetui.domain.record import Record


class Constraints(Record, frozen=True):
    """What an order of an instrument must obey; integers at its scales, notional at CASH_SCALE.

    None = no bound.
    """

    price_increment: int
    size_increment: int
    min_quantity: int
    max_quantity: int | None
    min_notional: int
    price_min: int | None
    price_max: int | None


class ReferenceData:
    """The one owner of instruments and symbol mappings of a session.

    A change enters the kernel as an InstrumentUpdated event, which whoever registers it submits.
    """

    def __init__(self) -> None:
        self._instruments: dict[InstrumentId, Instrument] = {}
        self._venue_symbols: dict[InstrumentId, str] = {}
        self._canonical: dict[tuple[str, str], InstrumentId] = {}

    def register(self, instrument: Instrument, venue_symbol: str | None = None) -> bool:
        """Add an instrument, or a new version of one; tell whether anything changed.

        ``venue_symbol`` is what its venue calls it (default: the canonical symbol). Raises
        ValueError when the id is not made of symbol and venue, when a scale changes (they are fixed
        for the life of a journal), or when the venue's name is another instrument's.
        """
        key = instrument.instrument_id
        if key != instrument_id(instrument.symbol, instrument.venue):
            raise ValueError(f"instrument {key} is not {instrument.symbol}.{instrument.venue}")
        known = self._instruments.get(key)
        if known is not None and (known.price_scale, known.size_scale) != (
            instrument.price_scale,
            instrument.size_scale,
        ):
            raise ValueError(f"instrument {key}: its scales are fixed and cannot change")
        name = venue_symbol or self._venue_symbols.get(key) or instrument.symbol
        taken = self._canonical.get((instrument.venue, name))
        if taken is not None and taken != key:
            raise ValueError(f"{name} on {instrument.venue} is {taken} already, not {key}")
        self._map(instrument.venue, name, key)
        self._instruments[key] = instrument
        return known != instrument

    def map_symbol(self, key: InstrumentId, venue_symbol: str) -> None:
        """Say what an instrument is called at its venue, instead of what was said before."""
        self.register(self.instrument(key), venue_symbol)

    def _map(self, venue: str, name: str, key: InstrumentId) -> None:
        old = self._venue_symbols.get(key)
        if old is not None:
            del self._canonical[(venue, old)]
        self._venue_symbols[key] = name
        self._canonical[(venue, name)] = key

    def instrument(self, key: InstrumentId) -> Instrument:
        """Return an instrument; raises KeyError with a sentence for one that is not registered."""
        try:
            return self._instruments[key]
        except KeyError:
            known = ", ".join(sorted(self._instruments)) or "none"
            raise KeyError(f"no instrument {key}; registered: {known}") from None

    def instruments(self) -> tuple[Instrument, ...]:
        """Return all instruments in ascending id."""
        return tuple(self._instruments[key] for key in sorted(self._instruments))

    def find_symbol(self, symbol: str, near: InstrumentId) -> Instrument:
        """Return the instrument of a canonical symbol, on the venue of ``near`` or, if it is not
        there, on the only other that has it. Raises KeyError when none or several fit.
        """
        venue = self.instrument(near).venue
        own = self._instruments.get(instrument_id(symbol, venue))
        if own is not None:
            return own
        found = [i for i in self.instruments() if i.symbol == symbol]
        if len(found) != 1:
            raise KeyError(symbol)
        return found[0]

    def venue_symbol(self, key: InstrumentId) -> str:
        """Return what the instrument's venue calls it."""
        return self._venue_symbols[self.instrument(key).instrument_id]

    def canonical(self, venue: str, venue_symbol: str) -> InstrumentId:
        """Return which instrument a venue means; raises KeyError for a name that is not mapped."""
        return self._canonical[(venue, venue_symbol)]

    def constraints(self, key: InstrumentId) -> Constraints:
        """Return what an order of the instrument must obey."""
        i = self.instrument(key)
        return Constraints(
            i.price_increment,
            i.size_increment,
            i.min_quantity,
            i.max_quantity,
            i.min_notional,
            i.price_min,
            i.price_max,
        )
