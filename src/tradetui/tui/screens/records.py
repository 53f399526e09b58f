"""Acts on records: new, duplicate, edit, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tradetui.domain.commands import CommandReply
from tradetui.domain.enums import InstanceMode
from tradetui.domain.ids import StrategyId
from tradetui.domain.instances import INSTANCE_ID
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
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

if TYPE_CHECKING:
    from tradetui.tui.screens.acts import Acts
    from tradetui.tui.screens.main import MainScreen


class RecordActs:
    """What needs a form."""

    def __init__(self, screen: MainScreen, acts: Acts) -> None:
        self._screen = screen
        self._acts = acts
        self._app = screen.console_app

    def edit(self, strategy_id: StrategyId | None = None) -> None:
        """Open the config form of an instance."""
        row = self._acts.row(strategy_id)
        if row is None:
            return

        async def opened() -> None:
            schema = await self._app.actions.schema(row.strategy_type)
            if not schema:
                self._acts.refuse(
                    f"{row.strategy_type} has no settings, or its file cannot be read"
                )
            else:
                self._acts.open(
                    config_dialog(
                        row, schema, self._app.actions, self._acts.seen(row.strategy_id),
                        place=self._app.place, is_live=self._app.is_live,
                        kept=lambda: self._remember_config(row),
                    )
                )  # fmt: skip
            self._screen.draw()

        self._app.keep(opened())

    def _remember_config(self, before: InstanceView) -> None:
        what = f"config of {before.strategy_id}"
        self._acts.can_undo(what, lambda: self._app.keep(self._undo_config(before)))

    async def _undo_config(self, before: InstanceView) -> None:
        """Show what going back changes, and ask, as the edit did."""
        row = self._acts.row(before.strategy_id)
        if row is None:
            return
        diff = await self._app.actions.check_config(
            row.strategy_type, row.config_json, before.config_json, row.strategy_id
        )
        if diff.problems or not diff.changes:
            self._acts.refuse("; ".join(diff.problems) or "the config is as it was before")
            return
        self._acts.open(
            difference_dialog(
                row, diff, self._app.actions, self._acts.seen(row.strategy_id),
                place=self._app.place, is_live=self._app.is_live,
            )
        )  # fmt: skip
        self._screen.draw()

    def new(self) -> None:
        """Open the form for a new instance, filled from the selected one."""
        row = self._screen.painter.selected
        draft = {}
        config = ""
        if row is not None:
            draft = {
                "strategy": row.strategy_type,
                "account": row.account,
                "market": row.symbol,
            }
            config = row.config_json
        self._app.keep(self._open_new(draft, row.strategy_type if row else "", config))

    async def _open_new(self, draft: dict[str, str], like: str, config: str) -> None:
        strategies = await self._app.actions.strategies()
        markets = await self._app.actions.markets()
        usable = [choice.name for choice in strategies if not choice.problem]
        if not usable:
            self._acts.refuse("no usable strategy file: `tradetui strategies check` says why")
            self._screen.draw()
            return
        if draft.get("strategy") not in usable:
            draft["strategy"] = usable[0]
        accounts = list(dict.fromkeys(choice.account for choice in markets))
        symbols = list(dict.fromkeys(choice.symbol for choice in markets))
        form = FormDialog(
            "NEW INSTANCE",
            new_fields(usable, accounts, symbols, draft),
            lambda values: self._next(values, like, config),
            _new_problem,
            place=self._app.place,
            is_live=self._app.is_live,
            verb="goes on to its settings",
        )
        self._acts.open(form)
        self._screen.draw()

    async def _next(self, values: dict[str, str], like: str, config: str) -> Result:
        """Go on to the settings; ones of the selected instance are taken for the same strategy."""
        name = values["id"]
        if name in self._screen.replica.instances:
            return self._stay(f"there is an instance {name} already")
        schema = await self._app.actions.schema(values["strategy"])
        start = config if values["strategy"] == like else ""
        if not schema:
            reply = await self._app.actions.create(_draft(values, ""))
            return self._created(reply, name)
        checked = await self._app.actions.check_config(values["strategy"], "{}", start or "{}")
        initial = json.loads(checked.config_json if not checked.problems else "{}")

        async def submit(settings: dict[str, str]) -> Result:
            new_json = json.dumps(parsed(schema, settings))
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
        self._acts.can_undo(f"new {name}", lambda: self.delete(strategy_id))
        self._screen.expect(strategy_id)
        return Close(reply.text)

    def _stay(self, note: str) -> Result:
        if self._screen.dialog is not None:
            self._screen.dialog.note = printable(note)
        return Stay()

    def delete(self, strategy_id: StrategyId | None = None) -> None:
        """Ask whether to delete: off, flat and without orders only."""
        row = self._acts.row(strategy_id)
        if row is None:
            return
        if row.mode is not InstanceMode.OFF or row.position or row.orders_open:
            self._acts.refuse(
                f"{row.strategy_id} is {row.mode.value}, {self._acts.held(row)}: not deleted; "
                "it must be off, flat and without orders"
            )
            return

        async def run(_: str) -> CommandReply:
            reply = await self._app.actions.delete(row.strategy_id, seen_revision=row.revision)
            if reply.done:
                what = f"delete {row.strategy_id}"
                self._acts.can_undo(what, lambda: self.restore(row.strategy_id))
            return reply

        facts = [
            (
                "instance",
                f"{row.account}  {row.symbol}  {row.strategy_type}  config {row.config_version}",
            ),
            ("then", "it leaves the list; the record is kept 30 days, its id is never used again"),
        ]
        self._acts.open(
            ConfirmDialog(
                f"DELETE {row.strategy_id}", facts, f"delete {row.strategy_id}?", run,
                place=self._app.place, is_live=self._app.is_live,
                seen=self._acts.seen(row.strategy_id),
            )
        )  # fmt: skip

    def restore(self, strategy_id: StrategyId) -> None:
        """Bring a deleted instance back, off."""
        self._acts.perform(lambda: self._app.actions.restore(strategy_id))


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
