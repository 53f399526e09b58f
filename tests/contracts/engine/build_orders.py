"""Traces of an order's life at a venue: answers in order, late, twice, crossing, and never."""

from __future__ import annotations

from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, RecordedWorld, trace
from tests.support.kernel_world import BTC, HELD, PERP, UNIT, YES

from tradetui.core.invariants import InvariantError
from tradetui.domain.capabilities import SIMULATED
from tradetui.domain.control import CancelRequested, RouteHealthChanged
from tradetui.domain.enums import (
    InvariantPolicy,
    LiquiditySide,
    OrderRole,
    OrderSide,
    OrderState,
    OrderType,
    Support,
    TimeInForce,
)
from tradetui.domain.intents import CancelOrder
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import (
    CancelRejected,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderModified,
    OrderRejected,
    OrderReplaced,
    OrderTriggered,
    OutcomeUnknown,
    ReplaceRejected,
)
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND

HALF, QUARTER = UNIT // 2, UNIT // 4


@trace("order-filled", "Accepted, filled in three parts, the last one completing it.")
def filled() -> list[Line]:
    world = RecordedWorld()
    order = world.place(UNIT, 9_000)
    world.accept(order)
    for part in (QUARTER, QUARTER, HALF):
        world.fill(order, part, 8_990, 1_234)
    world.note("a sale of all of it")
    world.close(UNIT, 9_500)
    return world.lines


@trace("order-ends", "Each way in which an order ends without being filled.")
def ends() -> list[Line]:
    world = RecordedWorld()
    world.note("rejected by the venue before it was accepted")
    world.event(OrderRejected("main", world.place(), "insufficient funds"), BTC)
    world.note("rejected after it was accepted")
    order = world.order_in(OrderState.ACCEPTED)
    world.event(OrderRejected("main", order, "post only would take"), BTC)
    world.note("cancelled on request")
    world.order_in(OrderState.CANCELLED)
    world.note("cancelled unasked, when accepted, and when partially filled")
    world.event(OrderCancelled("main", world.order_in(OrderState.ACCEPTED), "self trade"), BTC)
    world.event(OrderCancelled("main", world.order_in(OrderState.PARTIALLY_FILLED)), BTC)
    world.note("expired, when accepted, partially filled and cancelling")
    world.order_in(OrderState.EXPIRED)
    world.event(OrderExpired("main", world.order_in(OrderState.PARTIALLY_FILLED), "DAY"), BTC)
    world.event(OrderExpired("main", world.order_in(OrderState.CANCEL_PENDING), "DAY"), BTC)
    world.note("an immediate order: what could not be filled expires")
    order = world.place(UNIT, 10_000, time_in_force=TimeInForce.IOC)
    world.accept(order)
    world.fill(order, QUARTER, 10_000)
    world.event(OrderExpired("main", order, "IOC"), BTC)
    order = world.place(UNIT, 10_000, time_in_force=TimeInForce.FOK)
    world.accept(order)
    world.event(OrderExpired("main", order, "FOK"), BTC)
    return world.lines


@trace("order-out-of-order", "Reports that overtook one another: fills before the acceptance.")
def out_of_order() -> list[Line]:
    world = RecordedWorld()
    order = world.place()
    world.note("a fill proves the acceptance, which is inferred; the word of it comes later")
    world.fill(order, QUARTER)
    world.accept(order)
    world.fill(order, UNIT - QUARTER)
    world.note("an acceptance after the end")
    world.accept(order)
    order = world.place()
    world.note("filled at once, before any word")
    world.fill(order)
    order = world.place()
    world.note("cancelled before it was accepted: the cancel proves that it was there")
    world.event(OrderCancelled("main", order), BTC)
    order = world.place()
    world.note("expired before it was accepted")
    world.event(OrderExpired("main", order, "IOC"), BTC)
    world.note("each of these fits no order in its state: nothing changes, and it is said")
    world.event(OrderRejected("main", order, "too late"), BTC)
    world.event(OrderCancelled("main", order), BTC)
    world.event(OrderExpired("main", order, "DAY"), BTC)
    world.event(OrderTriggered("main", order), BTC)
    world.event(OutcomeUnknown("main", order, "timeout"), BTC)
    world.event(OrderAmended("main", order, UNIT), BTC)
    return world.lines


