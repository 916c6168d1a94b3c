"""`report.html`: everything on one page, hidden cells hidden, readable without the charts."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from metriccare.errors import MetricCareError
from metriccare.report.page import render, write_report
from metriccare.report.page_data import NO_HOSPITAL, TenantReport, is_no_hospital, read_tenants
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine


class Page(HTMLParser):
    """What the tests ask of the page: headings, tables, charts, links to elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.captions: list[str] = []
        self.charts: dict[str, str] = {}
        self.references: list[str] = []
        self.words = ""
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        found = dict(attrs)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append("")
        if tag == "caption":
            self.captions.append("")
        if found.get("role") == "img":
            self.charts[found["id"] or ""] = found["aria-label"] or ""
        self.references += [found[k] or "" for k in ("src", "href") if k in found]

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._inside or self._inside[-1] in {"script", "style"}:
            return
        self.words += data
        if self._inside[-1] in {"h1", "h2", "h3"}:
            self.headings[-1] += data
        if self._inside[-1] == "caption":
            self.captions[-1] += data


# The lake's tenant with measures, and the one of the worked example, which sends claims alone.
MEASURED, BILLED = "default", "a"


def tenant_of(lake: Lake, name: str) -> TenantReport:
    return {one.tenant: one for one in read_tenants(open_engine(lake))}[name]


@pytest.fixture(scope="module")
def text(published_lake: Lake) -> str:
    return render([tenant_of(published_lake, MEASURED)])


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_every_chart_has_words_for_those_who_do_not_see_it_and_a_table(page: Page) -> None:
    assert set(page.charts) == {"readmission-0", "mortality-0", "infections-0", "stays-0"}
    assert all(alt.endswith(".") for alt in page.charts.values())
    assert "178 hospital-acquired infection events" in page.charts["infections-0"]
    assert len(page.captions) == 7


def test_the_page_needs_nothing_from_elsewhere(page: Page) -> None:
    assert [one for one in page.references if not one.startswith("#")] == []


def test_headings_name_every_part(page: Page) -> None:
    for heading in (
        "Hospital quality and revenue",
        "Unplanned readmission within 30 days, by hospital",
        "Mortality by year",
        "Hospital-acquired infections by SNOMED CT code",
        "Average length of stay, by hospital",
        "Data quality",
        "Freshness",
        "Why some figures are hidden",
        "What each measure counts",
    ):
        assert heading in page.headings


def test_as_of_and_run_are_named(page: Page) -> None:
    assert "2024-12-31" in page.words
    assert "run-2" in page.words


def test_hidden_cells_are_hidden_in_tables_and_charts(text: str, page: Page) -> None:
    row = re.search(r"<tr><th scope=\"row\">Hospital 3 of the Sample</th>(.*?)</tr>", text, re.S)
    assert row is not None
    assert re.sub(r"<[^>]+>|\s+", " ", row[1]).split() == [
        "hidden",
        "(1-10)",
        "-",
        "hidden",
        "hidden",
    ]
    bars = _charts(text)["readmission-0"]["data"][0]
    assert bars["x"][bars["y"].index("Hospital 3 of the Sample")] is None
    assert "1 code has a hidden count" in page.words


def test_chart_and_table_show_the_same_numbers(text: str, page: Page) -> None:
    for shown, _ in _charts(text)["readmission-0"]["data"][0]["customdata"]:
        assert shown in page.words


def test_the_charts_are_valid_plotly(text: str) -> None:
    from plotly.graph_objects import Figure

    for spec in _charts(text).values():
        Figure(spec)


def test_where_every_figure_is_hidden_no_empty_axes_are_drawn(published_lake: Lake) -> None:
    from dataclasses import replace

    tenant = tenant_of(published_lake, MEASURED)
    hidden = dict.fromkeys(("value", "ci_low", "ci_high", "numerator", "denominator", "events"))
    sections = {
        name: tuple({**row, **hidden, "suppressed": True} for row in rows)
        for name, rows in tenant.sections.items()
    }
    page = Page(render([replace(tenant, sections=sections)]))
    assert page.charts == {}
    assert page.words.count("There is nothing to draw") == 4


def test_words_from_the_data_cannot_become_markup(published_lake: Lake) -> None:
    tenant = tenant_of(published_lake, MEASURED)
    evil = "</script><script>alert(1)</script>"
    tenant.sections["readmission"][0]["stratum_label"] = evil
    assert evil not in render([tenant])


def test_two_tenants_each_get_their_part(published_lake: Lake) -> None:
    from dataclasses import replace

    tenant = tenant_of(published_lake, MEASURED)
    page = Page(render([tenant, replace(tenant, tenant="north")]))
    assert "north" in page.headings
    assert {"readmission-0", "readmission-1"} <= set(page.charts)


def test_the_same_results_give_the_same_bytes(published_lake: Lake, text: str) -> None:
    assert render([tenant_of(published_lake, MEASURED)]) == text


def test_five_years_of_twenty_hospitals_are_drawn_in_a_folder_that_is_new(
    wide_lake: Lake, tmp_path: Path
) -> None:
    write_report(open_engine(wide_lake), tmp_path / "deep" / "report.html")
    assert Page((tmp_path / "deep" / "report.html").read_text()).charts


def test_a_lake_without_results_gives_a_page_that_says_what_to_do(
    new_lake: Lake, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    write_report(open_engine(new_lake), out)
    page = Page(out.read_text())
    assert "No results yet" in page.headings
    assert "metriccare run" in page.words
    assert out.stat().st_size < 50_000


def test_a_place_that_cannot_be_written_is_named(new_lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MetricCareError, match="cannot be written"):
        write_report(open_engine(new_lake), tmp_path / "file" / "report.html")


def _charts(text: str) -> dict[str, dict[str, list[dict[str, list[object]]]]]:
    block = re.search(r"const CHARTS = \{(.*?)\n\};", text, re.S)
    assert block is not None
    return json.loads("{" + block[1].rstrip().rstrip(",") + "}")


def test_stays_of_no_known_hospital_are_said_in_words_and_are_no_bar(published_lake: Lake) -> None:
    tenant = tenant_of(published_lake, MEASURED)
    own = {name: list(rows) for name, rows in tenant.sections.items()}
    of_one = next(row for row in own["readmission"] if not row["suppressed"])
    unknown = {**of_one, "stratum_value": "unknown", "stratum_label": NO_HOSPITAL}
    own["readmission"].append(unknown)
    found = render([dataclasses.replace(tenant, sections=own)])
    alt = Page(found).charts["readmission-0"]

    assert f'<th scope="row">{NO_HOSPITAL}</th>' in found
    assert f"bars of {len(own['readmission']) - 1} hospitals" in alt
    charts = found.partition("const CHARTS")[2]
    assert NO_HOSPITAL not in charts


def test_the_published_word_for_no_hospital_is_put_into_words() -> None:
    assert is_no_hospital({"stratum_value": "unknown"})
    assert not is_no_hospital({"stratum_value": "h1"})
