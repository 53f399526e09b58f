"""What may be in a config file, and what one comes to: for editors, scripts and people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from tradetui.config import feeds, models
from tradetui.config.comments import comments_of
from tradetui.config.loading import LoadedConfig
from tradetui.config.models import Config
from tradetui.config.numbers import WRITTEN_SCALE
from tradetui.config.reading import Document, Path_, dotted, read_document
from tradetui.domain.text import printable
from tradetui.domain.units import format_scaled

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DEFAULT: Final = "default"


@dataclass(frozen=True)
class Setting:
    """One key of a config as it holds; ``origin`` is ``file:line``, or ``default``."""

    key: str
    value: str
    origin: str


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the config file; defaults as one writes them, and
    what each key means.
    """
    schema = _plain_schema()
    _describe(schema, Config)
    for name, section in schema["$defs"].items():
        _describe(section, getattr(models, name, getattr(feeds, name, None)))
    return {"$schema": DIALECT, **schema}


def _plain_schema() -> dict[str, Any]:
    schema = Config.model_json_schema()
    _write_defaults(schema)
    return schema


def _describe(section: dict[str, Any], owner: type | None) -> None:
    """Say of each key of a section what its class says."""
    if owner is None:
        return
    for key, text in comments_of(owner).items():
        if key in section.get("properties", {}):
            section["properties"][key]["description"] = text


def settings(loaded: LoadedConfig) -> tuple[Setting, ...]:
    """Return every key of the file in its order, then the defaults of what it leaves out."""
    document = read_document(loaded.found.path)
    written = [
        Setting(dotted(place), _shown(value), f"{document.path}:{document.line_of(place)}")
        for place, value in _leaves(document.values)
    ]
    return (*written, *_defaults(document))


def _write_defaults(node: Any) -> None:
    """Turn the defaults of scaled numbers into what a person would write; drop our own mark."""
    if isinstance(node, list):
        for item in node:
            _write_defaults(item)
    elif isinstance(node, dict):
        scale = _scale_of(node)
        if scale is not None and isinstance(node.get(DEFAULT), int):
            node[DEFAULT] = json.loads(format_scaled(node[DEFAULT], scale))
        for item in node.values():
            _write_defaults(item)
        node.pop(WRITTEN_SCALE, None)


def _scale_of(node: Mapping[str, Any]) -> int | None:
    for one in (node, *node.get("anyOf", ())):
        if WRITTEN_SCALE in one:
            scale: int = one[WRITTEN_SCALE]
            return scale
    return None


def _leaves(value: Any, place: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Yield every key that has a plain value, or a list of plain values."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*place, key))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for number, item in enumerate(value):
            yield from _leaves(item, (*place, number))
    else:
        yield place, value


def _defaults(document: Document) -> Iterator[Setting]:
    """Yield the settings that every config has once and that this one leaves out."""
    schema = _plain_schema()
    sections = schema["$defs"]
    for name, node in schema["properties"].items():
        section = sections.get(node.get("$ref", "").rpartition("/")[2])
        for key, field in ((section or {}).get("properties") or {}).items():
            is_written = key in document.values.get(name, {})
            if not is_written and DEFAULT in field and field[DEFAULT] is not None:
                yield Setting(f"{name}.{key}", _shown(field[DEFAULT]), DEFAULT)


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case list():
            return ", ".join(_shown(item) for item in value) or "(none)"
        case _:
            return printable(str(value), 200) or '""'
