"""Amounts in running text are hidden, prices and counts are not, and no line moves."""

from __future__ import annotations

import pytest

from tradetui.tui.lines import plain, text_line, width_of
from tradetui.tui.masking import Masker

MASKER = Masker(("USDT", "BTC", "ETH", "USD"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("about 6,698.60 USDT", "about *** USDT"),
        ("sell 0.02350 BTC, 0.8400 ETH", "sell *** BTC, *** ETH"),
        ("day -19.70 USDT, 7% of limit", "day *** USDT, 7% of limit"),
        ("+6.10 USDT after fees", "*** USDT after fees"),
        ("limit 3,181.20, 6 orders an hour", "limit 3,181.20, 6 orders an hour"),
        ("3 BTC/USDT instances, 2 USDTX", "3 BTC/USDT instances, 2 USDTX"),
        ("tt7k-0412 ETH at 14:31:58 USD", "tt7k-0412 ETH at 14:31:58 USD"),
        ("", ""),
    ],
)
def test_amounts_before_a_currency_are_hidden(text: str, shown: str) -> None:
    assert MASKER.text(text) == shown


def test_lines_keep_their_width_and_their_looks() -> None:
    line = (("hold ", "label"), ("0.02350 BTC  ", "dialog"), ("type CLOSE", "key"))
    (masked,) = MASKER.lines([line])
    assert plain(masked) == "hold *** BTC      type CLOSE"
    assert width_of(masked) == width_of(line)
    assert [look for _, look in masked] == ["label", "dialog", "key"]


def test_an_amount_whose_currency_begins_the_next_line_is_hidden() -> None:
    lines = [text_line("may use 2,000.00", "dialog"), text_line("        USDT in all", "dialog")]
    assert plain(MASKER.lines(lines)[0]).rstrip() == "may use ***"
    lines = [text_line("at 2,000.00", "dialog"), text_line("        in all", "dialog")]
    assert plain(MASKER.lines(lines)[0]) == "at 2,000.00"


def test_a_short_amount_is_hidden_without_moving_the_line() -> None:
    (masked,) = MASKER.lines([text_line("5 USDT|", "dialog")])
    assert plain(masked) == "* USDT|"


def test_without_currencies_nothing_is_hidden() -> None:
    masker = Masker(())
    assert masker.text("5 USDT") == "5 USDT"
    assert masker.lines([text_line("5 USDT", "x")]) == [text_line("5 USDT", "x")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("max_order_notional  1,590.60  1,000.00 modify", "max_order_notional  *** *** modify"),
        ("9:25 budget 5 of 6, tt7k-0412 at 14:31:58", "9:25 budget * of *, tt7k-0412 at 14:31:58"),
        ("7 daily_loss 7%", "7 daily_loss 7%"),
        ("max_open_orders 14 40", "max_open_orders 14 40"),
        ("data_age 2.6s 2.0s", "data_age 2.6s 2.0s"),
        ("open part 0.0120/0.0500 x", "open part *** x"),
    ],
)  # fmt: skip
def test_what_a_gate_of_amounts_measured_is_hidden(text: str, shown: str) -> None:
    (masked,) = MASKER.lines([text_line(text, "base")])
    assert plain(masked).split() == shown.split()
    assert width_of(masked) == len(text)


def test_numbers_behind_a_gate_are_hidden_in_every_span() -> None:
    line = (("9.5 max_quantity ", "a"), ("2.50", "b"), (" 1.00 ok", "c"))
    (masked,) = MASKER.lines([line])
    assert plain(masked) == "9.5 max_quantity ***  *** ok "
