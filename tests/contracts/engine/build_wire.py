"""Traces of the foundations: sequencing, arithmetic, the order table, and bytes."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import msgspec
from msgspec.structs import replace
from tests.contracts.engine.recorder import Line, plain, trace
from tests.support.kernel_world import BTC, CASH, INSTRUMENTS, UNIT, World, config

from tradetui.domain.codec import CODEC_VERSION, encode
from tradetui.domain.control import OperatorNoted
from tradetui.domain.enums import OrderSide, OrderState, RunMode, Source
from tradetui.domain.envelope import DEFAULT_SOURCE_PRIORITY, Unsequenced
from tradetui.domain.intents import AttributedIntent
from tradetui.domain.market_data import Bar, Quote, Trade
from tradetui.domain.reports import OrderAccepted, OrderCancelled
from tradetui.domain.steps import IntentBatch, JournalHeader, StepRecord, StepResult
from tradetui.domain.timers import Heartbeat
from tradetui.domain.units import I64_MAX, I64_MIN


def _unsequenced() -> list[Unsequenced]:
    return [
        Unsequenced(9, 10, Source.MARKET_DATA, "SIM", BTC, Trade(1, 1), None, 1),
        Unsequenced(8, 10, Source.MARKET_DATA, "SIM", BTC, Quote(1, 1, 2, 1), None, 0),
        Unsequenced(7, 10, Source.MARKET_DATA, "ALPHA", "Z.ALPHA", Bar(0, 1, 1, 1, 1, 1, 1)),
        Unsequenced(6, 10, Source.MARKET_DATA, "SIM", "A.SIM", Trade(2, 1), "k1", 5),
        Unsequenced(5, 10, Source.BROKER_REPORT, "SIM", BTC, OrderAccepted("r", "o", "v")),
        Unsequenced(4, 10, Source.BROKER_REPORT, "SIM", BTC, OrderCancelled("r", "o")),
        Unsequenced(3, 10, Source.TIMER, "", "", Heartbeat(1, ())),
        Unsequenced(2, 10, Source.CONTROL, "", "", OperatorNoted("me", "hello")),
        Unsequenced(1, 10, Source.MARKET_DATA, "SIM", "é.SIM", Trade(3, 1)),
        Unsequenced(1, 10, Source.MARKET_DATA, "SIM", "\U0001f600.SIM", Trade(3, 1)),
        Unsequenced(1, 10, Source.MARKET_DATA, "SIM", "\uffff.SIM", Trade(3, 1)),
    ]


@trace("sequencer", "One drained batch in the one order: source, venue, market, producer, arrival.")
def sequencer() -> list[Line]:
    lines: list[Line] = []
    items = [plain(item) for item in _unsequenced()]
    priorities = (DEFAULT_SOURCE_PRIORITY, tuple(reversed(DEFAULT_SOURCE_PRIORITY)))
    for priority in priorities:
        lines.append({"op": "sequencer", "priority": list(priority), "next_seq": 41})
        for batch in (items, items[::-1], items[:1], []):
            lines.append({"op": "batch", "items": batch})
    wrong = plain(replace(_unsequenced()[0], source=Source.TIMER))
    lines.append({"op": "batch", "items": [wrong]})
    return lines


def call(name: str, *arguments: Any) -> Line:
    """Return the line that asks for one function."""
    return {"op": "call", "name": name, "arguments": [plain(one) for one in arguments]}


@trace("arithmetic", "Divisions, scales, notionals, fees and rounding, with their edges.")
def arithmetic() -> list[Line]:
    lines = [
        call(name, numerator, denominator)
        for name in ("div_floor", "div_ceil", "div_half_even")
        for numerator in (-7, -6, -5, -3, -1, 0, 1, 3, 5, 6, 7, 10**30 + 5, -(10**30) - 5)
        for denominator in (2, 3, 10)
    ]
    lines += [
        call("rescale", *one)
        for one in ((5, 0, 8), (500, 2, 0), (550, 2, 1), (555, 2, 1), (-550, 2, 1), (0, 18, 0))
    ]
    lines += [
        call("fee", amount, rate)
        for amount in (0, 1, 999, -1_000_001, 10**15)
        for rate in (0, 1, 750, -250, 1_000_000)
    ]
    lines += [call("price_decimals", *one) for one in ((1, 2), (50, 2), (100, 2), (5, 0), (25, 4))]
    spot, future, prediction = INSTRUMENTS[0], INSTRUMENTS[1], INSTRUMENTS[2]
    fine = replace(spot, price_scale=8)
    for instrument in (spot, future, prediction, fine):
        for price, quantity in ((10_005, 3), (1, 1), (9_999, -7), (50, 12_345), (-5, 3)):
            lines.append(call("notional", instrument, price, quantity))
            cost = int(Fraction(price * quantity * 1_000, 7))
            lines.append(call("average_price", instrument, cost, quantity))
    lines.append(call("average_price", spot, 5, 0))
    lines += [call("floor_quantity", spot, quantity) for quantity in (1, 999, 1_000, 123_456_789)]
    for side, price in product(OrderSide, (10_001, 10_005, 10_009, -3)):
        lines.append(call("passive_price", future, side, price))
    return lines


@trace("numbers", "Decimals as venues and files write them, read and written exactly.")
def numbers() -> list[Line]:
    texts = (
        "0", "-0", "1", "+1", "67412.30", "1e-05", "1E3", "-1.5e2", ".5", "5.", " 7 ", "007",
        "92233720368.54775807", "92233720368.54775808", "-92233720368.54775808", "0.000000001",
        "0.100000000", "1,5", "１２", "--1", "", ".", "e5", "1e", "1e9999", "nan", "inf", "1 2",
        "0x10", "1_000", "9" * 61, "1e-70",
    )  # fmt: skip
    lines = [call("parse", text, 8) for text in texts]
    lines += [call("parse", text, 0) for text in ("1.0", "1.5", "-2", "1e2")]
    lines += [call("decimals", text) for text in ("0.0010", "1", "1e-5", "100", "1e3", "x")]
    lines += [
        call("format", value, scale)
        for value in (0, 1, -1, 150, -150, 10**8, I64_MAX, I64_MIN)
        for scale in (0, 2, 8, 18)
    ]
    lines += [call("format", 150, 2, decimals) for decimals in (0, 1, 4)]
    lines += [call("client_order_id", "abc", number) for number in (1, 9_999, 10_000)]
    lines += [call("kernel_order_id", "run-ü", 12, 3)]
    return lines


@trace("order-table", "Every move of an order, legal or not.")
def order_table() -> list[Line]:
    return [call("is_legal", *pair) for pair in product(OrderState, OrderState)]


def _steps() -> list[StepRecord]:
    """Return the records of some steps of a small world."""
    world = World()
    intent = AttributedIntent("one", 0, world.intent(UNIT, 9_000))
    decided = world.kernel.process_intents(IntentBatch((intent,)))
    events = [
        world.sequencer.stamp_payload(world.now, world.now, "SIM", BTC, payload, key)
        for payload, key in (
            (OrderAccepted("main", "ttx-0001", "v1"), None),
            (Trade(-1, I64_MAX, OrderSide.SELL, "naïve ✓"), "key"),
            (Heartbeat(0, ("one", "two")), None),
        )
    ]
    applied = [world.kernel.apply_event(event) for event in events]
    steps = [
        StepRecord(event, (), (), one.transitions, StepResult())
        for event, one in zip(events, applied, strict=True)
    ]
    first = StepRecord(
        events[0], (intent,), decided.decisions, decided.transitions,
        StepResult((), (), decided.commands),
    )  # fmt: skip
    return [first, *steps]


@trace("codec", "Records as msgpack: round trips, unknown appended fields, old records, damage.")
def codec() -> list[Line]:
    lines: list[Line] = []

    def decode(record: str, data: bytes) -> None:
        lines.append({"op": "decode", "record": record, "bytes": data.hex()})

    for step in _steps():
        decode("StepRecord", encode(step))
    settings = config()
    header = JournalHeader(
        CODEC_VERSION, "run", RunMode.PAPER, DEFAULT_SOURCE_PRIORITY, "c" * 64, settings,
        (("ma_cross", "f" * 64),), 7, CASH,
    )  # fmt: skip
    decode("JournalHeader", encode(header))
    decode("KernelConfig", encode(settings))
    lines[-1]["note"] = "then: with a field more than is known, and with one less than there is"
    parts = plain(settings)
    decode("KernelConfig", msgspec.msgpack.encode([*parts, "of a newer version", [1, 2]]))
    decode("KernelConfig", msgspec.msgpack.encode(parts[:-1]))
    decode("KernelConfig", msgspec.msgpack.encode(parts[:6]))
    lines[-1]["note"] = "too few: a field without a default is missing"
    decode("KernelConfig", msgspec.msgpack.encode(parts[:5]))
    decode("KernelConfig", msgspec.msgpack.encode(["NoSuchTag", *parts[1:]]))
    body = encode(_steps()[0])
    decode("StepRecord", body[:-1])
    decode("StepRecord", b"\xc1" + body[1:])
    decode("StepRecord", b"")
    return lines


@trace("chain", "The hashes that link the rows of a journal.")
def chain() -> list[Line]:
    lines: list[Line] = []
    previous = bytes(32)
    for body in (b"", b"a", encode(OperatorNoted("me", "x")), bytes(range(256))):
        lines.append({"op": "chain", "previous": previous.hex(), "body": body.hex()})
        previous = body[:32].ljust(32, b"\0")
    return lines
