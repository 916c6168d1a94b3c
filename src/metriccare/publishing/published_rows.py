"""The rows of the marts as the tables hold them now, of all tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.query.published.marts import Mart


@dataclass(frozen=True)
class MartRows(Generic[RelationT]):
    """A mart, its rows of all tenants, and the tenants that have some."""

    mart: Mart
    rows: RelationT
    tenants: frozenset[str]


@dataclass(frozen=True)
class PublishedRows(Generic[RelationT]):
    """The rows of all marts, and the tenants with a published row."""

    marts: Sequence[MartRows[RelationT]]
    tenants: frozenset[str]

    def release(self, engine: Engine[RelationT]) -> None:
        """Free the memory of what was computed."""
        for mart in self.marts:
            engine.release(mart.rows)


def published_rows(engine: Engine[RelationT], marts: Sequence[Mart]) -> PublishedRows[RelationT]:
    """Return the rows of marts, computed once for all tenants. A published table is read once."""
    tables = {table.full_name: table for mart in marts for table in mart.inputs}
    published = {
        name: engine.materialize(engine.read(table))
        for name, table in tables.items()
        if table.layer == naming.PUBLISH
    }
    inner = {name: engine.read(t) for name, t in tables.items() if name not in published}
    made = [_rows(engine, mart, {**published, **inner}) for mart in marts]
    tenants = frozenset().union(*(_tenants(engine, rows) for rows in published.values()))
    for rows in published.values():
        engine.release(rows)
    return PublishedRows(made, tenants)


def _rows(
    engine: Engine[RelationT], mart: Mart, stored: Mapping[str, RelationT]
) -> MartRows[RelationT]:
    inputs = {table.name: stored[table.full_name] for table in mart.inputs}
    rows = engine.materialize(engine.sql(mart.model, None, **inputs))
    return MartRows(mart, rows, _tenants(engine, rows))


def _tenants(engine: Engine[RelationT], rows: RelationT) -> frozenset[str]:
    found = engine.sql("select distinct tenant from rows", None, rows=rows)
    return frozenset(row["tenant"] for row in engine.rows(found))