@trace("order-duplicates", "The same report twice: by its key, by its trade id, by its content.")
def duplicates() -> list[Line]:
    world = RecordedWorld()
    order = world.place()
    accepted = OrderAccepted("main", order, "v1")
    world.event(accepted, BTC, key="a")
    world.note("the key is known: a no-op")
    world.event(accepted, BTC, key="a")
    world.note("no key, the same word again")
    world.event(accepted, BTC)
    world.fill(order, QUARTER, key="f1")
    world.note("the key of a fill, then its trade id under another key, then with other numbers")
    world.fill(order, QUARTER, key="f1")
    world.fill(order, QUARTER, trade_id="t1", key="f3")
    world.fill(order, HALF, 7_000, trade_id="t1")
    world.note("the other side of one trade with ourselves is another fill")
    seller = world.place(-QUARTER, 9_000, role=OrderRole.EXIT)
    world.fill(seller, QUARTER, trade_id="t1")
    world.note("cancelled twice")
    world.intents(CancelOrder(order))
    world.cancelled(order)
    world.cancelled(order)
    return world.lines


@trace("cancel-races", "Cancels that cross fills, refusals and each other.")
def cancel_races() -> list[Line]:
    world = RecordedWorld()
    order = world.order_in(OrderState.CANCEL_PENDING)
    world.note("a part while the cancel is under way, then the cancel is refused")
    world.fill(order, QUARTER)
    world.event(CancelRejected("main", order, "busy"), BTC)
    world.note("cancelled again, refused again, cancelled at last")
    world.intents(CancelOrder(order, "again"))
    world.fill(order, QUARTER)
    world.event(CancelRejected("main", order), BTC)
    world.event(CancelRequested(order, "me"))
    world.note("a person's second cancel is sent once more; an instance's is refused")
    world.event(CancelRequested(order, "me"))
    world.intents(CancelOrder(order))
    world.cancelled(order)
    world.note("the refusal of a cancel that comes after the end is no news")
    world.event(CancelRejected("main", order, "unknown order"), BTC)
    order = world.order_in(OrderState.CANCEL_PENDING)
    world.note("filled whole while the cancel was under way")
    world.fill(order)
    world.event(CancelRejected("main", order, "filled"), BTC)
    order = world.order_in(OrderState.CANCEL_PENDING)
    world.note("a cancel refused of an order that had no fill: accepted again")
    world.event(CancelRejected("main", order), BTC)
    world.note("cancelled before it was accepted, then the answers cross")
    order = world.place()
    world.intents(CancelOrder(order))
    world.accept(order)
    world.cancelled(order)
    world.note("a refused cancel of an order that nobody cancelled")
    world.event(CancelRejected("main", world.order_in(OrderState.ACCEPTED)), BTC)
    world.note("cancels of nothing, by a person and by an instance")
    world.event(CancelRequested("ghost", "me"))
    world.event(CancelRequested(order, "me"))
    world.intents(CancelOrder("ghost"))
    world.intents(CancelOrder(order))
    return world.lines


@trace("replace", "New versions where the venue can replace: taken, refused, crossed by fills.")
def replaced() -> list[Line]:
    world = RecordedWorld()
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_100)
    world.note("asked again while one is asked for: refused")
    world.intents(world.new_version(order, price=9_200))
    world.event(OrderReplaced("main", order, new, "v2"), BTC)
    world.fill(new, HALF, 9_100)
    world.note("refused: the old version lives on")
    newer = world.replace(new, quantity=QUARTER)
    world.event(ReplaceRejected("main", new, newer, "no"), BTC)
    world.note("a fill of the old version while the replace is under way shrinks the new one")
    newest = world.replace(new, price=9_200)
    world.fill(new, QUARTER, 9_100)
    world.event(OrderReplaced("main", new, newest, "v4"), BTC)
    world.fill(newest, QUARTER, 9_200)
    world.note("filled whole before the replace came: the new version has nothing to do")
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_050)
    world.fill(order)
    world.event(ReplaceRejected("main", order, new, "filled"), BTC)
    world.note("cancelled while a replace is under way")
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_050)
    world.intents(CancelOrder(order))
    world.cancelled(order)
    world.event(ReplaceRejected("main", order, new, "gone"), BTC)
    world.note("the new version is cancelled while it is asked for, then refused: it never was")
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_050)
    world.intents(CancelOrder(new))
    world.event(ReplaceRejected("main", order, new, "busy"), BTC)
    world.event(CancelRejected("main", new, "no such order"), BTC)
    world.note("the new version is accepted, or filled, before the word of the replace")
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_050)
    world.fill(new, QUARTER, 9_050)
    world.event(OrderReplaced("main", order, new, "v9"), BTC)
    world.note("a fill of the old version after it was replaced: money all the same")
    world.fill(order, QUARTER, 9_000)
    world.event(RouteHealthChanged("main", halted=False, reason="looked at"))
    world.note("answers that belong to no replace")
    other = world.order_in(OrderState.ACCEPTED)
    world.event(OrderReplaced("main", other, new, "v"), BTC)
    world.event(ReplaceRejected("main", other, new, "v"), BTC)
    world.event(OrderReplaced("main", "ghost", "ghost2", "v"), BTC)
    world.note("of an order that cancels, and of one that is unknown: refused")
    order = world.order_in(OrderState.CANCEL_PENDING)
    world.intents(world.new_version(order, price=9_010))
    order = world.place()
    world.event(OutcomeUnknown("main", order, "timeout"), BTC)
    world.intents(world.new_version(order, price=9_010))
    return world.lines


