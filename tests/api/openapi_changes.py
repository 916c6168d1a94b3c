"""What a newer OpenAPI document takes away from those who call the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_METHODS = ("get", "post", "patch", "delete", "put")


def narrowings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each removal or narrowing: paths, parameters, values, fields."""
    before, after = _resolved(before, before), _resolved(after, after)
    for path, operations in before["paths"].items():
        for method in _METHODS:
            if method not in operations:
                continue
            newer = after["paths"].get(path, {}).get(method)
            name = f"{method.upper()} {path}"
            if newer is None:
                yield f"{name} is gone"
            else:
                yield from _of_operation(name, operations[method], newer)


def _resolved(part: Any, document: Mapping[str, Any]) -> Any:
    """Return a part with every named schema in place of its name."""
    if isinstance(part, list):
        return [_resolved(each, document) for each in part]
    if not isinstance(part, Mapping):
        return part
    if "$ref" in part:
        name = part["$ref"].removeprefix("#/components/schemas/")
        return _resolved(document["components"]["schemas"][name], document)
    return {name: _resolved(each, document) for name, each in part.items()}


def _of_operation(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    newer = {p["name"]: p for p in after.get("parameters", [])}
    for parameter in before.get("parameters", []):
        found = newer.pop(parameter["name"], None)
        if found is None:
            yield f"{name} no longer takes {parameter['name']}"
            continue
        gone = _values(parameter["schema"]) - _values(found["schema"])
        if _values(found["schema"]) and (gone or not _values(parameter["schema"])):
            yield f"{name} takes fewer values of {parameter['name']}"
        if found["required"] and not parameter["required"]:
            yield f"{name} now needs {parameter['name']}"
    yield from (f"{name} now needs {n}" for n, p in newer.items() if p["required"])
    for status, response in before["responses"].items():
        content = after["responses"].get(status, {}).get("content", {})
        for media_type, body in response.get("content", {}).items():
            if media_type not in content:
                yield f"{name} no longer answers {media_type}"
            else:
                yield from _of_schema(name, body["schema"], content[media_type]["schema"])


def _values(schema: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(schema.get("enum", schema.get("items", {}).get("enum", ())))


def _of_schema(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for field, schema in before.get("properties", {}).items():
        newer = after.get("properties", {}).get(field)
        if newer is None:
            yield f"{name} no longer has the field {field}"
        else:
            yield from _of_schema(f"{name} {field}", schema, newer)
    if "items" in before:
        yield from _of_schema(name, before["items"], after.get("items", {}))
    if before.get("type") != after.get("type"):
        yield f"{name} has another type"
