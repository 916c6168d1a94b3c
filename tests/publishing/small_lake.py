"""A lake whose months are all hidden as published, with the results before suppression."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.publishing.mart_lake import AS_OF, MartLake, hidden, measure


def small_lake(folder: Path) -> MartLake:
    """Return 24 months of counts from 1 to 6, all of them hidden; two hospitals; two tenants."""
    lake = MartLake(folder)
    for tenant, more in (("default", 0), ("second", 20)):
        months = [_month(n) for n in range(24)]
        lake.write("publish.measure", *[hidden(tenant, **each) for each in months])
        lake.write(
            "gold.measure_result",
            *[_result(tenant, 1 + n % 6 + more, **each) for n, each in enumerate(months)],
        )
        units = [
            {
                "grain": "all",
                "period_start": None,
                "stratum_type": "hospital",
                "stratum_value": name,
            }
            for name in ("h1", "h2")
        ]
        lake.write("publish.measure", *[hidden(tenant, **each) for each in units])
        lake.write("gold.measure_result", *[_result(tenant, 7 + more, **each) for each in units])
    lake.publish()
    return lake


def _month(n: int) -> dict[str, Any]:
    return {
        "grain": "month",
        "period_start": date(2023 + n // 12, n % 12 + 1, 1),
        "period_end": date(2023 + (n + 1) // 12, (n + 1) % 12 + 1, 1),
    }


def _result(tenant: str, count: int, **where: Any) -> dict[str, Any]:
    row = measure(tenant, **where, numerator=count, denominator=40, value=count / 40)
    return {**{name: row[name] for name in row if name in _RESULT}, "as_of": AS_OF}


_RESULT = {
    *("tenant", "measure_id", "grain", "period_start", "period_end", "stratum_type"),
    *("stratum_value", "numerator", "denominator", "value"),
}
