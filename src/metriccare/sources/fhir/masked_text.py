"""The exact text of a resource with everything masked that could name a person.

What may be shown is listed, by the name of an element and the form of its value; all else is
masked, also elements that nobody has heard of. Names, contacts, identifiers, narrative, notes and
extensions are masked whole. The text keeps its order, its white space and every byte shown.
Source: governance specification, 4; 45 CFR 164.514(b)(2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from metriccare.sources.fhir.json_spans import BrokenJson, Span, elements, members, skip_space

MASK = b'"[masked]"'
# Deeper than any resource: a text of brackets must not end the process.
_DEEPEST = 60
# Masked with all they hold.
_NEVER = frozenset(
    {
        "address",
        "birthDate",
        "communication",
        "contact",
        "contained",
        "div",
        "extension",
        "identifier",
        "modifierExtension",
        "name",
        "note",
        "photo",
        "position",
        "telecom",
        "text",
    }
)
# A code or the address of a code system: one word, no more.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/|+^%#\[\]{}-]{0,199}", re.ASCII)
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}[0-9:.]*(?:Z|[+-]\d{2}:\d{2})?)?)?)?")
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,40})/[A-Za-z0-9.-]{1,64}(?:/_history/[\w.-]{1,64})?")
_WORDS = frozenset(
    {
        "code",
        "criticality",
        "currency",
        "gender",
        "intent",
        "outcome",
        "profile",
        "resourceType",
        "status",
        "system",
        "type",
        "unit",
        "use",
        "version",
        "versionId",
    }
)
_NUMBERS = frozenset({"factor", "rank", "sequence", "value"})
_FLAGS = frozenset({"active", "deceasedBoolean", "focal", "primary", "userSelected"})
_DATES = frozenset(
    {
        "abatementDateTime",
        "created",
        "date",
        "deceasedDateTime",
        "effectiveDateTime",
        "end",
        "issued",
        "lastUpdated",
        "occurrenceDateTime",
        "onsetDateTime",
        "performedDateTime",
        "recordedDate",
        "servicedDate",
        "start",
    }
)
# Whose ids are a person's.
_PERSONS = frozenset({"Patient", "Person", "RelatedPerson"})


@dataclass(frozen=True)
class Masked:
    """A text that may be shown, and how many values of it are masked."""

    text: str
    count: int


class NotShowable(ValueError):
    """The text is no JSON object, so it is not known what of it may be shown."""


def masked_text(raw: bytes, *, is_clear: bool) -> Masked:
    """Return a resource's text, masked; `is_clear` shows dates and ids of records, not of persons.

    Raises NotShowable where nothing may be shown.
    """
    begin = skip_space(raw, 0, len(raw))
    if raw[begin : begin + 1] != b"{":
        raise NotShowable("The record is no JSON object.")
    try:
        orjson.loads(raw)
        spans = list(_hidden(raw, begin, is_clear))
    except (BrokenJson, orjson.JSONDecodeError, RecursionError) as error:
        raise NotShowable("The record is no JSON.") from error
    parts, shown_to = [], 0
    for start, end in spans:
        parts += [raw[shown_to:start], MASK]
        shown_to = end
    text = b"".join([*parts, raw[shown_to:]]).decode("utf-8", "replace")
    return Masked(text, len(spans))


def _hidden(raw: bytes, begin: int, is_clear: bool) -> Iterator[Span]:
    """Yield the spans to mask, in order."""
    found = list(members(raw, begin, len(raw)))
    # A name that comes twice counts with each of its values.
    types = [orjson.loads(raw[start:end]) for name, (start, end) in found if name == "resourceType"]
    is_person = any(each in _PERSONS for each in types if isinstance(each, str))
    rules = _Rules(raw, is_clear)
    for name, span in found:
        if name == "id":
            # The record that was asked for by its id; a patient's id is the person's.
            if is_person or not is_clear:
                yield span
        else:
            yield from rules.hidden(name, span, {}, 1)


@dataclass(frozen=True)
class _Rules:
    """What is masked in one text."""

    raw: bytes
    is_clear: bool

    def hidden(
        self, name: str, span: Span, siblings: Mapping[str, Span], depth: int
    ) -> Iterator[Span]:
        """Yield the spans to mask in the value of an element."""
        opening = self.raw[span[0] : span[0] + 1]
        if name in _NEVER or depth > _DEEPEST or name.startswith("_"):
            yield span
        elif opening == b"[":
            for each in elements(self.raw, *span):
                yield from self.hidden(name, each, siblings, depth + 1)
        elif opening == b"{":
            inside = list(members(self.raw, *span))
            for member, each in inside:
                yield from self.hidden(member, each, dict(inside), depth + 1)
        elif not self._may_be_shown(name, orjson.loads(self.raw[span[0] : span[1]]), siblings):
            yield span

    def _may_be_shown(self, name: str, value: object, siblings: Mapping[str, Span]) -> bool:
        if value is None:
            return True
        if isinstance(value, bool):
            return name in _FLAGS
        if isinstance(value, int | float):
            return self._is_plain_number(name, siblings)
        return isinstance(value, str) and self._is_plain_text(name, value, siblings)

    def _is_plain_number(self, name: str, siblings: Mapping[str, Span]) -> bool:
        """Return True for a quantity, an amount of money, and what orders rows."""
        if name == "value":
            return bool({"unit", "code", "currency"} & siblings.keys())
        return name in _NUMBERS or name.endswith("Sequence")

    def _is_plain_text(self, name: str, value: str, siblings: Mapping[str, Span]) -> bool:
        if name == "display":
            # Of a coding; that of a reference is a person's name.
            return {"code", "system"} <= siblings.keys()
        if name == "reference":
            found = _REFERENCE.fullmatch(value)
            return self.is_clear and found is not None and found[1] not in _PERSONS
        if name in _DATES:
            return self.is_clear and _DATE.fullmatch(value) is not None
        return name in _WORDS and _WORD.fullmatch(value) is not None
