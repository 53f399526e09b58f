"""The desk drives a client: what is durable goes out once, what comes back is reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tradetui.domain.capabilities import Capabilities
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import InstrumentClass, LiquiditySide, RunMode, Severity
from tradetui.domain.ids import ClientOrderId, RouteId, RunId
from tradetui.domain.instruments import Instrument
from tradetui.domain.market_data import MarketItem, Trade
from tradetui.domain.recovery import TradeCursor
from tradetui.domain.steps import JournalHeader
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_SECOND
from tradetui.engine.courier.records import CourierSettings
from tradetui.engine.session import Session
from tradetui.engine.session_config import SessionSettings, VenueBroker
from tradetui.ports.execution import (
    Accepted,
    Balances,
    CancelRequest,
    Failed,
    LookupRequest,
    OpenOrders,
    OrderFound,
    OrderNotFound,
    Outcome,
    ReplaceRequest,
    StreamHint,
    SubmitRequest,
    TradesPage,
    TradesRequest,
    Unknown,
    VenueOrder,
    VenueStatus,
    VenueTime,
    VenueTrade,
    VenueTraits,
)
from tradetui.ports.faults import FaultKind, NoAnswerError
from tradetui.runtime.checkpoints import Checkpointer
from tradetui.runtime.conditions import Inquiry
from tradetui.runtime.execution import ExecutionDesk, ExecutionRoute, ask
from tradetui.strategy import Strategy, trades

START = 20_000 * NANOS_PER_DAY
BTC = Instrument(
    "BTC/USD.VEN", "BTC/USD", "VEN", InstrumentClass.SPOT, "BTC", "USD", 2, 8, 1, 1_000
)
SETTINGS = CourierSettings(
    "main", "VEN", VenueTraits(proven_refusals=("BALANCE",)), (BTC.instrument_id,), since=START
)


class FakeClient:
    """A venue that does what the test says; it fills each order that it takes at once."""

    traits = SETTINGS.traits

    def __init__(self) -> None:
        self.submitted: list[SubmitRequest] = []
        self.trades_made: list[VenueTrade] = []
        self.orders: dict[str, VenueOrder] = {}
        self.error: Exception | None = None
        self.is_closed = False
        self.hinted = asyncio.Event()

    async def submit(self, request: SubmitRequest) -> Outcome:
        self.submitted.append(request)
        terms = request.terms
        vid = f"V{len(self.submitted)}"
        order = VenueOrder(
            terms.client_order_id, vid, terms.instrument_id, terms.side, terms.quantity,
            terms.quantity, VenueStatus.FILLED,
        )  # fmt: skip
        self.orders[terms.client_order_id] = order
        self.trades_made.append(
            VenueTrade(
                f"T{vid}",
                vid,
                terms.instrument_id,
                terms.side,
                terms.quantity,
                10_000,
                0,
                "USD",
                LiquiditySide.TAKER,
                START,
            )
        )
        self.hinted.set()
        if self.error is not None:
            raise self.error
        return Accepted(order)

    async def cancel(self, request: CancelRequest) -> Outcome:
        return Unknown("not asked for here")

    async def replace(self, request: ReplaceRequest) -> Outcome:
        return Unknown("not asked for here")

    async def lookup(self, request: LookupRequest) -> OrderFound | OrderNotFound:
        order = self.orders.get(request.client_order_id or "")
        return OrderNotFound() if order is None else OrderFound(order)

    async def open_orders(self) -> OpenOrders:
        return OpenOrders(())

    async def trades(self, request: TradesRequest) -> TradesPage:
        first = int(request.cursor or 0)
        return TradesPage(tuple(self.trades_made[first:]), str(len(self.trades_made)), True)

    async def balances(self) -> Balances:
        return Balances((("BTC", 0), ("USD", 100_000 * 10**8)))

    async def server_time(self) -> VenueTime:
        return VenueTime(START)

    async def hints(self) -> AsyncIterator[StreamHint]:
        yield StreamHint("orders")
        await self.hinted.wait()
        yield StreamHint("orders", BTC.instrument_id)
        raise ConnectionError("the stream broke")

    async def close(self) -> None:
        self.is_closed = True


class Once(Strategy):
    DATA = {"tape": trades()}

    def on_market_trade(self, trade: Any) -> None:
        if not self.state.get("sent"):
            self.state["sent"] = True
            self.context.place_order("buy", 0.5)


class House:
    """A session with one route at a venue, and the desk that serves it."""

    def __init__(self, client: FakeClient) -> None:
        self.desk = ExecutionDesk([ExecutionRoute(client, SETTINGS)], wall=lambda: START + 7)
        self.session = Session(
            SessionSettings(run_mode=RunMode.PAPER, is_virtual=False), outbox=self.desk
        )
        session = self.session
        session.add_instrument(BTC)
        session.add_broker("ven", VenueBroker("VEN", Capabilities((InstrumentClass.SPOT,))))
        session.add_route("main", "ven", "me", opening_cash={"USD": "100000"})
        session.add_execution_context("acct", ["main"])
        session.add_strategy("one", Once, [BTC.instrument_id], "acct")
        self.loop = session.start(at=START)
        self.desk.connect(self.loop.kernel, self.loop.report)

    def trade(self) -> None:
        self.loop.ingest(MarketItem(self.loop.now + 1, "VEN", BTC.instrument_id, Trade(10_000, 1)))

    async def until(self, wanted: Any) -> None:
        async with asyncio.timeout(60):
            while not wanted():
                await asyncio.sleep(0)


async def served(client: FakeClient, house: House, story: Any) -> None:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(house.desk.run())
        await house.until(lambda: house.desk.couriers["main"].is_ready)
        await story()
        house.desk.stop()
        await task
    assert client.is_closed


async def test_an_order_goes_out_when_its_step_is_durable_and_its_fill_comes_back() -> None:
    client = FakeClient()
    house = House(client)
    state = house.loop.kernel.state

    async def story() -> None:
        house.trade()
        await asyncio.sleep(0)
        assert client.submitted == []
        house.desk.on_commit(state.seq_id)
        await house.until(lambda: ("one", "main", BTC.instrument_id) in state.positions)

    await served(client, house, story)
    assert len(client.submitted) == 1
    assert state.positions["one", "main", BTC.instrument_id].quantity == 5 * 10**7


async def test_an_order_without_an_answer_is_looked_up_and_never_sent_again() -> None:
    client = FakeClient()
    house = House(client)
    client.error = NoAnswerError("nothing came")
    state = house.loop.kernel.state

    async def story() -> None:
        house.trade()
        house.desk.on_commit(state.seq_id)
        await house.until(lambda: ("one", "main", BTC.instrument_id) in state.positions)

    await served(client, house, story)
    assert len(client.submitted) == 1


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (NoAnswerError("x", 5), Failed(FaultKind.TIMEOUT, 5)),
        (KeyError("id"), Failed(FaultKind.UNEXPECTED)),
    ],
)
async def test_what_a_client_raises_becomes_an_answer(error: Exception, answer: Failed) -> None:
    class Broken(FakeClient):
        async def server_time(self) -> VenueTime:
            raise error

    house = House(Broken())
    now = NANOS_PER_SECOND
    outgoing = next(
        o
        for o in house.desk.couriers["main"].requests(now * 10**6)
        if type(o.request).__name__ == "TimeRequest"
    )
    assert await ask(Broken(), outgoing) == answer


def test_a_client_without_a_route_is_refused() -> None:
    house = House(FakeClient())
    other = CourierSettings("ghost", "VEN", SETTINGS.traits, ())
    desk = ExecutionDesk([ExecutionRoute(FakeClient(), other)])
    with pytest.raises(ValueError, match="route ghost has a client but is not configured"):
        desk.connect(house.loop.kernel, house.loop.report)


def test_two_clients_for_one_route_are_refused() -> None:
    route = ExecutionRoute(FakeClient(), SETTINGS)
    with pytest.raises(ValueError, match="two clients serve one route"):
        ExecutionDesk([route, route])


async def test_a_driver_serves_a_route_by_its_client(rig: Any) -> None:
    class Taking(FakeClient):
        async def balances(self) -> Balances:
            return Balances((("USDT", 100_000 * 10**8),))

        async def submit(self, request: SubmitRequest) -> Outcome:
            self.submitted.append(request)
            return Unknown("let it be looked up")

    client = Taking()
    route = ExecutionRoute(client, CourierSettings("main", "SIM", client.traits, ()))
    one = rig(["buyer"], execution=ExecutionDesk([route]))
    await one.driver.start()
    courier = one.driver.execution.couriers["main"]
    async with asyncio.timeout(60):
        while not (courier.is_ready and not one.driver.loop.kernel.state.halted_routes):
            await asyncio.sleep(0.001)
        while not client.submitted:
            await one.ticks(1)
            await asyncio.sleep(0.001)
    (sent, *_) = client.submitted
    assert sent.terms.client_order_id.startswith("tt7k-")
    assert one.journal.watermark > 0
    one.driver.options = replace(one.driver.options, settle_seconds=0.02)
    await one.driver.stop("enough")
    assert client.is_closed
    said = [line.text for line in one.driver.client.snapshot().log]
    assert any("without a proven outcome at the stop" in text for text in said)


class Resting(FakeClient):
    """Its venue lets orders rest, and says so when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def submit(self, request: SubmitRequest) -> Outcome:
        self.submitted.append(request)
        await self.may_answer.wait()
        terms = request.terms
        order = VenueOrder(
            terms.client_order_id, "V1", terms.instrument_id, terms.side, terms.quantity, 0,
            VenueStatus.OPEN,
        )  # fmt: skip
        self.orders[terms.client_order_id] = order
        return Accepted(order)


