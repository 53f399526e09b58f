from __future__ import annotations

import pytest

from tradetui.config.models import LimitsSection
from tradetui.domain.reasons import Reason
from tradetui.domain.words import limit_key
from tradetui.runtime.limit_words import broken_limit, limit_words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (
            "fees_per_day 104.16617184, limit 100",
            "fees in a day 104.17 USD, max_fees_per_day 100.00",
        ),
        (
            "loss_per_day 1300.5, limit 1200",
            "lost in a day 1,300.50 USD, max_loss_per_day 1,200.00",
        ),
        ("loss_per_day 60, limit 60", "lost in a day 60.00 USD, max_loss_per_day 60.00"),
        ("fees_per_day 100.001, limit 100", "fees in a day 100.001 USD, max_fees_per_day 100"),
        ("orders_per_hour 61, limit 60", "61 orders within an hour, max_orders_per_hour 60"),
        ("drawdown 0.2, limit 0.1", "drawdown 0.2, limit 0.1"),
        ("fees_per_day 1.2.3, limit 100", "fees in a day 1.2.3 USD, max_fees_per_day 100.00"),
        ("by key p", "by key p"),
        ("", ""),
    ],
)
def test_a_reached_limit_is_said_in_words(reason: str, words: str) -> None:
    assert limit_words(reason, "USD") == words


def test_money_has_the_decimals_of_the_accounts_currency() -> None:
    words = limit_words("fees_per_day 0.00138129, limit 0.001", "BTC")
    assert words == "fees in a day 0.00138129 BTC, max_fees_per_day 0.00100000"


@pytest.mark.parametrize(
    ("reason", "limit"),
    [
        ("fees_per_day 104.1, limit 100", Reason.FEES_PER_DAY),
        ("loss_per_day 60, limit 60", Reason.LOSS_PER_DAY),
        ("orders_per_hour 61, limit 60", Reason.ORDERS_PER_HOUR),
        ("drawdown 0.2, limit 0.1", Reason.NONE),
        ("kill EXIT-ONLY (instance a) by op: over my limit", Reason.NONE),
        ("over my limit", Reason.NONE),
        ("", Reason.NONE),
    ],
)
def test_only_a_limit_of_its_own_is_one(reason: str, limit: Reason) -> None:
    assert broken_limit(reason) is limit


@pytest.mark.parametrize("code", [Reason.FEES_PER_DAY, Reason.LOSS_PER_DAY, Reason.ORDERS_PER_HOUR])
def test_the_key_that_is_named_is_one_of_the_config(code: Reason) -> None:
    assert limit_key(code.value) in LimitsSection.model_fields
