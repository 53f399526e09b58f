"""The decisions that the screen does not keep: read from the journal when a person goes on past the
last one, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable

from tradetui.domain.ids import RouteId
from tradetui.domain.pages import DecisionsPage
from tradetui.domain.replica import DecisionView
from tradetui.tui.actions import Engine
from tradetui.tui.screens.older_pages import BLOCK, OlderPages
from tradetui.tui.widgets.lists import ListContent, ListRow
from tradetui.tui.widgets.record_lists import RowCache, decision_key, decisions_content, with_routes


class OlderDecisions(OlderPages[DecisionView]):
    """The decisions that were read of the journal."""

    what = "decision"
    rest = "tradetui decisions"

    def begin_again(self) -> None:
        super().begin_again()
        self._routes: set[RouteId | None] = set()

    def content(self, owner: str | None, cache: RowCache) -> ListContent:
        """Return the decisions of one instance or of all, the newest first."""
        self._check_join()
        newest = (one for one in self._replica.decisions if one.seq_id > self._joined_at)
        fresh = decisions_content(
            [one for one in newest if owner in (None, one.strategy_id)],
            self._replica.instruments,
            cache,
        )
        routes = {one.route_id for one in self._replica.decisions}
        fresh = with_routes(fresh, routes | self._routes)
        if not self._rows:
            return fresh
        return self._with_older(fresh, owner)

    def _check_join(self) -> None:
        """Begin again when the replica has let go of some that were not read."""
        kept = self._replica.decisions
        if self._is_begun and (not kept or kept[0].seq_id > self._joined_at):
            self.begin_again()

    def forget_rows(self) -> None:
        """Write the rows anew: the markets have other decimals."""
        self._rows = self._written(self._found.values())

    def _written(self, decisions: Iterable[DecisionView]) -> tuple[ListRow, ...]:
        return decisions_content(decisions, self._replica.instruments).rows

    def at(self, key: str | None) -> DecisionView | None:
        """Return the decision of a row."""
        if key in self._found:
            return self._found[key]
        kept = reversed(self._replica.decisions)
        return next((one for one in kept if decision_key(one) == key), None)

    def of_step(self, seq_id: int, who: str | None) -> DecisionView | None:
        """Return the newest decision of a step, of one instance if ``who`` says so."""
        every = (*self._found.values(), *self._replica.decisions)
        found = (one for one in every if one.seq_id == seq_id and who in (None, one.strategy_id))
        return next(reversed(tuple(found)), None)

    def of_order(self, order_id: str) -> DecisionView | None:
        """Return the oldest decision on an order that the screen has: the one that made it."""
        every = (*self._found.values(), *self._replica.decisions)
        return next((one for one in every if one.client_order_id == order_id), None)

    @property
    def before(self) -> int | None:
        """Before which step the next page ends; None for the very newest."""
        if self._is_begun:
            return self.mark
        kept = self._replica.decisions
        return kept[0].seq_id + 1 if kept else None

    async def read(self, engine: Engine) -> int:
        return self.take(await engine.decisions_page(self.before, BLOCK))

    def take(self, page: DecisionsPage) -> int:
        """Take a page, oldest first; return how many of it were not there yet."""
        known = {} if self._is_begun else {decision_key(d): d for d in self._replica.decisions}
        if not self._is_begun:
            self._is_begun = True
            self._joined_at = self._replica.decisions[-1].seq_id if self._replica.decisions else 0
        fresh = {
            key: one
            for key, one in ((decision_key(d), d) for d in page.decisions)
            if key not in known and key not in self._found
        }
        self._found = {**fresh, **known, **self._found}
        self._routes.update(one.route_id for one in fresh.values())
        self._rows += self._written((*fresh.values(), *known.values()))
        self.mark = page.mark
        return len(fresh)

    @property
    def kept(self) -> int:
        return len(self._replica.decisions)
