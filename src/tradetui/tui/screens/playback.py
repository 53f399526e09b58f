"""Steering a replay, or a made-up market: faster, slower, hold, step."""

from __future__ import annotations

from typing import Final

from tradetui.domain.commands import SetPlayback
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk

_SPEEDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


class Playback:
    """Refused, with the reason, when prices are in real time."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def speed(self, step: int) -> None:
        """Replay faster or slower, to the next of the fixed speeds."""
        header = self._screen.replica.header
        if not self._screen.painter.is_replay:
            self._asking.refuse("prices are in real time: they have no speed")
            return
        current = header.speed or 1
        slower = [one for one in _SPEEDS if one < current]
        faster = [one for one in _SPEEDS if one > current]
        target = (faster[:1] if step > 0 else slower[-1:]) or [current]
        self.set_speed(target[0])

    def set_speed(self, factor: int) -> None:
        """Set the replay's speed."""
        self._asking.perform(self._asking.send(SetPlayback(self._app.actor, speed=factor)))

    def play(self) -> None:
        """Hold a replay that plays, or let one that is held go on."""
        if not self._screen.painter.is_replay:
            self._asking.refuse("prices are in real time: they cannot be held")
            return
        is_playing = self._screen.replica.header.playing == "PLAYING"
        self.set_playing(not is_playing)

    def set_playing(self, playing: bool) -> None:
        """Hold the replay or let it go on."""
        self._asking.perform(self._asking.send(SetPlayback(self._app.actor, playing=playing)))

    def step(self, count: int) -> None:
        """Go on by some items while the replay is held."""
        if not self._screen.painter.is_replay:
            self._asking.refuse("prices are in real time: they cannot be stepped")
            return
        self._asking.perform(self._asking.send(SetPlayback(self._app.actor, steps=count)))
