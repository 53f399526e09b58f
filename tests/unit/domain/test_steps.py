from __future__ import annotations

import pytest

from tradetui.domain.enums import CallbackOutcome
from tradetui.domain.ids import StrategyId
from tradetui.domain.steps import CallbackResult


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("ValueError: on_bar: x", "on_bar: ValueError: on_bar: x"),
        ("on_bar: ValueError: x", "on_bar: ValueError: x"),
        ("", "on_bar: timeout"),
    ],
)
def test_a_result_names_its_hook_once(message: str, text: str) -> None:
    result = CallbackResult(StrategyId("a"), "on_bar", CallbackOutcome.TIMEOUT, message)
    assert result.text == text
