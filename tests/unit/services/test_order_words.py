from __future__ import annotations

from tradetui.domain.enums import OrderState
from tradetui.services.order_words import ORDER_WORDS, order_state_word


def test_every_state_has_a_word_of_its_own() -> None:
    assert set(ORDER_WORDS) == set(OrderState)
    assert len(set(ORDER_WORDS.values())) == len(ORDER_WORDS)
    assert order_state_word(OrderState.ACCEPTED) == "open"
    assert order_state_word(OrderState.ACCEPTED, is_unknown=True) == "UNKNOWN"
