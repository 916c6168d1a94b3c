"""Rejected records as a person may see them: where they stood and why, never what they held."""

from __future__ import annotations

from metriccare.sql.engine import Rows, SqlEngine

_SQL = (
    "SELECT source_file, source_line, rule_id, reason, resource_type, resource_id, run_id"
    " FROM bronze.quarantine ORDER BY source_file, source_line, rule_id"
)


def rejected(engine: SqlEngine, run_id: str | None, rule_id: str | None) -> Rows:
    """Return the rejected records of a run and a rule, or of all."""
    found = engine.query(_SQL)
    kept = tuple(
        row
        for row in found.records()
        if run_id in (None, row["run_id"]) and rule_id in (None, row["rule_id"])
    )
    return Rows(found.columns, tuple(tuple(row.values()) for row in kept))
