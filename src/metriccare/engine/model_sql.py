"""A model, parsed; the relations and parameters it names are checked before an engine runs it."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from metriccare.errors import UsageError

DIALECT = "spark"


def parsed(model: str) -> exp.Query:
    """Return one SELECT; UsageError for anything else."""
    try:
        statements = parse(model, dialect=DIALECT)
    except SqlglotError as error:
        raise UsageError(f"The model is not understood: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UsageError("A model is one SELECT.")
    return statements[0]


def relations_in(query: exp.Query, given: Collection[str]) -> list[exp.Table]:
    """Return every mention of a relation in a model; UsageError for one that is not given."""
    local = {cte.alias for cte in query.find_all(exp.CTE)}
    hidden = sorted(local & set(given))
    if hidden:
        raise UsageError(f"The model's WITH hides the relation {hidden[0]}; rename it.")
    mentions = [table for table in query.find_all(exp.Table) if table.name not in local]
    for table in mentions:
        if table.db or table.name not in given:
            known = ", ".join(sorted(given)) or "none"
            raise UsageError(f"The model reads {table.sql()}, which is not given; given: {known}.")
    return mentions


def parameters_in(query: exp.Query, given: Collection[str]) -> list[exp.Placeholder]:
    """Return every placeholder of a model; UsageError for a parameter that is not given."""
    placeholders = list(query.find_all(exp.Placeholder))
    for placeholder in placeholders:
        if placeholder.name not in given:
            raise UsageError(f"The model's parameter :{placeholder.name} is not given.")
    return placeholders
