"""Reads of a publication with 36 months and six hospitals, in which many figures are hidden.

Small cells by difference: serving specification 9.7 (10). What a published file does not hold, no
answer can give; what is left is whether answers put shown figures together to a hidden one.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metriccare import naming
from metriccare.query.published.publication import read_manifest, read_pointer
from tests.api.running import Browser, Running
from tests.publishing.large_publication import FIXTURE, SHOWN_MONTHS

_READMISSION = "/v1/measures/readmission_30d"
_NUMBERS = ("bigint", "int", "double", "decimal")
# A row holds several KPIs, each of which is hidden or shown as its own row of `kpi` is.
_PIVOTED = ("payer_performance", "revenue_cycle_kpis")
_TENANTS = ("default", "second")


@pytest.fixture
def officer(large: Running) -> Browser:
    return large.program("quality_officer")


@pytest.fixture
def analyst(large: Running) -> Browser:
    return large.program("analyst")


def _chart(program: Browser, **parameters: str) -> dict[str, Any]:
    found: dict[str, Any] = program.get(f"{_READMISSION}/control-chart", params=parameters).json()
    return found


def test_shown_months_and_quarters_have_limits(officer: Browser) -> None:
    start, end = SHOWN_MONTHS
    months = _chart(officer, grain="month", **{"from": start, "to": end})
    quarters = _chart(officer, grain="quarter")

    assert (len(months["points"]), months["reason"]) == (31, None)
    assert (len(quarters["points"]), quarters["reason"]) == (12, None)
    for chart in (months, quarters):
        assert all(point["low"] < point["high"] for point in chart["points"])


def test_one_hidden_month_takes_every_limit_away_and_a_coarser_grain_is_offered(
    officer: Browser,
) -> None:
    start, end = SHOWN_MONTHS
    assert end == "2024-08-01"
    with_hidden = _chart(officer, grain="month", **{"from": start, "to": "2024-09-01"})

    assert (with_hidden["reason"], with_hidden["offers"]["grain"]) == ("hidden_points", "quarter")
    assert {(point["low"], point["high"]) for point in with_hidden["points"]} == {(None, None)}
    assert with_hidden["centre"] is None


@pytest.mark.parametrize("tenant", _TENANTS)
def test_a_hidden_row_of_a_published_file_has_no_figure(tenant: str) -> None:
    pointer = read_pointer(tenant, (FIXTURE / "marts" / tenant / "current.json").read_bytes())
    hidden_rows = 0
    for mart, entry in pointer.marts.items():
        manifest = read_manifest(pointer, mart, (FIXTURE / entry.manifest).read_bytes())
        names = [column.name for column in manifest.columns]
        if "suppressed" not in names or mart in _PIVOTED:
            continue
        figures = [c.name for c in manifest.columns if c.type.startswith(_NUMBERS)]
        (file,) = manifest.files
        shown = " or ".join(f'"{name}" is not null' for name in figures) or "false"
        sql = f"select count(*), count(*) filter ({shown}) from '{FIXTURE / file.path}' where suppressed"  # noqa: E501 - names of ours
        count, with_figure = duckdb.sql(sql).fetchall()[0]
        assert with_figure == 0, mart
        hidden_rows += count

    assert hidden_rows > 1000


def _values(program: Browser, *hospitals: str) -> dict[str, Any]:
    where = [("grain", "year"), ("by", "hospital"), *(("hospital", name) for name in hospitals)]
    rows = program.get(f"{_READMISSION}/results", params=where).json()["data"]
    return {(row["stratum_value"], row["period_start"]): row["numerator"] for row in rows}


def test_sets_of_hospitals_that_differ_by_one_differ_by_its_published_rows(
    officer: Browser,
) -> None:
    both = _values(officer, "org-queen-city", "org-bluegrass")
    one = _values(officer, "org-queen-city")
    other = _values(officer, "org-bluegrass")

    assert len(both) == 6
    assert both == one | other


def test_a_whole_with_a_hidden_month_is_hidden_however_long_it_is(analyst: Browser) -> None:
    def whole(start: str, end: str) -> Any:
        found = analyst.get(
            "/v1/kpis/financial", params={"start_date": start, "end_date": end}
        ).json()["whole"]
        return found[0]["denial_rate"]

    # October 2022 to March 2024 is shown, April 2024 is hidden.
    assert whole("2022-10-01", "2024-03-01") is not None
    assert whole("2022-10-01", "2024-04-01") is not None
    assert whole("2022-10-01", "2024-05-01") is None
    assert whole("2022-09-01", "2024-04-01") is None


@pytest.mark.parametrize(
    ("kpi", "currency"),
    [
        ("net_collection_rate", "USD"),
        ("days_in_ar", "USD"),
        ("total_collections", "USD"),
        ("first_pass_resolution_rate", None),
        ("initial_denial_rate", None),
        ("bill_lag", None),
        ("claims_processed", None),
    ],
)
def test_only_amounts_have_a_currency(analyst: Browser, kpi: str, currency: str | None) -> None:
    chart = analyst.get(f"/v1/kpis/{kpi}/control-chart", params={"grain": "quarter"}).json()

    assert chart["points"]
    assert chart["currency"] == currency


def test_page_and_csv_show_and_hide_the_same_rows(officer: Browser) -> None:
    where = {"grain": "month", "by": "hospital", "limit": "1000"}
    rows = officer.get(f"{_READMISSION}/results", params=where).json()
    text = officer.get(f"{_READMISSION}/results.csv", params=where).text
    lines = list(csv.DictReader(io.StringIO(text)))
    figures = [(line["numerator"], line["denominator"], line["value"]) for line in lines]

    assert rows["meta"]["hidden"] > 100
    assert [line["suppressed"] == "true" for line in lines] == [
        row["suppressed"] for row in rows["data"]
    ]
    assert {figures[n] for n, line in enumerate(lines) if line["suppressed"] == "true"} == {
        ("", "", "")
    }


def test_two_tenants_of_one_lake_have_rows_of_their_own(large: Running) -> None:
    where = {"grain": "all", "by": "overall"}
    own, other = (
        large.program(subject).get(f"{_READMISSION}/results", params=where).json()
        for subject in ("quality_officer", "other_quality")
    )

    assert own["meta"]["publication"] != other["meta"]["publication"]
    assert own["data"][0]["denominator"] > 4 * other["data"][0]["denominator"]


def test_the_fixture_is_small_enough_to_be_kept() -> None:
    files = [path for path in Path(FIXTURE / naming.MARTS_FOLDER).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_200_000
