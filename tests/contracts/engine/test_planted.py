"""The golden traces see bugs: each of these, planted in the core, makes some trace differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace
from tests.contracts.engine.golden import FOLDER, answer_file, read
from tests.contracts.engine.implementation import Implementation
from tests.contracts.engine.parity import first_field

from tradetui.core import checkpoint, guards, held
from tradetui.core.checkpoint import load
from tradetui.core.guards import cancel_idle_guards, forget_wanted_stop
from tradetui.core.held_quantities import is_dust
from tradetui.core.orders import request_cancel, send_cancel
from tradetui.core.risk.rates import count_recent
from tradetui.core.sequencer import Sequencer
from tradetui.core.shadow import drop_shadow
from tradetui.domain.enums import OrderState
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


def only_of_a_close(act: Callable[..., None]) -> Callable[..., None]:
    """Do with the guards of a position that closed what should be done when it turned as well."""

    def look(state: Any, *more: Any) -> None:
        key = next(one for one in more if isinstance(one, tuple))
        if state.positions[key].quantity == 0:
            act(state, *more)

    return look


def proven(order: Any, *more: Any) -> bool:
    """Count a stop whose outcome is unknown."""
    return _is_stop_of(replace(order, is_unknown=False), *more)


_is_stop_of: Final = guards._is_stop_of


def of_any_size(state: Any, order: Any, quantity: int) -> bool:
    """Take no quantity for too small to be an order."""
    least = state.instruments[order.terms.instrument_id].min_quantity
    left = quantity - order.filled_quantity
    return left <= 0 if left < least else is_dust(state, order, quantity)


def keeps_halt(state: Any, changes: Any, strategy_id: Any) -> None:
    """Drop a shadow book, but not its halt."""
    halted = dict(state.halted_routes)
    drop_shadow(state, changes, strategy_id)
    for route_id, reason in halted.items():
        state.put(state.halted_routes, route_id, reason)


PLANTED: Final[dict[str, tuple[str, str, Callable[..., Any]]]] = {
    "halves are rounded up": ("arithmetic", "tradetui.domain.instruments.div_half_even", half_up),
    "costs are rounded up": ("overfill-warn", "tradetui.core.ledger.div_floor", div_ceil),
    "fees are rounded down": ("arithmetic", "tradetui.domain.instruments.div_ceil", div_floor),
    "no kill-switch holds": ("risk-flags", "tradetui.core.risk.instance_gates.strictest", nothing),
    "a kill-switch leaves entries": (
        "risk-flags",
        "tradetui.core.operator_acts.cancel_entries",
        nothing,
    ),
    "a fill leaves idle guards": ("oco-held", "tradetui.core.fills.cancel_idle_guards", nothing),
    "a fill leaves its new version whole": (
        "replace-by-cancel",
        "tradetui.core.fills.shrink_pending",
        nothing,
    ),
    "an end is heard by nobody": ("child-day", "tradetui.core.order_reports.after_end", nothing),
    "an error closes nothing": ("errors", "tradetui.core.callbacks.close_positions", nothing),
    "limits are looked at by entries only": (
        "risk-drawdown",
        "tradetui.core.kernel.check_limits",
        nothing,
    ),
    "a day never ends": ("days", "tradetui.core.kernel.roll_day", nothing),
    "nothing is forgotten": ("pruned", "tradetui.core.kernel.prune", nothing),
    "held stops never fire": ("market-held", "tradetui.core.held.stop_touched", lambda *_: False),
    "the venue's stops never fire": (
        "venue-stops",
        "tradetui.core.venue.matching.stop_touched",
        lambda *_: False,
    ),
    "the collar is rounded out": (
        "risk-order-limits",
        "tradetui.core.risk.market_gates.passive_price",
        aggressive,
    ),
    "a window has room for one more": (
        "risk-rates",
        "tradetui.core.risk.rates.count_recent",
        one_more,
    ),
    "what is not paid for is sold": (
        "venue-funds",
        "tradetui.core.venue.filling.payable",
        all_of_it,
    ),
    "a restart forgets groups": ("bracket-mixed", "tradetui.core.kernel.load", forgets_groups),
    "a turn leaves the guards of the old side": (
        "guards-turned",
        "tradetui.core.fills.cancel_idle_guards",
        only_of_a_close(cancel_idle_guards),
    ),
    "a turn leaves the wish for a stop": (
        "guards-turned",
        "tradetui.core.fills.forget_wanted_stop",
        only_of_a_close(forget_wanted_stop),
    ),
    "a stop of unknown outcome is a guard": (
        "guards-unknown",
        "tradetui.core.guards._is_stop_of",
        proven,
    ),
    "the least quantity is not looked at": (
        "held-least-quantity",
        "tradetui.core.held_brackets.is_dust",
        of_any_size,
    ),
    "a shadow book leaves its halt": (
        "shadow-halt",
        "tradetui.core.instances.drop_shadow",
        keeps_halt,
    ),
}
"""What is wrong -> a trace that is about it, what is put in the place of what."""


def differs(name: str = "*") -> bool:
    """Tell whether the core answers a golden trace (any of them) otherwise than it should, or dies
    of it.
    """
    for path in sorted(FOLDER.glob(f"{name}.in.jsonl")):
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
    first, target, wrong = PLANTED[what]
    assert (FOLDER / f"{first}.in.jsonl").exists()
    monkeypatch.setattr(target, wrong)
    assert differs(first)


def test_an_end_in_time_that_is_asked_for_at_each_step_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask(state: Any, changes: Any, order: Any, *more: Any) -> Any:
        if order.state is OrderState.CANCEL_PENDING:
            send_cancel(changes, order)
        return request_cancel(state, changes, order, *more)

    monkeypatch.setattr(held, "_PENDING", None)
    monkeypatch.setattr("tradetui.core.order_manager.request_cancel", ask)
    assert differs("held-ends-once")


def test_a_sequencer_that_sorts_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sequencer, "order_batch", lambda self, batch: batch)
    assert differs("sequencer")


def test_a_hash_that_leaves_something_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_MAPS", checkpoint._MAPS[:-1])
    assert differs()


def test_without_a_planted_bug_nothing_is_seen() -> None:
    assert not differs()
