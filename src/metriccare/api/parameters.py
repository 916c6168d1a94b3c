"""Query parameters as an endpoint declares them: parsed, checked, and described for OpenAPI.

An unknown parameter is an error, never ignored: a typing mistake must not widen an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from metriccare.api.problems import FieldError, Problem

TEXT, INTEGER, DATE, FLAG = "text", "integer", "date", "flag"
_LONGEST = 200
# Of codes that issuers give, and of paths to come back to.
_LONGEST_OPAQUE = 4096
# More values than any page offers to tick.
_MOST_VALUES = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_WORDS = "wants a date such as 2024-12-31"
_PATH_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it wants, and in words what it does.

    `is_many` allows repetition. `least` and `most` bound integers. `is_in_path` marks a part of
    the path, which is never optional. `is_opaque` marks what another server made: only its length
    is checked.
    """

    name: str
    meaning: str
    kind: str = TEXT
    choices: tuple[str, ...] = ()
    is_many: bool = False
    is_in_path: bool = False
    is_required: bool = False
    is_opaque: bool = False
    default: Any = None
    least: int = 0
    most: int = 1_000_000
    schema: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Return the parameter as OpenAPI has it."""
        schema = {**self._schema(), **self.schema}
        if self.is_many:
            schema = {"type": "array", "items": schema, "maxItems": _MOST_VALUES}
        if self.default is not None:
            schema["default"] = self.default
        return {
            "name": self.name,
            "in": "path" if self.is_in_path else "query",
            "required": self.is_in_path or self.is_required,
            "description": self.meaning,
            "schema": schema,
        }

    def _schema(self) -> dict[str, Any]:
        if self.kind == INTEGER:
            return {"type": "integer", "minimum": self.least, "maximum": self.most}
        if self.kind == DATE:
            return {"type": "string", "format": "date"}
        if self.kind == FLAG:
            return {"type": "boolean"}
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        if self.is_opaque:
            return {"type": "string", "maxLength": _LONGEST_OPAQUE}
        return {"type": "string", "minLength": 1, "maxLength": _LONGEST}

    def value(self, text: str) -> Any:
        """Return the value of a text; ValueError says what is wanted."""
        if self.kind == INTEGER:
            return self._integer(text)
        if self.kind == DATE:
            return _date(text)
        if self.kind == FLAG:
            if text not in {"true", "false"}:
                raise ValueError("wants true or false")
            return text == "true"
        if self.choices and text not in self.choices:
            raise ValueError(f"wants one of: {', '.join(self.choices)}")
        if self.is_opaque:
            return text[:_LONGEST_OPAQUE]
        if not text or len(text) > _LONGEST or not text.isprintable():
            raise ValueError(f"wants 1-{_LONGEST} printable characters")
        return text

    def _integer(self, text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise ValueError(f"wants a whole number from {self.least} to {self.most}")
        number = int(text)
        if not self.least <= number <= self.most:
            raise ValueError(f"wants a whole number from {self.least} to {self.most}")
        return number


def _date(text: str) -> date:
    if not _DATE.fullmatch(text):
        raise ValueError(_DATE_WORDS)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(_DATE_WORDS) from None


def parse(
    declared: Sequence[Parameter], query: Iterable[tuple[str, str]], path: Mapping[str, str]
) -> dict[str, Any]:
    """Return every declared parameter's value; many values as a tuple, absent ones as None.

    Raises one Problem that names everything that is wrong.
    """
    by_name = {p.name: p for p in declared if not p.is_in_path}
    sent: dict[str, list[str]] = {}
    errors: list[FieldError] = []
    for name, text in query:
        if name in by_name:
            sent.setdefault(name, []).append(text)
        else:
            errors.append(FieldError("query", name[:100], _unknown(by_name)))
    values = {p.name: _path_value(p, path) for p in declared if p.is_in_path}
    for parameter in by_name.values():
        try:
            values[parameter.name] = _values(parameter, sent.get(parameter.name, []))
        except ValueError as error:
            errors.append(FieldError("query", parameter.name, str(error)))
    if errors:
        raise Problem("invalid-parameter", errors=errors[:20])
    return values


def _unknown(known: Iterable[str]) -> str:
    names = ", ".join(sorted(known))
    return f"unknown; known: {names}" if names else "unknown; this address takes no parameters"


def _path_value(parameter: Parameter, path: Mapping[str, str]) -> str:
    """Return a part of the path; one that no name of ours can be does not exist."""
    text = path[parameter.name]
    if not _PATH_TEXT.fullmatch(text):
        raise Problem("not-found")
    return text


def _values(parameter: Parameter, texts: Sequence[str]) -> Any:
    if not texts:
        if parameter.is_required:
            raise ValueError("is required")
        return () if parameter.is_many else parameter.default
    if not parameter.is_many:
        if len(texts) > 1:
            raise ValueError("wants one value")
        return parameter.value(texts[0])
    if len(texts) > _MOST_VALUES:
        raise ValueError(f"wants at most {_MOST_VALUES} values")
    return tuple(dict.fromkeys(parameter.value(text) for text in texts))
