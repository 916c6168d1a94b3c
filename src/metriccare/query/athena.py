"""The SqlEngine over Athena: the statement is checked here and runs in a deployed workgroup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from metriccare import naming
from metriccare.query import catalog
from metriccare.query.engine import Rows
from metriccare.query.statement import Show, parse_read_only
from metriccare.query.to_duckdb import bind
from metriccare.query.translate.trino_types import Type
from metriccare.query.trino.values import simple_value


@dataclass(frozen=True)
class AthenaColumn:
    """A column of an answer as Athena describes it; precision and scale are a decimal's."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0


@dataclass(frozen=True)
class AthenaAnswer:
    """What Athena answered: its columns, and its rows as text; None is SQL's null."""

    columns: Sequence[AthenaColumn]
    rows: Iterable[Sequence[str | None]]


# Takes a statement and the database of unqualified names; raises UsageError with Athena's words.
Run = Callable[[str, str], AthenaAnswer]


class AthenaEngine:
    """Runs SQL in Athena over the tables of one deployed workspace."""

    def __init__(self, run: Run, workspace: str) -> None:
        self._run, self._workspace = run, workspace

    def query(self, sql: str) -> Rows:
        """Return every row; UsageError if the statement does not only read, or if Athena fails.

        Arrays, maps and rows come as the text that Athena writes of them.
        """
        statement = parse_read_only(sql)
        if isinstance(statement, Show):
            return catalog.answer(statement)
        bind(statement)  # refuses a name that the lake does not have
        text = with_databases(sql, statement, self._workspace)
        answer = self._run(text, naming.database(naming.PUBLISH, self._workspace))
        types = tuple(_type(column) for column in answer.columns)
        rows = (
            tuple(_value(kind, text) for kind, text in zip(types, row, strict=True))
            for row in answer.rows
        )
        return Rows(tuple(column.name for column in answer.columns), tuple(rows), types)


def with_databases(sql: str, statement: exp.Query, workspace: str) -> str:
    """Return the text with each layer's name replaced by its database: `gold` in `gold.stay`.

    The rest stays as it was written, so that Athena runs what the person sees.
    """
    found = {
        (name.meta["start"], name.meta["end"] + 1): naming.database(name.name.lower(), workspace)
        for node in statement.find_all(exp.Table, exp.Column)
        if (name := node.args.get("db")) is not None and name.name.lower() in naming.LAYERS
    }
    for (start, end), database in sorted(found.items(), reverse=True):
        sql = sql[:start] + database + sql[end:]
    return sql.strip().rstrip(";")


def _type(column: AthenaColumn) -> Type:
    if column.type == "decimal":
        return Type("decimal", (column.precision, column.scale))
    # Athena calls a real `float`, as Hive does.
    return Type("real" if column.type == "float" else column.type)


def _value(kind: Type, text: str | None) -> Any:
    if text is None:
        return None
    if kind.name == "boolean":
        return text == "true"
    if kind.name == "varbinary":
        return bytes.fromhex(text)
    return float(text) if kind.name == "real" else simple_value(kind, text)
