"""The simulated venue: commands and market items in, reports out. Pure and deterministic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from tradetui.core.venue.at_open import fill_at_open
from tradetui.core.venue.band import NEVER_QUIET, WIDE, Band, band_of, band_with, is_quiet
from tradetui.core.venue.book import Book, Pending, PositionKey, VenueState
from tradetui.core.venue.commands import arrive, cancel, replace, submit
from tradetui.core.venue.filling import Room, room_of
from tradetui.core.venue.funds import Balance, spendable
from tradetui.core.venue.matching import end_immediate, expire, run_segment, trail
from tradetui.core.venue.mending import Mended, mend, number_in, skip_numbers
from tradetui.core.venue.models import VenueConfig
from tradetui.core.venue.tape import OPEN, RANGE, Segment, absorb, segments
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.ids import InstrumentId, RouteId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import Bar, InstrumentUpdated, MarketItem, Quote, Trade
from tradetui.domain.orders import Order
from tradetui.domain.steps import CancelCommand, Command, ReplaceCommand, SubmitCommand
from tradetui.domain.units import I64_MAX

_COUNTED: Final = (Bar, Trade, Quote)


class SimulatedVenue:
    """One simulated venue for any number of routes and instruments.

    A command acts from the next item of its instrument on (or as much later as the latency says).
    ``show`` is called with every market item before the engine's own step for it; what it returns
    are steps before that one. Reports carry the time of the item, or of the call.
    """

    def __init__(self, config: VenueConfig | None = None) -> None:
        self._state = VenueState(VenueConfig() if config is None else config)
        self._is_delayed = _is_delayed(self.config)
        self._balance: Balance | None = None
        self._bands: dict[InstrumentId, Band] = {}
        """Derived: made anew where absent."""

    @property
    def config(self) -> VenueConfig:
        """The settings."""
        return self._state.config

    def change_settings(self, config: VenueConfig) -> None:
        """Work by other settings from here on; commands that are on their way arrive when they
        would have.
        """
        self._state.config = config
        self._is_delayed = _is_delayed(config)
        self._bands = {}

    def fund(self, balance: Balance) -> None:
        """Let every route pay for what it buys (futures apart) from what ``balance`` says it has.

        It is asked when an item comes that may fill an order, and must by then know of all fills
        that were reported before. Until this is called, whatever is bought is paid for.
        """
        self._balance = balance

    def on_instrument(self, instrument: Instrument) -> None:
        """Learn of an instrument, or of a change of its increments, bounds or fees."""
        self._state.instruments[instrument.instrument_id] = instrument

    def submit(self, command: SubmitCommand, now: int) -> list[Unsequenced]:
        """Take a new order; answers OrderAccepted or OrderRejected (at once without latency)."""
        instrument_id = command.terms.instrument_id
        if self._is_delayed:
            return self._delay(command, instrument_id, now)
        state, bands = self._state, self._bands
        state.now = now
        band = bands.pop(instrument_id, None if instrument_id in state.busy else WIDE)
        order = submit(state, command, now)
        if order is not None:
            band = band_with(band, state.books[instrument_id].values(), order)
            if band is not None:
                bands[instrument_id] = band
        reports, state.reports = state.reports, []
        return reports

    def cancel(self, command: CancelCommand, now: int) -> list[Unsequenced]:
        """Take a cancel; answers OrderCancelled or CancelRejected."""
        instrument_id = command.instrument_id
        if self._is_delayed:
            return self._delay(command, instrument_id, now)
        state = self._state
        state.now = now
        self._bands.pop(instrument_id, None)
        cancel(state, command, now)
        reports, state.reports = state.reports, []
        return reports

    def replace(self, command: ReplaceCommand, now: int) -> list[Unsequenced]:
        """Take a new version of an order (its own fills start at 0); answers OrderReplaced or
        ReplaceRejected. The new version goes to the end of the queue.
        """
        instrument_id = command.terms.instrument_id
        if self._is_delayed:
            return self._delay(command, instrument_id, now)
        self._open(instrument_id, now)
        replace(self._state, command, now)
        return self._said()

    def show(self, item: MarketItem) -> list[Unsequenced]:
        """Show the venue an item of the market; returns what it did to the orders there.

        Without any, this remembers the item and looks once.
        """
        state = self._state
        instrument_id = item.instrument_id
        if instrument_id not in state.busy:
            state.newest[instrument_id] = item
            return []
        band = self._bands.get(instrument_id)
        if band is None:
            band = self._bands[instrument_id] = self._band(instrument_id)
        if is_quiet(band, item):
            absorb(state.tapes[instrument_id], item)
            return []
        payload = item.payload
        if isinstance(payload, Bar):
            if payload.warmup_for is not None:
                return []
            if fill_at_open(state, item, payload, self._balance):
                del self._bands[instrument_id]
                return self._said()
        return self._show_slowly(item)

    def _show_slowly(self, item: MarketItem) -> list[Unsequenced]:
        """Match an item that may touch an order."""
        state = self._state
        instrument_id = item.instrument_id
        payload = item.payload
        self._bands.pop(instrument_id, None)
        if isinstance(payload, InstrumentUpdated):
            self.on_instrument(payload.instrument)
        state.now = item.event_time
        self._arrivals(instrument_id, item.event_time)
        is_bar = isinstance(payload, Bar)
        self._expire(instrument_id, item.event_time - is_bar)
        self._match(item)
        if is_bar:
            self._expire(instrument_id, item.event_time)
        absorb(state.tapes[instrument_id], item)
        if isinstance(payload, _COUNTED):
            self._count_item(instrument_id)
        return self._said()

    def on_time(self, now: int) -> list[Unsequenced]:
        """Let time pass: commands arrive, DAY and GTD orders expire."""
        state = self._state
        state.now = now
        self._bands.clear()
        for instrument_id in sorted(state.busy):
            self._arrivals(instrument_id, now)
            self._expire(instrument_id, now)
        return self._said()

    def drop_route(self, route_id: RouteId) -> None:
        """Forget a route: its orders, commands and positions; nothing is reported."""
        state = self._state
        self._bands.clear()
        for instrument_id, books in state.books.items():
            book = books.pop(route_id, None)
            for order_id in book.orders if book is not None else ():
                del state.orders[order_id]
                state.vacate(instrument_id)
        for instrument_id, queue in state.pending.items():
            kept = [one for one in queue if _route_of(one.command) != route_id]
            for _ in range(len(queue) - len(kept)):
                state.vacate(instrument_id)
            state.pending[instrument_id] = kept
        state.positions = {k: v for k, v in state.positions.items() if k[0] != route_id}
        state.groups = {k: v for k, v in state.groups.items() if k[0] != route_id}
        state.brackets = {
            key: bracket
            for key, bracket in state.brackets.items()
            if bracket.parent_id in state.orders
            or any(child in state.orders for child in bracket.children)
        }

    def mend(
        self, orders: Iterable[Order], positions: dict[PositionKey, int], now: int
    ) -> tuple[list[Mended], list[Unsequenced]]:
        """Agree with the orders and positions of the kernel after a restart; return what had to be
        changed, and the answers that orders without one get now.
        """
        self._bands.clear()
        self._state.now = now
        return mend(self._state, orders, positions, now), self._said()

    def skip_numbers(self, order_ids: Iterable[str], trade_ids: Iterable[str]) -> None:
        """Never give an order or a trade one of these ids again."""
        prefix = self.config.id_prefix
        skip_numbers(
            self._state,
            max((number_in(one, f"{prefix}V") for one in order_ids), default=0),
            max((number_in(one, f"{prefix}T") for one in trade_ids), default=0),
        )

    def checkpoint(self) -> bytes:
        """Return all that the venue remembers, for ``restore``."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, data: bytes) -> None:
        """Become what ``checkpoint`` wrote down; raises msgspec.DecodeError on anything else."""
        state = msgspec.msgpack.decode(data, type=VenueState)
        state.orders = {
            order_id: order
            for books in state.books.values()
            for book in books.values()
            for order_id, order in book.orders.items()
        }
        self._state = state
        self._is_delayed = _is_delayed(state.config)
        self._bands = {}

    def _open(self, instrument_id: InstrumentId, now: int) -> None:
        """Begin a call that may change the orders of an instrument."""
        self._state.now = now
        self._bands.pop(instrument_id, None)

    def _delay(self, command: Command, instrument_id: InstrumentId, now: int) -> list[Unsequenced]:
        """Send a command on its way: it arrives with a later item, or with time."""
        self._open(instrument_id, now)
        state = self._state
        config = state.config
        state.occupy(instrument_id)
        state.pending.setdefault(instrument_id, []).append(
            Pending(command, now + config.latency_ns, config.latency_bars)
        )
        return []

    def _band(self, instrument_id: InstrumentId) -> Band:
        state = self._state
        if state.pending.get(instrument_id):
            return NEVER_QUIET
        return band_of(state.books.get(instrument_id, {}).values())

    def _arrivals(self, instrument_id: InstrumentId, time: int) -> None:
        """Let the commands arrive whose time has come, in the order in which they were sent."""
        state = self._state
        queue = state.pending.get(instrument_id)
        while queue and queue[0].items <= 0 and queue[0].time <= time:
            first = queue.pop(0)
            arrive(state, first.command, max(first.time, 0))
            state.vacate(instrument_id)

    def _count_item(self, instrument_id: InstrumentId) -> None:
        """Bring commands that wait for items one item nearer."""
        state = self._state
        queue = state.pending.get(instrument_id)
        if not queue or state.config.latency_bars == 0:
            return
        for one in queue:
            one.items -= 1
            one.time = state.now
        self._arrivals(instrument_id, state.now)

    def _expire(self, instrument_id: InstrumentId, time: int) -> None:
        """Expire the orders whose time is up, in the order of their ends and arrivals."""
        state = self._state
        due = []
        for book in state.books.get(instrument_id, {}).values():
            for order in book.orders.values():
                if order.expire_time is not None and order.expire_time <= time:
                    due.append(order)
        if not due:
            return
        due.sort(key=lambda order: (order.expire_time, order.serial))
        for order in due:
            if not order.is_done:
                expire(state, order, order.terms.time_in_force.value)

    def _match(self, item: MarketItem) -> None:
        """Let each book act on the segments of an item."""
        state = self._state
        instrument_id = item.instrument_id
        books = state.books.get(instrument_id)
        tape = state.tapes.get(instrument_id)
        if books is None or tape is None:
            return
        instrument = state.instruments[instrument_id]
        rooms: dict[RouteId, Room] = {}
        newest: Segment | None = None
        for segment in segments(tape, item, state.config):
            state.segment += 1
            for route_id, book in books.items():
                if not book.orders:
                    continue
                room = rooms.get(route_id)
                if room is None:
                    cash = spendable(self._balance, route_id, instrument)
                    room = rooms[route_id] = room_of(state, book, segment, cash)
                elif segment.kind is RANGE:
                    room = rooms[route_id] = room_of(state, book, segment, room.cash)
                run_segment(state, book, instrument, segment, room)
                if segment.kind is OPEN:
                    book.open_used = room.used
                    trail(state, book, segment.since, *(segment.high,) * 3)
            newest = segment
        if newest is not None and newest.kind is not OPEN:
            for book in books.values():
                self._end_item(item, newest, book)

    def _end_item(self, item: MarketItem, segment: Segment, book: Book) -> None:
        """Do what follows an item's last segment: trailing stops move, what would not wait ends."""
        state = self._state
        payload = item.payload
        if isinstance(payload, Bar):
            trail(state, book, payload.open_time, segment.high, segment.low, payload.close)
            book.open_used = 0
        else:
            low = segment.buy_low or I64_MAX
            trail(state, book, segment.since, segment.sell_high, low, 0)
        end_immediate(state, book)

    def _said(self) -> list[Unsequenced]:
        """Return the reports of the call and begin anew."""
        reports = self._state.reports
        self._state.reports = []
        return reports


def _is_delayed(config: VenueConfig) -> bool:
    return config.latency_ns > 0 or config.latency_bars > 0


def _route_of(command: Command) -> RouteId:
    return command.route_id if isinstance(command, CancelCommand) else command.terms.route_id
