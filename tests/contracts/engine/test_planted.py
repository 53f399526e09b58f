"""The golden traces see bugs: each of these, planted in the core, makes some trace differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from tests.contracts.engine.golden import FOLDER, answer_file, read
from tests.contracts.engine.implementation import Implementation
from tests.contracts.engine.parity import first_field

from tradetui.core import checkpoint
from tradetui.core.checkpoint import load
from tradetui.core.risk.rates import count_recent
from tradetui.core.sequencer import Sequencer
from tradetui.domain.instruments import passive_price
from tradetui.domain.units import div_ceil, div_floor


def nothing(*_: Any, **__: Any) -> None:
    """Do nothing, where something should be done."""


def half_up(numerator: int, denominator: int) -> int:
    """Round halves up instead of to even."""
    return div_floor(2 * numerator + denominator, 2 * denominator)


def aggressive(instrument: Any, side: Any, price: int) -> int:
    """Round a price to the wrong side."""
    return passive_price(instrument, side, price) + instrument.price_increment


def forgets_groups(data: bytes, config: Any) -> Any:
    """Restore a checkpoint without its OCO groups."""
    state = load(data, config)
    state.oco_groups.clear()
    return state


def all_of_it(config: Any, instrument: Any, liquidity: Any, quantity: int, *_: Any) -> int:
    """Let every purchase be paid for."""
    return quantity


def one_more(state: Any, rate: Any) -> int:
    """Count one order less in each window."""
    return max(count_recent(state, rate) - 1, 0)


PLANTED: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "halves are rounded up": ("tradetui.domain.instruments.div_half_even", half_up),
    "costs are rounded up": ("tradetui.core.ledger.div_floor", div_ceil),
    "fees are rounded down": ("tradetui.domain.instruments.div_ceil", div_floor),
    "no kill-switch holds": ("tradetui.core.risk.instance_gates.strictest", nothing),
    "a kill-switch leaves entries": ("tradetui.core.operator_acts.cancel_entries", nothing),
    "a fill leaves idle guards": ("tradetui.core.fills.cancel_idle_guards", nothing),
    "a fill leaves its new version whole": ("tradetui.core.fills.shrink_pending", nothing),
    "an end is heard by nobody": ("tradetui.core.order_reports.after_end", nothing),
    "an error closes nothing": ("tradetui.core.callbacks.close_positions", nothing),
    "limits are looked at by entries only": ("tradetui.core.kernel.check_limits", nothing),
    "a day never ends": ("tradetui.core.kernel.roll_day", nothing),
    "nothing is forgotten": ("tradetui.core.kernel.prune", nothing),
    "held stops never fire": ("tradetui.core.held.stop_touched", lambda *_: False),
    "the venue's stops never fire": ("tradetui.core.venue.matching.stop_touched", lambda *_: False),
    "the collar is rounded out": ("tradetui.core.risk.market_gates.passive_price", aggressive),
    "a window has room for one more": ("tradetui.core.risk.rates.count_recent", one_more),
    "what is not paid for is sold": ("tradetui.core.venue.filling.payable", all_of_it),
    "a restart forgets groups": ("tradetui.core.kernel.load", forgets_groups),
}
"""What is wrong -> what is put in the place of what."""


def differs() -> bool:
    """Tell whether the core answers any golden trace otherwise than it should, or dies of one."""
    for path in sorted(FOLDER.glob("*.in.jsonl")):
        core = Implementation()
        for line, right in zip(read(path), read(answer_file(path)), strict=True):
            try:
                answer = core.answer(line)
            except Exception:  # noqa: BLE001 - a planted bug may break anything
                return True
            if first_field(right, msgspec.json.decode(msgspec.json.encode(answer))) is not None:
                return True
    return False


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_bug_is_seen(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, wrong = PLANTED[what]
    monkeypatch.setattr(target, wrong)
    assert differs()


def test_a_sequencer_that_sorts_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sequencer, "order_batch", lambda self, batch: batch)
    assert differs()


def test_a_hash_that_leaves_something_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_MAPS", checkpoint._MAPS[:-1])
    assert differs()


def test_without_a_planted_bug_nothing_is_seen() -> None:
    assert not differs()
