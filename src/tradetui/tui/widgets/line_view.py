"""The one widget of the console: it shows lines and repaints only the cells that differ.

``paint`` puts what differs on the terminal at once. Textual's own way (a message from the widget to
itself, one to the screen, and a timer there) leads through several turns of the event loop, and
under load each of them is late.

Whatever is shown goes through here, and no character that a terminal would act on leaves.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Protocol

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tradetui.domain.text import visible
from tradetui.tui.clusters import settled
from tradetui.tui.lines import Line, changed_runs, crop, padded
from tradetui.tui.output import CellRuns, Run
from tradetui.tui.theme import Theme

RUN_COST: Final = 16
"""Characters that go with a run of cells: the place it stands at, its colours."""


class Pointer(Protocol):
    """Who is told of the mouse: the pane, and the cell in it."""

    def click(self, pane: str, x: int, y: int) -> None:
        """A click on a cell."""
        ...

    def wheel(self, pane: str, step: int) -> None:
        """A notch of the wheel, 1 down or -1 up."""
        ...


class LineView(Widget):
    """A rectangle of styled lines."""

    def __init__(
        self,
        theme: Theme,
        id: str,  # noqa: A002 - Textual's name
        *,
        pointer: Pointer | None = None,
        is_over: bool = False,
    ) -> None:
        """Begin empty; ``is_over``: a dialog, which stands over other views while it is placed."""
        super().__init__(id=id)
        self._theme = theme
        self._base = "dialog" if is_over else "base"
        self.pointer = pointer
        """Told of the mouse, where there is one."""
        self._is_over = is_over
        self._lines: tuple[Line, ...] = ()
        self._strips: dict[int, Strip] = {}
        self._changed: list[Region] = []
        self._rect: Region | None = None
        self.has_moved = True
        """It is to be laid out anew, and all of it painted."""
        self.is_behind = False
        """The last ``show`` left something out, for there was no room."""

    def on_click(self, event: events.Click) -> None:
        """Tell of a click."""
        if self.pointer is not None:
            self.pointer.click((self.id or "").replace("-", "_"), event.x, event.y)

    def on_mouse_scroll_down(self) -> None:
        """Tell of the wheel."""
        if self.pointer is not None:
            self.pointer.wheel((self.id or "").replace("-", "_"), 1)

    def on_mouse_scroll_up(self) -> None:
        """Tell of the wheel."""
        if self.pointer is not None:
            self.pointer.wheel((self.id or "").replace("-", "_"), -1)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show(self, lines: Sequence[Line], room: int | None = None) -> int:
        """Show ``lines`` from the top; ``paint`` sends the cells that changed. Return about how
        many characters that are.

        With ``room`` no more lines are changed once they are that many: the others stay as they
        were, and ``is_behind`` says so.
        """
        self.is_behind = False
        old = self._lines
        known = (*old, *[None] * (len(lines) - len(old)))
        new = tuple(
            [
                line if line is was else harmless(line)
                for line, was in zip(lines, known, strict=False)
            ]
        )
        if old == new:
            return 0
        if self.has_moved:
            self._lines = new
            self._paint_all()
            return 0
        shown: list[Line] = []
        cost = 0
        width, height = self.size
        for y in range(max(len(old), len(new))):
            before = old[y] if y < len(old) else ()
            after = new[y] if y < len(new) else ()
            if before != after:
                if room is not None and cost >= room:
                    self.is_behind = True
                    after = before
                else:
                    self._strips.pop(y, None)
                    if width and y < height:
                        cost += self._change(y, before, after, width)
            shown.append(after)
        self._lines = tuple(shown) if self.is_behind else new
        return cost

    def _change(self, y: int, before: Line, after: Line, width: int) -> int:
        """Note which cells of a line change; return about how many characters that sends."""
        runs = changed_runs(before, after, width)
        for start, length in runs:
            self._changed.append(Region(start, y, length, 1))
        return sum(length + RUN_COST for _, length in runs)

    def place(self, x: int, y: int, width: int, height: int) -> None:
        """Move to a rectangle of the screen, an empty one hides; nothing is laid out anew when it
        is there already.
        """
        rect = Region(x, y, width, height) if width > 0 and height > 0 else None
        if rect == self._rect and self.display is (rect is not None):
            return
        self._rect = rect
        self.has_moved = True
        self._paint_all()
        self.display = rect is not None
        if rect is not None:
            self.styles.offset = (x, y)
            self.styles.width = width
            self.styles.height = height

    def is_placed(self, screen: Screen[None]) -> bool:
        """Tell whether the screen has laid this view out where it belongs."""
        if self._rect is None:
            return self not in screen._compositor.visible_widgets
        found = screen._compositor.visible_widgets.get(self)
        return found is not None and found[0] == self._rect

    @property
    def covers(self) -> bool:
        """Tell whether the view stands over others now."""
        return self._is_over and self._rect is not None

    def runs(self, regions: list[Region]) -> list[Run]:
        """Return what regions of one line each show now, at their places on the screen; the view
        must be placed there.
        """
        assert self._rect is not None
        self._styles_cache.set_dirty(*regions)
        left, top, _, _ = self._rect
        filters = self.app.get_line_filters()
        background = self.background_colors[1] if filters else None
        found: list[Run] = []
        for x, y, length, _ in regions:
            line = self._lines[y] if y < len(self._lines) else ()
            segments = self._segments(padded(crop(line, length, x), length, self._base))
            for one in filters:
                assert background is not None
                segments = one.apply(segments, background)
            found.append(Run(left + x, top + y, segments))
        return found

    def _set_dirty(self, *regions: Region) -> None:
        super()._set_dirty(*regions)
        self._dirty_regions.clear()  # Textual's own drawing asks for them: here they would pile up

    def take_changed(self) -> list[Region]:
        """Return the cells that changed since the last call."""
        changed, self._changed = self._changed, []
        return changed

    def laid_out(self, *, is_painted: bool) -> None:
        """It stands where it belongs; unless ``is_painted``, all of it counts as changed."""
        self.has_moved = False
        self._changed.clear()
        if self._rect is not None and not is_painted:
            _, _, width, height = self._rect
            self._changed += [Region(0, y, width, 1) for y in range(height)]

    @property
    def area(self) -> int:
        """How many cells the view takes on the screen."""
        return 0 if self._rect is None else self._rect.area

    def uncover(self, regions: Collection[Region]) -> None:
        """Count the cells of some regions of the screen as changed."""
        if self._rect is None:
            return
        found = [self._rect.intersection(region) for region in regions]
        left, top, _, _ = self._rect
        self._changed += [
            Region(x - left, line - top, width, 1)
            for x, y, width, height in found
            for line in range(y, y + height)
            if width
        ]

    def _paint_all(self) -> None:
        """Have all of it painted with the next layout."""
        self._strips.clear()
        self._styles_cache.clear()

    def use_theme(self, theme: Theme) -> None:
        """Paint everything again in another theme."""
        self._theme = theme
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Forget the strips of the old size."""
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            line = self._lines[y] if y < len(self._lines) else ()
            strip = Strip(
                self._segments(padded(line, self.size.width, self._base)), self.size.width
            )
            self._strips[y] = strip
        return strip

    def _segments(self, line: Line) -> list[Segment]:
        """Return the line's segments; neighbours of one style are joined, which saves bytes."""
        segments: list[Segment] = []
        texts: list[str] = []
        current: Style | None = None
        style_of = self._theme.style
        for text, look in line:
            style = style_of(look)
            if texts and style is not current and style != current:
                segments.append(Segment("".join(texts), current))
                texts = []
            current = style
            texts.append(text)
        if texts:
            segments.append(Segment("".join(texts), current))
        return segments


