from __future__ import annotations

from pathlib import Path

import pytest

from tradetui.data.loader import load
from tradetui.data.merge import unify
from tradetui.data.problems import DataError
from tradetui.data.stream import between, history_of, items_of
from tradetui.data.tables import MarketTable, timeframe_text
from tradetui.data.validate import holes
from tradetui.domain.enums import OrderSide
from tradetui.domain.market_data import Bar, BarOpen, DataGap, Quote, Trade
from tradetui.domain.units import NANOS_PER_HOUR, NANOS_PER_MINUTE

M = NANOS_PER_MINUTE
T0 = 1_514_764_800_000
START = T0 * 1_000_000


def bars(
    folder: Path, minutes: list[int], name: str = "v_btcusd_1m.csv", price: str = "10"
) -> MarketTable:
    rows = "".join(f"{T0 + m * 60_000},{price},{price},{price},{price},1\n" for m in minutes)
    (folder / name).write_text("ts_ms,open,high,low,close,volume\n" + rows)
    return load(folder / name)


def trades(folder: Path, seconds: list[float], name: str = "v_btcusd_trades.csv") -> MarketTable:
    rows = "".join(f"{T0 + int(s * 1000)},{n},10.5,1,buy\n" for n, s in enumerate(seconds))
    (folder / name).write_text("ts_ms,id,price,qty,side\n" + rows)
    return load(folder / name)


def quotes(folder: Path, seconds: list[float]) -> MarketTable:
    rows = "".join(f"{T0 + int(s * 1000)},10,1,11,2\n" for s in seconds)
    (folder / "v_btcusd_q.csv").write_text("ts_ms,bid,bid_qty,ask,ask_qty\n" + rows)
    return load(folder / "v_btcusd_q.csv")


def test_a_bar_opens_and_is_stamped_at_its_close(tmp_path: Path) -> None:
    items = list(items_of([bars(tmp_path, [0, 1])]))
    assert [type(item.payload) for item in items] == [BarOpen, Bar, BarOpen, Bar]
    assert [item.event_time - START for item in items] == [0, M, M, 2 * M]


def test_a_large_hole_is_told_when_it_ends(tmp_path: Path) -> None:
    items = list(items_of([bars(tmp_path, [0, 1, 60])]))
    gaps = [item for item in items if isinstance(item.payload, DataGap)]
    assert [gap.event_time - START for gap in gaps] == [60 * M]
    assert gaps[0].payload == DataGap(START + 2 * M, START + 60 * M, "58 bars missing in the file")


def test_small_holes_are_minutes_without_trades(tmp_path: Path) -> None:
    items = items_of([bars(tmp_path, [0, 1, 10, 11])])
    assert not any(isinstance(item.payload, DataGap) for item in items)


def test_at_one_moment_closes_come_before_opens_before_ticks(tmp_path: Path) -> None:
    tables = [trades(tmp_path, [60]), bars(tmp_path, [0, 1])]
    at_one_minute = [
        item.payload.__class__ for item in items_of(tables) if item.event_time == START + M
    ]
    assert at_one_minute == [Bar, BarOpen, Trade]


def test_merged_files_are_in_order_with_their_producers(tmp_path: Path) -> None:
    tables = [quotes(tmp_path, [0, 2, 4]), trades(tmp_path, [1, 2, 3])]
    items = list(items_of(tables))
    assert [item.event_time for item in items] == sorted(item.event_time for item in items)
    assert [item.producer for item in items] == [0, 1, 0, 1, 1, 0]


def test_ticks_have_all_their_fields(tmp_path: Path) -> None:
    assert next(items_of([trades(tmp_path, [0])])).payload == Trade(105, 10**8, OrderSide.BUY, "0")
    assert next(items_of([quotes(tmp_path, [0])])).payload == Quote(10, 10**8, 11, 2 * 10**8)


def test_silent_ticks_are_a_gap(tmp_path: Path) -> None:
    items = list(items_of([trades(tmp_path, [0, 1, 1_000])]))
    assert isinstance(items[2].payload, DataGap)
    assert items[2].event_time == items[3].event_time


def test_a_part(tmp_path: Path) -> None:
    table = between(bars(tmp_path, [0, 1, 2, 3]), START + M, START + 3 * M)
    assert (table.times - START).tolist() == [M, 2 * M]
    assert len(between(table, START + 9 * M, START)) == 0


def test_history_ends_at_the_moment_asked_for(tmp_path: Path) -> None:
    table = bars(tmp_path, list(range(30)))
    found = history_of(table, M, 3, START + 10 * M)
    assert [(bar.open_time - START) // M for bar in found] == [7, 8, 9]


def test_history_of_a_longer_timeframe_is_whole(tmp_path: Path) -> None:
    table = bars(tmp_path, list(range(30)))
    found = history_of(table, 5 * M, 2, START + 23 * M)
    assert [(bar.open_time - START) // M for bar in found] == [10, 15]
    assert [bar.volume for bar in found] == [5 * 10**8, 5 * 10**8]


def test_history_finds_bars_behind_a_hole_in_the_minutes(tmp_path: Path) -> None:
    table = bars(tmp_path, [m for m in range(60) if m % 3])
    assert len(history_of(table, M, 10, START + 60 * M)) == 10
    assert len(history_of(table, 5 * M, 4, START + 60 * M)) == 4


def test_no_history_of_what_cannot_be_made(tmp_path: Path) -> None:
    table = bars(tmp_path, list(range(10)))
    assert history_of(table, M // 2, 3, START + 10 * M) == ()
    assert history_of(table, M, 0, START + 10 * M) == ()
    assert history_of(trades(tmp_path, [0]), M, 3, START + 10 * M) == ()


def test_one_instrument_has_one_scale(tmp_path: Path) -> None:
    one, two = unify([bars(tmp_path, [0, 1]), trades(tmp_path, [0, 1])])
    assert one.instrument is two.instrument
    assert one.instrument.price_scale == 1
    assert one.columns["open"].tolist() == [100, 100]
    assert one.instrument.price_increment == 1


def test_overlapping_bars_are_refused(tmp_path: Path) -> None:
    tables = [bars(tmp_path, [0, 1, 2]), bars(tmp_path, [2, 3], "v_btcusd_1m_b.csv")]
    with pytest.raises(DataError, match="give files that do not overlap"):
        unify(tables)


def test_no_file_is_refused() -> None:
    with pytest.raises(DataError, match="name at least one"):
        unify([])


def test_classes_must_agree(tmp_path: Path) -> None:
    spot = bars(tmp_path, [0, 1])
    (tmp_path / "v_btcusd_trades.csv.toml").write_text('class = "future"\nsymbol = "BTC/USD"\n')
    with pytest.raises(DataError, match="is future here and spot in"):
        unify([spot, trades(tmp_path, [0])])


@pytest.mark.parametrize(
    ("length", "text"), [(M, "1m"), (NANOS_PER_HOUR * 8, "8h"), (15 * 10**9, "15s"), (7, "7ns")]
)
def test_timeframes_in_words(length: int, text: str) -> None:
    assert timeframe_text(length) == text


def test_holes_are_measured_from_the_end_of_a_bar(tmp_path: Path) -> None:
    found = holes(bars(tmp_path, [0, 1, 5]).times, M, M)
    assert [(hole.from_time - START, hole.to_time - START, hole.missing) for hole in found] == [
        (2 * M, 5 * M, 3)
    ]
