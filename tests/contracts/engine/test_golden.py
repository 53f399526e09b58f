"""The committed traces are what the core gives, and they cover what the core can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.contracts.engine.golden import (
    FOLDER,
    FOUND,
    MAX_BYTES,
    answer_file,
    files,
    names,
    read,
    text_of,
    texts,
)
from tests.contracts.engine.implementation import _ARITHMETIC, _ON_INSTRUMENT, _OPS, Line, answers

from tradetui.core.checkpoint import Checkpoint
from tradetui.core.risk.verdict import GATE_ORDER
from tradetui.domain import enums
from tradetui.domain.envelope import SOURCE_OF
from tradetui.domain.order_table import LEGAL_MOVES
from tradetui.domain.reasons import Reason

README: Final = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")

NOT_OF_THE_CORE: Final = {
    Reason.NONE: "no reason",
}
"""Reason codes that no trace can have, and why."""


@pytest.mark.parametrize("name", names())
def test_the_committed_trace_is_what_the_core_gives(name: str) -> None:
    given, answered = texts(name)
    path = FOLDER / f"{name}.in.jsonl"
    hint = f"{name} is not what is committed: look at the difference, then `make golden`"
    assert path.exists(), hint
    assert path.read_text(encoding="utf-8") == given, hint
    assert answer_file(path).read_text(encoding="utf-8") == answered, hint


def test_every_file_belongs_to_a_trace() -> None:
    wanted = [f"{name}.{part}.jsonl" for name in names() for part in ("in", "out")]
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(wanted)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_a_trace_is_small_and_says_what_it_is(path: Path) -> None:
    for file in (path, answer_file(path)):
        assert file.stat().st_size < MAX_BYTES
    first = read(path)[0]
    assert first["op"] == "trace"
    assert first["name"] == path.name.removesuffix(".in.jsonl")
    assert first["what"].endswith(".")
    assert len(read(path)) == len(read(answer_file(path)))


def test_what_was_found_once_stays_right() -> None:
    for path in FOUND.glob("*.in.jsonl"):
        answered = answer_file(path).read_text(encoding="utf-8")
        assert text_of(list(answers(read(path)))) == answered, path.name


def lines() -> Iterator[tuple[Line, Line]]:
    """Every line of the golden traces with its answer."""
    for path in files():
        yield from zip(read(path), read(answer_file(path)), strict=True)


def records(part: str) -> Iterator[list[Any]]:
    """Every record of one part of all steps."""
    for _, answer in lines():
        yield from answer.get(part, ())


def given(op: str) -> Iterator[Line]:
    """Every line of one operation."""
    return (line for line, _ in lines() if line["op"] == op)


DECISION: Final = {"outcome": 4, "reason": 5, "gates": 6}
"""Places of a decision's fields, behind its tag."""


def test_every_reason_code_appears() -> None:
    seen = {record[DECISION["reason"]] for record in records("decisions")}
    seen |= {record[1] for record in records("diagnostics")}
    missing = [reason for reason in Reason if reason.value not in seen - {""}]
    assert missing == list(NOT_OF_THE_CORE)


def test_every_gate_appears_passing_and_refusing() -> None:
    gates = [gate for decision in records("decisions") for gate in decision[DECISION["gates"]]]
    passing = {gate[1] for gate in gates if gate[4]}
    refusing = {gate[1] for gate in gates if not gate[4]}
    assert [code for code in GATE_ORDER if code.value not in refusing] == []
    never_passing = [code for code in GATE_ORDER if code.value not in passing]
    assert never_passing == [
        Reason.NUMBER_RANGE,
        Reason.NO_PRICE,
        Reason.RATE_UNKNOWN,
        Reason.INSTANCE_MODE,
    ]


def test_every_outcome_appears() -> None:
    seen = {record[DECISION["outcome"]] for record in records("decisions")}
    assert seen == {outcome.value for outcome in enums.Outcome}


def test_every_payload_appears() -> None:
    seen = {line["event"][7] for line in given("event")}
    assert seen == {payload.__name__ for payload in SOURCE_OF}


def test_every_legal_move_of_an_order_appears() -> None:
    seen = {(record[3], record[4]) for record in records("transitions")}
    missing = [
        (origin, target)
        for origin, targets in LEGAL_MOVES.items()
        for target in targets
        if (origin.value, target.value) not in seen
    ]
    assert missing == [(enums.OrderState.CREATED, enums.OrderState.REJECTED)]


def test_every_intent_and_command_appears() -> None:
    intents = {intent[3][0] for line in given("intents") for intent in line["batch"][1]}
    assert intents == {"PlaceOrder", "CancelOrder", "ReplaceOrder", "SetRiskFlag", "NoOp"}
    commands = {record[0] for record in records("commands")}
    assert commands == {"SubmitCommand", "CancelCommand", "ReplaceCommand"}


@pytest.mark.parametrize(
    "words",
    [
        enums.InstrumentClass, enums.OrderType, enums.TimeInForce, enums.OrderRole,
        enums.OrderState, enums.Scope, enums.KillState, enums.CallbackOutcome,
        enums.InvariantPolicy, enums.Support, enums.Refusal, enums.HeldBy, enums.LiquiditySide,
    ],
    ids=lambda words: words.__name__,
)  # fmt: skip
def test_every_word_of_the_vocabularies_appears(words: type[enums.StrEnum]) -> None:
    seen: dict[str, None] = {}
    for line, _ in lines():
        collect(line, seen)
    states = {}
    for name in ("instance-states", "order-ends", "kill-held", "outcome-unknown"):
        path = FOLDER / f"{name}.in.jsonl"
        *_, last = answers([*read(path), {"op": "state"}])
        collect(last, states)
    missing = [word.value for word in words if word.value not in seen and word.value not in states]
    assert missing == ([] if words is not enums.Refusal else ["denied"])


def collect(value: Any, into: dict[str, None]) -> None:
    """Note every string in a JSON value."""
    if isinstance(value, str):
        into[value] = None
    elif isinstance(value, dict):
        for inner in value.values():
            collect(inner, into)
    elif isinstance(value, list | tuple):
        for inner in value:
            collect(inner, into)


def test_every_operation_and_function_appears() -> None:
    seen = {line["op"] for line, _ in lines()}
    assert set(_OPS) - seen == {"state"}
    called = {line["name"] for line in given("call")}
    assert called == {*_ARITHMETIC, *_ON_INSTRUMENT}


def test_errors_appear() -> None:
    seen = {answer["error"] for _, answer in lines() if "error" in answer}
    assert seen == {"invariant", "source", "number", "codec"}


def test_no_number_is_a_float() -> None:
    def floats(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(floats, value.values()))
        if isinstance(value, list):
            return any(map(floats, value))
        return isinstance(value, float)

    assert not any(floats(line) or floats(answer) for line, answer in lines())


def test_the_readme_names_the_fields_of_the_state_in_their_order() -> None:
    table = README.split("## The hash of the state")[1].split("## What the traces cover")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Checkpoint.__struct_fields__)


def test_the_readme_names_every_operation_and_function() -> None:
    protocol = README.split("## The protocol")[1].split("## The wire form")[0]
    for name in (*_OPS, *_ARITHMETIC, *_ON_INSTRUMENT):
        assert f"`{name}`" in protocol, name
