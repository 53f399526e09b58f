"""A MarketDataClient over one or more files."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tradetui.adapters.reorder import AS_THEY_COME, Ordering
from tradetui.adapters.replay.errors import feed_error
from tradetui.adapters.replay.ordering import RowsInOrder
from tradetui.data.apart import load_apart
from tradetui.data.instrument_spec import InstrumentSpec, parse_spec
from tradetui.data.layout import DataKind
from tradetui.data.merge import unify
from tradetui.data.problems import DataError
from tradetui.data.stream import between, history_of, items_behind, items_of
from tradetui.data.tables import MarketTable, timeframe_text
from tradetui.domain.codec import encode
from tradetui.domain.ids import InstrumentId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, MarketItem
from tradetui.domain.recovery import FeedCursor
from tradetui.domain.text import printable
from tradetui.ports.market_data import EdgeCounts


class ReplayClient:
    """Plays files back in order of time, as fast as it is asked; pacing is the runtime's.

    ``start`` and ``end`` (ns UTC) choose a part; what lies before ``start`` is history for warm-up.
    """

    def __init__(
        self, tables: Sequence[MarketTable], *, start: int | None = None, end: int | None = None
    ) -> None:
        try:
            self._tables = unify(tables)
        except DataError as e:
            raise feed_error(e) from e
        self._played = tuple(between(table, start, end) for table in self._tables)
        self._cursor: FeedCursor | None = None
        self._instruments = {
            table.instrument.instrument_id: table.instrument for table in self._tables
        }
        if not any(len(table) for table in self._played):
            raise feed_error(
                DataError(
                    f"{', '.join(table.path for table in self._tables)}: no rows between the start "
                    "and the end that were asked for; choose others"
                )
            )

    @classmethod
    def open(
        cls,
        paths: Sequence[Path],
        instrument: str = "",
        *,
        venue: str = "",
        start: int | None = None,
        end: int | None = None,
        strict: bool = True,
        apart: bool = False,
        ordering: Ordering = AS_THEY_COME,
    ) -> ReplayClient:
        """Read the files; raise FeedError (one clear sentence) if one cannot be used.

        ``instrument`` is what a person says of it (``BTC/USD.BITFINEX,price_increment=0.1``); it
        holds for every file, so give it only with files of one instrument. ``venue`` is that of
        files that name none. Takes about a second for half a million rows: call it off the event
        loop. ``apart`` reads in a child process, whose memory goes with it. ``ordering``: rows out
        of order are put in order, or left out where they stand too far behind; by default a file
        with such rows is refused.
        """
        arrange = RowsInOrder(ordering.size, ordering.timeout) if ordering.size else None
        try:
            said = parse_spec(instrument) if instrument else InstrumentSpec()
            spec = replace(said, feed_venue=venue)
            if apart:
                tables = load_apart(paths, spec, strict=strict, arrange=arrange)
            else:
                from tradetui.data.loader import load_all  # polars: only where it reads

                tables = load_all(list(paths), spec, strict=strict, arrange=arrange)
        except DataError as e:
            raise feed_error(e) from e
        return cls(tables, start=start, end=end)

    @property
    def name(self) -> str:
        """Say what is played: ``btcusd 1m``."""
        first = self._tables[0]
        pair = first.instrument.symbol.partition(":")[0].replace("/", "").lower()
        what = timeframe_text(first.timeframe_ns) if first.timeframe_ns else str(first.kind)
        more = len(self._tables) - 1
        return f"{pair} {what}" + (f" and {more} more" if more else "")

    @property
    def is_virtual(self) -> bool:
        """Time is the data's own."""
        return True

    @property
    def notes(self) -> tuple[str, ...]:
        """What was inferred about the files, one sentence each, with the file's name."""
        return tuple(
            printable(f"{Path(table.path).name}: {note}")
            for table in self._tables
            for note in table.notes
        )

    @property
    def counts(self) -> EdgeCounts:
        """How many rows of the files were put in order, and left out because they could not be."""
        return EdgeCounts(
            sum(table.reordered for table in self._tables),
            sum(table.late for table in self._tables),
        )

    @property
    def has_quotes(self) -> bool:
        """Tell whether any file holds best quotes."""
        return any(table.kind is DataKind.QUOTES for table in self._tables)

    @property
    def bar_lengths(self) -> dict[InstrumentId, int]:
        """Return how long (ns) the bars are of each market that comes in nothing but bars."""
        found: dict[InstrumentId, int] = {}
        others: dict[InstrumentId, None] = {}
        for table in self._tables:
            key = table.instrument.instrument_id
            if table.kind is DataKind.BARS:
                found[key] = min(table.timeframe_ns, found.get(key, table.timeframe_ns))
            else:
                others[key] = None
        return {key: length for key, length in found.items() if key not in others}

    @property
    def span(self) -> tuple[int, int]:
        """Return the first and the last moment that is played (ns UTC)."""
        played = [table for table in self._played if len(table)]
        return (
            min(int(table.times[0]) for table in played),
            max(int(table.times[-1]) + table.timeframe_ns for table in played),
        )

    def instruments(self) -> tuple[Instrument, ...]:
        """Return the instruments of all files, each once."""
        return tuple(self._instruments.values())

    def history(
        self, instrument_id: InstrumentId, timeframe_ns: int, count: int, before: int
    ) -> tuple[Bar, ...]:
        """Return bars of the files that closed at or before ``before``; longer timeframes are
        joined.
        """
        bars: tuple[Bar, ...] = ()
        for table in self._tables:
            if table.instrument.instrument_id == instrument_id:
                bars += history_of(table, timeframe_ns, count, before)
        return tuple(sorted(bars, key=lambda bar: bar.open_time))[-count:] if count > 0 else ()

    @property
    def data_hash(self) -> str:
        """Return the SHA-256 of what is played, in hex: the same files read the same way."""
        digest = hashlib.sha256()
        for table in self._played:
            digest.update(encode(table.instrument))
            digest.update(f"{table.kind} {table.timeframe_ns} {len(table)}".encode())
            digest.update(table.times.tobytes())
            for name in sorted(table.columns):
                digest.update(name.encode())
                digest.update(table.columns[name].tobytes())
        return digest.hexdigest()

    def resume(self, cursor: FeedCursor) -> None:
        """Play from behind a place on."""
        self._cursor = cursor

    def iter_items(self, cursor: FeedCursor | None = None) -> Iterator[MarketItem]:
        """Return the items as a plain iterator, those behind a place where one is given."""
        return items_of(self._played) if cursor is None else items_behind(self._played, cursor)

    async def items(self) -> AsyncIterator[MarketItem]:
        """Yield the items until the files end."""
        for item in self.iter_items(self._cursor):
            yield item
