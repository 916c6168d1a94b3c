"""What `metriccare metrics` prints: rows of the declared datasets, for one reader or the operator.

Columns, rows and their order are those of the views `metric_*` and `claims_analytics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.access.rights import FINANCE_READ
from metriccare.access.scope import Scope
from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.periods import ALL, GRAINS
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import EQ, IN, Dataset
from metriccare.query.datasets.measures import RESULTS
from metriccare.query.engine import Rows
from metriccare.query.published.engine import MOST_ROWS, PublishedEngine
from metriccare.query.published.statements import Page
from metriccare.report.measure_views import COLUMNS as MEASURE_COLUMNS
from metriccare.report.published_metrics import BY, choice
from metriccare.tables.strata import OVERALL

_ORDER = {measure.id: place for place, measure in enumerate(MEASURES)}
# Named here: the columns of its dataset take a tenth of a second to derive.
_KPI_MART = "kpi"
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Reader:
    """Who reads what is published: an engine, and a scope for each tenant they may see."""

    engine: PublishedEngine
    scopes: tuple[Scope, ...]

    @property
    def may_read_kpis(self) -> bool:
        """Return True if every scope may read KPIs."""
        return all(FINANCE_READ in scope.rights for scope in self.scopes)

    def records(self, dataset: Dataset, conditions: Sequence[Condition]) -> Iterator[Record]:
        """Yield the rows of a dataset, tenant after tenant, page after page."""
        for scope in self.scopes:
            after = None
            while True:
                page = Page(limit=MOST_ROWS, after=after)
                answer = self.engine.rows(scope, dataset, conditions, page)
                yield from (dict(zip(answer.columns, row, strict=True)) for row in answer.rows)
                after = answer.next
                if after is None:
                    break


def is_kpi(name: str) -> bool:
    """Return True if a KPI has this id."""
    from metriccare.marts.revenue.kpis import BY_ID as KPIS_BY_ID  # only if no measure has it

    return name not in BY_ID and name in KPIS_BY_ID


def marts_of(name: str | None) -> tuple[str, ...]:
    """Return the marts that a measure or KPI is read from; both if none is named."""
    if name is None:
        return (RESULTS.mart, _KPI_MART)
    return (_KPI_MART,) if is_kpi(name) else (RESULTS.mart,)


def measures(reader: Reader, measure_id: str | None, by: str | None, grain: str | None) -> Rows:
    """Return published results: of one measure or all, overall or by stratum, for one grain.

    Raises UsageError for an id, stratum or grain that does not exist.
    """
    ids = [choice("measure", measure_id, tuple(BY_ID))] if measure_id else list(BY_ID)
    stratum = choice("--by", by, BY) if by else OVERALL
    chosen = choice("--grain", grain, GRAINS) if grain else ALL
    conditions = _conditions("measure_id", ids, stratum, chosen)
    found = [_labelled(record) for record in reader.records(RESULTS, conditions)]
    found.sort(key=_of_measures)
    return _rows(MEASURE_COLUMNS, found)


def kpis(reader: Reader, kpi_id: str | None, by: str | None, grain: str | None) -> Rows:
    """Return published KPIs under the columns of `claims_analytics`.

    Raises UsageError for an id, stratum or grain that does not exist.
    """
    from metriccare.marts.revenue.kpis import BY_ID as KPIS_BY_ID
    from metriccare.marts.revenue.kpis import KPIS
    from metriccare.query.datasets.revenue import KPI_RESULTS
    from metriccare.report.kpi_views import COLUMNS

    wanted = KPIS if kpi_id is None else (KPIS_BY_ID[kpi_id],)
    strata = sorted({name for kpi in wanted for name in kpi.stratum_types} - {OVERALL})
    stratum = choice("--by", by, strata) if by else OVERALL
    chosen = choice("--grain", grain, GRAINS) if grain else ALL
    ids = [kpi.id for kpi in wanted]
    found = list(reader.records(KPI_RESULTS, _conditions("kpi_id", ids, stratum, chosen)))
    found.sort(key=_of_kpis)
    return _rows(COLUMNS, found)


def _conditions(
    id_column: str, ids: Sequence[str], stratum: str, grain: str
) -> tuple[Condition, ...]:
    return (
        Condition(id_column, IN, tuple(sorted(ids))),
        Condition("stratum_type", EQ, (stratum,)),
        Condition("grain", EQ, (grain,)),
    )


def _rows(columns: Sequence[str], records: Sequence[Record]) -> Rows:
    return Rows(tuple(columns), tuple(tuple(each[name] for name in columns) for each in records))


def _labelled(record: Record) -> Record:
    label = record["stratum_label"]
    return {**record, "stratum_label": record["stratum_value"] if label is None else label}


def _of_measures(record: Record) -> tuple[Any, ...]:
    return (
        record["tenant"],
        _ORDER[record["measure_id"]],
        record["period_start"] or date.min,
        record["stratum_label"] or "",
        record["stratum_value"] or "",
    )


def _of_kpis(record: Record) -> tuple[Any, ...]:
    # Rows without a value come last, as in SQL.
    names = ("tenant", "kpi_id", "period_start", "stratum_label", "stratum_value", "currency")
    return tuple((record[name] is None, record[name] or "") for name in names)
