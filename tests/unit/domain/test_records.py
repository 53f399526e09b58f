"""Every record: frozen, append-only on the wire, and back from its bytes as it was."""

from __future__ import annotations

import inspect
import json
import typing
from enum import StrEnum

import msgspec
import pytest

from tradetui.domain import (
    capabilities,
    codec,
    commands,
    control,
    enums,
    envelope,
    instances,
    instruments,
    intents,
    market_data,
    orders,
    reasons,
    replica,
    reports,
    risk,
    steps,
    timers,
)
from tradetui.domain.capabilities import ORDER_TYPE_KEY, SIMULATED, TIME_IN_FORCE_KEY, Capabilities
from tradetui.domain.enums import (
    CallbackOutcome,
    OrderSide,
    OrderType,
    Outcome,
    Source,
    TimeInForce,
)
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, SOURCE_OF, Envelope, Payload
from tradetui.domain.record import Record
from tradetui.domain.steps import StepRecord, StepResult

MODULES = (
    capabilities, commands, control, envelope, instances, instruments, intents, market_data,
    orders, replica, reports, risk, steps, timers,
)  # fmt: skip
RECORDS = sorted(
    {
        found
        for module in MODULES
        for found in vars(module).values()
        if inspect.isclass(found) and issubclass(found, Record) and found is not Record
    },
    key=lambda found: found.__name__,
)
PAYLOADS = typing.get_args(Payload)


