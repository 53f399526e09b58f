"""What must be true after every event: one function each, in one table.

Each is told the world and what just happened, and returns what is wrong, or an empty text. They
read the venue's own truth, so that nothing that the engine believes can excuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.simulation.venue import TRAITS

from tradetui.core.guards import guard_of
from tradetui.core.relations import children_of, filled_by_all, key_of, parent_of
from tradetui.domain.enums import Guard, InstanceMode, KillState, OrderRole, OrderState, Scope
from tradetui.domain.order_table import TERMINAL
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted, OrderAccepted, OutcomeUnknown
from tradetui.domain.text import printable
from tradetui.domain.units import NANOS_PER_SECOND as SECOND
from tradetui.ports.execution import ReplaceRequest, SubmitRequest

MAX_CANCEL_WAIT: Final = 3 * SECOND


def _fail(world: Any, text: str) -> None:
    from tests.simulation.world import Violation

    raise Violation(text)


# On each request that leaves.


def one_post(world: Any, engine: Any, outgoing: Any) -> str:
    """I1: at most one request to create an order per client order id, ever."""
    order_id = outgoing.request.terms.client_order_id
    return f"{order_id} was sent twice" if world.truth.posts[order_id] > 1 else ""


def own_route(world: Any, engine: Any, outgoing: Any) -> str:
    """I9: what is for a shadow book never leaves the house."""
    route_id = outgoing.request.terms.route_id
    return "" if route_id == "main" else f"an order of {route_id} left the house"


def child_of_fills(world: Any, engine: Any, outgoing: Any) -> str:
    """I8: a bracket's child is sent for no more than its parent has filled."""
    state = engine.kernel.state
    order = state.orders.get(outgoing.request.terms.client_order_id)
    if order is None or order.terms.parent_order_id is None or order.terms.replaces is not None:
        return ""
    parent = state.parents.get(order.terms.client_order_id, order.terms.parent_order_id)
    filled = world.truth.filled(parent) + state.carried_fills.get(parent, 0)
    asked = outgoing.request.terms.quantity
    return f"child {order.terms.client_order_id} is for {asked} of {filled}" * (asked > filled)


def durable_intent(world: Any, engine: Any, outgoing: Any) -> str:
    """I2: no request without a durable intent."""
    order_id = outgoing.request.terms.client_order_id
    return "" if order_id in world.truth.intents else f"{order_id} is not durable"


def latched(world: Any, engine: Any, outgoing: Any) -> str:
    """I9: nothing leaves past a kill-switch, nor an entry of an instance that is not active."""
    terms, state = outgoing.request.terms, engine.kernel.state
    for key in (
        (Scope.GLOBAL, ""), (Scope.ROUTE, "main"), (Scope.EXECUTION, "acct"),
        (Scope.STRATEGY, terms.strategy_id), (Scope.INSTRUMENT, terms.instrument_id),
    ):  # fmt: skip
        switch = state.kill_switches.get(key)
        if switch is None:
            continue
        if switch.state is KillState.HALTED or terms.role is OrderRole.ENTRY:
            return f"{terms.client_order_id} was sent past {switch.state} {key}"
    instance = state.instances.get(terms.strategy_id)
    if terms.role is OrderRole.ENTRY and instance and instance.mode is not InstanceMode.ACTIVE:
        return f"{terms.client_order_id} was sent in mode {instance.mode}"
    return ""


def budget(world: Any, engine: Any, outgoing: Any) -> str:
    """I15: no window of the venue's sees more weight than it allows."""
    weight = world.truth.weight
    return f"{weight} of {TRAITS.weight} spent" if weight > TRAITS.weight else ""


# On each step.


def evidence(world: Any, record: Any) -> str:
    """I4: an order ends only where the venue has ended it, or can never begin it."""
    truth = world.truth
    for move in record.transitions:
        order = world.engine.kernel.state.orders.get(move.client_order_id)
        if move.to_state not in TERMINAL or order is None or order.terms.route_id != "main":
            continue
        if truth.may_live(move.client_order_id):
            return f"{move.client_order_id} is {move.to_state} and may live at the venue"
        booked = order.filled_quantity
        if move.from_state not in TERMINAL and truth.filled(move.client_order_id) != booked:
            there = truth.filled(move.client_order_id)
            return f"{move.client_order_id} is {move.to_state} with {booked} of {there} filled"
    return ""


