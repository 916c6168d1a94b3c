"""The report in a real browser: no sideways scrolling on a phone, charts drawn, tables whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from metriccare.commands.demo import run_demo
from metriccare.commands.trying import DEMO_PATIENTS, DEMO_SEED
from metriccare.naming import REPORT_FILE
from metriccare.report.page import write_report
from metriccare.report.revenue_data import BUCKETS
from metriccare.settings import Lake
from metriccare.wiring.local import local_lake
from metriccare.wiring.queries import open_engine
from tests.report.browser import Browser, browser_path, open_browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(browser_path() is None, reason="Chromium is not installed"),
]
PHONE, DESKTOP = 390, 1280
WIDTH = "document.documentElement.scrollWidth"
DRAWN = "document.querySelectorAll('.chart').values().filter(c => c.querySelector('svg')).toArray()"
# Tables and cells that reach over the edge of the screen.
CUT = (
    "[...document.querySelectorAll('table, th, td')]"
    ".filter(e => e.getBoundingClientRect().right > innerWidth).length"
)
# Words of a drawing that lie outside of it, where nobody can read them.
UNREADABLE = """[...document.querySelectorAll('.chart text')].filter(text => {
  const words = text.getBoundingClientRect();
  const drawing = text.closest('.chart').getBoundingClientRect();
  return words.left < drawing.left - 1 || words.right > drawing.right + 1;
}).map(text => text.textContent)"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def wide_page(wide_lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wide") / "report.html"
    write_report(open_engine(wide_lake), out)
    return out


@pytest.fixture(scope="module")
def demo_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report that `metriccare demo` leaves; the demo raises if a result is wrong."""
    lake = tmp_path_factory.mktemp("demo")
    run_demo(local_lake(str(lake), None), DEMO_PATIENTS, DEMO_SEED)
    return lake / REPORT_FILE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wide_lake_fits_a_phone(browser: Browser, wide_page: Path, scheme: str) -> None:
    browser.media(prefers_color_scheme=scheme)
    browser.open(wide_page, PHONE)
    assert browser.value(WIDTH) <= PHONE
    assert browser.value(CUT) == 0
    assert browser.value(UNREADABLE) == []


def test_cells_on_a_phone_are_named_after_their_column(browser: Browser, wide_page: Path) -> None:
    browser.open(wide_page, PHONE)
    names = browser.value(
        "[...document.querySelector('[aria-labelledby=readmission-default] tbody tr')"
        ".querySelectorAll('td')].map(cell => cell.dataset.column)"
    )
    assert names == ["Value", "95 % interval", "Numerator", "Denominator"]


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_revenue_section_is_drawn(browser: Browser, wide_page: Path, width: int) -> None:
    browser.open(wide_page, width)
    drawn = browser.value(f"{DRAWN}.map(chart => chart.id)")
    assert {"flow-0", "rates-0", "days-0", "denials-0", "ages-0"} <= set(drawn)
    # Every age has a colour of its own: an unknown role would give none.
    colours = browser.value("document.getElementById('ages-0').data.map(t => t.marker.color)")
    assert all(colours)
    assert len(set(colours)) == len(colours) == len(BUCKETS)


def test_the_charts_of_the_demo_are_drawn(browser: Browser, demo_page: Path) -> None:
    browser.open(demo_page, DESKTOP)
    assert browser.value(WIDTH) <= DESKTOP
    drawn = browser.value(f"{DRAWN}.map(chart => chart.id)")
    assert {"readmission-0", "mortality-0", "infections-0"} <= set(drawn)
    assert {"flow-0", "rates-0", "days-0", "denials-0", "ages-0"} <= set(drawn)
    assert browser.value("CHARTS['infections-0'].data[0].values.length") >= 2
    assert browser.value("CHARTS['readmission-0'].data[0].x.filter(x => x !== null).length") >= 4
    assert browser.value("document.querySelectorAll('td.hidden, p.hidden').length") > 0


def test_the_demo_fits_a_phone(browser: Browser, demo_page: Path) -> None:
    browser.open(demo_page, PHONE)
    assert browser.value(WIDTH) <= PHONE
    assert browser.value(CUT) == 0
    assert browser.value(UNREADABLE) == []
    assert browser.value(f"{DRAWN}.length") >= 3
