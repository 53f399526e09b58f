"""Numbers, sequence, snapshots and bytes: what everything else stands on."""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any, Final

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.property.profiles import cases, examples
from tests.property.walker import Case, Walk, random_case
from tests.support.kernel_world import BTC, INSTRUMENTS, config

from tradetui import domain
from tradetui.core import checkpoint, state
from tradetui.core.sequencer import Sequencer
from tradetui.core.view import FilteredView, ReadOnlyError, SnapshotExpiredError
from tradetui.domain import codec, recovery
from tradetui.domain.enums import OrderSide, Source
from tradetui.domain.envelope import Unsequenced
from tradetui.domain.instruments import (
    average_price,
    fee,
    floor_quantity,
    notional,
    passive_price,
)
from tradetui.domain.market_data import Trade
from tradetui.domain.record import Record
from tradetui.domain.reports import OrderCancelled
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import (
    I64_MAX,
    I64_MIN,
    NumberError,
    div_ceil,
    div_floor,
    div_half_even,
    format_scaled,
    parse_scaled,
    rescale_exact,
)

WIDE: Final = st.integers(-(2**100), 2**100)
I64: Final = st.integers(I64_MIN, I64_MAX)


# Units and rounding.


@given(WIDE, st.integers(1, 2**70))
@examples(50)
def test_each_division_is_what_its_name_says(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert div_floor(numerator, denominator) == floor(exact)
    assert div_ceil(numerator, denominator) == ceil(exact)
    assert div_half_even(numerator, denominator) == round(exact)


@given(I64, st.integers(0, 18))
@examples(50)
def test_what_is_written_is_read_again(value: int, scale: int) -> None:
    text = format_scaled(value, scale)
    assert parse_scaled(text, scale) == value
    assert Fraction(text) == Fraction(value, 10**scale)


@given(st.decimals(allow_nan=True, allow_infinity=True), st.integers(0, 18))
@examples(50)
def test_what_is_read_is_exact_or_refused(number: Any, scale: int) -> None:
    text = str(number)
    try:
        value = parse_scaled(text, scale)
    except NumberError:
        if number.is_finite() and abs(Fraction(number)) < 10**15:
            assert (
                Fraction(number) * 10**scale != int(Fraction(number) * 10**scale)
                or (not I64_MIN <= Fraction(number) * 10**scale <= I64_MAX)
                or len(text) > 20
            )
        return
    assert Fraction(value, 10**scale) == Fraction(number)


@given(st.text(max_size=12), st.integers(0, 8))
@examples(50)
def test_any_text_is_a_number_or_refused(text: str, scale: int) -> None:
    try:
        value = parse_scaled(text, scale)
    except NumberError:
        return
    assert Fraction(value, 10**scale) == Fraction(text.strip())


@given(I64, st.integers(0, 18), st.integers(0, 18))
@examples(50)
def test_another_scale_is_the_same_number(value: int, old: int, new: int) -> None:
    try:
        moved = rescale_exact(value, from_scale=old, to_scale=new)
    except NumberError:
        assert Fraction(value * 10**new, 10**old).denominator != 1
        return
    assert Fraction(moved, 10**new) == Fraction(value, 10**old)


@given(st.sampled_from(INSTRUMENTS), st.integers(1, 10**12), st.integers(-(10**12), 10**12))
@examples(50)
def test_money_is_price_times_quantity(instrument: Any, price: int, quantity: int) -> None:
    scale = instrument.price_scale + instrument.size_scale + instrument.multiplier_scale
    exact = Fraction(price * quantity * instrument.multiplier, 10**scale) * 10**8
    value = notional(instrument, price, quantity)
    assert abs(value - exact) <= Fraction(1, 2)
    assert notional(instrument, price, -quantity) == -value
    if quantity and exact.denominator == 1:
        assert average_price(instrument, value, quantity) == price


@given(st.integers(-(10**18), 10**18), st.integers(-(10**6), 10**6))
@examples(30)
def test_a_fee_is_rounded_against_us(amount: int, rate: int) -> None:
    exact = Fraction(abs(amount) * rate, 10**6)
    assert 0 <= fee(amount, rate) - exact < 1


@given(st.sampled_from(INSTRUMENTS), st.integers(-(10**9), 10**12))
@examples(30)
def test_snapping_is_passive_and_on_the_grid(instrument: Any, number: int) -> None:
    tick, lot = instrument.price_increment, instrument.size_increment
    low, high = (passive_price(instrument, side, number) for side in OrderSide)
    assert low % tick == high % tick == 0
    assert low <= number <= high
    assert high - low in (0, tick)
    if number > 0:
        quantity = floor_quantity(instrument, number)
        assert quantity % lot == 0
        assert 0 <= number - quantity < lot


def test_a_division_that_rounds_halves_up_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = lambda numerator, denominator: div_floor(2 * numerator + denominator, 2 * denominator)  # noqa: E731
    monkeypatch.setitem(globals(), "div_half_even", wrong)
    prove: Any = test_each_division_is_what_its_name_says
    prove.hypothesis.inner_test(7, 2)
    with pytest.raises(AssertionError):
        prove.hypothesis.inner_test(5, 2)


# The sequence.


@st.composite
def batches(draw: st.DrawFn) -> list[Unsequenced]:
    """Draw a drained batch; ``event_time`` is the place of arrival."""
    payloads = {
        Source.MARKET_DATA: Trade(1, 1),
        Source.BROKER_REPORT: OrderCancelled("main", "x"),
        Source.TIMER: Heartbeat(1, ()),
    }
    found = []
    for place in range(draw(st.integers(0, 8))):
        source = draw(st.sampled_from(sorted(payloads)))
        venue, market = (
            draw(st.sampled_from(("", "A", "B"))),
            draw(st.sampled_from(("x", "y", "é"))),
        )
        found.append(
            Unsequenced(place, 0, source, venue, market, payloads[source], None,
                        draw(st.integers(0, 2)))
        )  # fmt: skip
    return found


def tie(item: Unsequenced) -> tuple[Any, ...]:
    return (item.source, item.venue, item.instrument, item.producer)


@given(batches(), st.randoms(use_true_random=False), st.permutations(list(Source)))
@examples(30)
def test_the_order_of_a_batch_is_total(
    batch: list[Unsequenced], chance: Any, priority: list[Source]
) -> None:
    """What differs in any of the four keys has one place; what does not keeps that of arrival."""
    sequencer = Sequencer(priority, 7)
    ordered = sequencer.order_batch(batch)
    assert sorted(ordered, key=lambda one: one.event_time) == batch
    assert sequencer.order_batch(ordered) == ordered
    shuffled = list(batch)
    chance.shuffle(shuffled)
    assert [tie(one) for one in sequencer.order_batch(shuffled)] == [tie(one) for one in ordered]
    for first, second in pairwise(ordered):
        assert tie(first) != tie(second) or first.event_time < second.event_time
        assert priority.index(first.source) <= priority.index(second.source)
    stamped = [sequencer.stamp(item) for item in ordered]
    assert [event.seq_id for event in stamped] == list(range(7, 7 + len(batch)))


def test_a_sequencer_without_the_producer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Sequencer, batch: list[Unsequenced]) -> list[Unsequenced]:
        return sorted(batch, key=lambda one: (self._rank[one.source], one.venue, one.instrument))

    monkeypatch.setattr(Sequencer, "order_batch", wrong)
    trade = Trade(1, 1)
    batch = [
        Unsequenced(place, 0, Source.MARKET_DATA, "A", "x", trade, None, 2 - place)
        for place in range(3)
    ]
    prove: Any = test_the_order_of_a_batch_is_total
    with pytest.raises(AssertionError):
        prove.hypothesis.inner_test(batch, random.Random(1), list(Source))


