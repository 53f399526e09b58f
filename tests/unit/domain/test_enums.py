"""What the words of the enums say of themselves."""

from __future__ import annotations

from tradetui.domain.enums import RunMode


def test_real_venues_are_those_of_sandbox_and_live() -> None:
    assert [mode.value for mode in RunMode if mode.is_real] == ["sandbox", "live"]