def proven_ids(world: Any, record: Any) -> str:
    """I4: an acceptance names an order that the venue has, and is that one."""
    payload = record.event.payload
    if isinstance(payload, OrderAccepted) and payload.route_id == "main":
        order = world.venue.orders.get(payload.venue_order_id)
        if order is None or order.cid != payload.client_order_id:
            return f"{payload.client_order_id} was accepted as {payload.venue_order_id!r}"
    return ""


def fresh_ids(world: Any, record: Any) -> str:
    """I1: an id is never made twice."""
    for decision in record.decisions:
        if decision.reason is Reason.DUPLICATE_ID:
            return f"{decision.client_order_id} was made twice"
    return ""


def fresh_stream(world: Any, engine: Any, outgoing: Any) -> str:
    """I9: no entry leaves while the private stream is silent beyond its deadline."""
    silent = world.mono - world.truth.heard_at
    if outgoing.request.terms.role is OrderRole.ENTRY and silent > TRAITS.stream_deadline:
        return f"an entry left after {silent // SECOND} s without a stream"
    return ""


def twins_go(world: Any, record: Any) -> str:
    """I8: when one order of a group is filled whole, its twins are on their way out."""
    state = world.engine.kernel.state
    for move in record.transitions:
        if move.to_state is not OrderState.FILLED:
            continue
        order = state.orders.get(move.client_order_id)
        parent = None if order is None else parent_of(state, order)
        if order is None or parent is None or parent.state not in TERMINAL:
            continue
        if parent.terms.side is order.terms.side or (
            order.filled_quantity < filled_by_all(state, parent)
        ):
            continue
        for twin in children_of(state, parent.terms.client_order_id):
            if (
                twin is not order
                and twin.leaves_quantity
                and (twin.state in (OrderState.CREATED, OrderState.ACCEPTED))
            ):
                twin_id = twin.terms.client_order_id
                return f"{twin_id} is {twin.state} though its twin {move.client_order_id} filled"
    return ""


def true_fills(world: Any, record: Any) -> str:
    """I5: the ledger has exactly the venue's trades, each once, with its own fee."""
    truth = world.truth
    for fill in record.result.fills:
        if fill.route_id != "main":
            continue
        key = (fill.side.value, fill.trade_id)
        if key not in truth.trades:
            truth.learn_trades()
        trade = truth.trades.get(key)
        if trade is None:
            return f"trade {fill.trade_id} never happened"
        if key in truth.booked:
            return f"trade {fill.trade_id} is booked twice"
        same = (fill.quantity, fill.price, fill.commission) == (
            trade.quantity, trade.price, trade.commission,
        )  # fmt: skip
        if not same:
            return f"trade {fill.trade_id} is booked otherwise than it was"
        owner = world.venue.orders[trade.venue_order_id].cid
        ours = owner in truth.intents
        if ours and fill.client_order_id != owner:
            return f"trade {fill.trade_id} is {owner}'s, not {fill.client_order_id}'s"
        if ours is (fill.strategy_id == "EXTERNAL"):
            return f"trade {fill.trade_id} of {owner!r} went to {fill.strategy_id}"
        truth.book(trade)
    if record.result.fills:
        for key, quantity in truth.quantities.items():
            here = world.engine.kernel.state.route_quantities.get(("main", key), 0)
            if here != quantity:
                return f"position in {key} is {here}, the trades make it {quantity}"
    return ""


def quantities(world: Any, record: Any) -> str:
    """I6: an order is filled for no more than it is for, and never less than before."""
    for move in record.transitions:
        order = world.engine.kernel.state.orders.get(move.client_order_id)
        if order is None or order.terms.route_id != "main":
            continue
        asked = world.truth.intents.get(move.client_order_id)
        if asked is not None and order.filled_quantity > asked.quantity:
            return f"{move.client_order_id} is filled beyond {asked.quantity}"
        if order.state is OrderState.FILLED and order.filled_quantity < order.quantity:
            return f"{move.client_order_id} is Filled with {order.filled_quantity}"
    return ""