@trace("replace-by-cancel", "New versions where the venue cannot replace: cancel, then send.")
def replaced_by_cancel() -> list[Line]:
    world = RecordedWorld(replace(SIMULATED, replace=Support.HELD))
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_100)
    world.note("the new version goes out when the old one is gone, less what was filled meanwhile")
    world.fill(order, QUARTER)
    world.cancelled(order)
    world.accept(new)
    world.fill(new, UNIT - QUARTER, 9_100)
    world.note("the old one is filled whole: the new version never goes out")
    order = world.order_in(OrderState.ACCEPTED)
    world.replace(order, price=9_100)
    world.fill(order)
    world.note("the cancel is refused: so is the new version")
    order = world.order_in(OrderState.ACCEPTED)
    world.replace(order, price=9_100)
    world.event(CancelRejected("main", order, "no"), BTC)
    world.note("the waiting version is cancelled")
    order = world.order_in(OrderState.ACCEPTED)
    new = world.replace(order, price=9_100)
    world.intents(CancelOrder(new))
    world.cancelled(order)
    return world.lines


@trace("outcome-unknown", "Submissions without a proven outcome, and the evidence that ends them.")
def unknown() -> list[Line]:
    world = RecordedWorld()

    def doubtful() -> str:
        order = world.place()
        world.event(OutcomeUnknown("main", order, "connection reset"), BTC)
        return order

    order = doubtful()
    world.note("no entry on the instrument meanwhile, whoever asks; the block shows")
    world.intents(world.intent(UNIT, 9_000))
    world.intents(world.intent(UNIT, 9_000), name="two")
    world.status("one", "two")
    world.restart()
    world.accept(order)
    world.status("one")
    world.note("evidence of the other kinds: a fill, a refusal, an end")
    order = doubtful()
    world.fill(order)
    world.event(OrderRejected("main", doubtful(), "never came"), BTC)
    world.cancelled(doubtful())
    world.event(OrderExpired("main", doubtful(), "IOC"), BTC)
    world.note("cancelled while unknown")
    order = doubtful()
    world.intents(CancelOrder(order))
    world.event(CancelRejected("main", order, "not found"), BTC)
    world.event(OutcomeUnknown("main", order, "still"), BTC)
    world.cancelled(order)
    world.note("unknown while its cancel is under way")
    order = world.place()
    world.intents(CancelOrder(order))
    world.event(OutcomeUnknown("main", order, "timeout"), BTC)
    world.fill(order, HALF)
    world.cancelled(order)
    return world.lines


@trace("stray-fills", "Fills that no order of ours could have: booked all the same, and halted.")
def stray_fills() -> list[Line]:
    world = RecordedWorld()
    world.note("of an order that we do not know: external")
    world.fill("stranger", QUARTER)
    world.note("of an order that has ended")
    order = world.order_in(OrderState.CANCELLED)
    world.fill(order, QUARTER)
    world.note("entries are halted, exits are not")
    world.intents(world.intent(UNIT, 9_000))
    world.status("one")
    world.close(QUARTER)
    world.event(RouteHealthChanged("main", halted=False, reason="looked at"))
    world.note("on the other side")
    order = world.order_in(OrderState.ACCEPTED)
    world.fill(order, QUARTER, side=OrderSide.SELL)
    world.event(RouteHealthChanged("main", halted=False, reason="looked at"))
    world.note("of no quantity, on no route, on no instrument: refused, as incidents")
    world.fill(order, 0)
    world.event(RouteHealthChanged("main", halted=False, reason="looked at"))
    world.fill("stranger", 1, route_id="nowhere")
    stranger = OrderFilled(
        "main", "x", "v", "t900", OrderSide.BUY, 1, 1, 0, "USD", LiquiditySide.TAKER
    )
    world.event(stranger, "NONE.SIM")
    world.event(RouteHealthChanged("main", halted=False, reason="looked at"))
    world.event(RouteHealthChanged("nowhere", halted=True, reason="x"))
    return world.lines


@trace("overfill-strict", "Filled beyond its quantity where a broken invariant stops the run.")
def overfill_strict() -> list[Line]:
    world = RecordedWorld()
    order = world.order_in(OrderState.ACCEPTED)
    world.note("refused whole: the state is as before, and the next event may come in its place")
    try:
        world.fill(order, 2 * UNIT)
    except InvariantError:
        world.sequencer.next_seq -= 1
    world.fill(order)
    world.note("a gap in the sequence is refused too")
    world.sequencer.next_seq += 1
    try:
        world.trade(10_000)
    except InvariantError:
        world.sequencer.next_seq -= 2
    world.trade(10_001)
    return world.lines


