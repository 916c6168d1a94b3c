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
    """A mart, and its rows of all tenants."""

    mart: Mart
    rows: RelationT


@dataclass(frozen=True)
class PublishedRows(Generic[RelationT]):
    """The rows of all marts, the tenants with a published row, and what was computed for them."""

    marts: Sequence[MartRows[RelationT]]
    tenants: frozenset[str]
    computed: Sequence[RelationT]

    def release(self, engine: Engine[RelationT]) -> None:
        """Free the memory of what was computed."""
        for relation in self.computed:
            engine.release(relation)


def published_rows(engine: Engine[RelationT], marts: Sequence[Mart]) -> PublishedRows[RelationT]:
    """Return the rows of marts. A published table is read once; so is what counts evidence."""
    tables = {table.full_name: table for mart in marts for table in mart.inputs}
    published = {
        name: engine.materialize(engine.read(table))
        for name, table in tables.items()
        if table.layer == naming.PUBLISH
    }
    inner = {name: engine.read(t) for name, t in tables.items() if name not in published}
    made = [_rows(engine, mart, {**published, **inner}) for mart in marts]
    counted = [each.rows for each in made if _counts_evidence(each.mart)]
    tenants = _tenants(engine, published)
    return PublishedRows(made, tenants, [*published.values(), *counted])


def _rows(
    engine: Engine[RelationT], mart: Mart, stored: Mapping[str, RelationT]
) -> MartRows[RelationT]:
    inputs = {table.name: stored[table.full_name] for table in mart.inputs}
    rows = engine.sql(mart.model, None, **inputs)
    return MartRows(mart, engine.materialize(rows) if _counts_evidence(mart) else rows)


def _counts_evidence(mart: Mart) -> bool:
    return any(table.layer != naming.PUBLISH for table in mart.inputs)


def _tenants(engine: Engine[RelationT], published: Mapping[str, RelationT]) -> frozenset[str]:
    relations = {f"table_{number}": rows for number, rows in enumerate(published.values())}
    union = " union ".join(f"select tenant from {name}" for name in relations)  # noqa: S608 - ours
    return frozenset(row["tenant"] for row in engine.rows(engine.sql(union, None, **relations)))
