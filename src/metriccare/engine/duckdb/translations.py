"""Models in DuckDB's SQL, translated once and kept in a file of the user's cache.

A run has about a hundred models, and sqlglot takes several seconds for them. A translation depends
only on the model's text, the rules and the version of sqlglot.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from metriccare.engine.duckdb.marks import bound
from metriccare.engine.protocol import Value

# The environment variable with the folder of the cache; `off` keeps nothing.
CACHE_VARIABLE = "METRICCARE_CACHE"
_OFF = "off"
# The modules that decide how a model is translated, and whether it is allowed.
_RULES = (
    "spark_sql.py",
    "spark_rules.py",
    "marks.py",
    "../model_sql.py",
    "../functions.py",
    "letter_case.py",
)


class Translations:
    """Translations by the text of their model; `save` adds new ones to the file."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known = _read(file) if file else {}
        self._is_new = False

    def model(self, model: str, relations: Collection[str], parameters: Collection[str]) -> str:
        """Return a model's translation, with marks.

        Raises UsageError for a name that is not given, for anything but one SELECT, and for a
        function, operator or cast that is not listed.
        """
        key = _key(model, *sorted(relations), ":", *sorted(parameters))
        if key not in self._known:
            from metriccare.engine.duckdb.spark_sql import translated

            self._add(key, translated(model, relations, parameters)[0])
        return self._known[key]

    def expression(self, expression: str) -> str:
        """Return the translation of a single expression."""
        key = _key(expression)
        if key not in self._known:
            from metriccare.engine.duckdb.spark_sql import translated_expression

            self._add(key, translated_expression(expression))
        return self._known[key]

    def _add(self, key: str, translation: str) -> None:
        self._known[key] = translation
        self._is_new = True

    def save(self) -> None:
        """Write new translations to the file, and keep those of other processes in it."""
        if not self._is_new or self._file is None:
            return
        self._is_new = False
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps({**_read(self._file), **self._known})
            with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False) as new:
                new.write(content)
            Path(new.name).replace(self._file)


def to_duckdb(model: str, relations: Mapping[str, str], parameters: Mapping[str, Value]) -> str:
    """Return one SELECT in DuckDB's SQL.

    `relations` is name in the model -> name in the session. Raises UsageError as
    `Translations.model` does.
    """
    translation = translations().model(model, relations.keys(), parameters.keys())
    return bound(translation, relations, parameters)


def expression_to_duckdb(expression: str) -> str:
    """Return a single Spark SQL expression in DuckDB's SQL."""
    return translations().expression(expression)


@cache
def translations() -> Translations:
    """Return the translations of this process."""
    return Translations(_cache_file())


def _cache_file() -> Path | None:
    named = os.environ.get(CACHE_VARIABLE)
    if named == _OFF:
        return None
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # this user has no home
        return None
    folder = Path(named) if named else home / "metriccare"
    return folder / f"models-{_edition()}.json"


def _edition() -> str:
    """Return a hash of everything besides its text that a translation depends on."""
    folder = Path(__file__).parent
    rules = [(folder / name).read_bytes().hex() for name in _RULES]
    return _key(importlib.metadata.version("sqlglot"), *rules)[:16]


def _key(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _read(file: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        known = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}
