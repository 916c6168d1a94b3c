"""The rows of the marts as the published tables hold them now, by tenant, each with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Generic

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.query.published.marts import Mart
from metriccare.query.published.row_hash import RowHash, hash_of_rows


@dataclass(frozen=True)
class TenantRows:
    """How many rows a tenant has in a mart, and the SHA-256 over all of them in order."""

    count: int
    sha256: str


NO_ROWS = TenantRows(0, RowHash().hexdigest())


@dataclass(frozen=True)
class MartRows(Generic[RelationT]):
    """A mart's rows of all tenants, in order, and what each tenant has of them."""

    mart: Mart
    rows: RelationT
    of_tenants: Mapping[str, TenantRows]

    def of_tenant(self, tenant: str) -> TenantRows:
        """Return what a tenant has; a tenant without rows has none."""
        return self.of_tenants.get(tenant, NO_ROWS)


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
    order = ", ".join(mart.order)
    ordered = engine.sql(f"select * from made order by {order}", None, made=made)  # noqa: S608 - declared names
    names = [column.name for column in mart.columns]
    values = ([row[name] for name in names] for row in engine.rows(ordered))
    return MartRows(mart, made, dict(_by_tenant(values, names.index("tenant"))))


def _by_tenant(rows: Iterator[list[Any]], place: int) -> Iterator[tuple[str, TenantRows]]:
    """Yield tenant -> its rows; all marts are ordered by tenant first."""
    for tenant, group in groupby(rows, key=lambda row: row[place]):
        found = hash_of_rows(group)
        yield tenant, TenantRows(found.count, found.hexdigest())


def tenants_in(marts: Sequence[MartRows[Any]]) -> set[str]:
    """Return the tenants with a row in any mart."""
    return {tenant for rows in marts for tenant in rows.of_tenants}
