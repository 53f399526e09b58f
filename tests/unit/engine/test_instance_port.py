"""What an instance's port shows of the position in its own market.

Also the tests of ``engine/step_recorder.py``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace
from tests.engine_kit import BTC, START, bar

from tradetui.domain.market_data import InstrumentUpdated, MarketItem
from tradetui.strategy import Strategy, bars


class Watches(Strategy):
    """Notes its position on every bar; buys on the second, sells on the fourth."""

    DATA: ClassVar[dict[str, Any]] = {"bars": bars("1m")}

    def setup(self) -> None:
        self.seen: list[Any] = [self.position]

    def on_bar(self, bar: Any) -> None:
        self.seen.append(self.position)
        assert self.position == self.context.get_position("BTC/USD")
        if self.bars.count == 2:
            self.context.place_order("buy", 1)
        elif self.bars.count == 4:
            self.context.place_order("sell", 1)


def run(make_session: Any, items: list[MarketItem]) -> list[Any]:
    session = make_session()
    session.add_strategy("a", Watches, [BTC.instrument_id], "acc")
    session.start(at=START)
    session.run(items)
    seen: list[Any] = session.loop.host.running_instances["a"].strategy.seen
    return seen


def test_a_flat_position_is_one_view_until_it_is_traded(make_session: Any) -> None:
    seen = run(make_session, [bar(n) for n in range(7)])
    loading, first, second, bought, held, sold, after = seen[:7]
    assert [bool(one) for one in seen] == [False] * 3 + [True, True, False, False, False]
    assert loading.quantity == first.quantity == 0.0
    assert second is first
    assert bought.quantity == held.quantity == 1.0
    assert sold is not first
    assert sold.fees > 0
    assert after is sold


def test_a_held_position_is_shown_at_the_price_of_its_bar(make_session: Any) -> None:
    seen = run(make_session, [*(bar(n) for n in range(3)), bar(3, 10_100)])
    assert seen[3].open_pnl != seen[4].open_pnl


def test_an_update_of_the_instrument_makes_a_new_view(make_session: Any) -> None:
    changed = replace(BTC, taker_fee_ppm=2_000)
    update = MarketItem(bar(1).event_time, "SIM", BTC.instrument_id, InstrumentUpdated(changed))
    seen = run(make_session, [bar(0), bar(1), update, bar(2)])
    assert seen[2] is seen[1]
    assert seen[1]._instrument is BTC
    assert seen[3]._instrument is changed
