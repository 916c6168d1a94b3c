"""The sums of every KPI, read from the models of their families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple

from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.periods import MONTH, QUARTER
from metriccare.marts.revenue.definition import BUCKET, PROVIDER, Kpi, Relation
from metriccare.marts.revenue.families import FAMILIES, Family
from metriccare.marts.revenue.figures import KpiKey, Sums, stock_periods
from metriccare.marts.revenue.inputs import Inputs
from metriccare.marts.revenue.members import Members, Stratum
from metriccare.marts.revenue.sum_models import (
    UNDATED,
    date_columns,
    grain_of,
    judged_model,
    lag_model,
    own_strata,
    person_model,
    sum_model,
)
from metriccare.tables.strata import OVERALL

_UNDATED = date.fromisoformat(UNDATED)


class KpiSums(NamedTuple):
    """The sums of one KPI in one period and stratum of a tenant."""

    tenant: str
    key: KpiKey
    sums: Sums


class Cell(NamedTuple):
    """A stratum and a period; of a stock, its date."""

    stratum: Stratum
    grain: str
    start: date | None


@dataclass(frozen=True)
class FamilySums(Generic[RelationT]):
    """What the models of one family give, by cell."""

    family: Family
    sums: Mapping[Cell, Row]
    persons: Mapping[Cell, Row]
    lags: Mapping[str, Mapping[Cell, Row]]


def sums_of_families(
    engine: Engine[RelationT],
    sources: Mapping[Relation, RelationT],
    inputs: Inputs[RelationT],
    members: Members[RelationT],
) -> Iterator[KpiSums]:
    """Yield the sums of every KPI whose relation is given."""
    for family in FAMILIES:
        if family.relation in sources:
            found = family_sums(engine, family, sources[family.relation], members)
            yield from _stocks(found, inputs) if family.is_stock else _flows(found)


def family_sums(
    engine: Engine[RelationT], family: Family, source: RelationT, members: Members[RelationT]
) -> FamilySums[RelationT]:
    """Return the sums, persons and percentiles of a family."""
    judged = engine.materialize(
        engine.sql(judged_model(family), source=source, members=members.relation)
    )

    def cells(model: str) -> dict[Cell, Row]:
        rows = engine.rows(engine.sql(model, judged=judged))
        return {_cell(family, row, members): row for row in rows}

    found: FamilySums[RelationT] = FamilySums(
        family,
        cells(sum_model(family)),
        cells(person_model(family)),
        {kpi.id: cells(lag_model(family, kpi)) for kpi in family.kpis if kpi.has_percentiles},
    )
    engine.release(judged)
    return found


def _cell(family: Family, row: Row, members: Members[Any]) -> Cell:
    dates = [row[name] for name in date_columns(family)]
    stratum = members.strata[row["stratum_no"]]
    for own in own_strata(family):
        if row[own.column] is not None:
            stratum = stratum._replace(stratum_type=own.name, stratum_value=row[own.column])
    start = next((day for day in dates if day is not None), None)
    return Cell(stratum, grain_of(family, dates), start)


def _flows(found: FamilySums[Any]) -> Iterator[KpiSums]:
    for cell, row in found.sums.items():
        if cell.start is not None and cell.start <= _UNDATED:
            continue
        for number, kpi in enumerate(found.family.kpis):
            sums = _sums(found, number, cell, row, row)
            yield KpiSums(cell.stratum.tenant, _key(kpi, cell, cell.grain, cell.start), sums)


def _stocks(found: FamilySums[Any], inputs: Inputs[Any]) -> Iterator[KpiSums]:
    """Yield the sums of a date for every period whose stock is taken then."""
    for cell, row in found.sums.items():
        tenant, day = cell.stratum.tenant, cell.start
        assert day is not None  # noqa: S101
        # A bucket is a share of all that was open.
        is_bucket = cell.stratum.stratum_type == BUCKET
        whole = found.sums[_overall(cell)] if is_bucket else row
        for number, kpi in enumerate(found.family.kpis):
            sums = _sums(found, number, cell, row, whole)
            for grain, start in stock_periods(day, inputs.histories[tenant].as_of):
                if grain in (MONTH, QUARTER) and cell.stratum.stratum_type == PROVIDER:
                    continue
                yield KpiSums(tenant, _key(kpi, cell, grain, start), sums)


def _overall(cell: Cell) -> Cell:
    stratum = cell.stratum._replace(stratum_type=OVERALL, stratum_value="all")
    return cell._replace(stratum=stratum)


def _key(kpi: Kpi, cell: Cell, grain: str, start: date | None) -> KpiKey:
    stratum = cell.stratum
    return KpiKey(
        kpi.id, grain, start, stratum.stratum_type, stratum.stratum_value, stratum.currency
    )


def _sums(found: FamilySums[Any], number: int, cell: Cell, row: Row, whole: Row) -> Sums:
    """Return the sums of a cell; the denominator is that of the whole it is a share of."""
    kpi, place = found.family.kpis[number], found.family.places[number]
    persons = found.persons.get(cell)
    lags = found.lags.get(kpi.id, {}).get(cell)
    return Sums(
        numerator=int(row[f"n{number}"]),
        denominator=int(whole[f"d{number}"]),
        items=int(row[f"items{place}"]),
        excluded=int(row[f"excluded{place}"]),
        waiting=int(row[f"waiting{place}"]),
        persons=int(persons[f"persons{place}"]) if persons else 0,
        stock_date=cell.start if found.family.is_stock else None,
        median=_days(lags, "median"),
        percentile_90=_days(lags, "percentile_90"),
    )


def _days(lags: Row | None, name: str) -> int | None:
    """Return a number of days; lags are in hundredths, as all amounts."""
    return None if lags is None or lags[name] is None else int(lags[name]) // 100
