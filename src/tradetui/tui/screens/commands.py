"""The ``:`` line: the verbs of the shell and of the keys, completion, and jumps by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tradetui import __version__
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.text import printable
from tradetui.tui.preferences import LIMITS
from tradetui.tui.read_only import REFUSED
from tradetui.tui.screens.acts import Acts
from tradetui.tui.screens.arrangements import Arrangements
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.moves import Moves
from tradetui.tui.screens.other_words import OTHER_WORDS, SAME_AS, OtherWord
from tradetui.tui.screens.shell_verbs import BARE, OPENS, READS, ShellVerbs
from tradetui.tui.screens.state import SORTS
from tradetui.tui.screens.travelling import Travelling
from tradetui.tui.theme import theme_files
from tradetui.tui.widgets.tables import FORMS

_SCREEN_WORDS: Final = {
    "status": "screen_main",
    "main": "screen_main",
    "instances": "screen_main",
    "instance": "screen_instance",
    "orders": "screen_orders",
    "history": "screen_fills",
    "fills": "screen_fills",
    "decisions": "screen_decisions",
    "risk": "screen_risk",
    "markets": "screen_markets",
    "log": "screen_journal",
    "journal": "screen_journal",
    "diagnostics": "screen_diagnostics",
    "alerts": "screen_alerts",
    "runs": "screen_runs",
}
_OF_INSTANCES: Final = (
    *("off", "observe", "active", "reload", "reload_config", "edit", "config", "delete"),
    *("lock", "unlock"),
)
_OF_GROUP: Final = (
    *("config", "create", "delete", "duplicate", "exit-only", "list", "mode", "pause", "reload"),
    *("restore", "resume", "show"),
)
"""What the shell has behind ``instances``, a word that may be left out here."""
_OF_STOP: Final = frozenset(("stop", "stopentry", "kill", "flatten", "forceexit"))
_OF_ALL: Final = frozenset(("pause", "resume"))
_MAX_SPEED: Final = 1_000_000
_ACTING: Final = frozenset(
    (
        *("off", "observe", "active", "mode", "pause", "resume", "exit-only", *_OF_STOP),
        *("release", "reload", "reload_config", "edit", "create", "new", "duplicate"),
        *("delete", "restore", "cancel", "undo"),
    )
)
"""Verbs that act, or ask first: a console that only looks says so before it asks anything."""


class Commands:
    """One entry per verb: what follows it, and what it does."""

    def __init__(self, screen: Desk, acts: Acts, moves: Moves, travelling: Travelling) -> None:
        self._screen = screen
        self._acts = acts
        self._moves = moves
        self._shell = ShellVerbs(screen, acts, moves)
        self._verbs: dict[str, Callable[[str], None]] = {
            "off": lambda name: self._mode(name, InstanceMode.OFF),
            "observe": lambda name: self._mode(name, InstanceMode.OBSERVE),
            "active": lambda name: self._mode(name, InstanceMode.ACTIVE),
            **self._shell.verbs,
            "pause": self._pause,
            "resume": self._resume,
            "stop": lambda name: acts.stopping.stop_named("stop", name),
            "stopentry": lambda name: acts.stopping.stop_named("stopentry", name),
            "kill": lambda name: acts.stopping.stop_named("kill", name),
            "flatten": lambda name: acts.stopping.stop_named("flatten", name),
            "forceexit": lambda name: acts.stopping.stop_named("forceexit", name),
            "release": acts.releasing.release,
            "reload": lambda name: self._for(name, acts.reloading.reload),
            "delete": lambda name: self._for(name, acts.records.delete),
            "undo": lambda _: acts.asking.undo(),
            "ack": lambda _: acts.acknowledge(),
            "speed": self._speed,
            "play": lambda _: acts.playback.set_playing(True),
            "hold": lambda _: acts.playback.set_playing(False),
            "step": self._step,
            "theme": lambda name: self._say(self._wishes.theme(name)),
            "sort": lambda name: self._say(self._wishes.sort_by(name)),
            "columns": lambda _: self._wishes.columns(),
            "size": lambda text: self._say(self._wishes.size(text)),
            "layout": self._layout,
            "lock": lambda name: self._say(self._wishes.lock(name, locked=True)),
            "unlock": lambda name: self._say(self._wishes.lock(name, locked=False)),
            "travel": travelling.go_to,
            "at": travelling.go_to,
            "why": lambda text: moves.explaining.why_of(text),
            "since": lambda text: moves.explaining.since(text or None),
            "copy": self._copy,
            "export": self._export,
            "filter": self._filter,
            "tips": self._tips,
            "mask": lambda _: screen.do("mask"),
            "help": lambda _: acts.help(),
            "quit": lambda _: acts.leaving.quit(),
            "version": lambda _: self._say(f"tradetui {__version__}"),
        }
        for word, binding in _SCREEN_WORDS.items():
            if word in OPENS:
                continue  # with words behind it, the shell's
            self._verbs[word] = self._goes_to(binding)
        self._verbs |= {word: self._verbs[verb] for word, verb in SAME_AS.items()}
        self._verbs |= {one.word: self._leads_to(one) for one in OTHER_WORDS}

    def _leads_to(self, other: OtherWord) -> Callable[[str], None]:
        """Return what a word does that other bots have: it shows the place of its answer."""

        def lead(_: str) -> None:
            if other.screen:
                self._screen.do(other.screen)
            if other.tab:
                self._moves.choose_tab("lower", other.tab)
            text = self._screen.console_app.key_names(other.text)
            self._screen.say(text, refused=not other.screen)

        return lead

    def _filter(self, text: str) -> None:
        self._moves.set_filter(text)
        self._moves.settle_filter()

    def _goes_to(self, binding: str) -> Callable[[str], None]:
        return lambda _: self._screen.do(binding)

    @property
    def verbs(self) -> tuple[str, ...]:
        """All verbs, in order."""
        return tuple(sorted(self._verbs))

    def run(self, text: str) -> None:
        """Do what a line says; an instance's id alone selects it."""
        typed = text.strip().removeprefix("tradetui ").lstrip().removeprefix("instances ")
        verb, _, rest = typed.strip().partition(" ")
        argument = rest.strip()
        handler = self._verbs.get(verb)
        if handler is not None and argument and verb in BARE:
            self._acts.asking.refuse(f"{verb} takes nothing behind it")
            return
        if handler is not None:
            if self._screen.console_app.read_only and _is_act(verb, argument):
                self._acts.asking.refuse(f"{verb}: {REFUSED.text}")
                return
            handler(argument)
            return
        if not self._moves.jumping.to(verb):
            self._screen.console_app.keep(self._jump_far(verb))

    async def _jump_far(self, word: str) -> None:
        """Go to what only the engine knows by that name; where nothing is called so, say it."""
        try:
            if not await self._moves.jumping.to_far(word):
                self._refuse_word(word)
        except OSError as error:
            self._acts.asking.refuse(f"{word}: cannot be read: {printable(str(error), 100)}")
        self._screen.draw()

    def _refuse_word(self, verb: str) -> None:
        """Say that nothing is called so, and what may have been meant."""
        jumping = self._moves.jumping
        near = difflib.get_close_matches(verb, [*self._verbs, *jumping.names()], n=1)
        hint = (
            f"did you mean {near[0]}?"
            if near
            else self._screen.console_app.key_names("Tab completes, {help} shows the keys")
        )
        self._acts.asking.refuse(f"no verb {printable(verb, 32)!r}; {hint}")

    def complete(self, text: str) -> str:
        """Return the line with its last word completed as far as it is certain."""
        found = self.candidates(text)
        head, blank, _ = text.rpartition(" ")
        return head + blank + _common(found) if found else text

    def candidates(self, text: str) -> list[str]:
        """Return what the last word of a line may be."""
        head, _, last = text.rpartition(" ")
        return [word for word in self._pool(head.split()) if word.startswith(last)]

    def _pool(self, before: list[str]) -> list[str]:
        """Return every word that may stand after some others."""
        instances: list[str] = list(self._screen.replica.instances)
        before = before[1:] if before[:1] == ["tradetui"] else before
        if before[:1] == ["instances"]:
            before = before[1:]
            if not before:
                return list(_OF_GROUP)
        if not before:
            return [*self.verbs, *self._moves.jumping.names()]
        found = self._shell.pool(before)
        if found:
            return found
        verb = before[0]
        if len(before) == 1 and verb in _OF_INSTANCES:
            return instances
        if len(before) == 1 and verb in _OF_ALL:
            return ["all", *instances]
        if len(before) == 1 and verb in _OF_STOP:
            return self._acts.stopping.names()
        if before == ["release"]:
            return self._acts.releasing.names()
        words: dict[str, list[str]] = {
            "theme": list(theme_files(self._screen.console_app.theme_folders)),
            "sort": sorted(SORTS),
            "copy": ["cell", "row", "table"] if len(before) == 1 else list(FORMS),
            "export": list(FORMS),
            "layout": ["remove", "save"],
            "size": ["auto", *sorted(LIMITS)],
            "tips": ["off"],
        }
        return words.get(verb, []) if len(before) == 1 or verb == "copy" else []

    def _target(self, name: str) -> StrategyId | None:
        return StrategyId(name) if name else None

    def _for(self, name: str, act: Callable[[StrategyId | None], None]) -> None:
        act(self._target(name))

    def _mode(self, name: str, mode: InstanceMode) -> None:
        self._shell.set_mode(self._target(name), mode)

    def _pause(self, name: str) -> None:
        if name == "all":
            self._acts.bulk.pause_all()
        elif name:
            self._acts.holds.pause(StrategyId(name))
        else:
            self._acts.run("pause")

    def _resume(self, name: str) -> None:
        if name == "all":
            self._acts.bulk.resume_all()
        elif name:
            self._acts.holds.resume(StrategyId(name))
        else:
            self._acts.run("resume")

    def _speed(self, text: str) -> None:
        digits = text.removeprefix("x")
        if not (digits.isascii() and digits.isdigit()) or not 0 < int(digits[:9]) <= _MAX_SPEED:
            self._acts.asking.refuse("speed wants a whole factor, such as `speed 100`")
            return
        self._acts.playback.set_speed(int(digits))

    def _step(self, text: str) -> None:
        count = text or "1"
        if not (count.isascii() and count.isdigit()) or not 0 < int(count[:9]) <= _MAX_SPEED:
            self._acts.asking.refuse("step wants a count, such as `step 10`")
            return
        self._acts.playback.step(int(count))

    @property
    def _wishes(self) -> Arrangements:
        return self._moves.arrangements

    def _say(self, text: str) -> None:
        if text:
            self._screen.say(text)

    def _layout(self, text: str) -> None:
        async def run() -> None:
            self._say(await self._wishes.layout(text.strip()))
            self._screen.draw()

        self._screen.console_app.keep(run())

    def _tips(self, text: str) -> None:
        tutor = self._screen.console_app.tutor
        if tutor is None:
            self._say("tips are shown in the demo: tradetui demo")
        elif text == "off":
            tutor.stop()
            self._say(self._screen.console_app.key_names("no more tips; {help} shows the keys"))

    def _copy(self, text: str) -> None:
        words = text.split() or ["row"]
        if words[0] == "cell" and len(words) > 1:
            self._say(self._moves.copying.copy_cell(" ".join(words[1:])))
            return
        what, form = words[0], words[1] if len(words) > 1 else "plain"
        if what not in ("row", "table") or form not in FORMS:
            self._acts.asking.refuse(
                f"copy wants row or table, and one of {', '.join(FORMS)}; or cell and its column"
            )
            return
        self._say(self._moves.copying.copy(what, form))

    def _export(self, text: str) -> None:
        form, _, path = text.partition(" ")
        if form not in FORMS or not path.strip():
            self._acts.asking.refuse(
                f"export wants a form ({', '.join(FORMS)}; json: an object a line) and a new file"
            )
            return
        self._say(self._moves.copying.export(Path(path.strip()), form))


def _common(words: list[str]) -> str:
    """Return the longest beginning that all words share."""
    first, last = min(words), max(words)
    size = next((at for at, char in enumerate(first) if last[at] != char), len(first))
    return first[:size]


def _is_act(verb: str, argument: str) -> bool:
    """Tell whether a line acts; ``config`` does with an instance behind it."""
    first = argument.partition(" ")[0]
    return verb in _ACTING or (verb == "config" and f"config {first}" not in READS)
