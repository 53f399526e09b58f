"""The kept sums of scopes: what they say is what a walk over every sub-position says."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from tradetui.core.conversion import to_reporting
from tradetui.core.invariants import InvariantError
from tradetui.core.risk import totals
from tradetui.core.risk.performance import run_pnl
from tradetui.core.risk.plan import ScopeFilter, is_in, scope_filter
from tradetui.core.state import DayStats, Working
from tradetui.domain.enums import InstrumentClass, OrderSide, Scope
from tradetui.domain.instruments import fee, notional
from tradetui.domain.units import NANOS_PER_DAY

UNIT = 10**8
BTC, ETH, PERP, YES = "BTC/USD.SIM", "ETH/BTC.SIM", "BTC-PERP.SIM", "RAIN-YES.SIM"
MARKETS = (BTC, ETH, PERP, YES)
DAY = 20_000


class Walk:
    """Every figure from nothing, over all sub-positions, as the gates define them."""

    def __init__(self, state, scope: ScopeFilter) -> None:  # type: ignore[no-untyped-def]
        self.state = state
        self.keys = [
            key
            for key in sorted({**state.positions, **state.working, **state.days})
            if key[1] in scope.routes
            and (key[0] == scope.strategy_id if scope.strategy_id else key[0] != "EXTERNAL")
        ]

    def total(self, amount) -> int | None:  # type: ignore[no-untyped-def]
        """Return the sum of ``amount(key)`` in the reporting currency, each brought there alone."""
        found = [
            to_reporting(self.state, self.state.instruments[key[2]].quote, amount(key))
            for key in self.keys
        ]
        return None if None in found else sum(found)

    def opened(self, key) -> int:  # type: ignore[no-untyped-def]
        held, mark = self.state.positions.get(key), self.state.marks.get(key[2])
        if held is None or not held.quantity or mark is None:
            return 0
        return notional(self.state.instruments[key[2]], mark.price, held.quantity) - held.cost

    def run(self, key) -> int:  # type: ignore[no-untyped-def]
        held = self.state.positions.get(key)
        return 0 if held is None else held.realised_pnl - held.fees + self.opened(key)

    def day(self, key) -> int:  # type: ignore[no-untyped-def]
        stats = self.state.days.get(key)
        if stats is None or stats.day != self.state.now // NANOS_PER_DAY:
            return 0
        return stats.realised - stats.fees - stats.open_pnl_start + self.opened(key)

    def exposure(self, key) -> int:  # type: ignore[no-untyped-def]
        held, mark = self.state.positions.get(key), self.state.marks.get(key[2])
        working = self.state.working.get(key, Working())
        quantity, cost = (0, 0) if held is None else (held.quantity, held.cost)
        if mark is None:
            return max(cost + working.buy_notional, working.sell_notional - cost, 0)
        worst = max(quantity + working.buy_quantity, working.sell_quantity - quantity, 0)
        return abs(notional(self.state.instruments[key[2]], mark.price, worst))

    def quantities(self, instrument_id: str) -> tuple[int, int, int, int]:
        position = buys = sells = count = 0
        for key in self.keys:
            working = self.state.working.get(key, Working())
            count += working.open_orders
            if key[2] == instrument_id:
                held = self.state.positions.get(key)
                position += 0 if held is None else held.quantity
                buys += working.buy_quantity
                sells += working.sell_quantity
        return position, buys, sells, count


def taken(state, currency: str) -> int:  # type: ignore[no-untyped-def]
    """Return what may be taken from the cash of the route ``main``, order by order."""
    total = 0
    for key in {**state.working, **state.positions}:
        instrument = state.instruments[key[2]]
        kind = str(instrument.instrument_class)
        if key[1] != "main" or instrument.quote != currency or kind == "future":
            continue
        working, held = state.working.get(key, Working()), state.positions.get(key)
        total += working.buy_notional
        total += fee(working.buy_notional, max(instrument.maker_fee_ppm, instrument.taker_fee_ppm))
        if kind == "prediction":
            one = 100 if instrument.price_max is None else instrument.price_max
            worth = notional(instrument, one, working.sell_quantity)
            total += max(worth - working.sell_notional, 0) if working.sell_quantity else 0
            if held is not None and held.quantity < 0:
                total += notional(instrument, one, -held.quantity)
    return total


def scopes(state) -> tuple[ScopeFilter, ...]:  # type: ignore[no-untyped-def]
    """Return a scope of each kind."""
    return (
        scope_filter(state, Scope.GLOBAL, ""),
        scope_filter(state, Scope.EXECUTION, "acct"),
        scope_filter(state, Scope.ROUTE, "main", ("shadow:one",)),
        scope_filter(state, Scope.STRATEGY, "one"),
        scope_filter(state, Scope.STRATEGY, "one", ("shadow:one",)),
        scope_filter(state, Scope.STRATEGY, "nobody"),
    )


def compare(state) -> None:  # type: ignore[no-untyped-def]
    """Compare all that is kept with a walk."""
    for scope in scopes(state):
        walk, money = Walk(state, scope), totals.money_of(state, scope)
        assert money.run == walk.total(walk.run)
        assert money.day == walk.total(walk.day)
        assert money.exposure == walk.total(walk.exposure)
        for market in MARKETS:
            found = totals.quantities_of(state, scope, market)
            assert found == walk.quantities(market)
    for currency in ("USD", "BTC", "EUR"):
        assert totals.taken_cash(state, "main", currency) == taken(state, currency)
        found = totals.futures_of(state, "main", currency)
        assert found == futures(state, currency)
    totals.check_totals(state)


def futures(state, currency: str) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    """Return margin and open profit of the futures of the route ``main``, one by one."""
    walk = Walk(state, ScopeFilter("all", ("main",)))
    keys = [
        key
        for key in {**state.working, **state.positions}
        if key[1] == "main"
        and state.instruments[key[2]].quote == currency
        and state.instruments[key[2]].instrument_class is InstrumentClass.FUTURE
    ]
    needed = sum(
        -(-walk.exposure(key) * state.instruments[key[2]].margin_ppm // 10**6) for key in keys
    )
    return needed, sum(walk.opened(key) for key in keys)


def change(world, random: Random) -> None:  # type: ignore[no-untyped-def]
    """Move one sub-position, as those do that write the books, or a mark, or the day."""
    state = world.state
    key = (
        random.choice(("one", "one", "two", "three", "EXTERNAL")),
        random.choice(("main", "main", "main", "shadow:one")),
        random.choice(MARKETS),
    )
    kind, lot = random.randrange(8), state.instruments[key[2]].size_increment
    quantity = random.randrange(-9, 9) * lot + random.choice((0, 0, 0, 1))
    before = state.totals
    if kind < 3:
        world.hold(
            quantity, instrument_id=key[2], owner=key[0], route=key[1],
            realised_pnl=random.randrange(-9, 9) * UNIT, fees=random.randrange(9),
        )  # fmt: skip
        state.totals, state.moved[key] = before, None
    elif kind < 5 and key[0] != "EXTERNAL":
        world.work(
            random.choice((OrderSide.BUY, OrderSide.SELL)), lot * random.randrange(1, 9),
            random.choice((None, 30)), instrument_id=key[2], owner=key[0], route=key[1],
        )  # fmt: skip
    elif kind < 6:
        day = state.now // NANOS_PER_DAY - (random.randrange(5) == 0)
        state.days[key] = DayStats(day, random.randrange(99), random.randrange(9), 5)
        state.moved[key] = None
    elif random.randrange(9) == 0:
        state.now += NANOS_PER_DAY
    elif random.randrange(9) == 0:
        state.marks.pop(key[2], None)
    else:
        world.mark(key[2], random.choice((1, 30, 77, 10_000_01, -5)))


@pytest.mark.parametrize("seed", range(12))
def test_random_books_add_up_to_what_a_walk_finds(make_world, seed):
    world, random = make_world(), Random(seed)
    world.instrument(maker_fee_ppm=random.choice((-100, 0, 2_000)))
    world.instrument(YES, price_max=random.choice((None, 60)))
    world.instrument(PERP, margin_ppm=random.choice((100_000, 33_333)))
    if seed % 3:
        world.instrument(PERP, price_scale=4, size_scale=6, size_increment=100)
    if seed % 4 == 2:
        world.instrument(PERP, multiplier=5, multiplier_scale=1)
    world.state.routes["shadow:one"] = msgspec.structs.replace(
        world.state.routes["main"], route_id="shadow:one"
    )
    for _ in range(120):
        change(world, random)
        if random.randrange(3) == 0:
            compare(world.state)


def test_what_scales_the_other_way_is_valued_one_by_one(world):
    world.instrument(size_scale=2, price_scale=2, size_increment=1)
    world.hold(3, owner="one")
    world.hold(4, owner="two")
    compare(world.state)


def test_a_new_day_a_rollback_and_a_copy_begin_anew(world):
    state = world.state
    world.hold(UNIT, owner="two")
    state.days["two", "main", BTC] = DayStats(DAY, 5)
    compare(state)
    kept = state.totals
    compare(state)
    assert state.totals is kept
    copy = state.copy()
    assert copy.totals is None
    state.now += NANOS_PER_DAY
    compare(state)
    assert state.totals is not kept
    state.begin()
    world.work(owner="two")
    compare(state)
    state.rollback()
    assert state.totals is None
    compare(state)


def test_the_sub_positions_of_an_instance(world):
    assert totals.keys_of(world.state, "one") == {}
    world.hold(UNIT)
    world.work(instrument_id=YES, price=40)
    world.hold(UNIT, owner="two")
    assert sorted(totals.keys_of(world.state, "one")) == [
        ("one", "main", BTC),
        ("one", "main", YES),
    ]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda s: s.positions.pop(("one", "main", BTC)), "kept sums of route main"),
        (lambda s: s.working.pop(("one", "main", BTC)), "kept sums of route main"),
        (
            lambda s: s.positions.update({("one", "main", ETH): s.positions["one", "main", BTC]}),
            "kept sums of route main",
        ),
        (lambda s: s.totals.open_orders.update(main=7), "numbers of open orders"),
        (lambda s: s.totals.taken.update({("main", "USD"): 7}), "money kept back"),
        (lambda s: s.totals.owners.clear(), "kept by instance"),
    ],
)
def test_sums_that_are_not_those_of_the_books_are_a_breach(world, spoil, words):
    world.hold(UNIT)
    world.work()
    totals.check_totals(world.state)
    spoil(world.state)
    with pytest.raises(InvariantError, match=words):
        totals.check_totals(world.state)


def test_a_sub_position_on_another_route_is_in_no_scope(world):
    world.hold(UNIT, route="shadow:one")
    scope = scope_filter(world.state, Scope.GLOBAL, "")
    assert run_pnl(world.state, scope) == 0
    world.hold(UNIT, 9_000_00)
    assert run_pnl(world.state, scope) == 1_000 * UNIT
    assert not is_in(scope, ("one", "shadow:one", BTC))
