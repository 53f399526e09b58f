"""Which success ends a row of failures."""

from __future__ import annotations

import pytest

from tradetui.engine.failures import FailingHooks
from tradetui.strategy.events import BarView, FillView, TickView

BAR, TICK, FILL = BarView, TickView, FillView


@pytest.mark.parametrize(
    ("course", "ends"),
    [
        pytest.param([(BAR, 0), (TICK, 1), (TICK, 1), (BAR, 0)], [False, False], id="others well"),
        pytest.param([(BAR, 0), (BAR, 1)], [True], id="its own"),
        pytest.param([(BAR, 0), (FILL, 0), (BAR, 1)], [True], id="another failed once"),
        pytest.param([(BAR, 0), (BAR, 0), (TICK, 0), (TICK, 1)], [False], id="another is broken"),
        pytest.param([(BAR, 0), (BAR, 0), (TICK, 0), (TICK, 1), (BAR, 1)], [False, True], id="all"),
        pytest.param([(BAR, 1)], [False], id="nothing failed"),
    ],
)
def test_a_row_is_ended_by_a_hook_that_had_failed(
    course: list[tuple[type, int]], ends: list[bool]
) -> None:
    hooks = FailingHooks()
    found = []
    for hook, is_well in course:
        if is_well:
            found.append(hooks.is_ended_by(hook))
        else:
            hooks.failed(hook)
    assert found == ends


def test_what_is_well_again_is_forgotten() -> None:
    hooks = FailingHooks()
    hooks.failed(BAR)
    assert hooks.rows
    hooks.is_ended_by(BAR)
    assert not hooks.rows
