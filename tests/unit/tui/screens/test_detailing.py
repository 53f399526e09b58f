"""What stands under a list: the selected row whole, with what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from tests.tui.fixtures import FakeEngine

from tradetui.tui.lines import Line, plain, text_line
from tradetui.tui.replica import Replica
from tradetui.tui.screens.detailing import detail_lines, with_detail
from tradetui.tui.screens.layout import Rect
from tradetui.tui.screens.older_lists import OlderLists
from tradetui.tui.widgets.lists import Cell, ListColumn, ListContent, ListRow
from tradetui.tui.widgets.record_lists import decision_key, fill_key


class Below:
    """The pane under a list whose rows have given keys."""

    def __init__(self) -> None:
        self.replica = Replica(FakeEngine())
        self.older = OlderLists(self.replica)

    def lines(
        self, tab: str, keys: Sequence[str], chosen: str | None, width: int = 60, spare: int = 0
    ) -> str:
        """Return what stands under the list while a row is chosen."""
        rows = tuple(ListRow(key, None, (Cell(key),)) for key in keys)
        content = ListContent((ListColumn("NAME", 4),), rows, "nothing")
        found = detail_lines(content, chosen, self.replica, tab, width, self.older, spare=spare)
        assert all(len(plain(line)) <= width for line in found)
        return "\n".join(plain(line) for line in found)


def test_nothing_is_told_of_no_row() -> None:
    below = Below()
    assert below.lines("Orders", ["x"], None) == ""
    assert below.lines("Orders", ["x"], "y") == ""


def test_the_first_row_is_told_while_none_is_chosen_and_there_is_room() -> None:
    below = Below()
    key = decision_key(below.replica.decisions[-1])
    told = below.lines("Decisions", [key, "x"], key)
    size = told.count("\n") + 1
    assert below.lines("Decisions", [key, "x"], None, spare=size) == told
    assert below.lines("Decisions", [key, "x"], None, spare=size - 1) == ""
    assert below.lines("Risk", ["a-name"], None, spare=40) == ""


def test_a_record_that_is_kept_nowhere_is_not_made_up() -> None:
    below = Below()
    for tab in ("Decisions", "Orders", "Fills"):
        assert below.lines(tab, ["gone"], "gone") == ""


def test_a_row_of_any_other_list_is_written_out() -> None:
    assert "a-name" in Below().lines("Risk", ["a-name"], "a-name")


def test_a_decision_is_told_with_its_gates() -> None:
    below = Below()
    decision = next(one for one in below.replica.decisions if one.gates)
    key = decision_key(decision)
    assert decision.strategy_id in below.lines("Decisions", [key], key)


def test_a_fill_leads_to_its_order() -> None:
    below = Below()
    fill = below.replica.fills[-1]
    key = fill_key(fill)
    assert fill.client_order_id in below.lines("Fills", [key], key)


def test_an_order_names_those_that_hang_on_it_and_on_which_it_hangs() -> None:
    below = Below()
    orders = below.replica.orders
    parent, child, twin, *_ = list(orders)
    orders[child] = replace(orders[child], parent_order_id=parent, oco_group="g")
    orders[twin] = replace(orders[twin], parent_order_id=None, oco_group="g")
    orders[parent] = replace(orders[parent], parent_order_id=None, oco_group=None)
    assert child in below.lines("Orders", [parent], parent)
    assert parent in below.lines("Orders", [child], child)
    assert twin in below.lines("Orders", [child], child)
    assert twin not in below.lines("Orders", [parent], parent)


def below(detail: list[Line], height: int) -> list[str]:
    """Return what stands under the rule in a pane whose list is empty."""
    lines = with_detail(lambda _: [], detail, Rect(0, 0, 40, height), ascii_only=True)
    assert len(lines) <= height
    at = next(at for at, line in enumerate(lines) if plain(line).startswith("---"))
    return [plain(line) for line in lines[at + 1 :]]


def test_where_not_all_gates_fit_those_that_passed_are_counted_and_the_failed_one_is_seen() -> None:
    def gate(name: str, *, passed: bool) -> Line:
        return (name, "base"), ("ok", "allow") if passed else ("FAIL", "REJECT")

    detail = [
        text_line("head"),
        *[gate(f"gate {number} ", passed=True) for number in range(8)],
        gate("limit ", passed=False),
        text_line("result"),
    ]
    assert below(detail, 22) == [plain(line) for line in detail]
    assert below(detail, 14) == [
        "head", "gate 0 ok", "gate 1 ok", "gate 2 ok",
        "   5 more gates passed", "limit FAIL", "result",
    ]  # fmt: skip


def test_what_of_a_row_does_not_fit_is_counted() -> None:
    detail = [text_line(f"fact {number}") for number in range(9)]
    assert below(detail, 14) == [*[f"fact {number}" for number in range(6)], " 3 more"]
