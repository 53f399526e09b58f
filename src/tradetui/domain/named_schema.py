"""JSON Schemas of records as they are exported: objects with their fields by name.

The form is that of ``difference.as_json``: an object whose ``type`` is the name of the record's
class, and one property for each field. Every schema is closed (``additionalProperties`` false) and
versioned; it says nothing of the wire form, which is an array.
"""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import inspect as types

from tradetui.domain.export import EXPORT_VERSION

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_PLAIN: Final[dict[type[types.Type], dict[str, Any]]] = {
    types.NoneType: {"type": "null"},
    types.BoolType: {"type": "boolean"},
    types.IntType: {"type": "integer"},
    types.FloatType: {"type": "number"},
    types.StrType: {"type": "string"},
    types.BytesType: {"type": "string", "contentEncoding": "base64"},
    types.AnyType: {},
}


def named_schema(record: type[msgspec.Struct], name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a record, with all that it is made of.

    Raises TypeError for a field of a type that has no JSON form here.
    """
    definitions: dict[str, Any] = {}
    _struct(types.type_info(record), definitions)
    return {
        "$schema": DIALECT,
        "$id": f"urn:tradetui:export:{EXPORT_VERSION}:{name}",
        "title": f"{record.__name__}, version {EXPORT_VERSION}",
        "$ref": f"#/$defs/{record.__name__}",
        "$defs": dict(sorted(definitions.items())),
    }


def _struct(found: types.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    assert isinstance(found, types.StructType)
    name = found.cls.__name__
    reference = {"$ref": f"#/$defs/{name}"}
    if name in definitions:
        return reference
    definitions[name] = {}  # a record may hold its own kind
    properties: dict[str, Any] = {"type": {"const": name}}
    for field in found.fields:
        properties[field.name] = _schema(field.type, definitions)
    definitions[name] = {
        "type": "object",
        "description": inspect.cleandoc(found.cls.__doc__ or ""),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return reference


def _schema(found: types.Type, definitions: dict[str, Any]) -> dict[str, Any]:
    plain = _PLAIN.get(type(found))
    if plain is not None:
        return dict(plain)
    match found:
        case types.StructType():
            return _struct(found, definitions)
        case types.EnumType():
            return _enumeration(found.cls, definitions)
        case types.LiteralType():
            return {"enum": list(found.values)}
        case types.UnionType():
            return {"anyOf": [_schema(one, definitions) for one in found.types]}
        case types.VarTupleType():
            return {"type": "array", "items": _schema(found.item_type, definitions)}
        case types.TupleType():
            items = [_schema(one, definitions) for one in found.item_types]
            return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}
        case types.DictType():
            values = _schema(found.value_type, definitions)
            return {"type": "object", "additionalProperties": values}
        case _:
            raise TypeError(f"{found} has no JSON form")


def _enumeration(kind: type[Enum], definitions: dict[str, Any]) -> dict[str, Any]:
    definitions[kind.__name__] = {
        "description": inspect.cleandoc(kind.__doc__ or ""),
        "enum": [member.value for member in kind],
    }
    return {"$ref": f"#/$defs/{kind.__name__}"}