def cash(world: Any, record: Any) -> str:
    """I7: money is what the trades and the flows make it, to the last unit."""
    payload = record.event.payload
    if isinstance(payload, CashAdjusted) and payload.currency == "USD":
        world.truth.adjusted += payload.amount
        if world.truth.adjusted not in world.truth.deposits:
            return f"{payload.amount} USD booked that never moved"
    elif not record.result.fills:
        return ""
    state = world.engine.kernel.state
    flows = state.cash_flows.get(("main", "USD"), 0)
    here = state.cash.get(("main", "USD"), 0)
    if here != flows:
        return f"cash is {here}, its flows make {flows}"
    expected = world.truth.cash + world.truth.adjusted
    return "" if here == expected else f"cash is {here}, the trades make it {expected}"


def proven_guards(world: Any, record: Any) -> str:
    """I8: a stop whose outcome is unknown is no guard."""
    payload, state = record.event.payload, world.engine.kernel.state
    if not isinstance(payload, OutcomeUnknown):
        return ""
    order = state.orders.get(payload.client_order_id)
    if order is None or not order.is_unknown or order.terms.role is not OrderRole.STOP_LOSS:
        return ""
    key = key_of(order.terms)
    sure = sum(
        one.leaves_quantity
        for one in state.open_orders.values()
        if one.terms.role is OrderRole.STOP_LOSS and key_of(one.terms) == key and not one.is_unknown
    )
    position = state.positions.get(key)
    if position is None or sure >= abs(position.quantity):
        return ""
    guard = guard_of(state, key)
    is_guarded = guard in (Guard.VENUE, Guard.OURS)
    return f"{payload.client_order_id} is unknown and guards {key}" * is_guarded


def stops_go_out(world: Any, record: Any) -> str:
    """I8: a stop that has fired and waits for its twin's end waits for a limited time."""
    state = world.engine.kernel.state
    for order_ids in state.held_by_instrument.values():
        for order_id in order_ids:
            order = state.open_orders[order_id]
            is_waiting = order.is_triggered and order.state is OrderState.CREATED
            if is_waiting and order_id not in state.held_deadlines:
                return f"{order_id} has fired and waits for ever"
    return ""


def whole_numbers(world: Any, record: Any) -> str:
    """I14: no float, no NaN, in what a step books."""
    for fill in record.result.fills:
        for value in (fill.quantity, fill.price, fill.notional, fill.commission):
            if type(value) is not int:
                return f"{value!r} in trade {fill.trade_id}"
    for move in record.transitions:
        if type(move.filled_quantity) is not int:
            return f"{move.filled_quantity!r} in {move.client_order_id}"
    return ""


def clean_text(world: Any, record: Any) -> str:
    """I16: no control character in anything that is kept or shown."""
    texts = [move.reason for move in record.transitions]
    texts += [diagnostic.message for diagnostic in record.result.diagnostics]
    payload = record.event.payload
    texts += [getattr(payload, "message", ""), getattr(payload, "reason", "")]
    for text in texts:
        if text and (printable(text, 2_000) != text):
            return repr(text)
    return ""


# After each event.


def known_orders(world: Any) -> str:
    """I3: every order at the venue with our prefix is known to the core."""
    engine = world.engine
    for order in world.venue.open.values():
        if not order.cid.startswith("tts"):
            continue
        if order.cid not in world.truth.intents:
            return f"{order.cid} is at the venue and not in the journal"
        if engine is not None and order.cid not in engine.kernel.state.orders:
            return f"{order.cid} is at the venue and not in the core"
    return ""


def exposure(world: Any) -> str:
    """I8: position, open orders and requests under way never add up to more than the limit."""
    from tests.simulation.world import MAX_POSITION

    worst = world.truth.worst_case()
    for name, quantity in worst.items():
        if quantity > MAX_POSITION:
            return f"{name} may come to {quantity} of {MAX_POSITION}"
    return ""


