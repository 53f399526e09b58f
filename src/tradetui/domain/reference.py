"""The reference of events, intents and records, written from the records themselves.

``python -m tradetui.domain.reference docs/reference`` writes the pages and the JSON Schemas; a test
compares them with what is committed.
"""

from __future__ import annotations

import inspect
import sys
import typing
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from tradetui.domain import (
    commands,
    difference,
    enums,
    envelope,
    event_log,
    explain,
    export,
    instances,
    intents,
    market_data,
    memory,
    orders,
    outcome,
    recovery,
    replica,
    risk,
    steps,
)
from tradetui.domain import (
    pages as screens,
)
from tradetui.domain.codec import CODEC_VERSION
from tradetui.domain.enums import Source
from tradetui.domain.envelope import SOURCE_OF
from tradetui.domain.named_schema import DIALECT, named_schema
from tradetui.domain.reasons import Reason

_NOTICE: Final = (
    "Generated from `tradetui.domain` by `make docs`: change the records, not this page."
)

_SCHEMAS: Final[dict[str, Any]] = {
    "envelope": envelope.Envelope,
    "step_record": steps.StepRecord,
    "journal_header": steps.JournalHeader,
    "kernel_config": steps.KernelConfig,
    "attributed_intent": intents.AttributedIntent,
    "replica_snapshot": replica.ReplicaSnapshot,
    "replica_change": replica.ReplicaChange,
    "journal_line": export.JournalLine,
    "checkpoint": recovery.EngineCheckpoint,
    "memories": memory.EngineMemory | memory.ScreenMemory,
    "feeds": market_data.MarketItem | envelope.Unsequenced,
    "kernel_calls": steps.IntentBatch | steps.Applied,
    "state": orders.Order | orders.Position | risk.KillSwitch | instances.InstanceStatus,
    "instance_record": instances.InstanceRecord,
    "commands": commands.OperatorCommand | commands.CommandReply,
    "explanations": explain.Why | explain.WhyNot | explain.Since | explain.SeenState,
    "comparisons": difference.Divergence | outcome.WhatIfReport,
    "event_log": event_log.RuntimeEventsPage | event_log.EventQuery,
    "charts": replica.ChartView | replica.UiView,
    "pages": screens.EventFilter
    | screens.EventsPage
    | screens.DecisionsPage
    | screens.DiagnosticsPage
    | screens.RunsPage
    | screens.FillsPage
    | screens.MarketsPage
    | screens.OrdersPage
    | screens.RiskPage,
}
"""File name of each JSON Schema of the wire form, and what it is of: a record, or one of several.
"""

_NAMED: Final[dict[str, type[msgspec.Struct]]] = {
    "journal_line": export.JournalLine,
    "envelope": envelope.Envelope,
    "intent": intents.AttributedIntent,
    "transition": orders.Transition,
    "transition_result": steps.Applied,
    "step_result": steps.StepResult,
    "step_record": steps.StepRecord,
    "journal_header": steps.JournalHeader,
    "kernel_config": steps.KernelConfig,
    "checkpoint": recovery.EngineCheckpoint,
    "replica_snapshot": replica.ReplicaSnapshot,
    "replica_change": replica.ReplicaChange,
}
"""File name of each JSON Schema of the named form, and the record it is of."""

_MANY: Final = 6
"""A union of more members is not spelled out in a table."""


def pages() -> dict[str, str]:
    """Return every generated file by its path below ``docs/reference``."""
    found = {"engine_events.md": events_page(), "engine_intents.md": intents_page()}
    for name, record in _SCHEMAS.items():
        found[f"schemas/{name}.json"] = schema_text(record, name)
    for name, named in _NAMED.items():
        found[f"schemas/named/{name}.json"] = _json(named_schema(named, name))
    return found


def events_page() -> str:
    """Return the page of the envelope and of every payload, by source."""
    lines = [
        "# Events",
        "",
        _NOTICE,
        "",
        "Everything enters the core as one `Envelope`. Each payload belongs to one source.",
        "",
        *_record_lines(envelope.Envelope, level=2),
    ]
    for source in Source:
        lines += [f"## Source `{source}`", ""]
        for payload, its_source in SOURCE_OF.items():
            if its_source is source:
                lines += _record_lines(payload, level=3)
    lines += ["## Vocabularies", "", "Closed; the words are what the journal holds.", ""]
    for vocabulary in _vocabularies():
        lines += [f"### {vocabulary.__name__}", "", inspect.cleandoc(vocabulary.__doc__ or ""), ""]
        lines += [", ".join(f"`{str(word) or '(empty)'}`" for word in vocabulary), ""]
    return "\n".join(lines).rstrip() + "\n"


def _vocabularies() -> list[type[StrEnum]]:
    """Return the enumerations of ``enums`` in the order of their definition, then the reasons."""
    return [
        one
        for one in (*vars(enums).values(), Reason)
        if isinstance(one, type) and issubclass(one, StrEnum) and one is not StrEnum
    ]


def intents_page() -> str:
    """Return the page of the five intents."""
    lines = [
        "# Intents",
        "",
        _NOTICE,
        "",
        "A strategy can ask for these five things, and for nothing else. Each gets one decision.",
        "",
    ]
    for intent in typing.get_args(intents.Intent):
        lines += _record_lines(intent, level=2)
    lines += _record_lines(intents.AttributedIntent, level=2)
    return "\n".join(lines).rstrip() + "\n"


def schema_text(record: Any, name: str) -> str:
    """Return the JSON Schema of the wire form (an array) of a record, or of one of several, keys
    sorted.
    """
    schema = msgspec.json.schema(record)
    return _json({"$schema": DIALECT, "$id": f"urn:tradetui:wire:{CODEC_VERSION}:{name}"} | schema)


def _json(value: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode() + "\n"


def write(folder: Path) -> None:
    """Write every generated file below ``folder``."""
    for name, text in pages().items():
        path = folder.joinpath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _record_lines(record: type, *, level: int) -> list[str]:
    """Return the section of one record: its text, and its fields in the order of the wire."""
    hints = typing.get_type_hints(record)
    lines = [f"{'#' * level} {record.__name__}", "", inspect.cleandoc(record.__doc__ or ""), ""]
    lines += ["| field | type | default |", "|---|---|---|"]
    for field in msgspec.structs.fields(record):
        default = "" if field.required else f"`{_default(field)}`"
        lines.append(f"| `{field.name}` | {_type_text(hints[field.name])} | {default} |")
    return [*lines, ""]


def _default(field: msgspec.structs.FieldInfo) -> str:
    return str(field.default) if isinstance(field.default, StrEnum) else repr(field.default)


def _type_text(hint: Any) -> str:
    """Write a type for people: names of records and identities, ``or`` for alternatives."""
    arguments = typing.get_args(hint)
    if not arguments:
        return "null" if hint is type(None) else str(hint.__name__)
    if typing.get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return f"list of {_type_text(arguments[0])}"
        return f"({', '.join(_type_text(one) for one in arguments)})"
    if len(arguments) > _MANY:
        return "one of the records below"
    return " or ".join(_type_text(one) for one in arguments)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
