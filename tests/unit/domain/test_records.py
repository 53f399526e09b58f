"""Every record: frozen, append-only on the wire, and back from its bytes as it was."""

from __future__ import annotations

import inspect
import json
import typing
from enum import StrEnum

import msgspec
import pytest
from tests.support.records import record_of

from tradetui.domain import (
    capabilities,
    codec,
    commands,
    control,
    enums,
    envelope,
    explain,
    instances,
    instruments,
    intents,
    market_data,
    memory,
    orders,
    outcome,
    pages,
    reasons,
    recovery,
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
    capabilities, commands, control, envelope, explain, instances, instruments, intents,
    market_data, memory, orders, outcome, pages, recovery, replica, reports, risk, steps, timers,
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


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
class TestEveryRecord:
    """What holds for each of them."""

    def test_is_frozen_described_and_an_array_tagged_with_its_name(self, kind):
        record = record_of(kind, is_full=True)
        for name in kind.__struct_fields__:
            with pytest.raises(AttributeError):
                setattr(record, name, None)
        wire = msgspec.json.decode(msgspec.json.encode(record))
        assert isinstance(wire, list)
        assert wire[0] == kind.__name__
        assert kind.__doc__
        assert "Attributes" not in kind.__doc__

    def test_comes_back_from_its_bytes(self, kind):
        for is_full in (True, False):
            record = record_of(kind, is_full=is_full)
            data = codec.encode(record)
            assert msgspec.msgpack.decode(data, type=kind) == record
            assert codec.encode(msgspec.msgpack.decode(data, type=kind)) == data
            assert msgspec.json.decode(msgspec.json.encode(record), type=kind) == record

    def test_an_older_record_without_the_later_fields_is_read(self, kind):
        fields = msgspec.structs.fields(kind)
        required = [field for field in fields if field.required]
        assert list(fields[: len(required)]) == required
        wire = msgspec.msgpack.decode(codec.encode(record_of(kind, is_full=True)))
        old = msgspec.msgpack.encode(wire[: 1 + len(required)])
        read = msgspec.msgpack.decode(old, type=kind)
        for field in fields[len(required) :]:
            assert getattr(read, field.name) == field.default


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


def test_export_is_plain_json():
    fill = record_of(orders.Fill, is_full=True)
    assert json.loads(msgspec.json.encode(fill))[0] == "Fill"
    assert OrderSide.BUY == "BUY"
    assert Outcome("allow") is Outcome.ALLOW
    assert CallbackOutcome("timeout") is CallbackOutcome.TIMEOUT
