"""The published tables of revenue: figures, ageing, denials, closed months, small cells hidden."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.revenue.closed import Closed, closed_figures, comparisons
from metriccare.marts.revenue.crossed_rows import (
    aging_pair,
    aging_rows,
    cents,
    denial_row,
    key_of,
    totals_of_aging,
)
from metriccare.marts.revenue.disclosure import hidden_of
from metriccare.marts.revenue.figures import VALUE_DIGITS, Figure
from metriccare.marts.revenue.published_kpis import KEPT, Labels, Shown, published_kpis
from metriccare.marts.revenue.quantities import CrossedRow
from metriccare.marts.revenue.results import Results
from metriccare.marts.revenue.rounding import decimal, divided
from metriccare.settings import INTERNAL
from metriccare.tables import Table
from metriccare.tables import revenue as tables

Hidden = Callable[[str, Hashable], bool]


@dataclass(frozen=True)
class Publication:
    """What the published rows are made of, and who may see them."""

    figures: Sequence[Figure]
    as_of: Mapping[str, date]
    aging: Sequence[Row]
    denials: Sequence[Row]
    closed: Sequence[Closed]
    small_cells: str


def published(
    engine: Engine[RelationT],
    results: Results[RelationT],
    small_cells: str,
    labels: Labels | None = None,
    closed: Sequence[Row] = (),
) -> dict[str, RelationT]:
    """Return the rows of the published tables by their name.

    `closed` are the rows of gold.kpi_close; `small_cells` is the setting.
    """
    publication = Publication(
        figures=results.figures,
        as_of=results.as_of,
        aging=engine.rows(results.relations[tables.AR_AGING.name]),
        denials=engine.rows(results.relations[tables.DENIAL_MONTH.name]),
        closed=closed_figures(closed),
        small_cells=small_cells,
    )
    is_hidden = hiding(publication)
    rows = {
        tables.PUBLISHED_CLOSE: _closes(publication, is_hidden),
        tables.PUBLISHED_AGING: _aging(publication, is_hidden),
        tables.PUBLISHED_DENIALS: _denials(publication, is_hidden),
    }
    hidden = [(f.tenant, f.key) for f in results.figures if is_hidden(f.tenant, f.key)]
    shown = Shown(hidden, labels or {}, results.payers)
    return {
        tables.PUBLISHED_KPI.name: published_kpis(
            engine, results.relations[tables.KPI_RESULT.name], shown
        ),
        **{table.name: _relation(engine, table, found) for table, found in rows.items()},
    }


def hiding(publication: Publication) -> Hidden:
    """Return the function that says of a tenant's row whether it is hidden."""
    if publication.small_cells == INTERNAL:
        return lambda tenant, key: False
    by_tenant: dict[str, list[Figure]] = {}
    for figure in publication.figures:
        by_tenant.setdefault(figure.tenant, []).append(figure)
    crossed = _crossed_by_tenant(publication)
    found = {tenant: hidden_of(own, crossed.get(tenant, ())) for tenant, own in by_tenant.items()}
    for tenant, version, figures in _versions(publication.closed):
        # What is hidden now is hidden in closed months too, and the other way round.
        keys = {(version, key) for key in hidden_of(figures)}
        found[tenant] = found.get(tenant, frozenset()) | keys
    return lambda tenant, key: key in found.get(tenant, frozenset())


def _crossed_by_tenant(publication: Publication) -> dict[str, list[CrossedRow]]:
    aging, denials = _by_tenant(publication.aging), _by_tenant(publication.denials)
    return {
        tenant: [*aging_rows(aging.get(tenant, ())), *map(denial_row, denials.get(tenant, ()))]
        for tenant in aging.keys() | denials.keys()
    }


def _by_tenant(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["tenant"], []).append(row)
    return found


def _versions(closed: Iterable[Closed]) -> list[tuple[str, int, list[Figure]]]:
    found: dict[tuple[str, int], list[Figure]] = {}
    for each in closed:
        found.setdefault((each.figure.tenant, each.version), []).append(each.figure)
    return [(tenant, version, figures) for (tenant, version), figures in found.items()]


def _relation(
    engine: Engine[RelationT], table: Table, rows: Iterable[Mapping[str, Any]]
) -> RelationT:
    columns = table.computed_columns
    shown = (_shown(row) for row in rows)
    return engine.from_rows(columns, ([row.get(c.name) for c in columns] for row in shown))


def _shown(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row; a hidden one keeps its name and loses every number."""
    if not row["suppressed"]:
        return row
    return {name: value for name, value in row.items() if name in KEPT}


def _closes(publication: Publication, is_hidden: Hidden) -> Iterable[dict[str, Any]]:
    for row in comparisons(publication.closed, publication.figures):
        tenant, key, version = row["tenant"], row["key"], row["close_version"]
        hidden_then = is_hidden(tenant, (version, key))
        yield {
            **key._asdict(),
            **row,
            "as_of": publication.as_of.get(tenant),
            "suppressed": hidden_then or is_hidden(tenant, key),
        }


def _aging(publication: Publication, is_hidden: Hidden) -> Iterable[dict[str, Any]]:
    totals = totals_of_aging(publication.aging)
    for row in publication.aging:
        whole = totals[aging_pair(row)]
        share = divided(cents(row["balance"]), whole, VALUE_DIGITS) if whole else None
        yield {
            **row,
            "share": None if share is None else decimal(share, VALUE_DIGITS),
            "suppressed": is_hidden(row["tenant"], key_of(tables.AR_AGING, row)),
        }


def _denials(publication: Publication, is_hidden: Hidden) -> Iterable[dict[str, Any]]:
    for row in publication.denials:
        yield {**row, "suppressed": is_hidden(row["tenant"], key_of(tables.DENIAL_MONTH, row))}