def bounded(world: Any) -> str:
    """I12: queues and tables stay small."""
    engine = world.engine
    if engine is None:
        return ""
    courier = engine.courier
    sizes = (len(engine.inbox), courier.queued, courier.in_flight, courier.unresolved)
    return f"sizes {sizes}" if max(sizes) > 300 else ""


def quick_cancels(world: Any) -> str:
    """I15: a cancel waits for nothing that is in our hands."""
    cancels = world.truth.cancels
    if not cancels or world.engine is None:
        return ""
    engine = world.engine
    resting = max(engine.busy_until, engine.suspended_until, world.disk.stalled_until)
    if world.now < resting + SECOND or engine.courier._edge.offset is None:
        cancels.clear()
        return ""
    for order_id, since in list(cancels.items()):
        order = engine.kernel.state.orders.get(order_id)
        if order is None or order.state is not OrderState.CANCEL_PENDING:
            del cancels[order_id]
        elif world.now - since > MAX_CANCEL_WAIT and not world.truth.knows_end(order_id):
            return f"the cancel of {order_id} waits since {(world.now - since) / SECOND:.1f} s"
    return ""


ON_REQUEST: Final[tuple[tuple[str, Callable[[Any, Any, Any], str]], ...]] = (
    ("I1", one_post),
    ("I2", durable_intent),
    ("I9", latched),
    ("I9", own_route),
    ("I9", fresh_stream),
    ("I8", child_of_fills),
)
ON_STEP: Final[tuple[tuple[str, Callable[[Any, Any], str]], ...]] = (
    ("I4", evidence),
    ("I4", proven_ids),
    ("I1", fresh_ids),
    ("I8", twins_go),
    ("I8", proven_guards),
    ("I8", stops_go_out),
    ("I5", true_fills),
    ("I6", quantities),
    ("I7", cash),
    ("I14", whole_numbers),
    ("I16", clean_text),
)
ON_EVENT: Final[tuple[tuple[str, Callable[[Any], str]], ...]] = (
    ("I3", known_orders),
    ("I8", exposure),
    ("I12", bounded),
    ("I15", quick_cancels),
)


def after_request(world: Any, engine: Any, outgoing: Any) -> None:
    """Check what concerns a request at the moment it leaves."""
    text = budget(world, engine, outgoing)
    if text:
        _fail(world, f"I15 {text}")
    if not isinstance(outgoing.request, SubmitRequest | ReplaceRequest):
        return
    for name, check in ON_REQUEST:
        text = check(world, engine, outgoing)
        if text:
            _fail(world, f"{name} {text}")


def after_step(world: Any, record: Any) -> None:
    """Check what concerns a step at the moment it was recorded."""
    result = record.result
    busy = record.transitions or result.fills or result.diagnostics or record.decisions
    if not busy and not isinstance(record.event.payload, CashAdjusted):
        return
    for name, check in ON_STEP:
        text = check(world, record)
        if text:
            _fail(world, f"{name} {text}")


def after_event(world: Any) -> None:
    """Check what concerns the whole, after every event."""
    if world.truth.broken:
        _fail(world, world.truth.broken[0])
    for name, check in ON_EVENT:
        text = check(world)
        if text:
            _fail(world, f"{name} {text}")


def after_recovery(world: Any, rerun: Any) -> None:
    """I10, I11: what was acknowledged is there, and the state is that of before the crash."""
    if rerun.seq_id < world.truth.acked:
        _fail(world, f"I10 recovered {rerun.seq_id} steps of {world.truth.acked} acknowledged")
    if world.crash_hash is not None and world.crash_hash != (rerun.seq_id, rerun.state_hash()):
        _fail(world, "I11 the recovered state is not the one that crashed")


def at_end(world: Any) -> None:
    """I13 and all that must be equal once everything has healed."""
    state = world.engine.kernel.state
    world.engine.kernel.check_all()
    for key, quantity in world.truth.quantities.items():
        if state.route_quantities.get(("main", key), 0) != quantity:
            _fail(world, f"I5 position in {key} differs at the end")
    for order in state.orders.values():
        order_id = order.terms.client_order_id
        if order.terms.route_id == "main" and order.filled_quantity != world.truth.filled(order_id):
            _fail(world, f"I5 {order_id} has {order.filled_quantity} filled at the end")
