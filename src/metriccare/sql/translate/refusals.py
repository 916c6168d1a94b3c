"""Why a statement is not answered: the construct, the reason, and how to go on."""

from __future__ import annotations

from metriccare.errors import UsageError


class Refused(UsageError):
    """A construct that has not been shown to give Athena's value on this engine."""

    def __init__(self, construct: str, why: str = "it has not been shown to") -> None:
        super().__init__(
            f"This engine may not answer {construct} as Athena does: {why}."
            " Write it another way (docs/sql.md lists what is known), ask Athena or the local"
            " Trino (`metriccare sql-server`), or add --anyway to take DuckDB's own answer."
        )
