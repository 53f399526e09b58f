"""The closed orders that the screen does not keep: read from the journal when a person goes on past
the last one, block by block, down to the first that was ever recorded.
"""

from __future__ import annotations

from tradetui.domain.pages import OrdersPage
from tradetui.domain.replica import OrderView
from tradetui.tui.actions import Engine
from tradetui.tui.screens.older_pages import BLOCK, OlderPages
from tradetui.tui.widgets.lists import ListContent
from tradetui.tui.widgets.record_lists import RowCache, orders_content


class OlderOrders(OlderPages[OrderView]):
    """The closed orders that were read of the journal."""

    what = "order"
    rest = "tradetui orders --all"

    def begin_again(self) -> None:
        super().begin_again()
        self._is_masked = False

    def content(self, owner: str | None, cache: RowCache, *, masked: bool) -> ListContent:
        """Return the orders of one instance or of all: open ones, then the newest closed."""
        self._check_join()
        fresh = orders_content(
            [
                one
                for key, one in self._replica.orders.items()
                if owner in (None, one.strategy_id) and key not in self._found
            ],
            self._replica.instruments,
            cache,
            masked=masked,
        )
        if not self._found:
            return fresh
        if self._is_masked is not masked or not self._rows:
            self._is_masked = masked
            self._rows = orders_content(
                self._found.values(), self._replica.instruments, masked=masked
            ).rows
        return self._with_older(fresh, owner)

    def _check_join(self) -> None:
        """Begin again when the replica has let go of some that were not read."""
        if not self._is_begun:
            return
        closed = self._replica.closed_orders()
        if not closed or min(one.updated_seq for one in closed) > self._joined_at:
            self.begin_again()

    def forget_rows(self) -> None:
        """Write the rows anew when they are next asked for: the markets have other decimals."""
        self._rows = ()

    def at(self, key: str | None) -> OrderView | None:
        """Return the order of a row."""
        kept = self._replica.orders
        return next((kept[one] for one in kept if one == key), self._found.get(key or ""))

    @property
    def before(self) -> int | None:
        """Before which step the next page ends; None for the very newest."""
        if self._is_begun:
            return self.mark
        # Of the oldest step that is known here, some orders may be known only there.
        steps = [one.updated_seq for one in self._replica.closed_orders()]
        return min(steps) + 1 if steps else None

    async def read(self, engine: Engine) -> int:
        return self.take(await engine.orders_page(self.before, BLOCK))

    def take(self, page: OrdersPage) -> int:
        """Take a page, oldest first; return how many of it were not there yet."""
        known: dict[str, OrderView] = {}
        if not self._is_begun:
            self._is_begun = True
            closed = self._replica.closed_orders()
            known = {one.client_order_id: one for one in closed}
            self._joined_at = max((one.updated_seq for one in closed), default=0)
        fresh: dict[str, OrderView] = {
            one.client_order_id: one
            for one in page.orders
            if one.client_order_id not in known and one.client_order_id not in self._found
        }
        self._found = {**fresh, **known, **self._found}
        self._rows = ()
        self.mark = page.mark
        return len(fresh)

    @property
    def kept(self) -> int:
        return len(self._replica.closed_orders())
