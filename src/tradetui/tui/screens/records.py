"""Acts on records: new, duplicate, edit, delete."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import INSTANCE_ID
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services.config_changes import parse_assignments
from tradetui.services.errors import UserError
from tradetui.tui.actions import Draft
from tradetui.tui.dialogs.base import Close, ConfirmDialog, Replace, Result, Stay
from tradetui.tui.dialogs.config import (
    config_dialog,
    difference_dialog,
    field_problem,
    new_fields,
    parsed,
    schema_fields,
)
from tradetui.tui.dialogs.form import FormDialog, FormField
from tradetui.tui.screens.asking import Asking
from tradetui.tui.screens.desk import Desk


class RecordActs:
    """What needs a form."""

    def __init__(self, screen: Desk, asking: Asking) -> None:
        self._screen = screen
        self._asking = asking
        self._app = screen.console_app

    def edit(self, strategy_id: StrategyId | None = None) -> None:
        """Open the config form of an instance."""
        row = self._asking.row(strategy_id)
        if row is None:
            return

        async def opened() -> None:
            schema = await self._app.actions.schema(row.strategy_type)
            if not schema:
                self._asking.refuse(
                    f"{row.strategy_type} has no settings, or its file cannot be read"
                )
            else:
                self._asking.open(
                    config_dialog(
                        row, schema, self._app.actions, self._asking.seen_state(row.strategy_id),
                        place=self._app.place, is_live=self._app.is_live,
                        kept=lambda: self._remember_config(row),
                    )
                )  # fmt: skip
            self._screen.draw()

        self._app.keep(opened())

    def _remember_config(self, before: InstanceView) -> None:
        what = f"config of {before.strategy_id}"
        self._asking.can_undo(what, lambda: self._app.keep(self._undo_config(before)))

    async def _undo_config(self, before: InstanceView) -> None:
        """Show what going back changes, and ask, as the edit did.

        An edit that the engine has not taken up yet, as the row is the one of before, is undone by
        the next try: the difference would be none.
        """
        row = self._asking.row(before.strategy_id)
        if row is not None and row.revision == before.revision:
            self._remember_config(before)
            undo = self._app.key_names("{undo} again in a moment undoes it")
            self._asking.refuse(f"the new config of {row.strategy_id} is not in force yet: {undo}")
            self._screen.draw()
        elif row is not None:
            await self._ask_difference(row, before.config_json, "the config is as it was before")

    def change(self, strategy_id: StrategyId, changes: Sequence[str]) -> None:
        """Ask whether ``key=value`` changes of a config shall hold, without the form."""
        row = self._asking.row(strategy_id)
        if row is not None:
            self._app.keep(self._ask_change(row, changes))

    async def _ask_change(self, row: InstanceView, changes: Sequence[str]) -> None:
        schema = await self._app.actions.schema(row.strategy_type)
        try:
            wanted = parse_assignments(schema, changes)
        except UserError as error:
            self._asking.refuse(str(error))
            self._screen.draw()
            return
        new_json = json.dumps({**json.loads(row.config_json or "{}"), **wanted})
        same = f"{row.strategy_id}: nothing changes, it is so already"
        await self._ask_difference(row, new_json, same, lambda: self._remember_config(row))

    async def _ask_difference(
        self,
        row: InstanceView,
        new_json: str,
        same: str,
        kept: Callable[[], None] = lambda: None,
    ) -> None:
        """Show what a config changes, and ask; say what is wrong with it, or ``same``."""
        diff = await self._app.actions.check_config(
            row.strategy_type, row.config_json, new_json, row.strategy_id
        )
        if diff.problems or not diff.changes:
            self._asking.refuse("; ".join(diff.problems) or same)
        else:
            self._asking.open(
                difference_dialog(
                    row, diff, self._app.actions, self._asking.seen_state(row.strategy_id),
                    place=self._app.place, is_live=self._app.is_live, kept=kept,
                )
            )  # fmt: skip
        self._screen.draw()

    def new(
        self,
        given: Mapping[str, str] | None = None,
        like: InstanceView | None = None,
        settings: Sequence[str] = (),
    ) -> None:
        """Open the form for a new instance, filled from ``like``, else from the one under the
        cursor, if one is; ``given`` fields and ``key=value`` settings come before.
        """
        row = like or self._asking.targets.pointed().row
        draft: dict[str, str] = {}
        config = ""
        if row is not None:
            draft = {
                "strategy": row.strategy_type,
                "account": row.account,
                "market": row.symbol,
            }
            config = row.config_json
        draft |= given or {}
        kind = row.strategy_type if row else ""
        self._app.keep(self._open_new(draft, kind, config, tuple(settings)))

    async def _open_new(
        self, draft: dict[str, str], like: str, config: str, settings: tuple[str, ...]
    ) -> None:
        strategies = await self._app.actions.strategies()
        markets = await self._app.actions.markets()
        usable = [choice.name for choice in strategies if not choice.problem]
        if not usable:
            self._asking.refuse("no usable strategy file: `tradetui strategies check` says why")
            self._screen.draw()
            return
        if draft.get("strategy") not in usable:
            draft["strategy"] = usable[0]
        accounts = list(dict.fromkeys(choice.account for choice in markets))
        symbols = list(dict.fromkeys(choice.symbol for choice in markets))
        form = FormDialog(
            "NEW INSTANCE",
            new_fields(usable, accounts, symbols, draft),
            lambda values: self._next(values, like, config, settings),
            _new_problem,
            place=self._app.place,
            is_live=self._app.is_live,
            verb="goes on to its settings",
        )
        self._asking.open(form)
        self._screen.draw()

    async def _next(
        self, values: dict[str, str], like: str, config: str, settings: tuple[str, ...]
    ) -> Result:
        """Go on to the settings; ones of the selected instance are taken for the same strategy."""
        name = values["id"]
        if name in self._screen.replica.instances:
            return self._stay(f"there is an instance {name} already")
        schema = await self._app.actions.schema(values["strategy"])
        start = config if values["strategy"] == like else ""
        if settings and not schema:
            return self._stay(f"{values['strategy']} has no settings, so not {settings[0]}")
        if not schema:
            reply = await self._app.actions.create(_draft(values, ""))
            return self._created(reply, name)
        checked = await self._app.actions.check_config(values["strategy"], "{}", start or "{}")
        initial = json.loads(checked.config_json if not checked.problems else "{}")
        try:
            initial |= parse_assignments(schema, settings)
        except UserError as error:
            return self._stay(str(error))

        async def submit(typed: dict[str, str]) -> Result:
            new_json = json.dumps(parsed(schema, typed))
            diff = await self._app.actions.check_config(values["strategy"], "{}", new_json)
            if diff.problems:
                return self._stay("; ".join(diff.problems))
            reply = await self._app.actions.create(_draft(values, diff.config_json))
            return self._created(reply, name)

        return Replace(
            FormDialog(
                f"NEW {name}: settings of {values['strategy']}",
                schema_fields(schema, initial),
                submit,
                lambda field: field_problem(schema, field),
                place=self._app.place,
                is_live=self._app.is_live,
                verb="creates it, off",
            )
        )

    def _created(self, reply: CommandReply, name: str) -> Result:
        if not reply.done:
            return self._stay(reply.text)
        strategy_id = StrategyId(name)
        self._asking.can_undo(f"new {name}", lambda: self.delete(strategy_id))
        self._screen.expect(strategy_id)
        return Close(reply.text)

    def _stay(self, note: str) -> Result:
        if self._screen.dialog is not None:
            self._screen.dialog.note = printable(note)
        return Stay()

    def delete(self, strategy_id: StrategyId | None = None) -> None:
        """Ask whether to delete: off, flat and without orders only."""
        row = self._asking.row(strategy_id)
        if row is None:
            return
        if row.mode is not InstanceMode.OFF or row.position or row.orders_open:
            self._asking.refuse(
                f"{row.strategy_id} is {row.mode.value}, {self._asking.held(row)}: not deleted; "
                "it must be off, flat and without orders"
            )
            return

        async def run(_: str) -> CommandReply:
            reply = await self._app.actions.delete(row.strategy_id, seen_revision=row.revision)
            if reply.done:
                what = f"delete {row.strategy_id}"
                self._asking.can_undo(what, lambda: self.restore(row.strategy_id))
            return reply

        facts = [
            (
                "instance",
                f"{row.account}  {row.symbol}  {row.strategy_type}  config {row.config_version}",
            ),
            ("then", "it leaves the list; the record is kept 30 days, its id is never used again"),
        ]
        self._asking.open(
            ConfirmDialog(
                f"DELETE {row.strategy_id}", facts, f"delete {row.strategy_id}?", run,
                place=self._app.place, is_live=self._app.is_live,
                seen=self._asking.seen(row.strategy_id),
            )
        )  # fmt: skip

    def restore(self, strategy_id: StrategyId) -> None:
        """Bring a deleted instance back, off."""
        self._asking.perform(lambda: self._app.actions.restore(strategy_id))


def _new_problem(field: FormField) -> str:
    text = field.text.text.strip()
    if field.key == "id" and not INSTANCE_ID.fullmatch(text):
        return "an id is 1 to 24 of a-z 0-9 _ -, a letter or digit first"
    if not text:
        return f"{field.key} is missing"
    if field.choices and text not in field.choices:
        return f"there is no {field.key} {printable(text, 40)}: left and right choose"
    return ""


def _draft(values: dict[str, str], config_json: str) -> Draft:
    return Draft(values["id"], values["strategy"], values["account"], values["market"], config_json)
