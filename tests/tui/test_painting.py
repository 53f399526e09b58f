"""What is drawn goes to the terminal at once, unless the screen is being laid out anew."""

from __future__ import annotations

from collections.abc import Iterable

import pyte
from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from tests.tui.fixtures import instances
from tests.tui.hand import key_event, opened
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region

from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.units import NANOS_PER_MINUTE
from tradetui.tui.output import CellRuns, CroppedUpdate
from tradetui.tui.screens.main import MainScreen
from tradetui.tui.widgets.line_view import paint


def displays(main: MainScreen) -> list[str]:
    """Collect what is sent to the terminal."""
    sent: list[str] = []
    main.app._display = lambda _, update: sent.append(type(update).__name__)  # type: ignore[method-assign]
    return sent


async def test_a_key_is_on_the_terminal_before_anything_else_has_its_turn() -> None:
    async with opened() as hand:
        sent = displays(hand.main)
        hand.main.on_key(key_event("j"))
        assert sent == ["CellRuns"]


async def test_nothing_is_sent_when_nothing_changed() -> None:
    async with opened() as hand:
        sent = displays(hand.main)
        hand.main.redraw("header", "table", "footer")
        hand.main.draw()
        assert sent == []


async def test_a_new_layout_is_painted_by_the_screen_and_not_before() -> None:
    async with opened() as hand:
        sent = displays(hand.main)
        hand.main.on_key(key_event("?"))
        assert "CellRuns" not in sent
        await hand.pilot.pause()
        overlay = hand.main._views["overlay"]
        assert overlay.is_placed(hand.main)
        assert any("KEYS" in line for line in hand.screen_text())


async def test_a_view_knows_where_it_belongs() -> None:
    async with opened() as hand:
        footer, overlay = hand.main._views["footer"], hand.main._views["overlay"]
        assert footer.is_placed(hand.main)
        assert footer.region == Region(0, 23, 80, 1)
        assert overlay.is_placed(hand.main)
        footer.place(0, 20, 80, 1)
        assert not footer.is_placed(hand.main)


async def test_over_a_slow_line_a_key_is_answered_before_what_data_changed() -> None:
    async with opened() as hand:
        main, link = hand.main, hand.main.console_app.link
        link.is_slow = link.is_asking = True
        sent = displays(main)
        main.redraw("header", "left", "footer")
        main.on_key(key_event("j"))
        assert sent == ["CellRuns"]
        assert {"header", "left", "footer"} <= main._turns.stale
        assert "table" not in main._turns.stale
        link.sent(2_000)
        main.draw_owed()
        assert "header" in main._turns.stale  # the terminal has not taken the last frame
        for _ in main._turns.stale.copy():
            link.answered()
            main.draw_owed()
        assert not main._turns.stale


async def test_a_frame_holds_no_more_than_its_room_and_goes_on_later() -> None:
    async with opened() as hand:
        view = hand.main._views["table"]
        before = view.lines
        lines = [((f"line {y} " + "x" * 40, "base"),) for y in range(len(before))]
        cost = view.show(lines, room=60)
        assert 60 <= cost < 200
        assert view.is_behind
        assert view.lines[0] == lines[0]
        assert view.lines[-1] == before[-1]
        for _ in lines:
            view.show(lines, room=60)
        assert not view.is_behind
        assert view.lines == tuple(lines)
        assert view.show(lines, room=60) == 0


async def test_rows_of_long_lists_are_written_before_their_screen_is_opened() -> None:
    async with opened() as hand:
        painter = hand.main.painter
        painter._contents.clear()
        for _ in range(4):
            painter.warm(painter._warm_due)
            painter.warm(painter._warm_due - 0.1)  # not yet
        assert set(painter._contents) == {
            (tab, None) for tab in ("Orders", "Fills", "Decisions", "Log")
        }


async def test_over_a_slow_line_a_row_is_marked_by_its_sign_alone() -> None:
    async with opened() as hand:
        painter, layout = hand.main.painter, hand.main.layout_now
        assert layout is not None
        running = [row for row in painter.rows if row.mode is not InstanceMode.OFF]
        hand.main.select(running[0].strategy_id)
        looks = {look for line in painter.table(layout) for _, look in line[1:]}
        assert "selected" in looks
        painter.is_slow_link = True
        row = next(line for line in painter.table(layout) if line[0][0].startswith(">"))
        assert row[0][1] == "selected"
        assert all(look != "selected" for _, look in row[1:])


async def test_below_a_dialog_the_screen_composes_what_changed() -> None:
    async with opened() as hand:
        await hand.press("n")
        await hand.pilot.pause()
        overlay, header = hand.main._views["overlay"], hand.main._views["header"]
        assert overlay.covers
        assert not header.covers
        sent = displays(hand.main)
        header.show([(("all new", "base"),)])
        paint(hand.main, hand.main._views.values())
        assert sent == ["ChopsUpdate"]


