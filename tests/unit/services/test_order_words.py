from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from tradetui.domain.enums import OrderRole
from tradetui.domain.replica import OrderView
from tradetui.services.order_words import is_entry, not_cancellable


def test_a_would_be_order_is_not_said_to_be_closed(make_order: Callable[..., OrderView]) -> None:
    would = make_order("o1", "xrp-grid", is_shadow=True)
    problem = not_cancellable(would, "o1")
    assert problem == "o1 is a shadow order of xrp-grid, which observes: nothing to cancel"
    assert not_cancellable(make_order("o1", "a", is_open=False), "o1") == "order o1 is not open"
    assert not_cancellable(None, "o1") == "order o1 is not open"
    assert not_cancellable(make_order("o1", "a"), "o1") == ""


def test_what_only_reduces_is_no_entry(make_order: Callable[..., OrderView]) -> None:
    entry = make_order("o1", "a", OrderRole.ENTRY)
    assert is_entry(entry)
    assert not is_entry(replace(entry, reduce_only=True))
    assert not is_entry(make_order("o2", "a", OrderRole.EXIT))
