"""The venue as a model: its own orders, trades, money, clock, limits and whims.

It knows nothing of the engine. A client order id is unique among its *open* orders only, as at the
largest venue; a request that arrives later than its timestamp and window allow is refused.
"""

from __future__ import annotations

import random
from typing import Final

from msgspec.structs import replace
from tests.simulation.faults import Faults

from tradetui.domain.enums import InstrumentClass, LiquiditySide, OrderSide, OrderType, TimeInForce
from tradetui.domain.instruments import Instrument, fee, notional
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.ports.execution import (
    Accepted,
    Balances,
    BalancesRequest,
    CancelRequest,
    LookupRequest,
    OpenOrders,
    OpenOrdersRequest,
    OrderFound,
    OrderNotFound,
    Refused,
    ReplaceRequest,
    Request,
    SubmitRequest,
    TimeRequest,
    TradesPage,
    TradesRequest,
    Unknown,
    VenueOrder,
    VenueStatus,
    VenueTime,
    VenueTrade,
    VenueTraits,
)

BTC: Final = Instrument(
    "BTC/USD.VEN", "BTC/USD", "VEN", InstrumentClass.SPOT, "BTC", "USD", 2, 8, 1, 1_000,
    taker_fee_ppm=1_000, maker_fee_ppm=-200,
)  # fmt: skip
ETH: Final = Instrument(
    "ETH/USD.VEN", "ETH/USD", "VEN", InstrumentClass.SPOT, "ETH", "USD", 2, 8, 1, 1_000,
    taker_fee_ppm=1_500, maker_fee_ppm=500,
)  # fmt: skip
INSTRUMENTS: Final = (BTC, ETH)
CASH: Final = 1_000_000 * 10**8
TRAITS: Final = VenueTraits(
    proven_refusals=("BALANCE", "FILTER", "POST_ONLY", "TIMESTAMP", "CLOSED", "NO_ORDER"),
    final_cancel_refusals=("CANNOT_CANCEL",),
    weight=600,
    weights=(("OpenOrdersRequest", 6), ("BalancesRequest", 10), ("TradesRequest", 4)),
)
HOSTILE: Final = "\x1b]52;c;\x07\u202e[red]\x9b31m"


class Resting:
    """One order at the venue."""

    __slots__ = ("cid", "filled", "instrument", "limit", "quantity", "reason", "role", "side",
                 "status", "vid")  # fmt: skip

    def __init__(
        self, cid: str, vid: str, instrument: Instrument, side: OrderSide, quantity: int,
        limit: int | None,
    ) -> None:  # fmt: skip
        self.cid, self.vid, self.instrument = cid, vid, instrument
        self.side, self.quantity, self.limit = side, quantity, limit
        self.filled = 0
        self.status = VenueStatus.OPEN
        self.reason = ""

    @property
    def leaves(self) -> int:
        return self.quantity - self.filled if self.status is VenueStatus.OPEN else 0

    def shown(self) -> VenueOrder:
        return VenueOrder(
            self.cid, self.vid, self.instrument.instrument_id, self.side, self.quantity,
            self.filled, self.status, self.reason,
        )  # fmt: skip


