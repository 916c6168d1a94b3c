"""Charts say what the figures say, also where some are hidden or names repeat."""

from __future__ import annotations

from typing import Any

from metriccare.marts.measures import BY_ID
from metriccare.report.charts import year_lines
from metriccare.report.figures import with_unique_names

_IN_HOSPITAL, _30_DAYS = BY_ID["mortality_in_hospital"], BY_ID["mortality_30d"]


def year(period_year: int, value: float | None) -> dict[str, Any]:
    shown = value is not None
    return {
        "period_year": period_year,
        "value": value,
        "ci_low": value - 0.01 if value is not None else None,
        "ci_high": value + 0.01 if value is not None else None,
        "numerator": 20 if shown else None,
        "denominator": 1000 if shown else None,
        "suppressed": not shown,
    }


def test_years_are_in_order_where_the_first_line_has_gaps():
    some = [year(2020, 0.02), year(2021, None), year(2022, 0.03)]
    every = [year(2020, 0.06), year(2021, 0.05), year(2022, 0.07)]
    chart = year_lines("m", [(_IN_HOSPITAL, some), (_30_DAYS, every)])
    assert chart is not None
    assert chart.spec["layout"]["xaxis"]["categoryorder"] == "category ascending"


def test_no_band_is_drawn_over_a_hidden_year():
    years = [year(2020, 0.02), year(2021, 0.02), year(2022, None), year(2023, 0.03)]
    chart = year_lines("m", [(_IN_HOSPITAL, years)])
    assert chart is not None
    bands = [trace["x"] for trace in chart.spec["data"] if trace.get("fill")]
    assert bands == [["2020", "2021", "2021", "2020"], ["2023", "2023"]]


def test_hospitals_of_one_name_are_distinguished_by_their_id():
    rows = [
        {"tenant": "north", "name": "Mercy", "id": "a"},
        {"tenant": "north", "name": "Saint Brigid", "id": "b"},
        {"tenant": "north", "name": "Mercy", "id": "c"},
        {"tenant": "south", "name": "Saint Brigid", "id": "d"},
    ]
    names = [row["name"] for row in with_unique_names(rows, "name", "id")]
    assert names == ["Mercy (a)", "Saint Brigid", "Mercy (c)", "Saint Brigid"]
