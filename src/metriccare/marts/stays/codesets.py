"""Code sets: versioned data files in `codes/`, one loader, and the question "is this code in it".

Every file names its source, its date and which of its codes were checked. A folder of a user's
own files of the same names adds to them.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib.resources
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metriccare.errors import UsageError
from metriccare.marts.stays.history import Coding, Codings
from metriccare.settings import read_text

_HEADER = ("name", "version", "date", "source", "checked", "codes")
_ENTRY = {"value", "system", "code", "label", "checked"}
DISPLAY = "display"
SNOMED, ICD10, PCS, LOINC = "snomed", "icd10cm", "icd10pcs", "loinc"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
# A family whose codes form a tree: an entry covers every longer code too.
_TREES = {ICD10, PCS}
FILES = (
    "encounter_classes",
    "encounter_types",
    "facility_types",
    "care_places",
    "dispositions",
    "admission",
    "planned_diagnoses",
    "index_exclusions",
    "procedures",
    "infections",
    "lab_tests",
    "lab_results",
    "payers",
)


@functools.cache
def system_names() -> Mapping[str, str]:
    """Return the short name of every code system address in `codes/systems.json`."""
    text = importlib.resources.files(f"{__package__}.codes").joinpath("systems.json").read_text()
    return {uri: name for name, uris in json.loads(text)["systems"].items() for uri in uris}


def short_system(uri: str | None) -> str:
    """Return a code system's short name; its address when it is not known, `` when absent."""
    return system_names().get((uri or "").rstrip("/"), uri or "")


def plain(code: str | None) -> str:
    """Return a code without dots, spaces and case."""
    return (code or "").replace(".", "").strip().upper()


@dataclass(frozen=True)
class Entry:
    """One code, range (`C00-C97`) or pattern (`0?Y*`) of a set, with our own label."""

    value: str
    system: str
    code: str
    label: str
    checked: bool = False


@dataclass
class CodeSet:
    """The codes of one subject, each with the word (`value`) it means."""

    name: str
    version: str
    entries: tuple[Entry, ...]
    _found: dict[tuple[str | None, ...], Entry | None] = field(default_factory=dict)
    _named: dict[Codings, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the entries by how they are looked up."""
        self._exact = {(e.system, plain(e.code)): e for e in self.entries if _is_exact(e)}
        self._words = {words(e.code): e for e in self.entries if e.system == DISPLAY}
        self._others = [e for e in self.entries if not _is_exact(e)]

    def __getstate__(self) -> dict[str, Any]:
        """Return what travels to a worker: the entries, not what was looked up so far."""
        return {"name": self.name, "version": self.version, "entries": self.entries}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Rebuild the lookups from the entries."""
        self.__init__(state["name"], state["version"], state["entries"])  # type: ignore[misc]

    def entry(self, coding: Coding) -> Entry | None:
        """Return the entry a coding falls under, if any."""
        key = (coding.system, coding.code, coding.display if self._words else None)
        if key not in self._found:
            found = self._look_up(short_system(coding.system), plain(coding.code))
            self._found[key] = found or self._by_words(coding.display)
        return self._found[key]

    def value(self, codings: Iterable[Coding], values: frozenset[str] | None = None) -> str | None:
        """Return the word of the first coding that is in the set (among `values`, if given)."""
        for coding in codings:
            found = self.entry(coding)
            if found is not None and (values is None or found.value in values):
                return found.value
        return None

    def values(self, codings: Iterable[Coding]) -> frozenset[str]:
        """Return the words of all codings that are in the set."""
        return frozenset(e.value for c in codings if (e := self.entry(c)) is not None)

    def values_of(self, codings: Codings) -> frozenset[str]:
        """Return the same for codings that come up again and again."""
        if codings not in self._named:
            self._named[codings] = self.values(codings)
        return self._named[codings]

    def pattern(self) -> str:
        """Return a regular expression that every plain code of the set matches.

        It ignores the code system: it is there to leave most rows unread, not to decide.
        """
        return "^(" + "|".join(sorted({_expression(e) for e in self.entries})) + ")"

    def _by_words(self, display: str | None) -> Entry | None:
        return self._words.get(words(display)) if self._words else None

    def _look_up(self, system: str, code: str) -> Entry | None:
        lengths = range(len(code), 2, -1) if system in _TREES else (len(code),)
        for length in lengths:
            found = self._exact.get((system, code[:length]))
            if found is not None:
                return found
        return next((e for e in self._others if e.system == system and _covers(e, code)), None)


def words(display: str | None) -> str:
    """Return a display without case and without its SNOMED CT semantic tag."""
    return re.sub(r"\s*\([^)]*\)$", "", display or "").strip().lower()


def _is_exact(entry: Entry) -> bool:
    return not _is_range(entry) and not any(sign in entry.code for sign in "?*")


def _is_range(entry: Entry) -> bool:
    """Return True for a range of a code tree, False for a hyphen before a LOINC check digit."""
    return entry.system in _TREES and "-" in entry.code


def _covers(entry: Entry, code: str) -> bool:
    if _is_range(entry):
        low, high = (plain(end) for end in entry.code.split("-"))
        return low <= code[: len(low)] and code[: len(high)] <= high
    return fnmatch.fnmatchcase(code, plain(entry.code))


def _expression(entry: Entry) -> str:
    if _is_range(entry):
        low, high = (plain(end) for end in entry.code.split("-"))
        # Ranges in the files differ only in their last characters: keep the common beginning.
        same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), 0)
        return re.escape(low[:same]) + f"[{low[same]}-{high[same]}]"
    plain_code = plain(entry.code)
    if not _is_exact(entry):
        return "".join({"?": ".", "*": ".*"}.get(c, re.escape(c)) for c in plain_code)
    return re.escape(plain_code) + ("" if entry.system in _TREES else "$")


@dataclass(frozen=True)
class CodeSets:
    """All code sets, by file name."""

    sets: Mapping[str, CodeSet]

    def __getitem__(self, name: str) -> CodeSet:
        """Return a set by its file name."""
        return self.sets[name]


def load_code_sets(own: Path | None = None) -> CodeSets:
    """Read the shipped files, and a user's own folder on top; UsageError names a wrong file."""
    folder = importlib.resources.files(f"{__package__}.codes")
    sets = {name: _read(name, folder.joinpath(f"{name}.json").read_text()) for name in FILES}
    for path in sorted(own.glob("*.json")) if own is not None else ():
        if path.stem not in sets:
            raise UsageError(f"{path}: no such code set; known: {', '.join(FILES)}.")
        added = _read(path.stem, read_text(path))
        shipped = sets[path.stem]
        sets[path.stem] = CodeSet(shipped.name, f"{shipped.version}+{added.version}",
                                  (*added.entries, *shipped.entries))  # fmt: skip
    return CodeSets(sets)


def _read(name: str, text: str) -> CodeSet:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"Code set {name} is not valid JSON: {error}.") from error
    missing = [key for key in _HEADER if not document.get(key)]
    if missing:
        raise UsageError(f"Code set {name} is missing {', '.join(missing)}.")
    wrong = [i for i, e in enumerate(document["codes"], 1) if not _is_entry(e)]
    if wrong:
        raise UsageError(
            f"Code set {name}, entry {wrong[0]}: wanted value, system, code, label"
            " (texts) and checked (true or false)."
        )
    return CodeSet(name, document["version"], tuple(Entry(**e) for e in document["codes"]))


def _is_entry(entry: Mapping[str, object]) -> bool:
    texts = ("value", "system", "code", "label")
    return set(entry) <= _ENTRY and all(
        isinstance(entry.get(key), str) and entry[key] for key in texts
    )
