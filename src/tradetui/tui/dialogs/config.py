"""The config form, made from a CONFIG_SCHEMA, and what it asks before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tradetui.domain.commands import CommandReply
from tradetui.domain.replica import InstanceView
from tradetui.domain.text import printable
from tradetui.services.config_changes import parse_value
from tradetui.services.errors import UserError
from tradetui.strategy.schema import check_value
from tradetui.tui.actions import Actions, ConfigDiff
from tradetui.tui.dialogs.base import Close, ConfirmDialog, Replace, Result, Stay
from tradetui.tui.dialogs.form import FormDialog, FormField
from tradetui.tui.dialogs.seen import Seen
from tradetui.tui.field import TextField

Schema = Mapping[str, Mapping[str, Any]]


def schema_fields(schema: Schema, config: Mapping[str, Any]) -> list[FormField]:
    """Return one field per key of the schema, filled from the config or the default."""
    fields = []
    for key, entry in schema.items():
        value = config.get(key, entry.get("default"))
        choices = tuple(str(choice) for choice in entry.get("choices", ()))
        if entry.get("type") == "bool":
            choices = ("true", "false")
        fields.append(
            FormField(
                key=key,
                label=key,
                text=TextField(_text_of(value)),
                hint=_hint(entry),
                help=printable(str(entry.get("help", "")), 300),
                choices=choices,
            )
        )
    return fields


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(_text_of(item) for item in value)
    if isinstance(value, str):
        return printable(value)
    return json.dumps(value)


def _hint(entry: Mapping[str, Any]) -> str:
    """Say type, range, unit and default in a few words."""
    parts = [str(entry.get("type", ""))]
    low, high = entry.get("min"), entry.get("max")
    if low is not None and high is not None:
        parts.append(f"{_text_of(low)} to {_text_of(high)}")
    elif low is not None:
        parts.append(f"from {_text_of(low)}")
    elif high is not None:
        parts.append(f"up to {_text_of(high)}")
    if entry.get("unit"):
        parts.append(str(entry["unit"]))
    return printable("  ".join(parts), 60)


def parsed(schema: Schema, values: Mapping[str, str]) -> dict[str, Any]:
    """Return typed values; raises UserError for the first that is not of its type."""
    return {key: parse_value(key, schema[key], text) for key, text in values.items()}


def field_problem(schema: Schema, field: FormField) -> str:
    """Return the sentence that says what is wrong in one field, empty if nothing is."""
    entry = schema[field.key]
    try:
        value = parse_value(field.key, entry, field.text.text.strip())
    except UserError as e:
        return str(e)
    return check_value(field.key, entry, value) or ""


def config_dialog(
    row: InstanceView,
    schema: Schema,
    actions: Actions,
    seen: Seen,
    *,
    place: str,
    is_live: bool,
    kept: Callable[[], None] = lambda: None,
) -> FormDialog:
    """Return the form for an instance's config; it leads to the difference, and ``y``."""
    config = json.loads(row.config_json or "{}")

    async def submit(values: dict[str, str]) -> Result:
        try:
            new_json = json.dumps({**config, **parsed(schema, values)})
        except UserError as e:
            form.note = str(e)
            return Stay()
        diff = await actions.check_config(
            row.strategy_type, row.config_json, new_json, row.strategy_id
        )
        if diff.problems:
            form.note = "; ".join(diff.problems)
            return Stay()
        if not diff.changes:
            return Close(f"{row.strategy_id}: nothing changed")
        return Replace(
            difference_dialog(row, diff, actions, seen, place=place, is_live=is_live, kept=kept)
        )

    form = FormDialog(
        f"CONFIG {row.strategy_id}",
        schema_fields(schema, config),
        submit,
        lambda field: field_problem(schema, field),
        place=place,
        is_live=is_live,
        verb="shows what changes",
    )
    return form


def difference_dialog(
    row: InstanceView,
    diff: ConfigDiff,
    actions: Actions,
    seen: Seen,
    *,
    place: str,
    is_live: bool,
    kept: Callable[[], None] = lambda: None,
) -> ConfirmDialog:
    """Return the question whether a config that was checked shall hold; ``kept`` is told if so."""
    facts = [
        (
            "instance",
            f"{row.account}  {row.symbol}  {row.strategy_type}  config {row.config_version}",
        )
    ]
    facts += [("change" if index == 0 else "", change) for index, change in enumerate(diff.changes)]
    facts += [("then" if index == 0 else "", text) for index, text in enumerate(diff.worst_case)]
    facts.append(("", "checked: every value is allowed; the instance is loaded anew"))

    async def run(_: str) -> CommandReply:
        reply = await actions.set_config(
            row.strategy_id, diff.config_json, seen_revision=row.revision
        )
        if reply.done:
            kept()
        return reply

    return ConfirmDialog(
        f"CONFIG {row.strategy_id}", facts, "keep this config?", run, place=place, is_live=is_live,
        seen=seen,
    )  # fmt: skip


def new_fields(
    strategies: Sequence[str],
    accounts: Sequence[str],
    markets: Sequence[str],
    draft: Mapping[str, str],
) -> list[FormField]:
    """Return the fields of the form for a new instance, filled from ``draft`` where it says."""

    def field(key: str, help_text: str, choices: Sequence[str] = ()) -> FormField:
        text = draft.get(key, "") or (choices[0] if choices else "")
        return FormField(
            key, key, TextField(text, limit=64), help=help_text, choices=tuple(choices)
        )

    return [
        field("id", "1 to 24 of a-z 0-9 _ -; it never changes"),
        field("strategy", "the strategy's file; it never changes", strategies),
        field("account", "where it trades; it never changes", accounts),
        field("market", "its market; it never changes", markets),
    ]
