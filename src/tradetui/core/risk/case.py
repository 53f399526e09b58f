"""An intent on its way through the gates."""

from __future__ import annotations

from typing import Final

import msgspec

from tradetui.core.conversion import to_reporting
from tradetui.core.risk.exposure import ScopeSums, scope_sums
from tradetui.core.risk.plan import Plan
from tradetui.core.risk.verdict import refused
from tradetui.core.state import KernelState, Mark, Working
from tradetui.domain.enums import OrderSide
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.orders import Order
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

_NONE: Final = Reason.NONE
_BUY: Final = OrderSide.BUY


class Case(msgspec.Struct):
    """One order to be judged, and what the gates have found and changed so far.

    ``intent`` is as asked (a replace is judged as the new version it asks for); ``quantity`` and
    ``price`` are as they stand, and only ever become smaller, or less aggressive. ``value_price``
    is what the order is valued at: its own price, else its trigger, else what it would trade at now
    (None: not known). ``replaced_quantity`` and ``replaced_notional`` are what the old version of a
    replaced order stands for in the sums already. ``position`` and ``cost`` are signed. ``value``
    is the notional in the quote currency, -1 until it is worked out.
    """

    state: KernelState
    plan: Plan
    intent: PlaceOrder
    quantity: int
    price: int | None
    mark: Mark | None
    value_price: int | None
    is_buy: bool
    position: int
    cost: int
    working: Working
    gates: list[Gate]
    replaced: Order | None = None
    replaced_quantity: int = 0
    replaced_notional: int = 0
    is_reducing: bool = False
    modified_by: Reason = _NONE
    profile: str = ""
    value: int = -1
    sums: ScopeSums | None = None
    sums_scope: int = -1

    def sums_of(self, scope: int) -> ScopeSums:
        """Add up one of the plan's scopes on the instrument, and keep that in ``sums``."""
        sums = scope_sums(self.state, self.plan.scopes[scope], self.plan.key[2])
        self.sums = sums
        self.sums_scope = scope
        return sums

    def worth(self) -> int:
        """Work out the notional of the order as it stands, in the quote currency, and keep it.

        Only for an order with a known value price.
        """
        price = self.value_price
        assert price is not None
        self.value = value = abs(self.plan.value(price, self.quantity))
        return value

    def in_reporting(self, amount: int) -> int | None:
        """Return an amount of the quote currency in the reporting currency."""
        if self.plan.is_reporting:
            return amount
        return to_reporting(self.state, self.plan.instrument.quote, amount)

    def refuse(
        self,
        code: Reason,
        value: int,
        limit: int | None,
        scale: int = 0,
        note: str = "",
        profile: str = "",
    ) -> Gate:
        """List the gate that ends the judgement, and return it."""
        gate = refused(code, value, limit, scale, note)
        self.gates.append(gate)
        self.profile = profile
        return gate

    def modify(
        self, code: Reason, value: int, limit: int, scale: int, note: str, profile: str
    ) -> None:
        """List a gate that is kept by changing the order; the first one names the decision."""
        self.gates.append(refused(code, value, limit, scale, note))
        if self.modified_by is _NONE:
            self.modified_by = code
            self.profile = profile


def unpriced_value(intent: PlaceOrder, mark: Mark | None) -> int | None:
    """Return what an order without a price is valued at: its trigger, or the market's other
    side.
    """
    if intent.trigger_price is not None:
        return intent.trigger_price
    if mark is None:
        return None
    if intent.side is _BUY:
        return mark.ask or mark.price
    return mark.bid or mark.price
