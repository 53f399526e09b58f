"""A validator for the part of JSON Schema (draft 2020-12) that our own schemas use.

A keyword that it does not know is an error, so that a schema can never say more than is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_SILENT = {"$schema", "$id", "$defs", "title", "description", "contentEncoding", "default"}
_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}


def faults(value: Any, schema: dict[str, Any]) -> list[str]:
    """Return a line for everything in ``value`` that ``schema`` does not allow."""
    return list(_check(value, schema, schema, "$"))


def _check(value: Any, schema: Any, root: dict[str, Any], path: str) -> Iterator[str]:
    if schema is False:
        yield f"{path}: must not be there"
        return
    for keyword, wanted in schema.items():
        if keyword not in _SILENT:
            yield from _keyword(value, keyword, wanted, schema, root, path)


def _keyword(
    value: Any, keyword: str, wanted: Any, schema: dict[str, Any], root: dict[str, Any], path: str
) -> Iterator[str]:
    match keyword:
        case "$ref":
            name = wanted.removeprefix("#/$defs/")
            yield from _check(value, root["$defs"][name], root, path)
        case "type":
            if not isinstance(value, _TYPES[wanted]) or (
                isinstance(value, bool) and wanted in ("integer", "number")
            ):
                yield f"{path}: {value!r} is not of type {wanted}"
        case "const":
            if value != wanted:
                yield f"{path}: {value!r} is not {wanted!r}"
        case "enum":
            if value not in wanted:
                yield f"{path}: {value!r} is none of {wanted}"
        case "anyOf":
            if all(list(_check(value, one, root, path)) for one in wanted):
                yield f"{path}: matches none of the alternatives"
        case "properties" | "additionalProperties" | "required":
            if isinstance(value, dict):
                yield from _object(value, keyword, wanted, schema, root, path)
        case "prefixItems" | "items" | "minItems":
            if isinstance(value, list):
                yield from _array(value, keyword, wanted, schema, root, path)
        case _:
            raise NotImplementedError(keyword)


def _object(
    value: dict[str, Any],
    keyword: str,
    wanted: Any,
    schema: dict[str, Any],
    root: dict[str, Any],
    path: str,
) -> Iterator[str]:
    if keyword == "required":
        yield from (f"{path}: {name} is missing" for name in wanted if name not in value)
    elif keyword == "properties":
        for name, inner in wanted.items():
            if name in value:
                yield from _check(value[name], inner, root, f"{path}.{name}")
    else:
        for name in value.keys() - schema.get("properties", {}).keys():
            yield from _check(value[name], wanted, root, f"{path}.{name}")


def _array(
    value: list[Any],
    keyword: str,
    wanted: Any,
    schema: dict[str, Any],
    root: dict[str, Any],
    path: str,
) -> Iterator[str]:
    if keyword == "minItems":
        if len(value) < wanted:
            yield f"{path}: has {len(value)} items, fewer than {wanted}"
    elif keyword == "prefixItems":
        for place, (item, inner) in enumerate(zip(value, wanted, strict=False)):
            yield from _check(item, inner, root, f"{path}[{place}]")
    else:
        for place in range(len(schema.get("prefixItems", ())), len(value)):
            yield from _check(value[place], wanted, root, f"{path}[{place}]")
