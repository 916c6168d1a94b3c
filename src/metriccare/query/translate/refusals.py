"""Why a statement is not answered: the construct, the reason, and how to go on."""

from __future__ import annotations

from metriccare.errors import UsageError

_NOT_SHOWN = "it has not been shown to give Athena's value on this engine"


class Refused(UsageError):
    """A construct that has not been shown to give Athena's value on this engine."""

    def __init__(self, construct: str, why: str = _NOT_SHOWN) -> None:
        super().__init__(
            f"Not answered: {construct}. The reason: {why}. Write it another way (docs/sql.md"
            " lists what is known), ask Athena or the local Trino (`metriccare sql-server`), or"
            " add --anyway to take DuckDB's own answer."
        )
