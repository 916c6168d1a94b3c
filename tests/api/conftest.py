from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.running import Running, running
from tests.publishing.large_publication import copied_to
from tests.publishing.mart_lake import AS_OF, MartLake, code, hidden, measure
from tests.publishing.operations_lake import end_run

FORMULA = '=HYPERLINK("http://evil.example")'
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Running]:
    """A served lake in which nothing is published."""
    with running(tmp_path) as api:
        yield api


@pytest.fixture(scope="session")
def published_lake(tmp_path_factory: pytest.TempPathFactory) -> MartLake:
    """Marts of two tenants: 24 months that are shown, hospitals of which one is hidden, KPIs."""
    lake = MartLake(tmp_path_factory.mktemp("served"))
    lake.write("publish.measure", *_measures("default"), *_measures("second", more=100))
    lake.write("publish.infection_code", code("default"), code("second", display="of second"))
    lake.write("publish.kpi", *_kpis("default"), *_kpis("second"))
    lake.publish()
    end_run(lake)
    return lake


@pytest.fixture(scope="module")
def api(published_lake: MartLake) -> Iterator[Running]:
    """The two tenants, served."""
    with running(published_lake.folder) as served:
        yield served


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two tenants, six hospitals, 36 months: written by the pipeline, served."""
    with running(copied_to(tmp_path_factory.mktemp("large"))) as served:
        yield served


@pytest.fixture(autouse=True)
def _no_limits_left_over(request: pytest.FixtureRequest) -> None:
    """Begin each test with fresh limits: servers are shared, the subjects are few."""
    for name in {"api", "large"}.intersection(request.fixturenames):
        request.getfixturevalue(name).served.services.limiter._windows.clear()


def _measures(tenant: str, more: int = 0) -> list[dict[str, Any]]:
    months = [
        measure(
            tenant,
            grain="month",
            period_start=date(2023 + n // 12, n % 12 + 1, 1),
            period_end=date(2023 + (n + 1) // 12, (n + 1) % 12 + 1, 1),
            numerator=30 + more + n % 3,
            denominator=300 + more,
            value=(30 + more + n % 3) / (300 + more),
        )
        for n in range(24)
    ]
    whole = {"grain": "all", "period_start": None}
    names = {"h1": FORMULA, "h2": SCRIPT, "h3": "Hospital h3"}
    hospitals = [
        measure(
            tenant,
            **whole,
            stratum_type="hospital",
            stratum_value=name,
            stratum_label=label,
            numerator=100 + place,
            denominator=1000,
            value=(100 + place) / 1000,
        )
        for place, (name, label) in enumerate(names.items())
    ]
    small = hidden(
        tenant, **whole, stratum_type="hospital", stratum_value="h4", stratum_label="Hospital h4"
    )
    return [*months, *hospitals, small, measure(tenant, **whole, numerator=740, denominator=7200)]


def _kpis(tenant: str) -> list[dict[str, Any]]:
    return [
        {
            "tenant": tenant,
            "kpi_id": kpi,
            "grain": "month",
            "period_start": date(2024, month, 1),
            "period_end": date(2024 + month // 12, month % 12 + 1, 1),
            "stratum_type": "overall",
            "stratum_value": "all",
            "stratum_label": "all",
            "currency": "USD",
            "numerator": numerator,
            "denominator": denominator,
            "value": value,
            "unit": unit,
            "provisional": False,
            "suppressed": False,
            "as_of": AS_OF,
        }
        for month in range(1, 13)
        for kpi, unit, numerator, denominator, value in (
            ("gross_charges", "money", Decimal(1000 * month), None, Decimal(1000 * month)),
            (
                "initial_denial_rate",
                "proportion",
                Decimal(month),
                Decimal(10 * month * month),
                round(Decimal("0.1") / month, 6),
            ),
        )
    ]
