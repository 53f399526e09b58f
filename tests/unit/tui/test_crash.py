from __future__ import annotations

from tradetui.tui.crash import crash_lines


def fail(secret: str) -> None:
    local = secret * 2
    raise ValueError(f"no luck \x1b[2J{len(local)}")


def test_a_crash_names_the_place_and_no_value() -> None:
    try:
        fail("hunter2-api-key")
    except ValueError as e:
        text = "\n".join(crash_lines(e))
    assert "test_crash.py" in text
    assert "in fail" in text
    assert "hunter2" not in text
    assert "\x1b" not in text


def test_a_crash_without_an_error_says_so() -> None:
    assert "not known" in crash_lines(None)[0]
