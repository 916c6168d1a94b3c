"""The views and health checks: SQL files, what their headers say, the columns they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from metriccare.errors import SetupError

VIEWS_FOLDER = "athena"
CHECKS_FOLDER = "checks"
_FIELD = re.compile(r"^-- (?P<name>[A-Z][a-z]+): +(?P<text>.+)$")


@dataclass(frozen=True)
class SqlFile:
    """One view or check; the file's name is its name."""

    name: str
    text: str

    @property
    def title(self) -> str:
        """Return the first sentence of the header."""
        return self.text.splitlines()[0].removeprefix("-- ")

    @property
    def header(self) -> Mapping[str, str]:
        """Return the header's fields, such as Question and Denominator, each as one line."""
        fields: dict[str, str] = {}
        name = ""
        for line in self.text.split("\n\n", 1)[0].splitlines():
            found = _FIELD.match(line)
            if found:
                name = found["name"]
                fields[name] = found["text"]
            elif name:
                fields[name] += " " + line.removeprefix("--").strip()
        return fields


@cache
def views() -> Mapping[str, SqlFile]:
    """Return every view by name."""
    return _files(VIEWS_FOLDER)


@cache
def checks() -> Mapping[str, SqlFile]:
    """Return every health check by name; a check that gives no rows is healthy."""
    return _files(CHECKS_FOLDER)


@cache
def view_columns(name: str) -> Mapping[str, str]:
    """Return a view's columns and their Trino types."""
    from metriccare.query.column_types import column_type  # sqlglot, only when needed
    from metriccare.query.statement import parse_view

    query = parse_view(views()[name])
    types = {item.alias_or_name: column_type(query, item) for item in query.expressions}
    unknown = [column for column, kind in types.items() if kind is None]
    if unknown:
        raise SetupError(f"View {name}: nothing gives {', '.join(unknown)} a type; cast it.")
    return {column: kind for column, kind in types.items() if kind is not None}


def _files(folder: str) -> Mapping[str, SqlFile]:
    found = {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in _root().joinpath(folder).iterdir()
        if file.name.endswith(".sql")
    }
    return {name: SqlFile(name, found[name]) for name in sorted(found)}


def _root() -> Traversable:
    """Return the folder of SQL: in a wheel it lies in this package, in a checkout at the top."""
    packaged = resources.files("metriccare.query")
    if packaged.joinpath(VIEWS_FOLDER).is_dir():
        return packaged
    checkout = Path(__file__).resolve().parents[3] / "sql"
    if not checkout.is_dir():
        raise SetupError("The view files are missing: install MetricCare again.")
    return checkout