def example(hint: object, *, is_full: bool) -> object:
    """Make a value of a type: with everything filled in, or with the least."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (tuple, list):
        make = typing.get_origin(hint)
        if make is list or arguments[-1] is Ellipsis:
            return make([example(arguments[0], is_full=is_full)] if is_full else [])
        return tuple(example(one, is_full=is_full) for one in arguments)
    if arguments:
        if type(None) in arguments and not is_full:
            return None
        return example(arguments[0], is_full=is_full)
    if inspect.isclass(hint) and issubclass(hint, Record):
        return record_of(hint, is_full=is_full)
    if inspect.isclass(hint) and issubclass(hint, StrEnum):
        return list(hint)[-1 if is_full else 0]
    basic = getattr(hint, "__supertype__", hint)
    full = {int: 7, str: "text", bool: True, float: 1.5, bytes: b"{}"}
    return full[basic] if is_full else basic()


def record_of(kind: type, *, is_full: bool) -> object:
    """Make a record with every field given."""
    hints = typing.get_type_hints(kind)
    return kind(*[example(hints[name], is_full=is_full) for name in kind.__struct_fields__])


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
class TestEveryRecord:
    """What holds for each of them."""

    def test_is_frozen(self, kind):
        record = record_of(kind, is_full=True)
        for name in kind.__struct_fields__:
            with pytest.raises(AttributeError):
                setattr(record, name, None)

    @pytest.mark.parametrize("is_full", [True, False])
    def test_comes_back_from_its_bytes(self, kind, is_full):
        record = record_of(kind, is_full=is_full)
        data = codec.encode(record)
        assert msgspec.msgpack.decode(data, type=kind) == record
        assert codec.encode(msgspec.msgpack.decode(data, type=kind)) == data
        assert msgspec.json.decode(msgspec.json.encode(record), type=kind) == record

    def test_is_an_array_tagged_with_its_name(self, kind):
        wire = msgspec.json.decode(msgspec.json.encode(record_of(kind, is_full=True)))
        assert isinstance(wire, list)
        assert wire[0] == kind.__name__

    def test_an_older_record_without_the_later_fields_is_read(self, kind):
        fields = msgspec.structs.fields(kind)
        required = [field for field in fields if field.required]
        assert list(fields[: len(required)]) == required
        wire = msgspec.msgpack.decode(codec.encode(record_of(kind, is_full=True)))
        old = msgspec.msgpack.encode(wire[: 1 + len(required)])
        read = msgspec.msgpack.decode(old, type=kind)
        for field in fields[len(required) :]:
            assert getattr(read, field.name) == field.default

    def test_has_a_text(self, kind):
        assert kind.__doc__
        assert "Attributes" not in kind.__doc__


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.__name__)
@pytest.mark.parametrize("is_full", [True, False])
def test_a_step_of_every_payload_comes_back(payload, is_full):
    event = Envelope(
        1, 2, 3, SOURCE_OF[payload], "V", "B.V", payload.__name__,
        record_of(payload, is_full=is_full), "key",
    )  # fmt: skip
    for intent in typing.get_args(intents.Intent):
        attributed = intents.AttributedIntent("one", 0, record_of(intent, is_full=is_full))
        decision = record_of(risk.RiskDecision, is_full=is_full)
        step = StepRecord(
            event, (attributed,), (decision,), (record_of(orders.Transition, is_full=True),),
            record_of(StepResult, is_full=is_full),
        )  # fmt: skip
        assert codec.decode_step(codec.encode(step)) == step


def test_every_command_of_a_step_comes_back():
    for command in typing.get_args(steps.Command):
        result = StepResult(commands=(record_of(command, is_full=True),))
        assert msgspec.msgpack.decode(codec.encode(result), type=StepResult) == result


def test_every_operator_command_and_change_comes_back():
    for kind in typing.get_args(commands.OperatorCommand):
        record = record_of(kind, is_full=True)
        decoded = msgspec.msgpack.decode(codec.encode(record), type=commands.OperatorCommand)
        assert decoded == record
    for kind in typing.get_args(replica.Change):
        change = replica.ReplicaChange(1, record_of(kind, is_full=True))
        assert msgspec.msgpack.decode(codec.encode(change), type=replica.ReplicaChange) == change


def test_a_header_comes_back():
    header = record_of(steps.JournalHeader, is_full=True)
    assert codec.decode_header(codec.encode(header)) == header


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x93\x01\x02\x03", codec.encode(timers.Heartbeat(1, ()))]
)
def test_bytes_of_anything_else_are_refused(data):
    for decode in (codec.decode_step, codec.decode_header):
        with pytest.raises(msgspec.DecodeError):
            decode(data)


@pytest.mark.parametrize(
    ("record", "decode"),
    [(steps.StepRecord, codec.decode_step), (steps.JournalHeader, codec.decode_header)],
)
def test_text_that_is_not_utf8_is_refused_as_such(record, decode):
    data = codec.encode(record_of(record, is_full=True))
    said = []
    for place in range(len(data)):
        try:
            decode(data[:place] + b"\x90" + data[place + 1 :])
        except msgspec.DecodeError as error:
            said.append(str(error))
    assert any("not UTF-8" in text for text in said)


def test_numbers_beyond_64_bits_do_not_get_into_the_journal():
    with pytest.raises(OverflowError):
        codec.encode(timers.Heartbeat(2**64, ()))


def test_digest_and_chain():
    first, second = timers.Heartbeat(1, ("a",)), timers.Heartbeat(2, ("a",))
    assert codec.digest(first) == codec.digest(timers.Heartbeat(1, ("a",)))
    assert codec.digest(first) != codec.digest(second)
    assert len(codec.digest(first)) == 64
    link = codec.chain(b"", codec.encode(first))
    assert codec.chain(link, b"x") != codec.chain(link, b"y")
    assert codec.chain(link, b"x") != codec.chain(b"", b"x")
    assert len(link) == 32


class TestSources:
    """Each payload has one source, and each source its payloads."""

    def test_one_to_one_with_the_union(self):
        assert sorted(kind.__name__ for kind in SOURCE_OF) == sorted(
            kind.__name__ for kind in PAYLOADS
        )
        parts = (
            market_data.MarketPayload, timers.TimerPayload, reports.ReportPayload,
            control.ControlPayload,
        )  # fmt: skip
        assert sum(len(typing.get_args(part)) for part in parts) == len(PAYLOADS)

    def test_every_source_has_payloads_and_a_priority(self):
        assert set(SOURCE_OF.values()) == set(Source)
        assert sorted(DEFAULT_SOURCE_PRIORITY) == sorted(Source)


class TestCapabilities:
    """One closed key set."""

    def test_the_keys(self):
        assert set(Capabilities.__struct_fields__) == {
            "instrument_classes", "market", "limit", "stop", "stop_limit", "trailing_stop", "gtc",
            "day", "ioc", "fok", "gtd", "oco", "bracket", "reduce_only", "post_only", "replace",
            "amend", "cancel_all", "partial_fill_reports", "client_order_id", "balance_stream",
            "order_stream", "trades", "ticker_snapshot", "order_book_snapshot", "ohlcv",
            "historical", "sandbox", "shorting", "leverage", "fractional_quantity",
            "price_bounds", "settlement",
        }  # fmt: skip

    def test_every_order_type_and_time_in_force_has_its_key(self):
        assert set(ORDER_TYPE_KEY) == set(OrderType)
        assert set(TIME_IN_FORCE_KEY) == set(TimeInForce)
        for key in (*ORDER_TYPE_KEY.values(), *TIME_IN_FORCE_KEY.values()):
            assert isinstance(getattr(SIMULATED, key), enums.Support)


def test_words_of_enums_are_unique_and_text():
    for vocabulary in (*vars(enums).values(), reasons.Reason):
        if inspect.isclass(vocabulary) and issubclass(vocabulary, StrEnum):
            words = [str(word) for word in vocabulary]
            assert len(set(words)) == len(words)


def test_a_protective_order_is_known_by_its_role():
    terms = record_of(orders.OrderTerms, is_full=False)
    for role, is_protective in (
        (enums.OrderRole.ENTRY, False),
        (enums.OrderRole.EXIT, False),
        (enums.OrderRole.STOP_LOSS, True),
        (enums.OrderRole.TAKE_PROFIT, True),
    ):
        assert msgspec.structs.replace(terms, role=role).is_protective is is_protective


def test_leaves_are_what_is_still_to_fill():
    order = record_of(orders.Order, is_full=False)
    assert msgspec.structs.replace(order, quantity=10, filled_quantity=4).leaves_quantity == 6


def test_export_is_plain_json():
    fill = record_of(orders.Fill, is_full=True)
    assert json.loads(msgspec.json.encode(fill))[0] == "Fill"
    assert OrderSide.BUY == "BUY"
    assert Outcome("allow") is Outcome.ALLOW
    assert CallbackOutcome("timeout") is CallbackOutcome.TIMEOUT


def test_a_chain_of_many_links_as_one_by_one():
    bodies = [b"a", b"", b"c"]
    expected, previous = [], b"start"
    for body in bodies:
        previous = codec.chain(previous, body)
        expected.append(previous)
    assert codec.chain_all(b"start", bodies) == expected
    assert codec.chain_all(b"start", []) == []
    assert codec.encode_step(timers.Heartbeat(1, ())) == codec.encode(timers.Heartbeat(1, ()))
