"""What commands print: data on standard output, talk on standard error, and the exit codes."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradetui.cli import output
from tradetui.cli.output import Exit
from tradetui.cli.settings import _short_key
from tradetui.services.errors import RefusedError, RuntimeProblemError, UserError
from tradetui.tui.keymap import BINDINGS

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("no \x1b[2J"), 3),
        (UserError("no \x1b[2J"), 2),
        (RuntimeProblemError("no \x1b[2J"), 1),
    ],
)
def test_each_error_is_a_sentence_and_its_code(
    error: Exception, code: int, capsys: Captured
) -> None:
    with pytest.raises(SystemExit) as left, output.exit_codes():
        raise error
    assert left.value.code == code
    assert capsys.readouterr() == ("", "tradetui: no ?[2J\n")


def test_an_interrupt_has_its_code(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as left, output.exit_codes():
        raise KeyboardInterrupt
    assert left.value.code == 130
    assert capsys.readouterr().err == "tradetui: interrupted\n"


def test_a_closed_pipe_is_left_in_silence(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    pointed: list[tuple[int, int]] = []
    monkeypatch.setattr(output.os, "open", lambda *_: 77)
    monkeypatch.setattr(output.os, "dup2", lambda new, old: pointed.append((new, old)))
    monkeypatch.setattr(output.sys.stdout, "fileno", lambda: 1, raising=False)
    with pytest.raises(SystemExit) as left, output.exit_codes():
        raise BrokenPipeError
    assert left.value.code == 0
    assert pointed == [(77, 1)]
    assert capsys.readouterr() == ("", "")


def test_a_bug_is_no_sentence() -> None:
    with pytest.raises(ZeroDivisionError), output.exit_codes():
        raise ZeroDivisionError


def test_rows_are_aligned_with_numbers_to_the_right(capsys: Captured) -> None:
    rows = [
        {"id": "a", "count": 5, "is_open": True, "tags": ["x", "y"], "note": None},
        {"id": "bc\x1b[2J", "count": 1_000, "is_open": False, "tags": (), "note": "z"},
    ]
    output.print_rows(rows, as_json=False, empty="none")
    assert capsys.readouterr().out.splitlines() == [
        "ID      COUNT  IS_OPEN  TAGS  NOTE",
        "a           5      yes  x, y  -",
        "bc?[2J   1000       no        z",
    ]


def test_no_rows_are_said_and_are_an_empty_list(capsys: Captured) -> None:
    output.print_rows([], as_json=False, empty="no instances")
    assert capsys.readouterr() == ("", "no instances\n")
    output.print_rows([], as_json=True, empty="no instances")
    assert capsys.readouterr() == ("[]\n", "")


def test_json_keeps_its_value_and_holds_nothing_a_terminal_acts_on(capsys: Captured) -> None:
    row = {"name": "\x9b2J ü \u202e", "number": 5}
    output.print_json(row)
    output.print_json_line(row)
    text = capsys.readouterr().out
    assert "\x9b" not in text and "\u202e" not in text
    assert json.loads(text.splitlines()[-1]) == row
    assert json.loads("\n".join(text.splitlines()[:-1])) == row
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.print_json(float("nan"))


def test_fields_come_first_and_tables_below_their_names(capsys: Captured) -> None:
    row = {"id": "a", "state": "off", "orders": [{"side": "BUY"}], "fills": []}
    output.print_fields(row, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "id     a",
        "state  off",
        "",
        "orders",
        "SIDE",
        "BUY",
    ]
    output.print_fields(row, as_json=True)
    assert json.loads(capsys.readouterr().out) == row


@pytest.mark.parametrize("as_json", [True, False])
def test_a_reply_that_refused_ends_with_its_code(as_json: bool, capsys: Captured) -> None:
    output.print_reply({"done": True, "text": "paused"}, as_json=as_json)
    assert "paused" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        output.print_reply({"done": False, "text": "is off"}, as_json=as_json)
    assert left.value.code == Exit.REFUSED
    shown = capsys.readouterr()
    assert shown.err == "tradetui: is off\n"
    assert bool(shown.out) is as_json


def test_talk_goes_to_standard_error(capsys: Captured) -> None:
    output.say("opening \x07")
    assert capsys.readouterr() == ("", "opening ?\n")


def test_columns_that_do_not_fit_stand_below_and_nothing_is_cut(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"id": "btc-mr", "note": None, "state": "ACTIVE", "orders": 2, "pnl": "+1,234.50 USDT"},
        {"id": "eth-mr", "note": None, "state": "blocked", "orders": 11, "pnl": "0.00 USDT"},
    ]
    monkeypatch.setattr(output, "terminal_width", lambda: 26)
    output.print_rows(rows, as_json=False, empty="")
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        "ID      STATE    ORDERS",
        "    PNL",
        "btc-mr  ACTIVE        2",
        "    +1,234.50 USDT",
        "eth-mr  blocked      11",
        "    0.00 USDT",
    ]
    monkeypatch.setattr(output, "terminal_width", lambda: None)
    output.print_rows(rows, as_json=False, empty="")
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_column_wider_than_the_terminal_stands_alone() -> None:
    assert output.folds([100, 5, 6], 20) == [(0, 1), (1, 3)]
    assert output.folds([3, 100, 6], 20) == [(0, 1), (1, 2), (2, 3)]
    assert output.folds([3, 4], None) == [(0, 2)]


def test_a_line_of_a_report_is_cut_at_blanks_and_goes_on_indented() -> None:
    line = "  16:21:00  btc-dip: BUY 0.29 at 13,059 (taker), fee 3.8246 USD"
    assert output.folded(line, 40) == [
        "  16:21:00  btc-dip: BUY 0.29 at 13,059",
        "      (taker), fee 3.8246 USD",
    ]
    assert output.folded(line, 80) == output.folded(line, None) == [line]
    assert output.folded("a\x1b[2Jb", 80) == ["a?[2Jb"]
    assert output.folded("x" * 50, 20) == ["x" * 20, "    " + "x" * 16, "    " + "x" * 14]


def test_a_console_says_how_wide_its_window_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(output.WINDOW, "74")
    assert output.terminal_width() == 74
    monkeypatch.setenv(output.WINDOW, "wide")
    monkeypatch.setattr(output.sys.stdout, "isatty", lambda: False, raising=False)
    assert output.terminal_width() is None


class Broken:
    """A standard output whose flush fails, on a file descriptor of its own."""

    def __init__(self, error: OSError, number: int) -> None:
        self.error = error
        self.number = number

    def flush(self) -> None:
        raise self.error

    def fileno(self) -> int:
        return self.number


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    """A file that stands for the output."""
    number = os.open(tmp_path / "out", os.O_CREAT | os.O_WRONLY)
    yield number
    os.close(number)


def drops_all(number: int) -> bool:
    """Tell whether what is written to a descriptor goes nowhere."""
    return os.fstat(number).st_rdev == Path(os.devnull).stat().st_rdev


def test_an_end_that_cannot_be_written_is_a_sentence(
    descriptor: int, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    full = Broken(OSError(errno.ENOSPC, "No space left on device"), descriptor)
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(SystemExit) as left:
        output.end_output()
    assert left.value.code == 1
    assert capsys.readouterr().err == (
        "tradetui: the output cannot be written (No space left on device); what was printed is "
        "not whole\n"
    )
    assert drops_all(descriptor)


def test_an_end_whose_reader_has_gone_is_left_in_silence(
    descriptor: int, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(sys, "stdout", Broken(BrokenPipeError(), descriptor))
    with pytest.raises(SystemExit) as left:
        output.end_output()
    assert left.value.code == 0
    assert capsys.readouterr().err == ""
    assert drops_all(descriptor)


def test_without_an_output_there_is_no_end_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    output.end_output()


def test_what_cannot_be_printed_is_a_failure_with_its_reason(
    descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Broken(OSError(), descriptor))
    monkeypatch.setattr(output.click, "echo", refuse)
    with pytest.raises(RuntimeProblemError, match="No space left on device"):
        output.put("x")
    assert drops_all(descriptor)


def test_talk_on_a_terminal_is_folded_at_blanks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "nothing is sent to any exchange; see /a/long/path/that/is/never/cut/in/two"
    output.tell(text)
    assert capsys.readouterr().err == f"{text}\n", "in a pipe a line stays a line"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "24")
    output.tell(text)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["nothing is sent to any", "exchange; see"]
    assert lines[2] == "/a/long/path/that/is/never/cut/in/two"


def test_a_row_may_be_another_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": "edit", "does": "edit the config", "asks": "y"}, {"id": "up", "does": "up",
            "asks": "-"}]  # fmt: skip

    def narrow(row: output.Row) -> output.Row:
        return {"id": row["id"], "does": f"{row['does']}, then what comes of it [{row['asks']}]"}

    monkeypatch.setattr(output, "terminal_width", lambda: 26)
    output.print_rows(rows, as_json=False, empty="", narrow=narrow)
    assert capsys.readouterr().out.splitlines() == [
        "ID    DOES",
        "edit  edit the config,",
        "      then what comes of",
        "      it [y]",
        "up    up, then what comes",
        "      of it [-]",
    ]
    monkeypatch.setattr(output, "terminal_width", lambda: 80)
    output.print_rows(rows, as_json=False, empty="", narrow=narrow)
    assert capsys.readouterr().out.splitlines()[1] == "edit  edit the config  y"


def test_the_keys_wrap_what_they_do_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"id": one.id, "keys": [one.shown], "does": one.text, "where": one.context,
         "asks": one.grade}
        for one in BINDINGS
    ]  # fmt: skip
    monkeypatch.setattr(output, "terminal_width", lambda: 80)
    output.print_rows(rows, as_json=False, empty="", narrow=_short_key)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].split() == ["ID", "KEYS", "DOES"]
    cancel = next(at for at, line in enumerate(lines) if line.startswith("cancel "))
    told = " ".join(" ".join(lines[cancel : cancel + 2]).split())
    assert told == (
        "cancel x cancel the selected order (orders pane only) [y; a protective stop: typed]"
    )
