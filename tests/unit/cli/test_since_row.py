"""What happened since, for programs: amounts with their currency, nothing scaled."""

from __future__ import annotations

from tests.unit.services.test_since import report

from tradetui.cli.amounts import with_amounts_apart
from tradetui.cli.since_row import since_row
from tradetui.domain.explain import PnlSplit


def test_amounts_are_decimals_with_their_currency() -> None:
    row = with_amounts_apart(since_row(report(PnlSplit(1, 3, -1, 0, -1, 0, 0))))
    assert (row["equity"], row["equity_currency"]) == ("100000", "USD")
    assert row["split"]["change"] == "0.00000001" and row["split"]["change_currency"] == "USD"
    assert row["instances"][0] == {
        "instance": "a", "fills": 3, "pnl": "5", "pnl_currency": "USD",
        "fees": "0.1", "fees_currency": "USD", "slippage": "-0.1", "slippage_currency": "USD",
    }  # fmt: skip
    assert row["instances"][1]["pnl"] is None and row["instances"][1]["pnl_currency"] is None


def test_fills_and_notes_are_rows_as_in_their_own_lists() -> None:
    row = since_row(report(None))
    fill = row["fills"][0]
    assert (fill["market"], fill["quantity"], fill["price"]) == ("BTC/USD", "1", "100")
    assert (fill["fee"], fill["fee_currency"], fill["side"]) == ("0.1", "USD", "BUY")
    assert row["fill_count"] == 30 and len(row["fills"]) == 25
    assert row["split"] is None
    assert row["refusals"][0] == {"reason": "budget", "count": 4}
    assert row["errors"][0] | {"time": ""} == {
        "time": "", "step": 7, "instance": "a", "text": "error in on_bar: a bug",
    }  # fmt: skip
    assert row["restarts"][0]["step"] is None
