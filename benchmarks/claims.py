"""What KPIs and the hiding of small cells cost on a lake: processor seconds of each part.

`metriccare demo --lake LAKE`, then `python -m benchmarks.claims LAKE`. The lake is only read. Each
part stands beside the same work without our models (`limit`): reading the same accounts, and one
sum of all of them by month and payer. Compare ratios of one run, as other work on the machine
changes all of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from metriccare.engine.protocol import Engine
from metriccare.marts.measures import published_rows
from metriccare.marts.measures.result_rows import results_in
from metriccare.marts.revenue.crossed_rows import aging_rows, denial_row
from metriccare.marts.revenue.disclosure import hidden_of
from metriccare.marts.revenue.results import Results, results_as_of
from metriccare.settings import Lake, RevenueSettings
from metriccare.tables import claims, gold, revenue
from metriccare.wiring.engines import open_engine

_T = TypeVar("_T")
_LIMIT = """
select tenant, payer, cast(trunc(service_to, 'month') as date) as month, sum(charge) as charge
from account group by tenant, payer, cast(trunc(service_to, 'month') as date)
"""


def timed(name: str, work: Callable[[], _T]) -> _T:
    """Return what the work returns, and print its processor seconds."""
    began = time.process_time()
    found = work()
    print(f"{name:52} {time.process_time() - began:8.2f}", flush=True)
    return found


def main(lake: str) -> None:
    """Print what each part takes."""
    with open_engine(Lake(lake), "duckdb", lambda: None, 0) as engine:
        tables = timed(
            "limit: reading the tables of claims",
            lambda: {t.name: engine.materialize(engine.read(t)) for t in claims.PERSON_TABLES},
        )
        by_month = engine.sql(_LIMIT, account=tables["account"])
        timed("limit: one sum of all accounts", lambda: engine.rows(by_month))
        stored = engine.read(revenue.KPI_RESULT)
        dates = engine.rows(engine.sql("select distinct tenant, as_of from r", r=stored))
        as_of = {row["tenant"]: row["as_of"] for row in dates}
        found = timed(
            "every KPI, period and stratum",
            lambda: results_as_of(engine, tables, as_of, RevenueSettings()),
        )
        hide_revenue(engine, found)
        hide_measures(engine)


def hide_revenue(engine: Engine[Any], found: Results[Any]) -> None:
    """Time the hiding of small cells of each tenant's figures, ageing and denials."""
    aging = engine.rows(found.relations[revenue.AR_AGING.name])
    denials = engine.rows(found.relations[revenue.DENIAL_MONTH.name])
    for tenant in found.as_of:
        figures = [figure for figure in found.figures if figure.tenant == tenant]
        crossed = [
            *aging_rows([row for row in aging if row["tenant"] == tenant]),
            *(denial_row(row) for row in denials if row["tenant"] == tenant),
        ]
        name = f"hiding among {len(figures) + len(crossed):,} rows of revenue"
        timed(name, lambda own=figures, rows=crossed: hidden_of(own, rows))  # type: ignore[misc]


def hide_measures(engine: Engine[Any]) -> None:
    """Time the hiding of small cells of each tenant's results."""
    stored = results_in(engine.rows(engine.read(gold.MEASURE_RESULT)))
    for tenant in sorted({each.tenant for each in stored}):
        results = [each.result for each in stored if each.tenant == tenant]
        name = f"hiding among {len(results):,} results of measures"
        timed(name, lambda own=results: published_rows.hidden_of(own, (), {}))  # type: ignore[misc]


if __name__ == "__main__":
    main(sys.argv[1])