# Snapshots.


def seen(view: FilteredView) -> list[Any]:
    """Return much of what an instance can see."""
    return [
        view.status, view.mode, view.can_trade, view.mark(BTC), view.position(BTC),
        view.positions(), view.orders(), view.cash("USD"), view.budget(), view.budget_used(),
    ]  # fmt: skip


@given(cases(30), cases(20))
@examples(7)
def test_a_snapshot_does_not_move_with_the_state(case: Case, more: Case) -> None:
    walker = Walk(case.setup, is_checked=False)
    walker.run(case.acts)
    world = walker.world
    lasting, passing = world.kernel.view(), None
    lasting.materialise()
    view = FilteredView(lasting, "one")
    before = msgspec.msgpack.encode(msgspec.to_builtins(seen(view)))
    world.trade(10_000)
    passing = world.kernel.view()
    walker.run(more.acts)
    world.trade(10_001)
    assert msgspec.msgpack.encode(msgspec.to_builtins(seen(view))) == before
    with pytest.raises(SnapshotExpiredError):
        seen(FilteredView(passing, "one"))
    for thing in (lasting, view):
        with pytest.raises(ReadOnlyError):
            thing.anything = 1  # type: ignore[union-attr]


def test_a_snapshot_that_shares_the_state_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state.KernelState, "copy", lambda self: self)
    prove: Any = test_a_snapshot_does_not_move_with_the_state
    with pytest.raises(AssertionError):
        prove.hypothesis.inner_test(random_case(1), random_case(2))