def harmless(line: Line) -> Line:
    """Return the line as it may go to a terminal; nearly always it is the line itself."""
    whole = "".join([text for text, _ in line])
    if whole.isprintable() and (whole.isascii() or settled(whole) is whole):
        return line
    return tuple([(settled(visible(text)), look) for text, look in line])


class ViewScreen(Screen[None], inherit_bindings=False):
    """A screen of line views, which paint another layout themselves."""

    _is_laying_out = False

    def lay_out(self) -> None:
        """Lay out and paint nothing: what is to be painted are ``take_regions``."""
        self._is_laying_out = True
        try:
            self._refresh_layout()
        finally:
            self._is_laying_out = False

    def take_regions(self) -> list[Region]:
        """Return what was to be painted, which Textual then leaves alone."""
        regions = [*self._compositor._dirty_regions]
        self._compositor._dirty_regions.clear()
        self._dirty_widgets.clear()
        self.app._update_mouse_over(self)
        return regions

    def _compositor_refresh(self) -> None:
        if not self._is_laying_out:
            super()._compositor_refresh()


def paint(screen: ViewScreen, views: Collection[LineView]) -> None:
    """Send what changed in the views to the terminal, at once.

    Views that are to stand elsewhere are laid out first, which paints them; where one stands over
    others the screen composes what is seen of them.
    """
    if not screen.is_current:
        for view in views:
            if regions := view.take_changed():
                view.refresh(*regions)
        return
    moved = [view for view in views if view.has_moved]
    if moved:
        _lay_out(screen, views, moved)
    changed = [
        (view, regions) for view in views if not view.has_moved and (regions := view.take_changed())
    ]
    if not changed:
        return
    if not any(view.covers for view in views):
        runs = [run for view, regions in changed for run in view.runs(regions)]
        screen.app._display(screen, CellRuns(runs))
        return
    for view, regions in changed:
        view._set_dirty(*regions)
    # Those that Textual was about to compose go with them: it forgets them with this refresh.
    screen._compositor.update_widgets({*screen._dirty_widgets, *(view for view, _ in changed)})
    screen._compositor_refresh()


def _lay_out(screen: ViewScreen, views: Collection[LineView], moved: Collection[LineView]) -> None:
    """Lay the screen out now: Textual would do it after a few turns of the event loop.

    Views that together fill the screen paint what has moved themselves, with all else that changed:
    Textual would compose it first, which costs more than the rest of a new screen.
    """
    if any(view.covers for view in views):
        before = dict(screen._compositor.visible_widgets)
        screen._refresh_layout()
        after = screen._compositor.visible_widgets
        for view in moved:
            if view.is_placed(screen):
                # What stands where it stood is not painted: another layout may have come between.
                view.laid_out(is_painted=before.get(view) != after.get(view))
        return
    screen.lay_out()
    if not _is_filled(screen, views):
        screen._compositor_refresh()
        for view in moved:
            if view.is_placed(screen):
                view.laid_out(is_painted=False)
        return
    uncovered = screen.take_regions()
    for view in moved:
        view.laid_out(is_painted=False)
    for view in views:
        if view not in moved:
            view.uncover(uncovered)


def _is_filled(screen: ViewScreen, views: Collection[LineView]) -> bool:
    """Tell whether the views stand where they belong and leave no cell of the screen to others."""
    width, height = screen.size
    return (
        all(view.is_placed(screen) for view in views)
        and sum(view.area for view in views) == width * height
    )
