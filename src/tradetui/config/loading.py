"""Reading and checking the config file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from tradetui.config.checking import cross_check, warnings_of
from tradetui.config.errors import ConfigError
from tradetui.config.finding import Found
from tradetui.config.models import Config
from tradetui.config.reading import Document, read_document
from tradetui.config.secrets import refuse_secrets
from tradetui.domain.text import printable

_UNION_TAGS: Final = ("synthetic", "replay")


@dataclass(frozen=True)
class LoadedConfig:
    """A checked config, where it came from, and what is odd in it but allowed."""

    config: Config
    found: Found
    warnings: tuple[str, ...]


def load_config(found: Found) -> LoadedConfig:
    """Read, check and return a config file; raises ConfigError with every mistake found."""
    document = read_document(found.path)
    refuse_secrets(document)
    try:
        config = Config.model_validate(document.values)
    except ValidationError as error:
        raise ConfigError(*_sentences(document, error)) from None
    problems = cross_check(document, config)
    if problems:
        raise ConfigError(*problems)
    return LoadedConfig(config, found, warnings_of(document, config))


_MESSAGES: Final[dict[str, str]] = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "list_type": "must be a list [...]",
    "tuple_type": "must be a list [...]",
    "dict_type": "must be a table [...]",
    "union_tag_not_found": "has no kind; it is one of synthetic, replay",
    "model_type": "must be a table [...]",
}
_BOUNDS: Final[dict[str, tuple[str, str]]] = {
    "greater_than_equal": ("must be at least", "ge"),
    "greater_than": ("must be above", "gt"),
    "less_than_equal": ("must be at most", "le"),
    "less_than": ("must be below", "lt"),
    "string_too_long": ("must be a text of at most this many characters:", "max_length"),
}
"""Of a bound: its words, and where pydantic keeps its number."""


def _sentences(document: Document, error: ValidationError) -> list[str]:
    problems = []
    for item in error.errors(include_url=False):
        where = [part for part in item["loc"] if part not in _UNION_TAGS and part != "[key]"]
        if item["type"] == "unknown_key":
            where.append(item["ctx"]["key"])
        problems.append(document.problem(where, _message(item)))
    return problems


def _message(item: Any) -> str:
    kind = item["type"]
    if kind == "union_tag_invalid":
        shown = printable(repr(item["ctx"]["tag"]), 60)
        return f"kind must be one of synthetic, replay, got {shown}"
    known = _MESSAGES.get(kind)
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        known = f"{words} {item['ctx'][key]}"
    if known is None:
        return printable(item["msg"], 300)
    if kind == "missing":
        return known
    return f"{known}, got {printable(repr(item['input']), 60)}"
