"""Instances as the kernel knows them, and the control events that change them."""

from __future__ import annotations

from msgspec.structs import replace

from tradetui.core.changes import Changes
from tradetui.core.order_manager import cancel_entries
from tradetui.core.orders import open_orders_of
from tradetui.core.shadow import drop_shadow, open_shadow
from tradetui.core.state import Instance, KernelState
from tradetui.domain.control import (
    ErrorCleared,
    ExitOnlyChanged,
    HoldReleased,
    InstanceLoaded,
    InstanceUnloaded,
    ModeChanged,
    PauseChanged,
    WarmupChanged,
)
from tradetui.domain.enums import InstanceMode
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import StrategyId
from tradetui.domain.reasons import Reason


def find(
    state: KernelState, changes: Changes, strategy_id: StrategyId, what: str
) -> Instance | None:
    """Return a running instance, or None after saying that it does not run."""
    instance = state.instances.get(strategy_id)
    if instance is None:
        changes.diagnose(
            Reason.SCHEMA,
            f"{what}: instance {strategy_id} does not run",
            strategy_id=strategy_id,
        )
    return instance


def on_loaded(
    state: KernelState, changes: Changes, envelope: Envelope, event: InstanceLoaded
) -> None:
    """Let an instance run from here on.

    An instance that was exit-only when it was unloaded still is; so is one that is loaded anew
    while it runs.
    """
    fault = _load_fault(state, event)
    if fault:
        changes.diagnose(
            Reason.SCHEMA,
            f"instance {event.strategy_id} was not loaded: {fault}",
            strategy_id=event.strategy_id,
            is_incident=True,
        )
        return
    strategy_id = event.strategy_id
    running = state.instances.get(strategy_id)
    exit_only = state.kept_exit_only.get(strategy_id, "")
    if running is not None:
        exit_only = running.exit_only or exit_only
    instance = Instance(
        strategy_id,
        event.strategy_type,
        event.execution_id,
        event.instrument_id,
        event.mode,
        event.limits,
        event.on_error,
        event.instruments or (event.instrument_id,),
        held=event.held,
        exit_only=exit_only,
    )
    state.drop(state.kept_exit_only, strategy_id)
    if running is not None and running.mode is not event.mode:
        _leave_mode(state, changes, running, keep_orders=False, reason="loaded anew")
    state.put(state.instances, strategy_id, instance)
    if event.mode is InstanceMode.OBSERVE:
        open_shadow(state, changes, instance)


def _load_fault(state: KernelState, event: InstanceLoaded) -> str:
    if event.mode is InstanceMode.OFF:
        return "its mode is off"
    if event.execution_id not in state.contexts:
        return f"its account {event.execution_id} is not configured"
    if event.instrument_id not in state.instruments:
        return f"its market {event.instrument_id} is not known"
    return ""


def on_unloaded(
    state: KernelState, changes: Changes, envelope: Envelope, event: InstanceUnloaded
) -> None:
    """Stop an instance: its entry orders are cancelled unless they are kept, its shadow book
    dropped; its positions and what protects them stay.
    """
    instance = find(state, changes, event.strategy_id, "unload")
    if instance is None:
        return
    reason = event.reason or "unloaded"
    _leave_mode(state, changes, instance, keep_orders=event.keep_orders, reason=reason)
    if instance.exit_only:
        state.put(state.kept_exit_only, instance.strategy_id, instance.exit_only)
    state.drop(state.instances, instance.strategy_id)


def _leave_mode(
    state: KernelState, changes: Changes, instance: Instance, *, keep_orders: bool, reason: str
) -> None:
    if instance.mode is InstanceMode.OBSERVE:
        drop_shadow(state, changes, instance.strategy_id)
    elif not keep_orders:
        orders = open_orders_of(state, instance.strategy_id, with_shadow=False)
        cancel_entries(state, changes, orders, reason)


def on_mode_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: ModeChanged
) -> None:
    """Move an instance between observe and active.

    Leaving active cancels its entry orders unless they are kept, never what protects a position;
    leaving observe drops its shadow book.
    """
    instance = find(state, changes, event.strategy_id, "change of mode")
    if instance is None or instance.mode is event.mode:
        return
    if event.mode is InstanceMode.OFF:
        changes.diagnose(
            Reason.SCHEMA,
            f"instance {event.strategy_id} is turned off by unloading it, not by its mode",
            strategy_id=event.strategy_id,
        )
        return
    _leave_mode(
        state, changes, instance, keep_orders=event.keep_orders, reason=f"mode {event.mode}"
    )
    changed = replace(instance, mode=event.mode)
    state.put(state.instances, instance.strategy_id, changed)
    if event.mode is InstanceMode.OBSERVE:
        open_shadow(state, changes, changed)


def on_pause_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: PauseChanged
) -> None:
    """Pause or resume an instance."""
    instance = find(state, changes, event.strategy_id, "pause")
    if instance is not None:
        state.put(state.instances, instance.strategy_id, replace(instance, paused=event.paused))


def on_hold_released(
    state: KernelState, changes: Changes, envelope: Envelope, event: HoldReleased
) -> None:
    """Let a HELD instance go on."""
    instance = find(state, changes, event.strategy_id, "release of the hold")
    if instance is not None:
        state.put(state.instances, instance.strategy_id, replace(instance, held=False))


def on_exit_only_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: ExitOnlyChanged
) -> None:
    """Allow an instance exits only, or lift that."""
    instance = find(state, changes, event.strategy_id, "exit-only")
    if instance is not None:
        reason = (event.reason or event.actor or "exit-only") if event.exit_only else ""
        state.put(state.instances, instance.strategy_id, replace(instance, exit_only=reason))


def on_error_cleared(
    state: KernelState, changes: Changes, envelope: Envelope, event: ErrorCleared
) -> None:
    """Let an instance that its errors stopped try again."""
    instance = find(state, changes, event.strategy_id, "clearing of errors")
    if instance is not None:
        state.put(
            state.instances,
            instance.strategy_id,
            replace(instance, has_error=False, consecutive_errors=0),
        )


def on_warmup_changed(
    state: KernelState, changes: Changes, envelope: Envelope, event: WarmupChanged
) -> None:
    """Say whether the feeds of an instance are warm."""
    instance = find(state, changes, event.strategy_id, "warm-up")
    if instance is not None and instance.is_warm is not event.is_warm:
        state.put(state.instances, instance.strategy_id, replace(instance, is_warm=event.is_warm))
