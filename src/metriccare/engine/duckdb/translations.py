"""Models in DuckDB's words, translated once: by this process or by one before it.

A run has some hundred models, which take sqlglot several seconds. Their translations depend on
nothing but their text, the rules and sqlglot, so they are kept in a file of the user's cache.
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

# Names a folder for what can be worked out again; `off` keeps nothing.
CACHE_VARIABLE = "METRICCARE_CACHE"
_OFF = "off"
# Where the meaning of a translation is written down.
_RULES = ("spark_sql.py", "spark_rules.py", "marks.py", "../model_sql.py")


class Translations:
    """Translations by the text of their model; `save` adds the new ones to the file."""

    def __init__(self, place: Path | None) -> None:
        self._place = place
        self._known = _read(place) if place else {}
        self._is_new = False

    def model(self, model: str, relations: Collection[str], parameters: Collection[str]) -> str:
        """Return a model's translation, with marks.

        Raises UsageError for a name that is not given, and for anything but one SELECT.
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
        """Write what is new; another process may have written meanwhile, whose part stays."""
        if not self._is_new or self._place is None:
            return
        self._is_new = False
        with suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps({**_read(self._place), **self._known})
            with tempfile.NamedTemporaryFile("w", dir=self._place.parent, delete=False) as file:
                file.write(content)
            Path(file.name).replace(self._place)


def to_duckdb(model: str, relations: Mapping[str, str], parameters: Mapping[str, Value]) -> str:
    """Return one SELECT in DuckDB's words.

    `relations` is name in the model -> name in the session. Raises UsageError for a name that is
    not given, and for anything but one SELECT.
    """
    translation = translations().model(model, relations.keys(), parameters.keys())
    return bound(translation, relations, parameters)


def expression_to_duckdb(expression: str) -> str:
    """Return a single Spark SQL expression in DuckDB's words."""
    return translations().expression(expression)


@cache
def translations() -> Translations:
    """Return the translations of this process."""
    return Translations(_place())


def _place() -> Path | None:
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
    """Return what changes when the same model might be translated in another way."""
    here = Path(__file__).parent
    rules = [(here / name).read_bytes().hex() for name in _RULES]
    return _key(importlib.metadata.version("sqlglot"), *rules)[:16]


def _key(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _read(place: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        known = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}
