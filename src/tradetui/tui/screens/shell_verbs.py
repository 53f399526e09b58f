"""The shell's verbs on the ``:`` line: reads print into a dialog, acts go the way of their keys."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Final

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.text import printable
from tradetui.services import operations
from tradetui.tui.actions import Printed
from tradetui.tui.dialogs.text import TextDialog
from tradetui.tui.lines import text_line
from tradetui.tui.read_only import REFUSED
from tradetui.tui.screens.acts import Acts
from tradetui.tui.screens.desk import Desk
from tradetui.tui.screens.moves import Moves

Words = tuple[str, ...]

READS: Final[dict[str, Words]] = {
    "list": ("instances", "list"),
    "show": ("instances", "show"),
    "strategies": ("strategies", "list"),
    "strategies list": ("strategies", "list"),
    "strategies show": ("strategies", "show"),
    "strategies check": ("strategies", "check"),
    "config path": ("config", "path"),
    "config show": ("config", "show"),
    "config validate": ("config", "validate"),
    "config schema": ("config", "schema"),
    "journal size": ("journal", "size"),
    "journal verify": ("journal", "verify"),
    "journal runs": ("journal", "runs"),
    "positions": ("positions",),
    "themes": ("themes",),
    "keys": ("keys",),
    "doctor": ("doctor",),
    "replay": ("replay",),
    "status": ("status",),
    "orders": ("orders",),
    "fills": ("fills",),
    "history": ("fills",),
    "decisions": ("decisions",),
    "log": ("log",),
}
"""What is typed, to the command of the shell that prints it. The last six print only with options
behind them: alone they open their screens; ``keys`` alone shows those of this console."""
WRITES: Final[dict[str, Words]] = {
    "backup": ("backup",),
    "strategies new": ("strategies", "new"),
}
"""The same for commands that write a file, and nothing that trades."""
OPENS: Final = ("status", "orders", "fills", "history", "decisions", "log", "journal")
"""Words that open a screen when nothing stands behind them."""
BARE: Final = frozenset(
    (
        *("undo", "ack", "play", "hold", "columns", "mask", "help", "quit", "exit", "settings"),
        *("main", "instance", "risk", "markets", "diagnostics", "health", "alerts", "runs"),
        "version",
    )
)
"""Words that take nothing behind them."""
_FIELDS: Final = ("strategy", "account", "market")
_MODES: Final = {mode.value: mode for mode in InstanceMode}
_SUB: Final = {
    word: sorted(name.split()[1] for name in (*READS, *WRITES) if name.startswith(f"{word} "))
    for word in ("strategies", "config", "journal")
}


class ShellVerbs:
    """Takes the lines whose words are the shell's own."""

    def __init__(self, screen: Desk, acts: Acts, moves: Moves) -> None:
        self._screen = screen
        self._acts = acts
        self._moves = moves
        self.verbs: dict[str, Callable[[str], None]] = {
            name: self._prints(name) for name in (*READS, *WRITES) if " " not in name
        }
        self.verbs |= {
            "strategies": self._strategies,
            "config": self._config,
            "edit": self._config,
            "journal": self._journal,
            "exit-only": self._exit_only,
            "mode": self._mode,
            "create": self._create,
            "new": self._create,
            "duplicate": self._duplicate,
            "cancel": self._cancel,
            "restore": self._restore,
            "why-not": self._why_not,
            "settings": lambda _: screen.do("screen_settings"),
        }

    def pool(self, before: Sequence[str]) -> list[str]:
        """Return the words that may stand behind others."""
        verb = before[0]
        instances: list[str] = list(self._screen.replica.instances)
        if len(before) == 1:
            if verb in ("show", "duplicate", "why-not"):
                return instances
            if verb == "mode":
                return [*instances, *_MODES]
            if verb == "exit-only":
                return ["all", *instances]
            if verb == "cancel":
                orders = self._screen.replica.orders.values()
                return [o.client_order_id for o in orders if o.is_open and not o.is_shadow]
            more = instances if verb == "config" else []
            return [*_SUB.get(verb, []), *more]
        if verb == "mode" and len(before) == 2:
            return list(_MODES)
        return []

    # -- what prints -----------------------------------------------------------------------------

    def _prints(self, name: str) -> Callable[[str], None]:
        return lambda rest: self._print(name, rest)

    def _print(self, name: str, rest: str) -> None:
        """Show what a command of the shell prints; alone, some words open their screen."""
        if name == "keys" and not rest:
            self._acts.help(with_ids=True)
            return
        if name in OPENS and not rest:
            self._screen.do(f"screen_{_SCREEN_OF[name]}")
            return
        app = self._screen.console_app
        words = self._split(rest)
        if words is None:
            return
        if app.shell is None:
            self._acts.asking.refuse(
                "here is no shell to ask: a recorded run is read with its screens"
            )
        elif name in WRITES and app.read_only:
            self._acts.asking.refuse(f"{name}: {REFUSED.text}")
        else:
            command = (*(READS.get(name) or WRITES[name]), *words)
            self._screen.say(f"{name}: asking the shell ...")
            app.keep(self._ask(command))

    async def _ask(self, command: Words) -> None:
        app = self._screen.console_app
        assert app.shell is not None
        printed = await app.shell.run(command, max(self._screen.size.width - 6, 40))
        if printed.lines:
            self._show(f"tradetui {printable(' '.join(command), 60)}", printed)
            self._screen.say("")
        else:
            self._screen.say(said_of(printed), refused=printed.code != 0)
        self._screen.draw()

    def _show(self, title: str, printed: Printed) -> None:
        app = self._screen.console_app
        lines = [text_line(printable(line, 1_000)) for line in (*printed.lines, *printed.talk)]
        self._screen.open_dialog(TextDialog(title, lines, place=app.place, is_live=app.is_live))

    def _strategies(self, rest: str) -> None:
        self._with_sub("strategies", rest or "list")

    def _journal(self, rest: str) -> None:
        if rest:
            self._with_sub("journal", rest)
        else:
            self._screen.do("screen_journal")

    def _with_sub(self, verb: str, rest: str) -> None:
        """Print a command of two words; refuse a second word that is not known."""
        sub, _, more = rest.partition(" ")
        if sub in _SUB[verb]:
            self._print(f"{verb} {sub}", more.strip())
        else:
            known = ", ".join(_SUB[verb])
            self._acts.asking.refuse(f"{verb} {printable(sub, 32)!r} is not known here: {known}")

    # -- acts ------------------------------------------------------------------------------------

    def _config(self, rest: str) -> None:
        """``NAME`` opens the form, ``NAME key=value ...`` asks; ``path`` and the like print."""
        words = self._split(rest)
        if words is None:
            return
        if not words or (len(words) == 1 and self._is_instance(words[0])):
            self._acts.records.edit(StrategyId(words[0]) if words else None)
        elif words[0] in _SUB["config"] and not self._is_instance(words[0]):
            self._with_sub("config", rest)
        elif self._known(words[0]):
            self._acts.records.change(StrategyId(words[0]), words[1:])

    def _exit_only(self, rest: str) -> None:
        """As ``e`` of the STOP dialog, which is at once; of an instance that is named, or all."""
        words = self._split(rest)
        if words is None:
            return
        if len(words) != 1:
            self._acts.asking.refuse("exit-only wants an instance, or all")
        elif words[0] == "all":
            self._stop_entries(None)
        elif self._known(words[0]):
            row = self._acts.asking.row(StrategyId(words[0]))
            if row is not None:
                self._stop_entries((row.strategy_id,))

    def _stop_entries(self, targets: tuple[StrategyId, ...] | None) -> None:
        app = self._screen.console_app

        async def run() -> CommandReply:
            seen = operations.stop_figures(app.engine.snapshot(), targets)
            replies = await operations.stop(
                app.engine, operations.StopRung.EXIT_ONLY, seen, actor=app.actor, reason="typed"
            )
            text = "; ".join(dict.fromkeys(reply.text for reply in replies)) or "nothing to do"
            return CommandReply(all(reply.done for reply in replies), text)

        self._acts.asking.perform(run)

    def _mode(self, rest: str) -> None:
        words = self._split(rest)
        if words is None:
            return
        if len(words) == 1 and words[0] in _MODES and not self._is_instance(words[0]):
            self.set_mode(None, _MODES[words[0]])
        elif len(words) != 2 or words[1] not in _MODES:
            self._acts.asking.refuse(f"mode wants an instance and one of {', '.join(_MODES)}")
        elif self._known(words[0]):
            self.set_mode(StrategyId(words[0]), _MODES[words[1]])

    def set_mode(self, name: StrategyId | None, mode: InstanceMode) -> None:
        """Lead an instance (None: the marked ones, else the one under the cursor) to a mode, as its
        keys would.
        """
        if name is None and self._acts.bulk.lead(mode):
            return
        row = self._acts.asking.row(name)
        if row is None:
            return
        if row.mode is mode:
            self._acts.asking.refuse(f"{row.strategy_id} is {mode.value} already")
        elif mode is InstanceMode.OFF or (
            mode is InstanceMode.OBSERVE and row.mode is InstanceMode.OFF
        ):
            self._acts.switching.power(row.strategy_id)
        else:
            self._acts.switching.activate(row.strategy_id)

    def _create(self, rest: str) -> None:
        """``NAME strategy=S account=A market=M key=value ...``: the form, filled as far as said."""
        words = self._split(rest)
        pairs = None if words is None else _as_pairs(words)
        if pairs is None:
            if words is not None:
                self._acts.asking.refuse(
                    "create wants an id, then key=value: strategy, account, market"
                )
            return
        names = [word for word in pairs if "=" not in word]
        if len(names) > 1:
            self._acts.asking.refuse(f"create wants one id, got {printable(' '.join(names), 60)}")
            return
        given = {"id": names[0]} if names else {}
        settings = []
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if key in _FIELDS and equals:
                given[key] = value
            elif equals:
                settings.append(pair)
        self._acts.records.new(given, None, settings)

    def _duplicate(self, rest: str) -> None:
        words = self._split(rest)
        if words is None:
            return
        if len(words) > 2:
            self._acts.asking.refuse("duplicate wants an instance and the new id")
        elif not words:
            self._acts.records.new()
        elif self._known(words[0]):
            like = self._screen.replica.instances[StrategyId(words[0])]
            self._acts.records.new({"id": words[1]} if len(words) == 2 else {}, like)

    def _cancel(self, rest: str) -> None:
        words = self._split(rest)
        if words is None:
            return
        if len(words) > 1:
            self._acts.asking.refuse("cancel wants one order's id")
        elif words and not self._moves.jumping.to_order(words[0]):
            self._acts.asking.refuse(
                f"there is no order {printable(words[0], 40)} here: 3 lists them"
            )
        else:
            self._acts.cancelling.cancel()

    def _restore(self, rest: str) -> None:
        words = self._split(rest)
        if words is None:
            return
        if len(words) != 1:
            self._acts.asking.refuse("restore wants the id of a deleted instance")
        elif self._is_instance(words[0]):
            self._acts.asking.refuse(f"{words[0]} is there: only a deleted instance is restored")
        else:
            self._acts.records.restore(StrategyId(words[0]))

    def _why_not(self, rest: str) -> None:
        words = self._split(rest)
        if words is None:
            return
        if len(words) > 1:
            self._acts.asking.refuse("why-not wants one instance")
        elif not words:
            self._moves.explaining.why_not(self._screen.painter.selected)
        elif self._known(words[0]):
            row = self._screen.replica.instances[StrategyId(words[0])]
            self._moves.explaining.why_not(row)

    # -- words -----------------------------------------------------------------------------------

    def _split(self, rest: str) -> Words | None:
        """Return the words as a shell reads them; None, and a sentence, for a quote left open."""
        try:
            return tuple(shlex.split(rest))
        except ValueError:
            self._acts.asking.refuse(f"a quote is not closed in {printable(rest, 60)!r}")
            return None

    def _is_instance(self, name: str) -> bool:
        return StrategyId(name) in self._screen.replica.instances

    def _known(self, name: str) -> bool:
        """Tell whether there is an instance of that name; say so if not."""
        if self._is_instance(name):
            return True
        self._acts.asking.row(StrategyId(name))
        return False


_SCREEN_OF: Final = {name: name for name in OPENS} | {
    "status": "main", "history": "fills", "log": "journal",
}  # fmt: skip


def said_of(printed: Printed) -> str:
    """Return the one sentence of a command that printed no data."""
    talk = [line.strip() for line in printed.talk if line.strip()]
    if not talk:
        return "done, nothing to show" if printed.code == 0 else f"it ended with {printed.code}"
    sentence = talk[-1].removeprefix("tradetui: ")
    return printable(sentence, 300)


def _as_pairs(words: Words) -> list[str] | None:
    """Return words with ``--key value`` written as ``key=value``; None when a value is missing."""
    found: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            found.append(word)
        elif "=" in word:
            found.append(word[2:])
        elif left:
            found.append(f"{word[2:]}={left.pop(0)}")
        else:
            return None
    return found
