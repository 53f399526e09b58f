"""An intent on its way through the gates."""

from __future__ import annotations

import msgspec

from tradetui.core.risk.plan import Plan
from tradetui.core.risk.verdict import refused
from tradetui.core.state import KernelState, Mark, Working
from tradetui.domain.enums import OrderSide
from tradetui.domain.intents import PlaceOrder
from tradetui.domain.orders import Order, Position
from tradetui.domain.reasons import Reason
from tradetui.domain.risk import Gate

NO_WORKING = Working()


class Case(msgspec.Struct):
    """One order to be judged, and what the gates have found and changed so far.

    ``intent`` is as asked (a replace is judged as the new version it asks for); ``quantity`` and
    ``price`` are as they stand, and only ever become smaller, or less aggressive. ``value_price``
    is what the order is valued at: its own price, else its trigger, else what it would trade at now
    (None: not known). ``replaced_quantity`` and ``replaced_notional`` are what the old version of a
    replaced order stands for in the sums already.
    """

    state: KernelState
    plan: Plan
    intent: PlaceOrder
    quantity: int
    price: int | None
    mark: Mark | None
    value_price: int | None
    position: int
    working: Working
    gates: list[Gate]
    replaced: Order | None = None
    replaced_quantity: int = 0
    replaced_notional: int = 0
    is_reducing: bool = False
    modified_by: Reason = Reason.NONE
    profile: str = ""

    @property
    def is_buy(self) -> bool:
        """Tell the side."""
        return self.intent.side is OrderSide.BUY

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
        if self.modified_by is Reason.NONE:
            self.modified_by = code
            self.profile = profile


def value_price(intent: PlaceOrder, price: int | None, mark: Mark | None) -> int | None:
    """Return what an order is valued at: its price, its trigger, or the market's other side."""
    if price is not None:
        return price
    if intent.trigger_price is not None:
        return intent.trigger_price
    if mark is None:
        return None
    if intent.side is OrderSide.BUY:
        return mark.ask or mark.price
    return mark.bid or mark.price


def position_of(position: Position | None) -> int:
    """Return the signed quantity of a position that may not exist yet."""
    return 0 if position is None else position.quantity