class ModelVenue:
    """See the module's text. ``now`` is the venue's own clock."""

    def __init__(self, rng: random.Random, faults: Faults, now: int) -> None:
        self.rng, self.faults, self.now = rng, faults, now
        self.instruments = {i.instrument_id: i for i in INSTRUMENTS}
        self.prices = {BTC.instrument_id: 10_000_00, ETH.instrument_id: 1_000_00}
        self.orders: dict[str, Resting] = {}
        self.by_cid: dict[str, list[Resting]] = {}
        self.open: dict[str, Resting] = {}
        self.trades: dict[str, list[VenueTrade]] = {i.instrument_id: [] for i in INSTRUMENTS}
        self.cash = {"USD": CASH, "BTC": 0, "ETH": 0}
        self.closed_until = 0
        self.limited_until = 0
        self.hints: list[tuple[str, str, str]] = []
        self.counter = 0
        self.admitted: dict[str, None] = {}
        """Requests that passed the check of their time and are not carried out yet."""

    # Requests.

    def handle(self, request: Request) -> object:
        """Do what is asked now; return the answer."""
        if self.now < self.closed_until:
            if isinstance(request, SubmitRequest | ReplaceRequest | CancelRequest):
                return Refused("CLOSED", self._words("maintenance"))
            return None
        return _HANDLERS[type(request)](self, request)

    def would_take(self, request: Request, arrival: int) -> bool:
        """Tell whether a request that creates an order would still be judged at a moment."""
        assert isinstance(request, SubmitRequest | ReplaceRequest)
        if request.terms.client_order_id in self.admitted:
            return True
        return arrival <= request.timestamp + request.recv_window

    def _submit(self, request: SubmitRequest) -> object:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if self._open_with(request.terms.client_order_id) is not None:
            return Refused("DUPLICATE", self._words("duplicate order sent"))
        return self._answer(self._create(request.terms, request.terms.quantity))

    def _refusal(self, request: SubmitRequest | ReplaceRequest) -> Refused | None:
        terms = request.terms
        instrument = self.instruments[terms.instrument_id]
        if request.terms.client_order_id in self.admitted:
            del self.admitted[request.terms.client_order_id]
        elif not self.would_take(request, self.now) or request.timestamp > self.now + SECOND:
            return Refused("TIMESTAMP", self._words("outside the window"))
        if terms.price is not None and terms.price % instrument.price_increment:
            return Refused("FILTER", self._words("tick"))
        if terms.quantity % instrument.size_increment or terms.quantity <= 0:
            return Refused("FILTER", self._words("lot"))
        if (
            terms.post_only
            and terms.price is not None
            and self._crosses(terms.side, terms.price, terms.instrument_id)
        ):
            return Refused("POST_ONLY", self._words("would take"))
        price = terms.price or self.prices[terms.instrument_id]
        free = self.cash["USD"] - sum(
            notional(o.instrument, o.limit or 0, o.leaves)
            for o in self.open.values() if o.side is OrderSide.BUY
        )  # fmt: skip
        if terms.side is OrderSide.BUY and notional(instrument, price, terms.quantity) > free:
            return Refused("BALANCE", self._words("insufficient"))
        if terms.side is OrderSide.SELL:
            held = self.cash[instrument.base]
            if terms.quantity > held:
                return Refused("BALANCE", self._words("insufficient"))
        return None

    def _create(self, terms: object, quantity: int) -> Resting:
        self.counter += 1
        vid = f"V{self.counter}"
        instrument = self.instruments[terms.instrument_id]
        order = Resting(terms.client_order_id, vid, instrument, terms.side, quantity, terms.price)
        self.orders[vid] = self.open[vid] = order
        self.by_cid.setdefault(order.cid, []).append(order)
        is_market = terms.order_type is OrderType.MARKET
        if is_market or self._crosses(terms.side, terms.price, terms.instrument_id):
            self._fill(order, order.leaves, LiquiditySide.TAKER)
            if order.leaves and (is_market or self.rng.randrange(2)):
                self._fill(order, order.leaves, LiquiditySide.TAKER, whole=True)
        if order.leaves and terms.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
            self._end(order, VenueStatus.EXPIRED, "IOC")
        return order

    def _answer(self, order: Resting, replaced: Resting | None = None) -> object:
        self._hint(order)
        if self._chance(self.faults.ambiguous):
            return self.rng.choice((
                Refused("-1006", self._words("execution status unknown")),
                Refused("-1000", self._words("unknown error")),
                Unknown(self._words("timeout behind the gateway")),
            ))  # fmt: skip
        return Accepted(order.shown(), None if replaced is None else replaced.shown())

    def _cancel(self, request: CancelRequest) -> object:
        is_late = self.now > request.timestamp + request.recv_window
        if is_late or request.timestamp > self.now + SECOND:
            return Refused("TIMESTAMP", self._words("outside the window"))
        order = self._open_with(request.client_order_id)
        if order is None:
            return Refused("UNKNOWN_ORDER", self._words("unknown order sent"))
        self._end(order, VenueStatus.CANCELLED, "by request")
        return self._answer(order)

    def _replace(self, request: ReplaceRequest) -> object:
        old = self._open_with(request.client_order_id)
        if old is None:
            return Refused("NO_ORDER", self._words("nothing to replace"))
        left = request.terms.quantity - max(0, old.filled - request.filled_quantity)
        if left <= 0:
            return Refused("NO_ORDER", self._words("nothing left to replace"))
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        self._end(old, VenueStatus.CANCELLED, "replaced")
        return self._answer(self._create(request.terms, left), old)

    def _lookup(self, request: LookupRequest) -> object:
        if request.venue_order_id is not None:
            order = self.orders.get(request.venue_order_id)
        else:
            found = self.by_cid.get(request.client_order_id or "")
            order = found[-1] if found else None
        if order is None:
            return OrderNotFound(self.now)
        return OrderFound(order.shown(), self.now)

    def _open_orders(self, request: object) -> object:
        return OpenOrders(tuple(o.shown() for o in self.open.values()), self.now)

    def _trades(self, request: TradesRequest) -> object:
        trades = self.trades[request.instrument_id]
        first = int(request.cursor or 0)
        size = (1_000, 2, 5)[self.faults.paging]
        page = trades[first : first + size]
        behind = first + len(page)
        if page and self._chance(self.faults.duplicate_fill):
            page = [*trades[max(0, first - 2) : first], *page, page[-1]]
        return TradesPage(tuple(page), str(behind), behind >= len(trades), self.now)

    def _balances(self, request: object) -> object:
        return Balances(tuple(sorted(self.cash.items())), self.now)

    def _time(self, request: object) -> object:
        return VenueTime(self.now)

    # What happens by itself.

    def move(self, instrument_id: str, price: int) -> None:
        """Let the price move and trade what rests there."""
        self.prices[instrument_id] = price
        for order in list(self.open.values()):
            if order.instrument.instrument_id == instrument_id and self._crosses(
                order.side, order.limit, instrument_id
            ):
                self._fill(order, order.leaves, LiquiditySide.MAKER)
        if self.open and self._chance(self.faults.unsolicited):
            order = self.rng.choice(list(self.open.values()))
            status = self.rng.choice((VenueStatus.CANCELLED, VenueStatus.EXPIRED))
            self._end(order, status, self._words("the venue's own decision"))

    def act_foreign(self) -> None:
        """A person trades on the same account, past the engine."""
        instrument = self.rng.choice(INSTRUMENTS)
        key = instrument.instrument_id
        self.counter += 1
        vid = f"V{self.counter}"
        side, limit = OrderSide.BUY, None
        if self.cash[instrument.base] > 0 and self.rng.randrange(2):
            side = OrderSide.SELL
        quantity = 1_000 * self.rng.randint(1, 50)
        if side is OrderSide.SELL:
            quantity = min(quantity, self._free(instrument))
            if quantity <= 0:
                return
        resting = self.rng.randrange(3) == 0 and side is OrderSide.BUY
        if resting:
            limit = self.prices[key] * 9 // 10
        order = Resting("" if self.rng.randrange(2) else f"hand{vid}", vid,
                        self.instruments[key], side, quantity, limit)  # fmt: skip
        self.orders[vid] = self.open[vid] = order
        if not resting:
            self._fill(order, quantity, LiquiditySide.TAKER, whole=True)

    def change_filters(self) -> Instrument:
        """Change a market's tick."""
        key = self.rng.choice(list(self.instruments))
        tick = self.rng.choice((1, 5, 10))
        new = replace(self.instruments[key], price_increment=tick)
        self.instruments[key] = new
        return new

    def _free(self, instrument: Instrument) -> int:
        selling = sum(
            o.leaves for o in self.open.values()
            if o.side is OrderSide.SELL and o.instrument.base == instrument.base
        )  # fmt: skip
        return (self.cash[instrument.base] - selling) // 1_000 * 1_000

    def _fill(
        self, order: Resting, most: int, liquidity: LiquiditySide, *, whole: bool = False
    ) -> None:
        quantity = most
        if not whole and most > 1_000 and self._chance(self.faults.partial):
            quantity = self.rng.randint(1, most // 1_000) * 1_000
        instrument = order.instrument
        if order.side is OrderSide.SELL:
            quantity = min(quantity, self.cash[instrument.base])
            if quantity <= 0:
                return
        key = instrument.instrument_id
        price = self.prices[key]
        if order.limit is not None and liquidity is LiquiditySide.MAKER:
            price = order.limit
        amount = notional(instrument, price, quantity)
        rate = (
            instrument.taker_fee_ppm
            if liquidity is LiquiditySide.TAKER
            else instrument.maker_fee_ppm
        )
        commission = fee(amount, rate)
        self.counter += 1
        self.trades[key].append(
            VenueTrade(
                f"T{self.counter}",
                order.vid,
                key,
                order.side,
                quantity,
                price,
                commission,
                "USD",
                liquidity,
                self.now,
            )
        )
        sign = 1 if order.side is OrderSide.BUY else -1
        self.cash["USD"] -= sign * amount + commission
        self.cash[instrument.base] += sign * quantity
        order.filled += quantity
        if order.filled == order.quantity:
            self._end(order, VenueStatus.FILLED, "")
        self._hint(order)

    def _end(self, order: Resting, status: VenueStatus, reason: str) -> None:
        order.status, order.reason = status, reason
        self.open.pop(order.vid, None)
        self._hint(order)

    def _hint(self, order: Resting) -> None:
        self.hints.append((order.instrument.instrument_id, order.vid, order.cid))

    def _open_with(self, cid: str) -> Resting | None:
        for order in self.by_cid.get(cid, ()):
            if order.status is VenueStatus.OPEN:
                return order
        return None

    def _crosses(self, side: OrderSide, limit: int | None, instrument_id: str) -> bool:
        if limit is None:
            return True
        price = self.prices[instrument_id]
        return price <= limit if side is OrderSide.BUY else price >= limit

    def _chance(self, per_mille: int) -> bool:
        return per_mille > 0 and self.rng.randrange(1_000) < per_mille

    def _words(self, text: str) -> str:
        return f"{text} {HOSTILE}" if self._chance(self.faults.hostile_text) else text


_HANDLERS: Final = {
    SubmitRequest: ModelVenue._submit,
    CancelRequest: ModelVenue._cancel,
    ReplaceRequest: ModelVenue._replace,
    LookupRequest: ModelVenue._lookup,
    TradesRequest: ModelVenue._trades,
    OpenOrdersRequest: ModelVenue._open_orders,
    BalancesRequest: ModelVenue._balances,
    TimeRequest: ModelVenue._time,
}
