"""What a person may ask: one statement that only reads, in Athena's dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.errors import ParseError, TokenError
from sqlglot.optimizer.scope import traverse_scope

from metriccare.errors import UsageError
from metriccare.query.translate.dialect import AsWritten
from metriccare.query.views import SqlFile

DIALECT = "trino"
_READ_ONLY = "Only one statement that reads is answered: SELECT, WITH ... SELECT, SHOW or DESCRIBE."
_SHOW = re.compile(
    r"""^(?: show\s+(?P<what>schemas|databases|tables|views)(?:\s+(?:in|from)\s+(?P<layer>\S+))?
         | (?:show\s+columns\s+(?:in|from)|describe|desc)\s+(?P<relation>\S+))$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Show:
    """A question about the lake's names: `what` is schemas, tables, views or columns."""

    what: str
    of: str | None


def parse_read_only(sql: str) -> exp.Query | Show:
    """Return the statement; UsageError unless it is a single one that only reads."""
    text = sql.strip().rstrip(";").rstrip()
    if not text:
        raise UsageError("There is no SQL to run. Example: SELECT * FROM metric_alos")
    shown = _SHOW.match(text)
    if shown:
        return _show(shown)
    statements = _parse(text, AsWritten)
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UsageError(_READ_ONLY)
    _refuse_writes(statements[0])
    return statements[0]


def parse_for_sqlglot(sql: str) -> exp.Query:
    """Return a statement `parse_read_only` has accepted, its functions read by sqlglot."""
    (statement,) = _parse(sql.strip().rstrip(";").rstrip(), DIALECT)
    if not isinstance(statement, exp.Query):
        raise UsageError(_READ_ONLY)
    return statement


@cache
def parse_view_as_written(view: SqlFile) -> exp.Query:
    """Return a view's query with its functions left as they are written."""
    (statement,) = _parse(view.text, AsWritten)
    if not isinstance(statement, exp.Query):
        raise UsageError(f"{view.name} is not one SELECT.")
    return statement


@cache
def parse_view(view: SqlFile) -> exp.Select:
    """Return a view's query; callers copy before they change it."""
    (statement,) = _parse(view.text, DIALECT)
    if not isinstance(statement, exp.Select):
        raise UsageError(f"{view.name} is not one SELECT.")
    return statement


def tables_of(query: exp.Query) -> list[exp.Table]:
    """Return the tables and views a query reads; names of its own CTEs are not among them."""
    found = [
        source
        for scope in traverse_scope(query)
        for source in scope.sources.values()
        if isinstance(source, exp.Table)
    ]
    return list({id(table): table for table in found}.values())


def _show(found: re.Match[str]) -> Show:
    if found["relation"]:
        return Show("columns", _unquoted(found["relation"]))
    what = "schemas" if found["what"].lower() == "databases" else found["what"].lower()
    return Show(what, _unquoted(found["layer"]) if found["layer"] else None)


def _unquoted(name: str) -> str:
    return re.sub(r'["`]', "", name).lower()


def _parse(text: str, dialect: DialectType) -> list[exp.Expr]:
    try:
        parsed = sqlglot.parse(text, dialect=dialect)
    except ParseError as error:
        raise UsageError(_syntax_message(error)) from error
    except TokenError as error:
        raise UsageError("The SQL cannot be read: a quote or comment is not closed.") from error
    return [statement for statement in parsed if statement is not None]


def _syntax_message(error: ParseError) -> str:
    first = error.errors[0] if error.errors else {}
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    where = f" in line {first['line']}, column {first['col']}" if first.get("line") else ""
    return f"The SQL has a mistake{where}{near}: {first.get('description', 'not understood')}"


def _refuse_writes(query: exp.Query) -> None:
    """Refuse what changes something or reads beside the lake, at any depth."""
    if query.find(exp.DML, exp.DDL, exp.Command, exp.Into):
        raise UsageError(_READ_ONLY)
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise UsageError("Functions cannot be read as tables here; use UNNEST or a table.")
