"""What arrived: how much of each resource type, and what that asks of silver."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

# Rows that fit into any task's memory several times over, their texts included.
_FEW = 20_000


@dataclass(frozen=True)
class Arrivals:
    """What arrived of one type: rows, whether keys repeat, whether any row refers indirectly."""

    rows: int
    keys_repeat: bool
    indirect: bool


def arrivals_by_type(pending: DataFrame) -> dict[str, Arrivals]:
    """Return what arrived of each type, from the header alone."""
    facts = pending.groupBy("resource_type").agg(
        F.count("*").alias("rows"),
        F.countDistinct("tenant", "resource_id").alias("keys"),
        F.max("indirect").alias("indirect"),
    )
    return {
        row.resource_type: Arrivals(row["rows"], row["rows"] > row["keys"], row.indirect)
        for row in facts.collect()
    }


def are_few(rows: int) -> bool:
    """Tell whether so few rows are cheaper to send to every task than to sort."""
    return rows <= _FEW