@trace("overfill-halt", "Filled beyond its quantity where a broken invariant halts the route.")
def overfill_halt() -> list[Line]:
    world = RecordedWorld(policy=InvariantPolicy.ROUTE_HALT)
    world.fill(world.order_in(OrderState.ACCEPTED), 2 * UNIT)
    world.intents(world.intent(UNIT, 9_000))
    return world.lines


@trace("overfill-warn", "Filled beyond its quantity where a broken invariant only warns.")
def overfill_warn() -> list[Line]:
    world = RecordedWorld(policy=InvariantPolicy.WARN)
    world.fill(world.order_in(OrderState.ACCEPTED), 2 * UNIT)
    world.place(UNIT, 9_000)
    return world.lines


@trace("expiry-held", "DAY and GTD kept by the kernel: at the venue, held, and in the last moment.")
def expiry_held() -> list[Line]:
    world = RecordedWorld(HELD)
    end = world.now + 3 * NANOS_PER_HOUR
    gtd = world.place(UNIT, 9_000, time_in_force=TimeInForce.GTD, expire_time=end)
    world.accept(gtd)
    world.note("a stop that is held, with an end in time")
    world.place(
        UNIT, None, order_type=OrderType.STOP, trigger_price=11_000,
        time_in_force=TimeInForce.GTD, expire_time=end,
    )  # fmt: skip
    day = world.place(UNIT, 8_000, time_in_force=TimeInForce.DAY)
    world.accept(day)
    world.note("a trade at the very moment still counts; the next heartbeat ends it")
    world.event(Heartbeat(1, ()), after=end - world.now - NANOS_PER_SECOND)
    world.trade(10_500, after=NANOS_PER_SECOND)
    world.event(Heartbeat(2, ()), after=0)
    world.fill(gtd, QUARTER)
    world.cancelled(gtd)
    world.note("midnight ends the DAY order; the cancel is refused, and asked again")
    world.trade(10_500, after=NANOS_PER_DAY)
    world.event(CancelRejected("main", day), BTC)
    world.event(Heartbeat(3, ()))
    world.cancelled(day)
    return world.lines


@trace("versions-held", "Replaces of orders whose condition the kernel holds.")
def versions_held() -> list[Line]:
    world = RecordedWorld(replace(HELD, replace=Support.HELD))
    stop = world.place(UNIT, None, order_type=OrderType.STOP, trigger_price=11_000)
    new = world.replace(stop, trigger_price=10_800)
    world.note("the new version fires and goes out as a market order")
    world.trade(10_800)
    world.accept(new)
    world.fill(new, UNIT, 10_810)
    limit = world.order_in(OrderState.ACCEPTED)
    newer = world.replace(limit, price=9_400)
    world.restart()
    world.cancelled(limit)
    world.accept(newer)
    return world.lines


@trace("pruned", "Closed orders beyond the number kept are forgotten; their late reports say so.")
def pruned() -> list[Line]:
    world = RecordedWorld(max_closed_orders=2)
    ids = [world.order_in(OrderState.FILLED) for _ in range(3)]
    world.note("the first is forgotten: its trade is known, its order is not")
    world.fill(ids[0], UNIT, trade_id="t1")
    world.fill(ids[0], UNIT, trade_id="t99")
    world.event(OrderCancelled("main", ids[0]), BTC)
    world.intents(CancelOrder(ids[0]))
    return world.lines


@trace("own-words", "What the engine itself sequences for strategies changes nothing.")
def own_words() -> list[Line]:
    world = RecordedWorld()
    world.event(OrderDenied("one", "ttx-9", Reason.BUDGET))
    world.event(OrderModified("one", "ttx-9", 5, None, Reason.PRICE_COLLAR))
    return world.lines


@trace("two-markets", "Orders on three markets and of two instances between each other's reports.")
def two_markets() -> list[Line]:
    world = RecordedWorld()
    ids = [
        world.place(UNIT, 9_000),
        world.place(3, 10_000, instrument_id=PERP, name="two"),
        world.place(50, 4_000, instrument_id=YES),
        world.place(UNIT, 9_100, name="two"),
    ]
    for order in reversed(ids):
        world.accept(order)
    for order in ids:
        terms = world.order(order).terms
        world.fill(order, terms.quantity, terms.price or 0, 77, after=NANOS_PER_MINUTE)
    world.restart()
    world.place(-2, None, instrument_id=PERP, name="two")
    world.place(-50, None, instrument_id=YES)
    return world.lines


@trace("order-ids", "Ids that a strategy chose: what counts as the counter of ours, and what not.")
def order_ids() -> list[Line]:
    world = RecordedWorld()
    for order_id in ("own", "own-", "tt1-000000000042", "own-99999999999999999999", "7"):
        world.place(client_order_id=order_id)
    return world.lines