# Bytes.


def every_record() -> Iterator[type[Record]]:
    """Every class of record that crosses a boundary, whatever was imported before."""
    for module in pkgutil.iter_modules(domain.__path__, "tradetui.domain."):
        importlib.import_module(module.name)
    waiting: list[type[Record]] = [Record]
    while waiting:
        kind = waiting.pop()
        waiting += sorted(kind.__subclasses__(), key=lambda one: one.__name__)
        if kind is not Record and kind.__module__.startswith("tradetui.domain"):
            yield kind


RECORDS: Final = sorted(every_record(), key=lambda kind: kind.__name__)


def values(kind: msgspec.inspect.Type, depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values of a type as msgspec knows it."""
    inspect = msgspec.inspect
    match kind:
        case inspect.IntType():
            return I64
        case inspect.StrType():
            return st.text(max_size=6)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.BytesType():
            return st.binary(max_size=4)
        case inspect.EnumType():
            return st.sampled_from(list(kind.cls))
        case inspect.UnionType():
            return st.one_of([values(one, depth) for one in kind.types])
        case inspect.VarTupleType():
            return st.lists(values(kind.item_type, depth + 1), max_size=2 - min(depth, 2)).map(
                tuple
            )
        case inspect.ListType():
            return st.lists(values(kind.item_type, depth + 1), max_size=2 - min(depth, 2))
        case inspect.TupleType():
            return st.tuples(*[values(one, depth + 1) for one in kind.item_types])
        case inspect.StructType():
            fields = {field.name: values(field.type, depth + 1) for field in kind.fields}
            return st.builds(kind.cls, **fields)
        case inspect.AnyType():
            return st.none()
    raise AssertionError(f"no values of {kind}")


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
@examples(3)
def test_every_record_is_read_in_each_version(kind: type[Record], data: st.DataObject) -> None:
    """It comes back from its bytes; a field more is passed over; without its last defaults it is
    that with them.
    """
    record = data.draw(values(msgspec.inspect.type_info(kind)))
    comes_back(kind, record)
    is_read_newer_and_older(kind, record)


def comes_back(kind: type[Record], record: Any) -> None:
    packed = msgspec.msgpack.encode(record)
    again = msgspec.msgpack.decode(packed, type=kind)
    assert again == record
    assert msgspec.msgpack.encode(again) == packed
    text = msgspec.json.encode(record)
    assert msgspec.json.encode(msgspec.json.decode(text, type=kind)) == text
    assert msgspec.msgpack.encode(msgspec.json.decode(text, type=kind)) == packed


def is_read_newer_and_older(kind: type[Record], record: Any) -> None:
    parts = msgspec.msgpack.decode(msgspec.msgpack.encode(record))
    newer = msgspec.msgpack.encode([*parts, "of a newer version", 7])
    assert msgspec.msgpack.decode(newer, type=kind) == record
    fields = msgspec.structs.fields(kind)
    optional = 0
    while optional < len(fields) and not fields[-1 - optional].required:
        optional += 1
        older = msgspec.msgpack.encode(parts[: len(parts) - optional])
        read = msgspec.msgpack.decode(older, type=kind)
        for place, field in enumerate(fields):
            is_there = place < len(fields) - optional
            wanted = getattr(record, field.name) if is_there else default_of(field)
            assert getattr(read, field.name) == wanted


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    """Return what a field is when nothing is said."""
    if field.default is not msgspec.NODEFAULT:
        return field.default
    factory: Any = field.default_factory
    return factory()


@given(st.binary(max_size=60))
@example(b"\x96\xa6\x00\x00\x00\x00\x00\x80")  # a text that is not UTF-8
@examples(50)
def test_any_bytes_are_a_record_or_refused(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        codec.decode_step(data)
    with pytest.raises(msgspec.MsgspecError):
        codec.decode_header(data)
    with pytest.raises(recovery.CheckpointUnreadableError):
        recovery.decode_checkpoint(data)
    with pytest.raises(checkpoint.CheckpointError):
        checkpoint.load(data, config())
