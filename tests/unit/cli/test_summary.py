"""What a run came to, printed."""

from __future__ import annotations

import json

import pytest

from tradetui.cli.summary import print_summary

SUMMARY = {
    "trades": 2,
    "fees": "0.10 USD",
    "plots": [
        {
            "title": "BTC/USD",
            "price": [[0.0, 10.0], [60.0, 12.0], [120.0, 11.0]],
            "fills": [[60.0, 12.0, "BUY"]],
            "labels": ["00:00", "00:02"],
        }
    ],
    "equity": [[0.0, 100.0], [60.0, 101.0]],
    "equity_title": "equity USD",
    "labels": ["00:00", "00:02"],
    "no_colour": True,
}


def test_the_figures_alone(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY, as_json=False, plot=False)
    assert capsys.readouterr().out == "trades  2\nfees    0.10 USD\n"


def test_money_is_written_as_everywhere_and_exact_in_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    money = {
        "fees": {"BTC": "0.00138129", "USD": "53.64021788"},
        "unrealised_pnl": {"USD": "-"},
        "realised_pnl": {},
        "equity_change": {"paper/main USD": "-77.5154637"},
        "instances": [{"instance": "a", "fees": {"USD": "1"}, "max_drawdown": {}}],
    }
    print_summary(money, as_json=False, plot=False)
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line]
    assert lines == [
        ["fees", "0.00138129 BTC, 53.64 USD"],
        ["unrealised_pnl", "- USD"],
        ["realised_pnl", "-"],
        ["equity_change", "paper/main -77.52 USD"],
        ["instances"],
        ["INSTANCE", "FEES      MAX_DRAWDOWN"],
        ["a", "1.00 USD  -"],
    ]
    print_summary(money, as_json=True, plot=False)
    assert json.loads(capsys.readouterr().out) == money


def test_with_its_charts_before_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY, as_json=False, plot=True)
    out = capsys.readouterr().out
    assert out.index("BTC/USD") < out.index("equity USD") < out.index("trades  2")
    assert "\x1b" not in out


def test_json_has_the_figures_and_never_a_chart(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(SUMMARY, as_json=True, plot=True)
    assert json.loads(capsys.readouterr().out) == {"trades": 2, "fees": "0.10 USD"}