async def test_a_stop_waits_for_what_has_no_outcome_yet() -> None:
    client = Resting()
    house = House(client)
    said: list[tuple[Severity, str]] = []

    async def story() -> None:
        house.trade()
        house.desk.on_commit(house.loop.kernel.state.seq_id)
        await house.until(lambda: client.submitted)
        assert house.desk.unsettled() == 1
        waiting = asyncio.create_task(house.desk.settle(20, lambda *what: said.append(what)))
        await asyncio.sleep(0)
        assert not waiting.done()
        client.may_answer.set()
        await waiting
        assert house.desk.unsettled() == 0

    await served(client, house, story)
    assert said == []


async def test_a_stop_does_not_wait_for_ever_and_says_so() -> None:
    client = Resting()
    house = House(client)
    said: list[tuple[Severity, str]] = []

    async def story() -> None:
        house.trade()
        house.desk.on_commit(house.loop.kernel.state.seq_id)
        await house.until(lambda: client.submitted)
        await house.desk.settle(0, lambda *what: said.append(what))
        client.may_answer.set()

    await served(client, house, story)
    text = "1 order is without a proven outcome at the stop: the next start looks them up"
    assert said == [(Severity.WARNING, text)]


def test_a_desk_that_serves_nothing_yet_owes_nothing() -> None:
    assert ExecutionDesk([ExecutionRoute(FakeClient(), SETTINGS)]).unsettled() == 0


