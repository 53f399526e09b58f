"""Reading files of every layout, and saying clearly what is wrong with the others.

Also the tests of ``data/infer.py``, ``data/rows.py``.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from tradetui.data.instrument_spec import InstrumentSpec, parse_spec
from tradetui.data.layout import DataKind
from tradetui.data.loader import common_time_column, load
from tradetui.data.problems import DataError
from tradetui.domain.enums import InstrumentClass
from tradetui.domain.units import NANOS_PER_DAY, NANOS_PER_HOUR, NANOS_PER_MINUTE

HEADER = "ts_ms,open,high,low,close,volume\n"
T0 = 1_514_764_800_000
"""2018-01-01 00:00:00 UTC, ms."""


def bar(minute: int, rest: str = "10.5,11,10,10.75,3.25") -> str:
    return f"{T0 + minute * 60_000},{rest}\n"


def write(folder: Path, text: str | bytes, name: str = "bitfinex_btcusd_1m.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        load(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_bars_become_exact_integers(tmp_path: Path) -> None:
    table = load(write(tmp_path, HEADER + bar(0) + bar(1, "10.75,12.5,10.5,12,0.1") + bar(2)))
    assert table.kind is DataKind.BARS
    assert table.instrument.price_scale == 2
    assert table.columns["open"].tolist() == [1050, 1075, 1050]
    assert table.columns["volume"].tolist() == [325_000_000, 10_000_000, 325_000_000]
    assert table.times.tolist()[0] == T0 * 1_000_000
    assert table.timeframe_ns == NANOS_PER_MINUTE


def test_a_tick_that_the_prices_are_not_on_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1, "10.75,12.5,10.5,12.01,0.1"))
    (note,) = [one for one in load(path, parse_spec("tick=0.1")).notes if "tick" in one]
    assert note == (
        "3 of 8 prices are between the ticks of 0.1, the first 10.75: market orders fill at such "
        "prices too; state a finer tick, or none"
    )
    for fine in ("tick=0.01", "lot=1"):
        assert not any("between the ticks" in one for one in load(path, parse_spec(fine)).notes)


def test_instrument_comes_from_the_file_and_is_said(tmp_path: Path) -> None:
    table = load(write(tmp_path, HEADER + bar(0) + bar(1)))
    assert table.instrument.instrument_id == "BTC/USD.BITFINEX"
    assert table.name == "BTC/USD 1m"
    notes = " | ".join(table.notes)
    assert "timeframe 1m" in notes
    assert "ts_ms are ms, by its name" in notes
    assert "price_increment 0.01 from the data" in notes
    assert "taker_fee 0.1%: assumed" in notes


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = gzip.compress((HEADER + bar(0) + bar(1)).encode())
    assert len(load(write(tmp_path, packed, "x.csv"))) == 2


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "timestamp": pl.Series([T0, T0 + 60_000]).cast(pl.Datetime("ms")),
            "open": [0.1, 0.3],
            "high": [0.4, 0.5],
            "low": [0.1, 0.2],
            "close": [0.3, 0.25],
            "volume": [7, 8],
        }
    )
    frame.write_parquet(tmp_path / "x.parquet")
    table = load(tmp_path / "x.parquet")
    assert table.columns["open"].tolist() == [10, 30]
    assert table.columns["close"].tolist() == [30, 25]
    assert table.times.tolist() == [T0 * 1_000_000, (T0 + 60_000) * 1_000_000]


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    text = refusal(write(tmp_path, b"PAR1" + b"\x00" * 40, "x.parquet"))
    assert "not a readable Parquet file" in text


@pytest.mark.parametrize(
    ("header", "row", "following"),
    [
        ("recv_ns,exch_ms,id,price,qty,side", "5,{t},1,2.5,1,buy", "6,{u},2,2.5,1,SELL"),
        ("ts_ms,trade_id,price,quantity,buyer_maker", "{t},1,2.5,1,False", "{u},2,2.5,1,True"),
        ("timestamp,id,side,price,amount", "{t}000,a,b,2.5,1", "{u}000,c,s,2.5,1"),
    ],
)
def test_trades_of_every_layout(tmp_path: Path, header: str, row: str, following: str) -> None:
    text = "\n".join((header, row.format(t=T0), following.format(u=T0 + 5))) + "\n"
    table = load(write(tmp_path, text))
    assert table.kind is DataKind.TRADES
    assert table.times.tolist() == [T0 * 1_000_000, (T0 + 5) * 1_000_000]
    assert table.columns["aggressor"].tolist() == [1, -1]
    assert table.trade_ids is not None


def test_quotes_may_have_an_empty_side(tmp_path: Path) -> None:
    text = f"ts_ms,bid,bid_size,ask,ask_size\n{T0},,,10.5,2\n{T0},10,1,10.5,2\n"
    table = load(write(tmp_path, text))
    assert table.kind is DataKind.QUOTES
    assert table.columns["bid"].tolist() == [0, 100]
    assert table.columns["ask"].tolist() == [105, 105]


@pytest.mark.parametrize(
    ("first", "second", "step"),
    [
        ("2012-01-30", "2012-01-31", NANOS_PER_DAY),
        ("2017-04-19 09:00:00", "2017-04-19 10:00:00", NANOS_PER_HOUR),
        ("2017-04-19T09:00:00Z", "2017-04-19T11:00:00+01:00", NANOS_PER_HOUR),
        ("1514764800", "1514764860", NANOS_PER_MINUTE),
        ("1514764800.5", "1514764860.5", NANOS_PER_MINUTE),
        ("1514764800000000", "1514764860000000", NANOS_PER_MINUTE),
        ("1514764800000000000", "1514764860000000000", NANOS_PER_MINUTE),
    ],
)
def test_times_of_every_unit(tmp_path: Path, first: str, second: str, step: int) -> None:
    rows = f"{first},1,1,1,1,1\n{second},1,1,1,1,1\n"
    table = load(write(tmp_path, ",Open,High,Low,Close,Volume\n" + rows))
    assert table.timeframe_ns == step


def test_date_and_time_columns_are_joined(tmp_path: Path) -> None:
    text = (
        "Date,Time,Open,High,Low,Close\n2006-01-02,09:00:00,1,1,1,1\n2006-01-02,09:05:00,1,1,1,1\n"
    )
    table = load(write(tmp_path, text))
    assert table.timeframe_ns == 5 * NANOS_PER_MINUTE
    assert "no volume column: volume is 0" in table.notes


def test_a_months_bar_ends_where_the_next_begins(tmp_path: Path) -> None:
    days = ("2012-01-31", "2012-02-29", "2012-03-31", "2012-04-30", "2012-05-31")
    rows = "".join(f"{day},1,1,1,1,1\n" for day in days)
    table = load(write(tmp_path, "date,open,high,low,close,volume\n" + rows))
    assert table.close_times().tolist()[0] == table.times.tolist()[1]


def test_prints_of_doubles_are_read_as_what_they_stand_for(tmp_path: Path) -> None:
    rows = bar(0, "5.330000000000001e-05,5.4e-05,5.2e-05,0.000053,1")
    table = load(write(tmp_path, HEADER + rows + bar(1, "5e-05,5e-05,5e-05,5e-05,1")))
    assert table.instrument.price_scale == 7
    assert table.columns["open"].tolist() == [533, 500]
    assert any("prints of binary doubles" in note for note in table.notes)


def test_a_real_long_decimal_is_kept_to_the_last_digit(tmp_path: Path) -> None:
    rows = bar(0, "0.123456789012345678,0.2,0.1,0.2,1") + bar(1, "0.2,0.2,0.2,0.2,1")
    table = load(write(tmp_path, HEADER + rows))
    assert table.columns["open"].tolist()[0] == 123456789012345678
    assert table.instrument.price_scale == 18


def test_long_volumes_are_rounded_and_counted(tmp_path: Path) -> None:
    rows = bar(0, "1,1,1,1,2.0000000051") + bar(1, "1,1,1,1,1")
    table = load(write(tmp_path, HEADER + rows))
    assert table.columns["volume"].tolist() == [200_000_001, 100_000_000]
    assert any("1 volumes have more than 8 decimals" in note for note in table.notes)


def test_a_few_odd_prices_do_not_make_the_tick(tmp_path: Path) -> None:
    rows = "".join(bar(n, "10.5,10.5,10.5,10.5,1") for n in range(40))
    table = load(write(tmp_path, HEADER + rows + bar(40, "10.5,10.51234567,10.5,10.5,1")))
    assert table.instrument.price_scale == 8
    assert table.instrument.price_increment == 10_000_000
    assert table.instrument.price_decimals == 1


def test_a_tick_of_five_is_found(tmp_path: Path) -> None:
    rows = "".join(f"{T0 + n},{8000 + n * 0.5},{n + 1}\n" for n in range(300))
    table = load(write(tmp_path, "ts_ms,price,qty\n" + rows))
    assert table.instrument.price_increment == 5


def test_a_byte_order_mark_is_skipped_and_said(tmp_path: Path) -> None:
    table = load(write(tmp_path, b"\xef\xbb\xbf" + (HEADER + bar(0) + bar(1)).encode()))
    assert "a byte order mark was skipped" in table.notes


def test_quoted_cells_carriage_returns_and_blank_lines(tmp_path: Path) -> None:
    text = (HEADER + bar(0) + "\n" + bar(1)).replace("\n", "\r\n").replace("10.5", '"10.5"')
    assert load(write(tmp_path, text)).columns["open"].tolist() == [1050, 1050]


BAD_ROWS = {
    "nan": ("10.5,nan,10,10.75,1", "column high: is not a finite number ('nan')"),
    "inf": ("inf,11,10,10.75,1", "column open: is not a finite number ('inf')"),
    "out of range": ("1e999,11,10,10.75,1", "column open: is out of range ('1e999')"),
    "empty": ("10.5,,10,10.75,1", "column high: is empty ('')"),
    "word": ("10.5,11,ten,10.75,1", "column low: is not a number ('ten')"),
    "separator": ("10.5,11,1 0,10.75,1", "column low: is not a number ('1 0')"),
    "underscore": ("10.5,11,1_0,10.75,1", "column low: is not a number ('1_0')"),
    "full width": ("10.5,１１,10,10.75,1", "column high: is not a number ('１１')"),
    "two signs": ("--1,11,10,10.75,1", "column open: is not a number ('--1')"),
    "too precise": ("10.1234567890123456789,11,10,11,1", "has more than 18 decimals"),
    "too large": ("99999999999999999999,11,10,11,1", "does not fit into 64 bits"),
    "zero": ("10.5,11,0,10.75,1", "column low: is not above zero ('0')"),
    "negative": ("-10.5,11,10,10.75,1", "column open: is not above zero ('-10.5')"),
    "negative volume": ("10.5,11,10,10.75,-1", "column volume: is negative ('-1')"),
    "high too low": ("10.5,10.6,10,10.75,1", "column high: is below the open"),
    "low too high": ("10.5,11,10.6,10.75,1", "column low: is above the open"),
    "escape": ("10.5,\x1b[31m11,10,10.75,1", "column high: is not a number ('?[31m11')"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_refused_with_its_place_and_the_mend(tmp_path: Path, name: str) -> None:
    row, expected = BAD_ROWS[name]
    text = refusal(write(tmp_path, HEADER + bar(0) + bar(1, row) + bar(2)))
    assert "line 3" in text
    assert expected in text
    assert "mend the line or remove it" in text
    assert text.isprintable()


def test_bad_rows_can_be_left_out_and_are_counted(tmp_path: Path) -> None:
    rows = bar(0) + bar(1, "nan,11,10,10.75,1") + bar(2, "10.5,11,0,10.75,1") + bar(3)
    table = load(write(tmp_path, HEADER + rows), strict=False)
    assert len(table) == 2
    assert any(note.startswith("2 bad rows left out: line 3") for note in table.notes)


def test_only_bad_rows_is_an_error_even_when_not_strict(tmp_path: Path) -> None:
    rows = bar(0, "0,0,0,0,1") + bar(1, "0,0,0,0,1")
    assert "no good row is left" in refusal(write(tmp_path, HEADER + rows), strict=False)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (bar(1) + bar(0), "line 3, column ts_ms: is before an earlier line"),
        (bar(0) + bar(0) + bar(1), "line 3, column ts_ms: is there twice"),
        (bar(0) + HEADER + bar(1), "line 3, column ts_ms: is the header again"),
        (bar(0) + ",1,1,1,1,1\n", "line 3, column ts_ms: is empty"),
        (bar(0) + "soon,1,1,1,1,1\n", "line 3, column ts_ms: is not a time ('soon')"),
        (bar(0) + "99999999999999,1,1,1,1,1\n", "is no time in ms between 1970 and 2100"),
        (bar(0) + bar(1, "1,1,1,1,1,9"), "line 3: 7 cells, the header has 6"),
        (bar(0) + "\x00\x01\n", "line 3: binary data in a text file"),
        (bar(0), "one bar does not tell the timeframe"),
        ("", "no rows after the header"),
    ],
)
def test_rows_out_of_order_or_shape(tmp_path: Path, rows: str, expected: str) -> None:
    assert expected in refusal(write(tmp_path, HEADER + rows))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty"),
        (b"\n1,2\n", "line 1 is empty"),
        (b"\x00\x01\x02\x03" * 100, "this is not a text file"),
        (b"\xff\xfet\x00s\x00", "the text is UTF-16"),
        (b"ts_ms,\xe9\n1,2\n", "line 1 is not UTF-8"),
        (b"ts_ms;open;high;low;close\n1;2;3;4;5\n", "separated by semicolons"),
        (b"ts_ms\topen\thigh\n1\t2\t3\n", "separated by tabs"),
        (b"1514764800000,1,1,1,1,1\n", "line 1 is data, not a header"),
        (b"ts_ms,open,high,low\n1,1,1,1\n", "for bars it lacks close"),
        (b"open,high,low,close\n1,1,1,1\n", "no time column"),
        (b"ts_ms,open,open,high,low,close\n", "column open is there twice"),
        (b"ts_ms,price\n1,1\n", "for trades it lacks quantity"),
        (b"ts_ms,open,high,low,close\n1514764800000,1,1,1,\xff\n", "line 2: not UTF-8 text"),
        (b"x" * 200_000, "this is not a text file"),
    ],
)
def test_files_that_are_no_data(tmp_path: Path, content: bytes, expected: str) -> None:
    text = refusal(write(tmp_path, content))
    assert expected in text
    assert str(tmp_path) in text


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.csv")
    assert "directory" in refusal(tmp_path)


def test_a_truncated_gzip_says_so(tmp_path: Path) -> None:
    rows = "".join(bar(n, f"10.5,11,10,10.75,{n * 7919 % 9973}") for n in range(5_000))
    packed = gzip.compress((HEADER + rows).encode())
    assert "the gzip data end early" in refusal(write(tmp_path, packed[: len(packed) // 2]))


def test_a_damaged_gzip_says_so(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress((HEADER + bar(0) * 2_000).encode()))
    packed[40:60] = bytes(20)
    assert "damaged" in refusal(write(tmp_path, bytes(packed)))


def test_a_symbol_with_escape_sequences_is_refused_printably(tmp_path: Path) -> None:
    text = f"ts_ms,symbol,price,qty\n{T0},BTC\x1b[2J/USD,1,1\n"
    refused = refusal(write(tmp_path, text))
    assert "characters that cannot be shown" in refused
    assert refused.isprintable()


def test_two_symbols_in_one_file_are_refused(tmp_path: Path) -> None:
    text = f"ts_ms,symbol,price,qty\n{T0},BTC/USD,1,1\n{T0 + 1},ETH/USD,1,1\n"
    assert "line 3: symbol 'ETH/USD' after 'BTC/USD'" in refusal(write(tmp_path, text))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("1,9,1,up", "column side: is none of buy, b, sell, s ('up')"),
        ("7\x1b,9,1,buy", "column id: is not a printable id"),
        ("0,9,1,buy", "column id: is there twice ('0')"),
        ("1,9,0,buy", "column qty: is not above zero ('0')"),
        ("1,0,1,buy", "column price: is not above zero ('0')"),
    ],
)
def test_bad_trades(tmp_path: Path, row: str, expected: str) -> None:
    text = f"ts_ms,id,price,qty,side\n{T0},0,9,1,sell\n{T0},{row}\n"
    refused = refusal(write(tmp_path, text))
    assert "line 3" in refused
    assert expected in refused


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("11,1,10.5,2", "column bid: is above the ask"),
        ("0,1,10.5,2", "column bid: is zero but has a quantity"),
        ("10,-1,10.5,2", "is negative"),
        ("-10,1,10.5,2", "column bid: is negative"),
    ],
)
def test_bad_quotes(tmp_path: Path, row: str, expected: str) -> None:
    text = f"ts_ms,bid,bid_qty,ask,ask_qty\n{T0},10,1,10.5,2\n{T0},{row}\n"
    assert expected in refusal(write(tmp_path, text))


def test_the_error_counts_the_other_bad_places(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load(write(tmp_path, HEADER + bar(0, "x,y,1,1,1") + bar(1, "z,1,1,1,1")))
    assert "(and 2 more)" in str(caught.value)
    assert [problem.line for problem in caught.value.problems] == [2, 2, 3]


def test_a_sidecar_states_the_instrument(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1), "x.csv")
    path.with_name("x.csv.toml").write_text(
        'symbol = "ETH/USDT"\nvenue = "binance"\nprice_increment = 0.001\n'
        'size_increment = "0.0001"\nmaker_fee = "0.02%"\ntaker_fee = "5bps"\n'
        'class = "future"\nmultiplier = 0.01\nmargin = "5%"\n'
    )
    instrument = load(path).instrument
    assert instrument.instrument_id == "ETH/USDT.BINANCE"
    assert instrument.instrument_class is InstrumentClass.FUTURE
    assert (instrument.price_scale, instrument.price_increment) == (3, 1)
    assert instrument.size_increment == 10_000
    assert (instrument.maker_fee_ppm, instrument.taker_fee_ppm) == (200, 500)
    assert (instrument.multiplier, instrument.multiplier_scale) == (1, 2)
    assert instrument.margin_ppm == 50_000


def test_what_is_said_on_the_command_line_wins(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1), "x.csv")
    path.with_name("x.csv.toml").write_text('symbol = "A/B"\ntaker_fee = "1%"\n')
    instrument = load(path, parse_spec("C/D.VEN,timeframe=1m")).instrument
    assert instrument.instrument_id == "C/D.VEN"
    assert instrument.taker_fee_ppm == 10_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("symbol = ", "mend or remove it"),
        ('colour = "red"', "unknown key 'colour'; the keys are symbol, venue"),
        ("symbol = true", "symbol must be a text or a number"),
        ('class = "option"', "class: 'option' is none of future, prediction, spot"),
        ('taker_fee = "lots"', "taker_fee: 'lots' is not a number; write 0.001, 0.1% or 10bps"),
        ('taker_fee = "50%"', "taker_fee: 50% is more than 10%"),
        ('price_increment = "0"', "price_increment: '0' is not above zero"),
        ("price_increment = nan", "price_increment: 'nan' is not a number"),
        ("price_increment = inf", "price_increment: 'inf' is not a number"),
        ('margin = "200%"', "margin: 200% is not above 0"),
        ('min_quantity = "-1"', "min_quantity: '-1' is not allowed"),
        ('venue = "a b"', "the venue 'A B' is not a name"),
        ('symbol = "\\u001b[31m"', "has characters that cannot be shown"),
        ('time_unit = "h"', "time_unit: 'h' is none of s, ms, us, ns"),
        ('timeframe = "often"', "timeframe 'often' is not a number and a unit"),
        ('time_column = "when"', "no time column 'when'; it has ts_ms"),
    ],
)
def test_a_bad_sidecar_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1), "x.csv")
    path.with_name("x.csv.toml").write_text(content)
    assert expected in refusal(path)


def test_a_sidecar_that_cannot_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1), "x.csv")
    path.with_name("x.csv.toml").write_bytes(b"\xff\xff")
    assert "x.csv.toml, line 1: is not UTF-8" in refusal(path)


@pytest.mark.parametrize("text", ["BTC/USD,tick", "BTC/USD,price_increment=", "BTC/USD,a=b"])
def test_a_bad_instrument_text_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="--instrument"):
        parse_spec(text)


def test_a_spec_with_short_keys() -> None:
    spec = parse_spec("BTC/USD.BITFINEX tick=0.1 lot=0.0001, fee=0.1%")
    assert (spec.symbol, spec.venue) == ("BTC/USD", "BITFINEX")
    assert (spec.price_increment, spec.size_increment) == ("0.1", "0.0001")
    assert (spec.maker_fee, spec.taker_fee) == ("0.1%", "0.1%")


def test_a_spec_without_symbol() -> None:
    assert parse_spec("timeframe=5m").timeframe == "5m"
    assert parse_spec("timeframe=5m").symbol == ""


def test_a_prediction_market_has_bounds(tmp_path: Path) -> None:
    rows = bar(0, "0.5,0.6,0.4,0.5,1") + bar(1, "0.5,0.6,0.4,0.5,1")
    spec = parse_spec("RAIN/USD.KALSHI,class=prediction,price_increment=0.01")
    instrument = load(write(tmp_path, HEADER + rows), spec).instrument
    assert (instrument.price_min, instrument.price_max) == (0, 100)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binance_ada_btc_5m.csv", "ADA/BTC.BINANCE"),
        ("binance_usdm_btcusdt_2024.csv", "BTC/USDT:USDT.BINANCE"),
        ("GOOG.csv", "GOOG.FILE"),
        ("...csv", "DATA.FILE"),
    ],
)
def test_symbols_of_file_names(tmp_path: Path, name: str, expected: str) -> None:
    path = write(tmp_path, HEADER + bar(0) + bar(1), name)
    assert load(path).instrument.instrument_id == expected


def test_merged_files_share_a_clock(tmp_path: Path) -> None:
    one = write(tmp_path, f"recv_ns,exch_ms,price,qty\n{T0}000000,{T0},1,1\n", "a.csv")
    two = write(tmp_path, f"recv_ns,exch_ms,price,qty\n{T0}000000,,1,1\n", "b.csv")
    assert common_time_column([one, two]) == "recv_ns"
    assert common_time_column([one, one]) == ""
    assert common_time_column([one]) == ""
    assert load(one, time_column="recv_ns").times.tolist() == [T0 * 1_000_000]


def test_a_time_column_that_is_empty(tmp_path: Path) -> None:
    text = f"recv_ns,exch_ms,price,qty\n{T0}000000,,1,1\n"
    refused = refusal(write(tmp_path, text), time_column="exch_ms")
    assert "the time column exch_ms is empty" in refused


def test_the_unit_can_be_stated(tmp_path: Path) -> None:
    text = "time,price,qty\n1514764800,1,1\n"
    table = load(write(tmp_path, text), InstrumentSpec(time_unit="s"))
    assert table.times.tolist() == [1_514_764_800 * 10**9]


def test_numbers_that_do_not_fit_together(tmp_path: Path) -> None:
    rows = bar(0, "900000000000,900000000000,0.000000000000000001,1,1")
    assert "do not fit" in refusal(write(tmp_path, HEADER + rows + bar(1)))
