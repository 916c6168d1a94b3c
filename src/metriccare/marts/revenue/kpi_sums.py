"""The sums of every KPI, read from the models of their families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.revenue.definition import BUCKET, Kpi, Relation
from metriccare.marts.revenue.families import FAMILIES, Family
from metriccare.marts.revenue.figures import KpiKey, Sums, stock_periods
from metriccare.marts.revenue.inputs import Inputs
from metriccare.marts.revenue.sum_models import lag_model, sum_model
from metriccare.tables.strata import OVERALL, WHOLE


class KpiSums(NamedTuple):
    """The sums of one KPI in one period and stratum of a tenant."""

    tenant: str
    key: KpiKey
    sums: Sums


def sums_of_families(
    engine: Engine[RelationT],
    sources: Mapping[Relation, RelationT],
    inputs: Inputs[RelationT],
) -> Iterator[KpiSums]:
    """Yield the sums of every KPI whose relation is given."""
    for family in FAMILIES:
        if family.relation in sources:
            source = sources[family.relation]
            rows = engine.rows(engine.sql(sum_model(family), source=source))
            found = _stocks(family, rows, inputs) if family.is_stock else _flows(family, rows)
            yield from _with_lags(engine, family, source, found)


def _flows(family: Family, rows: list[Row]) -> Iterator[KpiSums]:
    for row in rows:
        for number, kpi in enumerate(family.kpis):
            yield _sums(family, number, row, (kpi.id, row["grain"], row["period_start"]), None)


def _stocks(family: Family, rows: list[Row], inputs: Inputs[RelationT]) -> Iterator[KpiSums]:
    """Yield the sums of a date for every period whose stock is taken then."""
    open_sums = _overall(rows)
    for row in rows:
        day = row["period_start"]
        periods = list(stock_periods(day, inputs.histories[row["tenant"]].as_of))
        for number, kpi in enumerate(family.kpis):
            for grain, start in periods:
                found = _sums(family, number, row, (kpi.id, grain, start), day)
                if row["stratum_type"] == BUCKET:
                    # A bucket is a share of all that was open.
                    whole = open_sums[row["tenant"], row["currency"], day]
                    found = found._replace(
                        sums=replace(found.sums, denominator=int(whole[f"d{number}"]))
                    )
                yield found


def _overall(rows: list[Row]) -> dict[tuple[str, str, date], Row]:
    return {
        (row["tenant"], row["currency"], row["period_start"]): row
        for row in rows
        if (row["stratum_type"], row["stratum_value"]) == (OVERALL, WHOLE)
    }


def _sums(
    family: Family, number: int, row: Row, period: tuple[str, str, date | None], day: date | None
) -> KpiSums:
    place = family.place(family.kpis[number])
    key = KpiKey(*period, row["stratum_type"], row["stratum_value"], row["currency"])
    sums = Sums(
        numerator=int(row[f"n{number}"]),
        denominator=int(row[f"d{number}"]),
        items=int(row[f"items{place}"]),
        excluded=int(row[f"excluded{place}"]),
        waiting=int(row[f"waiting{place}"]),
        persons=int(row[f"persons{place}"] or 0),
        stock_date=day,
    )
    return KpiSums(row["tenant"], key, sums)


def _with_lags(
    engine: Engine[RelationT], family: Family, source: RelationT, found: Iterator[KpiSums]
) -> Iterator[KpiSums]:
    """Yield the sums with medians and percentiles where a KPI has them."""
    percentiles = {kpi.id: _percentiles(engine, family, kpi, source) for kpi in _lags(family)}
    for each in found:
        of_kpi = percentiles.get(each.key.kpi_id)
        if of_kpi is None:
            yield each
            continue
        median, percentile_90 = of_kpi.get((each.tenant, each.key), (None, None))
        yield each._replace(sums=replace(each.sums, median=median, percentile_90=percentile_90))


def _lags(family: Family) -> list[Kpi]:
    return [kpi for kpi in family.kpis if kpi.lag is not None]


def _percentiles(
    engine: Engine[RelationT], family: Family, kpi: Kpi, source: RelationT
) -> dict[tuple[str, KpiKey], tuple[int, int]]:
    rows = engine.rows(engine.sql(lag_model(family, kpi), source=source))
    return {(row["tenant"], _key(kpi, row)): (row["median"], row["percentile_90"]) for row in rows}


def _key(kpi: Kpi, row: Row) -> KpiKey:
    return KpiKey(
        kpi.id,
        row["grain"],
        row["period_start"],
        row["stratum_type"],
        row["stratum_value"],
        row["currency"],
    )