async def test_the_cursors_of_trades_are_kept_and_given_back() -> None:
    client = FakeClient()
    house = House(client)
    state = house.loop.kernel.state

    async def story() -> None:
        house.trade()
        house.desk.on_commit(state.seq_id)
        await house.until(lambda: ("one", "main", BTC.instrument_id) in state.positions)
        await house.until(house.desk.trade_cursors)

    await served(client, house, story)
    kept = house.desk.trade_cursors()
    assert [(one.route_id, one.instrument_id) for one in kept] == [("main", BTC.instrument_id)]
    state = house.loop.kernel.state
    header = JournalHeader(
        CODEC_VERSION, RunId("run"), RunMode.PAPER, (), "", state.config, (), 0, 0
    )
    journal: Any = SimpleNamespace(head="ab")
    put: Any = None
    checkpointer = Checkpointer(
        house.loop, journal, header, put, trade_cursors=house.desk.trade_cursors
    )
    assert checkpointer.take().checkpoint.trade_cursors == kept
    route = ExecutionRoute(client, SETTINGS)
    other = TradeCursor(RouteId("other"), BTC.instrument_id, "9")
    assert route.resumed((*kept, other)).cursors == house.desk.couriers["main"].cursors()


def test_the_desk_says_what_venues_were_asked_about_doubtful_orders() -> None:
    desk = ExecutionDesk([])
    order_id = ClientOrderId("tt1-0001")
    order = SimpleNamespace(client_order_id=order_id, lookup_tries=3, dead_after=7)
    desk.couriers[RouteId("main")] = SimpleNamespace(doubtful=[order])
    assert desk.inquiries() == {order_id: Inquiry(3, 7)}