async def test_what_is_sent_is_what_the_screen_would_have_composed() -> None:
    """Each run of cells, cut out of the composed screen, has the same text and the same styles."""
    async with opened((120, 40)) as hand:
        updates: list[CellRuns] = []
        hand.main.app._display = lambda _, update: updates.append(update)  # type: ignore[method-assign]
        for key in ("j", "down", "k"):
            updates.clear()
            hand.main.on_key(key_event(key))
            strips = hand.main._compositor.render_strips()
            assert updates
            for x, y, segments in (run for update in updates for run in update.runs):
                length = sum(cell_len(segment.text) for segment in segments)
                assert styled(strips[y].crop(x, x + length)) == styled(segments)
            await hand.pilot.pause()


async def test_regions_that_were_painted_do_not_pile_up() -> None:
    async with opened() as hand:
        for key in ("j", "k", "?", "escape", "j"):
            await hand.press(key)
        assert not any(view._dirty_regions for view in hand.main._views.values())


def styled(segments: Iterable[Segment]) -> list[tuple[str, Style | None]]:
    """Return each character with its style."""
    return [(char, one.style) for one in segments for char in one.text]


async def test_another_screen_is_on_the_terminal_with_its_key() -> None:
    """What moves is laid out and painted, then what stands; no message of Textual's is awaited."""
    async with opened((120, 40)) as hand:
        sent = displays(hand.main)
        hand.main.on_key(key_event("8"))
        assert sent == ["CellRuns"]
        assert all(view.is_placed(hand.main) for view in hand.main._views.values())
        strips = hand.main._compositor.render_strips()
        assert "LOG" in strips[hand.main._views["lower_bar"].region.y].text.upper()


async def test_the_terminal_shows_what_the_screen_would_compose() -> None:
    """Whatever is laid out, painted and changed in between, no cell of before is left."""
    async with opened((200, 50)) as hand:
        main, app = hand.main, hand.main.app
        screen = pyte.Screen(200, 50)
        stream = pyte.Stream(screen)

        def display(_: object, update: object) -> None:
            if isinstance(update, LayoutUpdate | ChopsUpdate | CellRuns):
                if type(update) is ChopsUpdate:
                    update = CroppedUpdate(update.chops, update.spans, update.chop_ends)
                stream.feed(update.render_segments(app.console))

        app._display = display  # type: ignore[method-assign]
        app.screen.refresh()
        await hand.pilot.pause()
        row = instances()[1]
        for number, key in enumerate(
            ("j", "2", "8", "k", "1", "n", "escape", "]", "z", "z", "3", "1")
        ):
            main.on_key(key_event(key))
            await hand.push(replace(row, price=row.price + number * 10**6))
            # Textual lays out on its own, between the views' places and their next lines.
            for view in main._views.values():
                view.has_moved = view.has_moved or number % 2 == 0
            await hand.push(replace(row, price=row.price - number * 10**6, label=f"no {number}"))
            await hand.pilot.pause()
            composed = [strip.text.rstrip() for strip in main._compositor.render_strips()]
            assert [line.rstrip() for line in screen.display] == composed, key


async def test_the_selected_row_is_drawn_anew_when_the_line_becomes_slow() -> None:
    async with opened() as hand:
        table = hand.main._views["table"]
        assert "selected" in {look for line in table.lines for _, look in line[1:]}
        hand.app.link.is_slow = True
        await hand.settle()
        hand.main._now += 1
        hand.main.poll()
        assert "selected" not in {look for line in table.lines for _, look in line[1:]}


async def test_how_long_a_position_is_held_goes_on_with_the_clock_alone() -> None:
    async with opened((200, 50)) as hand:
        await hand.press("j")
        assert "(3h02m)" in hand.pane("upper_bar")[0]
        now = hand.main.replica.header.now
        await hand.push(replace(hand.main.replica.header, now=now + NANOS_PER_MINUTE))
        assert "(3h03m)" in hand.pane("upper_bar")[0]


async def test_what_a_page_says_of_the_line_is_drawn_anew_with_it() -> None:
    async with opened((120, 40)) as hand:
        lines = await hand.lower("9")
        assert "off" in next(line for line in lines if "slow-link mode" in line)
        hand.app.link.is_slow = True
        hand.main._now += 1
        hand.main.poll()
        await hand.settle()
        lines = hand.pane("lower")
        assert "on" in next(line for line in lines if "slow-link mode" in line).split()


async def test_a_new_instance_takes_its_place_though_nothing_else_changes() -> None:
    now = [100.0]
    async with opened(monotonic=lambda: now[0]) as hand:
        await hand.press("j")
        row = instances()[1]
        await hand.push(replace(row, strategy_id=StrategyId("aaa")))
        assert not any("aaa" in line for line in hand.pane("table")[:2]), "rows are held"
        now[0] += 3.0
        await hand.push()
        assert "aaa" in hand.pane("table")[1]
