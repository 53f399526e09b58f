"""What a venue says of money and positions apart from fills."""

from __future__ import annotations

from tradetui.core.bounds import cash_fault, settlement_fault
from tradetui.core.cash import adjust_cash
from tradetui.core.changes import Changes
from tradetui.core.guards import cancel_idle_guards, forget_wanted_stop
from tradetui.core.invariants import halt_route
from tradetui.core.ledger import attribute, settle
from tradetui.core.state import KernelState
from tradetui.domain.envelope import Envelope
from tradetui.domain.ids import RouteId, StrategyId, is_shadow
from tradetui.domain.reasons import Reason
from tradetui.domain.reports import CashAdjusted, PositionSettled


def on_cash_adjusted(
    state: KernelState, changes: Changes, envelope: Envelope, report: CashAdjusted
) -> None:
    """Book a deposit, a funding payment, a transfer."""
    if not _is_known(state, changes, report.route_id, "money moved"):
        return
    owner = report.strategy_id
    key = None if owner is None else (owner, report.route_id, envelope.instrument)
    fault = cash_fault(state, report, key)
    if fault:
        _refuse(state, changes, report.route_id, f"{report.reason} cannot be booked: {fault}")
        return
    adjust_cash(state, changes, report)
    if owner is not None:
        _attribute(state, changes, envelope, report, owner)


def _refuse(state: KernelState, changes: Changes, route_id: RouteId, message: str) -> None:
    halt_route(state, changes, route_id, message, Reason.NUMBER_RANGE)


def _attribute(
    state: KernelState,
    changes: Changes,
    envelope: Envelope,
    report: CashAdjusted,
    strategy_id: StrategyId,
) -> None:
    """Count money that moved because of an instance's position in its profit."""
    instrument = state.instruments.get(envelope.instrument)
    if instrument is None or instrument.quote != report.currency:
        changes.diagnose(
            Reason.RATE_UNKNOWN,
            f"{report.reason} of {strategy_id} is booked to the cash of {report.route_id}, but to "
            f"no position: it is not in the quote currency of an instrument that is known",
            strategy_id=strategy_id,
            route_id=report.route_id,
        )
        return
    attribute(state, (strategy_id, report.route_id, envelope.instrument), report.amount)


def on_position_settled(
    state: KernelState, changes: Changes, envelope: Envelope, report: PositionSettled
) -> None:
    """Close the route's position in the envelope's instrument at the settlement price."""
    if not _is_known(state, changes, report.route_id, "a settlement"):
        return
    instrument = state.instruments.get(envelope.instrument)
    if instrument is None:
        changes.diagnose(
            Reason.UNKNOWN_INSTRUMENT,
            f"a settlement of {envelope.instrument}, which is not known",
            route_id=report.route_id,
            is_incident=True,
        )
        return
    fault = settlement_fault(state, report.route_id, instrument, report.price)
    if fault:
        message = f"a settlement of {envelope.instrument} cannot be booked: {fault}"
        _refuse(state, changes, report.route_id, message)
        return
    for key in settle(state, changes, report.route_id, instrument, report.price):
        cancel_idle_guards(state, changes, key, None)
        forget_wanted_stop(state, key)


def _is_known(state: KernelState, changes: Changes, route_id: RouteId, what: str) -> bool:
    if route_id in state.routes:
        return True
    if not is_shadow(route_id):
        changes.diagnose(
            Reason.NO_ROUTE,
            f"{what} on route {route_id}, which is not known",
            route_id=route_id,
            is_incident=True,
        )
    return False
