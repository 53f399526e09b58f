"""What is true of every valid stream of events: money, quantities, replay, restart, limits."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.contracts.engine.recorder import Line
from tests.property.differential import (
    OURS,
    compare,
    lines_of,
    straight,
    without_express,
)
from tests.property.profiles import cases, examples
from tests.property.walker import Case, Walk, random_case

from tradetui.core import fills, ledger
from tradetui.core.in_flight import in_flight
from tradetui.core.kernel import Kernel
from tradetui.core.risk import engine, judgement, limit_gates
from tradetui.core.state import KernelState
from tradetui.domain.enums import InstrumentClass, OrderRole, OrderSide, Outcome
from tradetui.domain.envelope import Envelope
from tradetui.domain.instruments import Instrument
from tradetui.domain.intents import AttributedIntent, PlaceOrder
from tradetui.domain.order_table import is_terminal
from tradetui.domain.orders import Fill, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted, OrderFilled, PositionSettled
from tradetui.domain.steps import Applied, IntentBatch, KernelConfig, StepRecord, StepResult
from tradetui.engine.rerun import Rerun

Step = tuple[Envelope, Applied, IntentBatch, Applied]
"""An event with what it gave, and the intents answered to it with what they gave."""


def steps_of(lines: list[Line]) -> tuple[KernelConfig, list[Step], Kernel]:
    """Run lines through a kernel; return the steps as the journal would have them, and the kernel.

    Intents with no event of their own (a walk may ask twice after one event) get an empty one.
    """
    config = msgspec.convert(lines[0]["config"], KernelConfig)
    kernel = Kernel(config)
    steps: list[Step] = []
    nothing = (IntentBatch(), Applied())
    for line in lines[1:]:
        if line["op"] == "event":
            event = msgspec.convert(line["event"], Envelope)
            steps.append((event, kernel.apply_event(event), *nothing))
        else:
            batch = msgspec.convert(line["batch"], IntentBatch)
            event, applied, before, _ = steps[-1]
            if before == IntentBatch():
                steps[-1] = (event, applied, batch, kernel.process_intents(batch))
            else:
                steps.append((event, Applied(), batch, kernel.process_intents(batch)))
    return config, steps, kernel


def events_of(steps: list[Step]) -> Iterator[tuple[Envelope, Applied]]:
    """Return each event once, with what it gave."""
    newest = 0
    for event, applied, _, _ in steps:
        if event.seq_id != newest:
            yield event, applied
        newest = event.seq_id


# Conservation (the identities of each accounting class).


def _fees(fill: Fill, instrument: Instrument) -> tuple[int, int]:
    """Return (units of the position, money in the fee's coin) that a fill's commission takes."""
    is_base = fill.commission_currency == instrument.base != instrument.quote
    if not is_base or instrument.instrument_class is not InstrumentClass.SPOT:
        return 0, fill.commission
    units = fill.commission // 10 ** (8 - instrument.size_scale)
    return units, fill.commission - units * 10 ** (8 - instrument.size_scale)


def _worth(instrument: Instrument, price: int, quantity: int) -> int:
    """Return price x quantity x multiplier at scale 8, by exact fractions."""
    scale = instrument.price_scale + instrument.size_scale + instrument.multiplier_scale
    exact = Fraction(price * quantity * instrument.multiplier, 10**scale) * 10**8
    return round(exact)


def expected_books(
    config: KernelConfig, steps: list[Step], instruments: dict[str, Instrument]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int], dict[Any, int]]:
    """Add up, from the fills and reports alone, cash, quantities, and cost less realised profit."""
    cash: dict[tuple[str, str], int] = {}
    quantity: dict[tuple[str, str], int] = {}
    value: dict[Any, int] = {}
    for route in config.routes:
        cash.update({(route.route_id, currency): amount for currency, amount in route.opening_cash})

    def add(table: dict[Any, int], key: Any, amount: int) -> None:
        table[key] = table.get(key, 0) + amount

    for event, applied in events_of(steps):
        payload = event.payload
        if isinstance(payload, CashAdjusted) and not applied.is_duplicate:
            add(cash, (payload.route_id, payload.currency), payload.amount)
        for fill in applied.fills:
            instrument = instruments[fill.instrument_id]
            signed = fill.quantity if fill.side is OrderSide.BUY else -fill.quantity
            units, charge = (
                (0, 0) if isinstance(payload, PositionSettled) else _fees(fill, instrument)
            )
            total = _worth(instrument, fill.price, signed)
            paid = _worth(instrument, fill.price, -units)
            add(quantity, (fill.route_id, fill.instrument_id), signed - units)
            add(value, (fill.strategy_id, fill.route_id, fill.instrument_id), total + paid)
            add(cash, (fill.route_id, fill.commission_currency), -charge)
            if instrument.instrument_class is not InstrumentClass.FUTURE:
                add(cash, (fill.route_id, instrument.quote), -total)
    return cash, quantity, value


def check_books(case: Case) -> None:
    """Check all identities of a case; shadow books and settled markets are left out."""
    config, steps, kernel = steps_of(lines_of(case))
    state = kernel.state
    if any(isinstance(event.payload, PositionSettled) for event, *_ in steps):
        return
    cash, quantity, value = expected_books(config, steps, dict(state.instruments))
    realised: dict[tuple[str, str], int] = {}
    for key, one in state.positions.items():
        instrument = state.instruments[key[2]]
        if instrument.instrument_class is InstrumentClass.FUTURE:
            place = (key[1], instrument.quote)
            realised[place] = realised.get(place, 0) + one.realised_pnl
    attributed = _attributed(steps, state)
    for place, amount in state.cash.items():
        if place[0] == "main":
            moved = cash.get(place, 0) + realised.get(place, 0) - attributed.get(place, 0)
            assert amount == moved, place
    for place, amount in state.route_quantities.items():
        if place[0] == "main":
            assert amount == quantity.get(place, 0), place
    for key, one in state.positions.items():
        if key[1] == "main" and state.instruments[key[2]].quote == "USD":
            extra = sum(
                event.payload.amount
                for event, _ in events_of(steps)
                if isinstance(event.payload, CashAdjusted)
                and event.payload.strategy_id == key[0]
                and event.instrument == key[2]
                and event.payload.currency == "USD"
            )
            assert one.cost - (one.realised_pnl - extra) == value.get(key, 0), key


def _attributed(steps: list[Step], state: KernelState) -> dict[tuple[str, str], int]:
    """Return what was attributed to futures' profit, and is in the cash once already."""
    found: dict[tuple[str, str], int] = {}
    for event, applied in events_of(steps):
        payload = event.payload
        if (
            isinstance(payload, CashAdjusted)
            and payload.strategy_id is not None
            and not applied.diagnostics
            and state.instruments[event.instrument].instrument_class is InstrumentClass.FUTURE
        ):
            place = (payload.route_id, payload.currency)
            found[place] = found.get(place, 0) + payload.amount
    return found


@given(cases())
@examples(20)
def test_money_and_quantities_are_conserved(case: Case) -> None:
    check_books(case)


@pytest.mark.parametrize("seed", range(12))
def test_money_and_quantities_are_conserved_in_long_streams(seed: int) -> None:
    check_books(random_case(seed, 250))


# Quantities only grow; what has ended stays so.


def check_monotone(case: Case) -> None:
    walker = Walk(case.setup)
    state = walker.world.state
    seen: dict[str, tuple[int, bool]] = {}
    now = 0
    for act in case.acts:
        walker.run((act,))
        state = walker.world.state
        assert state.now >= now
        now = state.now
        for order_id, order in state.orders.items():
            filled, ended = seen.get(order_id, (0, False))
            assert order.filled_quantity >= filled
            assert is_terminal(order.state) >= ended
            seen[order_id] = (order.filled_quantity, is_terminal(order.state))


@given(cases())
@examples(12)
def test_fills_only_grow_and_ends_are_final(case: Case) -> None:
    check_monotone(case)


# Replay, restart, and the two ways of the risk engine.


def check_replay(case: Case) -> None:
    config, steps, kernel = steps_of(lines_of(case))
    rerun = Rerun(config)
    for event, applied, batch, decided in steps:
        if event.seq_id == rerun.seq_id:
            rerun.kernel.process_intents(batch)
            continue
        result = StepResult(
            batch.callbacks, batch.signals, applied.commands + decided.commands,
            applied.fills + decided.fills, applied.diagnostics + decided.diagnostics,
            applied.is_duplicate,
        )  # fmt: skip
        step = StepRecord(
            event, batch.intents, applied.decisions + decided.decisions,
            applied.transitions + decided.transitions, result,
        )  # fmt: skip
        again = msgspec.msgpack.decode(msgspec.msgpack.encode(step), type=StepRecord)
        assert rerun.apply(again) is None
    assert rerun.state_hash() == kernel.state_hash()


@given(cases())
@examples(12)
def test_a_recorded_stream_gives_the_same_again(case: Case) -> None:
    check_replay(case)


@given(cases(), st.integers(0, 10_000))
@examples(12)
def test_a_restart_at_any_step_changes_nothing(case: Case, place: int) -> None:
    lines = lines_of(case)
    at = 1 + place % len(lines)
    right = straight(lines)
    answered = straight([*lines[:at], {"op": "checkpoint"}, *lines[at:]])
    assert answered.pop(at)["hash"] == right[at - 1]["hash"]
    assert answered == right


@pytest.mark.parametrize("name", OURS)
@given(case=cases())
@examples(6)
def test_another_way_to_the_same_answers(name: str, case: Case) -> None:
    lines = lines_of(case)
    assert compare(lines, straight(lines), OURS[name](lines)) is None


# Risk: modify only reduces; what reduces is not refused by limits on entries.


ENTRY_LIMITS = (
    Reason.INSTANCE_PAUSED, Reason.INSTANCE_HELD, Reason.INSTANCE_ERROR, Reason.EXIT_ONLY,
    Reason.WARM_UP, Reason.ROUTE_HALTED, Reason.ORDER_UNKNOWN, Reason.SYMBOL_BLOCKED,
    Reason.SYMBOL_NOT_ALLOWED, Reason.NO_PRICE, Reason.DATA_AGE, Reason.CLOCK_SKEW,
    Reason.PRICE_COLLAR, Reason.SELF_CROSS, Reason.MAX_ORDER_QUANTITY,
    Reason.MAX_POSITION_QUANTITY, Reason.RATE_UNKNOWN, Reason.MAX_ORDER_NOTIONAL,
    Reason.MAX_POSITION_NOTIONAL, Reason.MAX_EXPOSURE, Reason.MAX_OPEN_ORDERS, Reason.SHORTING,
    Reason.AVAILABLE_BALANCE, Reason.MARGIN, Reason.BUDGET, Reason.DAILY_LOSS, Reason.DRAWDOWN,
    Reason.FEES_PER_DAY, Reason.LOSS_PER_DAY, Reason.ORDERS_PER_HOUR, Reason.ORDER_RATE,
)  # fmt: skip
"""Gates that an order which only reduces a position never meets."""


def check_decisions(case: Case) -> int:
    """Check every decision of a case; return how many there were to check."""
    _, steps, _ = steps_of(lines_of(case))
    checked = 0
    for _, _, batch, decided in steps:
        asked = {(one.strategy_id, one.index): one for one in batch.intents}
        for decision in decided.decisions:
            intent: Any = asked[decision.strategy_id, decision.index].intent
            if decision.outcome is Outcome.MODIFY:
                checked += 1
                assert 0 < decision.approved_quantity <= decision.quantity
                if decision.price != decision.approved_price:
                    assert decision.reason is Reason.PRICE_COLLAR or any(
                        gate.code is Reason.PRICE_COLLAR for gate in decision.gates
                    )
                    if isinstance(intent, PlaceOrder):
                        less = decision.approved_price < decision.price
                        assert less is (intent.side is OrderSide.BUY)
            if decision.is_reducing:
                checked += 1
                assert decision.reason not in ENTRY_LIMITS
                if decision.outcome is Outcome.MODIFY:
                    assert decision.reason is Reason.QUANTITY_FROM_PARENT
    return checked


@given(cases())
@examples(15)
def test_modify_only_reduces_and_exits_meet_no_limit_on_entries(case: Case) -> None:
    check_decisions(case)


@given(cases(60), st.integers(1, 10))
@examples(12)
def test_an_exit_of_a_position_passes_whatever_the_limits_are(case: Case, part: int) -> None:
    """Whatever the walk left behind: a market order that closes a part is refused only by HALTED,
    the numbers of its venue, a mode in which nothing leaves the house, and other exits that leave
    less of it, since they are closing it this very moment.
    """
    walker = Walk(case.setup, is_checked=False)
    walker.run(case.acts)
    world = walker.world
    for (name, route_id, instrument_id), held in list(world.state.positions.items()):
        instance = world.state.instances.get(name)
        if route_id != "main" or instance is None or instrument_id not in instance.instruments:
            continue
        lot = world.state.instruments[instrument_id].size_increment
        size = abs(held.quantity) * part // 10 // lot * lot
        if size:
            intent = world.intent(
                -size if held.quantity > 0 else size, None, instrument_id=instrument_id,
                role=OrderRole.EXIT,
            )  # fmt: skip
            side = OrderSide.SELL if held.quantity > 0 else OrderSide.BUY
            key = (name, route_id, instrument_id)
            is_sold = size > abs(held.quantity) - in_flight(world.state, key, side, None)
            (decision,) = world.intents(intent, name=name).decisions
            assert decision.reason in (
                Reason.NONE, Reason.KILL_SWITCH, Reason.MIN_QUANTITY, Reason.INSTANCE_MODE,
                Reason.REDUCE_ONLY if is_sold or instance.mode == "observe" else Reason.NONE,
            )  # fmt: skip


# The tests of the tests: each property finds a bug that is planted.


def seeds() -> Iterator[Case]:
    """Cases long enough for a planted bug to show."""
    return (random_case(seed, 150) for seed in range(20))


def finds(check: Any) -> bool:
    """Tell whether a check fails on any of the seeds."""
    for case in seeds():
        try:
            check(case)
        except AssertionError:
            return True
    return False


def test_a_fee_that_is_not_paid_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ledger._fees

    def free(state: Any, changes: Any, instrument: Any, report: OrderFilled) -> Any:
        return real(state, changes, instrument, replace(report, commission=0))

    monkeypatch.setattr(ledger, "_fees", free)
    assert finds(check_books)


def test_a_cost_that_is_rounded_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ledger.trade

    def wrong(position: Position, *rest: Any) -> Any:
        after, realised = real(position, *rest)
        return after, realised + (realised % 7 == 3)

    monkeypatch.setattr(ledger, "trade", wrong)
    assert finds(check_books)


def test_a_fill_that_goes_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = fills._grow

    def wrong(state: Any, changes: Any, order: Any, end: Any, instrument: Any, report: Any) -> Any:
        less = replace(report, last_quantity=-report.last_quantity)
        return real(
            state, changes, order, end, instrument, less if order.filled_quantity else report
        )

    monkeypatch.setattr(fills, "_grow", wrong)
    assert finds(check_monotone)


def test_a_kernel_that_looks_at_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay equality: an outcome that depends on how often the process has worked before."""
    calls = iter(range(10**9))
    real = judgement._terms

    def wrong(case: Any, attributed: AttributedIntent) -> Any:
        terms = real(case, attributed)
        return replace(terms, created_time=terms.created_time + next(calls) % 2)

    monkeypatch.setattr(judgement, "_terms", wrong)
    assert finds(check_replay)


def test_a_checkpoint_that_forgets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Kernel.restore

    def wrong(self: Kernel, data: bytes) -> None:
        real(self, data)
        self.state.order_counts.clear()

    monkeypatch.setattr(Kernel, "restore", wrong)

    def check(case: Case) -> None:
        lines = lines_of(case)
        assert compare(lines, straight(lines), OURS["checkpoint"](lines)) is None

    assert finds(check)


def test_a_short_way_that_allows_more_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = engine.judge_common

    def wrong(*arguments: Any) -> Any:
        verdict = real(*arguments)
        if verdict is None or verdict.terms is None:
            return verdict
        return replace(verdict, terms=replace(verdict.terms, quantity=verdict.terms.quantity * 2))

    monkeypatch.setattr(engine, "judge_common", wrong)

    def check(case: Case) -> None:
        lines = lines_of(case)
        assert compare(lines, straight(lines), OURS["general"](lines)) is None

    assert finds(check)


def test_a_cut_that_raises_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = limit_gates.largest_quantity
    monkeypatch.setattr(
        limit_gates, "largest_quantity", lambda case, *rest: real(case, *rest) and case.quantity * 2
    )
    with without_express():
        assert finds(check_decisions)


def test_an_exit_that_a_pause_refuses_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = judgement.check_halt
    monkeypatch.setattr(
        judgement, "check_halt", lambda case: judgement.check_state(case) or real(case)
    )
    assert finds(check_decisions)


def test_the_seeds_have_something_to_decide() -> None:
    assert sum(check_decisions(case) for case in seeds()) > 100


@pytest.mark.parametrize("check", [check_books, check_monotone, check_replay, check_decisions])
def test_without_a_planted_bug_nothing_is_found(check: Any) -> None:
    assert not finds(check)
