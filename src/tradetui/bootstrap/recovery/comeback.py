"""What a start brought back, in the words that the console, the log and ``status`` say."""

from __future__ import annotations

from collections.abc import Sequence

from tradetui.core.state import KernelState
from tradetui.domain.enums import InstanceMode
from tradetui.domain.formatting import counted
from tradetui.domain.ids import RunId, is_shadow
from tradetui.ports.history import RunInfo


def was_crash(runs: Sequence[RunInfo], continues: RunId) -> bool:
    """Tell whether a run, or one begun after it, did not end cleanly; the run that goes on from it
    is not among ``runs``.
    """
    names = [info.run_id for info in runs]
    since = runs[names.index(continues) :] if continues in names else ()
    return any(info.ended_how != "clean" for info in since)


def crash_words(state: KernelState) -> str:
    """Say that a start follows a crash, and what came back."""
    return f"recovered after a crash: {back_words(state)}"


def restored_words(state: KernelState) -> str:
    """Say that a start follows the restoring of a backup, and what came back."""
    return f"brought back from a backup: {back_words(state)}"


def back_words(state: KernelState) -> str:
    """Say what a state brings back: ``2 positions, 3 orders, 1 held``; shadow books are left out,
    the last part too where nothing is held.
    """
    positions = sum(
        1
        for key, position in state.positions.items()
        if position.quantity and not is_shadow(key[1])
    )
    orders = sum(1 for order in state.open_orders.values() if not is_shadow(order.terms.route_id))
    held = sum(
        1
        for one in state.instances.values()
        if one.mode is InstanceMode.ACTIVE
        and (one.paused or one.has_error or one.held or state.config.run_mode.is_real)
    )
    words = f"{counted(positions, 'position')}, {counted(orders, 'order')}"
    return f"{words}, {held} held" if held else words
