"""What strategies print: harmless, bounded, on standard error, and apart from our own talk."""

from __future__ import annotations

import io
import sys

import pytest

from tradetui.bootstrap.process.printed import DROPPED, MAX_PRINTED, Printed, printed_aside


def test_prints_are_harmless_and_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with printed_aside() as aside:
        print("\x1b[2Jone\ntwo\x9b31m")
        print("three", file=sys.stderr, flush=True)
        aside.say(print, "ours")
        print("four")
    print("data")
    out, err = capsys.readouterr()
    assert out == "ours\ndata\n"
    assert err == "?[2Jone\ntwo?31m\nthree\nfour\n"


def test_what_is_printed_without_end_is_dropped_and_that_is_said_once() -> None:
    stream = io.StringIO()
    printed = Printed(stream)
    for _ in range(20):
        assert printed.write("x" * 1_000) == 1_000
    assert stream.getvalue() == "x" * MAX_PRINTED + f"\n{DROPPED}\n"


def test_without_a_standard_error_nothing_is_printed() -> None:
    printed = Printed(None)
    assert printed.write("x") == 1
    printed.flush()


def test_our_own_streams_come_back_after_a_failure() -> None:
    before = sys.stdout, sys.stderr
    with pytest.raises(RuntimeError), printed_aside() as aside:
        aside.say(lambda text: None, "")
        raise RuntimeError
    assert (sys.stdout, sys.stderr) == before
