"""Parity: our core agrees with the traces over the protocol, and whatever does not is found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.contracts.engine import parity
from tests.contracts.engine.golden import FOLDER, files
from tests.contracts.engine.parity import (
    OUR_OWN,
    CommandFailedError,
    check,
    first_field,
    main,
)

TRACES = [FOLDER / f"{name}.in.jsonl" for name in ("order-filled", "spot", "arithmetic")]

WRONG = """
import json, sys
from tests.contracts.engine.implementation import Implementation
ours = Implementation()
for number, text in enumerate(sys.stdin):
    line = json.loads(text)
    answer = ours.answer(line)
    {change}
    print(json.dumps(answer), flush=True)
"""


def wrong(tmp_path: Path, change: str) -> tuple[str, ...]:
    """Return the command of an implementation that is ours but for one change."""
    script = tmp_path / "wrong.py"
    script.write_text(WRONG.replace("{change}", change))
    return (sys.executable, str(script))


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


def test_our_own_core_agrees_over_the_protocol() -> None:
    assert check(OUR_OWN, files()) == []


def test_the_first_difference_is_named(tmp_path: Path) -> None:
    change = "if answer.get('fills'): answer['fills'][0][10] += 1"
    (found, other) = check(wrong(tmp_path, change), TRACES)
    assert found.trace == "order-filled"
    assert found.field == "fills[0][10]"
    assert int(found.got) == int(found.expected) + 1
    assert str(found).startswith(f"order-filled, line {found.line} (event), fills[0][10]: expected")
    assert other.trace == "spot"


def test_a_hash_that_differs_is_traced_to_the_field_of_the_state(tmp_path: Path) -> None:
    change = (
        "if line['op'] == 'state': answer['state']['now'] += 1\n"
        "    if number == 14: answer['hash'] = 'f' * 64"
    )
    (found,) = check(wrong(tmp_path, change), TRACES[:1])
    assert (found.line, found.field) == (15, "state.now")


def test_a_hash_without_the_state_is_said_as_it_is(tmp_path: Path) -> None:
    change = "if number == 14: answer = {**answer, 'hash': 'f' * 64}"
    (found,) = check(wrong(tmp_path, change), TRACES[:1])
    assert found.field == "hash (of a state that is the same: the bytes differ)"
    change = "answer.pop('state', 0); answer.update({'hash': 'f'} if number == 14 else {})"
    (found,) = check(wrong(tmp_path, change), TRACES[:1])
    assert (found.field, found.got) == ("hash", '"f"')


def test_an_implementation_that_dies_is_said_to(tmp_path: Path) -> None:
    change = "if number == 3: sys.exit('out of memory')"
    found = check(wrong(tmp_path, change), TRACES)
    assert [one.trace for one in found] == ["order-filled", "spot", "arithmetic"]
    assert (found[0].line, found[0].got) == (4, "no answer (out of memory)")


def test_an_implementation_that_fails_after_its_last_answer_does_not_agree(tmp_path: Path) -> None:
    command = wrong(tmp_path, "pass")
    script = Path(command[1])
    script.write_text(script.read_text() + "sys.exit('a leak was found')\n")
    said = "answered every line, then ended with code 1: a leak was found"
    with pytest.raises(CommandFailedError, match=said):
        check(command, TRACES)


def test_what_cannot_be_run_or_read_is_one_sentence(tmp_path: Path) -> None:
    script = tmp_path / "core"
    script.write_text("x")
    with pytest.raises(CommandFailedError, match="core cannot be run: Permission denied"):
        check((str(script),), TRACES)
    with pytest.raises(CommandFailedError, match="answer 1 is no JSON object"):
        check((sys.executable, "-c", r"import os; os.write(1, b'\xff\xfe{}\n')"), TRACES)


def test_a_regression_of_our_own_core_is_not_called_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = wrong(tmp_path, "if 'hash' in answer: answer['hash'] = 'ab'")
    monkeypatch.setattr(parity, "OUR_OWN", command)
    found = check(command, TRACES)
    assert {one.field for one in found} == {
        "hash (of the state, which our own core makes otherwise now)"
    }


def test_what_is_no_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="answer 1 is no JSON object"):
        check(wrong(tmp_path, "print('hello')"), TRACES)
    with pytest.raises(CommandFailedError, match="answers to"):
        check(wrong(tmp_path, "print('{}')"), [FOLDER / "chain.in.jsonl"])
    with pytest.raises(CommandFailedError, match="cannot be run"):
        check(("/no/such/program",), TRACES)


@pytest.mark.parametrize(
    ("expected", "got", "field"),
    [
        ({"a": 1}, {"a": True}, "a"),
        ({"a": 1}, {"a": "1"}, "a"),
        ({"a": [1, [2]]}, {"a": [1, [3]]}, "a[1][0]"),
        ({"a": [1]}, {"a": [1, 2]}, "a (number of items)"),
        ({"a": 1}, {}, "a"),
        ({}, {"b": 1}, "b"),
        ({"a": {"b": None}}, {"a": {"b": 0}}, "a.b"),
        ({"a": 1}, {"a": 1}, None),
    ],
)
def test_the_first_field(expected: object, got: object, field: str | None) -> None:
    found = first_field(expected, got)
    assert (None if found is None else found[0]) == field


def test_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--trace", "spot"]) == 0
    assert "1 of 1 traces agree" in capsys.readouterr().out
    assert main(["--trace", "nonsense"]) == 2
    assert "no golden trace is named nonsense" in capsys.readouterr().err
    assert main(["--command", "/no/such/program"]) == 1
    assert main(["--command", "a 'quote"]) == 2
    assert "cannot be read: No closing quotation" in capsys.readouterr().err
    for line in ("x", "1", "999"):
        assert main(["--state", "spot", line]) == 2
        assert f"{line} is no line of spot: give 2 to" in capsys.readouterr().err
    assert main(["--state", "chain", "3"]) == 2
    assert "chain has no kernel" in capsys.readouterr().err
    assert main(["--state", "spot", "3"]) == 0
    assert '"seq_id": 1' in capsys.readouterr().out


def test_a_disagreement_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = " ".join(wrong(tmp_path, "answer.pop('hash', None)"))
    assert main(["--trace", "spot", "--command", command]) == 1
    out = capsys.readouterr().out
    assert "spot, line 2 (kernel), hash: expected" in out
    assert "0 of 1 traces agree" in out
