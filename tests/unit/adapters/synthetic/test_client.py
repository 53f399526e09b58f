"""Tests of ``adapters/synthetic/market.py``, ``adapters/synthetic/minutes.py``."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice, pairwise

import pytest

from tradetui.adapters.synthetic.catalogue import CATALOGUE
from tradetui.adapters.synthetic.client import WAKE_NS, SyntheticClient
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.ids import InstrumentId
from tradetui.domain.market_data import DataGap, MarketItem, Quote, Trade
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE, NANOS_PER_SECOND
from tradetui.ports.market_data import FeedError

S = NANOS_PER_SECOND
M = NANOS_PER_MINUTE
START = 1_700_000_000 * S


class FakeClock:
    """A clock that jumps to whatever is waited for."""

    def __init__(self, now: int) -> None:
        self.time = now
        self.sleeps = 0

    def now(self) -> int:
        return self.time

    def lag(self) -> int:
        return 0

    async def sleep_until(self, time_ns: int) -> None:
        self.sleeps += 1
        self.time = max(self.time, time_ns)


def items(count: int, **options: object) -> list[MarketItem]:
    client = SyntheticClient(seed=7, start=START, **options)  # type: ignore[arg-type]
    return list(islice(client.iter_items(), count))


def test_the_same_seed_gives_the_same_market() -> None:
    assert items(2_000) == items(2_000)


def test_another_seed_gives_another() -> None:
    other = SyntheticClient(seed=8, start=START)
    assert list(islice(other.iter_items(), 100)) != items(100)


def test_hash_randomisation_changes_nothing() -> None:
    code = (
        "from itertools import islice\n"
        "from tradetui.adapters.synthetic.client import SyntheticClient\n"
        f"c = SyntheticClient(seed=7, start={START})\n"
        "print(hash(tuple(i.event_time for i in islice(c.iter_items(), 500))))\n"
        "print(list(islice(c.iter_items(), 3)))\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]


def test_history_asked_for_changes_nothing_of_the_future() -> None:
    client = SyntheticClient(seed=7, start=START)
    key = client.instruments()[0].instrument_id
    client.history(key, NANOS_PER_HOUR, 50, START)
    assert list(islice(client.iter_items(), 500)) == items(500)


def test_items_are_in_order_and_legal() -> None:
    by_id = {instrument.instrument_id: instrument for instrument, _ in CATALOGUE}
    last = 0
    for item in items(20_000):
        assert item.event_time >= last
        last = item.event_time
        instrument = by_id[item.instrument_id]
        tick, lot = instrument.price_increment, instrument.size_increment
        payload = item.payload
        if isinstance(payload, Quote):
            assert 0 < payload.bid < payload.ask
            assert payload.bid % tick == 0
            assert payload.ask % tick == 0
            assert payload.bid_quantity >= lot
            assert payload.ask_quantity % lot == 0
            assert instrument.price_max is None or payload.ask < instrument.price_max
        elif isinstance(payload, Trade):
            assert payload.quantity >= lot
            assert payload.aggressor is not None


def test_trades_take_the_quote_before_them() -> None:
    quotes: dict[str, Quote] = {}
    for item in items(5_000):
        if isinstance(item.payload, Quote):
            quotes[item.instrument_id] = item.payload
        elif isinstance(item.payload, Trade):
            quote = quotes[item.instrument_id]
            assert item.payload.price in (quote.bid, quote.ask)


@pytest.mark.parametrize("rate", [8.0, 200.0])
def test_the_rate_is_that_of_all_markets_together(rate: float) -> None:
    found = items(20_000, rate=rate, silences=False)
    quotes = [item for item in found if isinstance(item.payload, Quote)]
    seconds = (found[-1].event_time - START) / S
    assert len(quotes) / seconds == pytest.approx(rate, rel=0.05)


def test_a_silence_is_told_when_it_ends() -> None:
    gaps = [item for item in items(150_000) if isinstance(item.payload, DataGap)]
    assert gaps
    for item in gaps:
        assert isinstance(item.payload, DataGap)
        assert item.payload.to_time == item.event_time
        assert item.event_time - item.payload.from_time >= 8 * S


def test_prices_stay_in_sight_and_move_with_the_volatility() -> None:
    client = SyntheticClient(seed=3, start=START, rate=1.0, symbols=["BTC/USDT"])
    mids = [
        item.payload.bid
        for item in islice(client.iter_items(), 80_000)
        if isinstance(item.payload, Quote)
    ]
    assert 0.7 < min(mids) / max(mids) < 0.999


def test_the_future_follows_its_spot_market() -> None:
    newest: dict[str, Quote] = {}
    for item in items(20_000):
        if isinstance(item.payload, Quote):
            newest[item.instrument_id] = item.payload
    spot = newest["BTC/USDT.SIM"].bid / 100
    future = newest["BTC/USDT:USDT.SIM"].bid / 10
    assert future == pytest.approx(spot, rel=0.01)


def test_history_joins_the_start_and_its_bars_are_consistent() -> None:
    client = SyntheticClient(seed=7, start=START)
    for instrument in client.instruments():
        bars = client.history(instrument.instrument_id, 5 * M, 100, START)
        assert len(bars) == 100
        assert bars[-1].close_time <= START
        for before, after in pairwise(bars):
            assert before.close_time == after.open_time
            assert before.close == after.open
        for bar in bars:
            assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume > 0


def test_longer_history_repeats_the_shorter_one() -> None:
    client = SyntheticClient(seed=7, start=START)
    key = client.instruments()[0].instrument_id
    short = client.history(key, M, 10, START)
    assert client.history(key, M, 500, START)[-10:] == short


def test_history_goes_on_with_what_was_played() -> None:
    client = SyntheticClient(seed=7, start=START, end=START + 10 * M, silences=False)
    list(client.iter_items())
    key = client.instruments()[0].instrument_id
    bars = client.history(key, M, 20, START + 10 * M)
    assert len(bars) == 20
    assert bars[-1].close_time == (START + 10 * M) // M * M
    assert client.history(key, M, 5, START - M)[-1].close_time <= START - M


def test_what_is_past_is_given_again_and_what_is_not_is_made_anew() -> None:
    client = SyntheticClient(seed=11, start=START)
    key = client.instruments()[0].instrument_id
    played = client.iter_items()
    reached = START

    def play(until: int) -> None:
        nonlocal reached
        while reached < until:
            reached = next(played).event_time

    begin = START - START % M
    play(begin + 2 * M + S)
    past = client.history(key, M, 9, begin + 2 * M)
    assert client.history(key, M, 9, begin + 2 * M + 5 * S) is past
    open_one = client.history(key, M, 9, begin + 3 * M)[-1]
    play(begin + 4 * M)
    closed_one = client.history(key, M, 9, begin + 3 * M)[-1]
    assert closed_one.volume > open_one.volume
    assert client.history(key, M, 9, begin + 2 * M) == past


def test_no_history_of_parts_of_minutes_or_strangers() -> None:
    client = SyntheticClient(seed=7, start=START)
    key = client.instruments()[0].instrument_id
    assert client.history(key, S, 5, START) == ()
    assert client.history(key, M, 0, START) == ()
    assert client.history("X.Y", M, 5, START) == ()  # type: ignore[arg-type]


def test_the_past_is_bounded() -> None:
    client = SyntheticClient(seed=7, start=START, symbols=["ETH/USDT"])
    key = client.instruments()[0].instrument_id
    assert len(client.history(key, NANOS_PER_DAY, 100, START)) == 100


def test_every_class_of_instrument_is_there() -> None:
    classes = {instrument.instrument_class for instrument, _ in CATALOGUE}
    assert classes == set(InstrumentClass)


async def test_with_a_clock_no_item_comes_early_and_none_20_ms_late() -> None:
    clock = FakeClock(START)
    client = SyntheticClient(seed=7, clock=clock, rate=400.0, end=START + 5 * S)
    assert not client.is_virtual
    found = []
    async for item in client.items():
        assert item.event_time <= clock.time < item.event_time + WAKE_NS
        found.append(item)
    assert found == items(len(found), rate=400.0)
    assert len(found) > 1_000
    assert clock.sleeps <= 5 * S // WAKE_NS
    assert client.name == "simulated"


def test_chosen_markets_only() -> None:
    client = SyntheticClient(seed=7, start=START, symbols=["SOL/USDT", "BTC/USDT:USDT"])
    assert [one.symbol for one in client.instruments()] == ["SOL/USDT", "BTC/USDT:USDT"]
    found = {item.instrument_id for item in islice(client.iter_items(), 500)}
    assert found == {"SOL/USDT.SIM", "BTC/USDT:USDT.SIM"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "need a start time"),
        ({"start": START, "rate": 0.0}, "rate 0.0 is not above 0"),
        ({"start": START, "rate": float("nan")}, "rate nan"),
        ({"start": START, "symbols": ["\x1b"]}, r"no market '\?'; there are BTC/USDT"),
    ],
)
def test_bad_options(options: dict[str, object], expected: str) -> None:
    with pytest.raises(FeedError, match=expected):
        SyntheticClient(seed=1, **options)  # type: ignore[arg-type]


def test_the_demo_imports_no_data_library() -> None:
    code = (
        "import sys, tradetui.adapters.synthetic.client\n"
        "print([m for m in ('polars', 'numpy') if m in sys.modules])\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_it_goes_on_from_prices_that_were_seen() -> None:
    def first(prices: dict[InstrumentId, int]) -> dict[InstrumentId, int]:
        client = SyntheticClient(seed=7, start=START, silences=False)
        client.resume(prices)
        found: dict[InstrumentId, int] = {}
        for item in client.iter_items():
            if isinstance(item.payload, Quote):
                middle = (item.payload.bid + item.payload.ask) // 2
                found.setdefault(item.instrument_id, middle)
            if len(found) == len(client.instruments()):
                break
        last = client.history(next(iter(found)), 60 * 10**9, 1, START)[-1].close
        assert abs(last - found[next(iter(found))]) * 100 < last
        return found

    wanted = {key: price * 11 // 10 for key, price in first({}).items()}
    moved = first(wanted)
    assert moved.keys() == wanted.keys()
    for key, price in wanted.items():
        assert abs(moved[key] - price) * 40 < price, key
