"""JSON schemas in few words: objects of fields that are always there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
DATE: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
# A figure: a number, or of money and KPIs a decimal as text.
FIGURE: Schema = {"type": ["number", "string", "null"]}


def maybe(schema: Schema) -> dict[str, Any]:
    """Return the schema of a value that may be null."""
    kind = schema["type"]
    return {**schema, "type": [*kind, "null"] if isinstance(kind, list) else [kind, "null"]}


def fields(**named: Schema) -> dict[str, Any]:
    """Return the schema of an object with these fields, all of them present."""
    found = {name: dict(schema) for name, schema in named.items()}
    return {"type": "object", "required": list(found), "properties": found}


def many(schema: Schema) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": dict(schema)}


def word(*values: str) -> dict[str, Any]:
    """Return the schema of a text that is one of some words."""
    return {"type": "string", "enum": list(values)}


def maybe_word(*values: str) -> dict[str, Any]:
    """Return the schema of one of some words, or null."""
    return {"type": ["string", "null"], "enum": [*values, None]}


def named(name: str) -> dict[str, Any]:
    """Return the schema that the document has under a name."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe_named(name: str) -> dict[str, Any]:
    """Return the schema under a name, or null."""
    return {"anyOf": [named(name), {"type": "null"}]}
