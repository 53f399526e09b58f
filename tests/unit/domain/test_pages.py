"""Figures that pages derive: not known stays not known."""

from __future__ import annotations

import pytest

from tradetui.domain.pages import ExposureLine


@pytest.mark.parametrize(
    ("long", "short", "net", "gross"),
    [(7, 3, 4, 10), (0, 3, -3, 3), (None, 3, None, None), (7, None, None, None)],
)
def test_net_and_gross_of_an_exposure(
    long: int | None, short: int | None, net: int | None, gross: int | None
) -> None:
    line = ExposureLine("route", "main", long, short, None, 0)
    assert (line.net, line.gross) == (net, gross)
