"""The charts of ``--plot``: numbers as a trader writes them."""

from __future__ import annotations

from typing import Any

import pytest

from tradetui.cli.plot import draw


def summary_of(values: list[float]) -> dict[str, Any]:
    points = [[60.0 * at, value] for at, value in enumerate(values)]
    labels = ["2018-01-01 00:00:00", "2018-01-01 00:01:00"]
    plot = {"title": "BTC/USD with 1 fills", "price": points, "fills": [], "labels": labels}
    plot["fills"] = [[60.0, values[1], "BUY"]] if len(values) > 1 else []
    return {
        "plots": [plot],
        "equity": points,
        "equity_title": "equity of main, USD",
        "labels": labels,
        "no_colour": True,
    }


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([12_793.0, 13_879.0], ["12,793", "13,336", "13,879"]),
        ([0.061, 0.065], ["0.0610", "0.0630", "0.0650"]),
        ([1e-7, 3e-7], ["0.00000010", "0.00000030"]),
        ([100.0, 100.0], ["100"]),
        ([0.0, 0.0], ["0.0"]),
    ],
)
def test_the_axes_have_plain_numbers(
    capsys: pytest.CaptureFixture[str], values: list[float], shown: list[str]
) -> None:
    draw(summary_of(values))
    out = capsys.readouterr().out
    for number in shown:
        assert out.count(f"{number}┤") == 2, out
    assert "e-" not in out
    assert "e4" not in out


def test_a_run_without_prices_draws_an_empty_figure(capsys: pytest.CaptureFixture[str]) -> None:
    draw(summary_of([]))
    assert "BTC/USD with 1 fills" in capsys.readouterr().out
