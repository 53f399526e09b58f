"""The records that the screen does not keep, list by list, and who reads them on."""

from __future__ import annotations

from tradetui.domain import formatting
from tradetui.tui.replica import SHOWN_ROWS, Replica
from tradetui.tui.screens.older_decisions import OlderDecisions
from tradetui.tui.screens.older_fills import OlderFills
from tradetui.tui.screens.older_orders import OlderOrders


class OlderLists:
    """What was read of the journal, beside the replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.fills = OlderFills(replica)
        self.decisions = OlderDecisions(replica)
        self.orders = OlderOrders(replica)

    def forget_rows(self) -> None:
        """Write the rows anew: the markets have other decimals."""
        self.fills.forget_rows()
        self.decisions.forget_rows()
        self.orders.forget_rows()

    def note(self, tab: str) -> str:
        """Say that a list of records has not all there is; empty when it has."""
        match tab:
            case "Fills":
                return self.fills.note
            case "Decisions":
                return self.decisions.note
            case "Orders":
                return self.orders.note
            case "Log" if len(self._replica.log) >= SHOWN_ROWS:
                kept = formatting.count(len(self._replica.log))
                return f"newest {kept}: `tradetui log` has all"
            case _:
                return ""
