"""Money for programs: the number and its currency under keys of their own."""

from __future__ import annotations

from tradetui.cli.amounts import Amount, with_amounts_apart


def test_an_amount_is_a_number_and_a_currency() -> None:
    row = {"equity": Amount("1234.50 USD"), "step": 7, "text": "3 BTC"}
    assert with_amounts_apart(row) == {
        "equity": "1234.50",
        "equity_currency": "USD",
        "step": 7,
        "text": "3 BTC",
    }
    assert list(with_amounts_apart(row))[1] == "equity_currency"


def test_all_rows_of_a_list_have_the_same_keys() -> None:
    rows = [{"id": "a", "pnl": None}, {"id": "b", "pnl": Amount("-1.00 USD")}, "talk"]
    assert with_amounts_apart(rows) == [
        {"id": "a", "pnl": None, "pnl_currency": None},
        {"id": "b", "pnl": "-1.00", "pnl_currency": "USD"},
        "talk",
    ]


def test_rows_inside_of_a_row_are_parted_too() -> None:
    row = {"day_pnl": None, "instances": [{"open_pnl": Amount("0.00 USD")}], "kills": ["all"]}
    assert with_amounts_apart(row) == {
        "day_pnl": None,
        "instances": [{"open_pnl": "0.00", "open_pnl_currency": "USD"}],
        "kills": ["all"],
    }
