"""The rows of the marts as the tables hold them now, of all tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.query.published.marts import Mart


@dataclass(frozen=True)
class MartRows(Generic[RelationT]):
    """A mart's rows of all tenants, and the tenants that have some."""

    mart: Mart
    rows: RelationT
    tenants: frozenset[str]


def mart_rows(engine: Engine[RelationT], marts: Sequence[Mart]) -> list[MartRows[RelationT]]:
    """Return the rows of marts; a published table that several need is read once."""
    tables = {table.full_name: table for mart in marts for table in mart.inputs}
    stored = {
        name: engine.materialize(engine.read(table))
        if table.layer == naming.PUBLISH
        else engine.read(table)
        for name, table in tables.items()
    }
    return [_rows(engine, mart, stored) for mart in marts]


def _rows(
    engine: Engine[RelationT], mart: Mart, stored: Mapping[str, RelationT]
) -> MartRows[RelationT]:
    inputs = {table.name: stored[table.full_name] for table in mart.inputs}
    made = engine.materialize(engine.sql(mart.model, None, **inputs))
    distinct = engine.sql("select distinct tenant from made", None, made=made)
    return MartRows(mart, made, frozenset(row["tenant"] for row in engine.rows(distinct)))


def tenants_in(marts: Sequence[MartRows[Any]]) -> set[str]:
    """Return the tenants with a row in any mart."""
    return {tenant for rows in marts for tenant in rows.tenants}
