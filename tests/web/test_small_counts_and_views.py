"""Small counts under their frame, saved views, and files of a figure, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.running import Running, running
from tests.publishing.operations_lake import end_run
from tests.publishing.small_lake import small_lake
from tests.web.visitor import visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

MEASURE = "/measures/readmission_30d"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = small_lake(tmp_path_factory.mktemp("small"))
    end_run(lake)
    with running(lake.folder) as api:
        yield api


@pytest.fixture(autouse=True)
def _fresh_limits(small: Running) -> None:
    small.served.services.limiter._windows.clear()


def test_small_counts_are_asked_for_framed_and_left(chromium: Browser, small: Running) -> None:
    with visiting(chromium, small, "quality_officer") as visitor:
        page = visitor.page
        visitor.open(MEASURE)
        page.locator(".page-head").get_by_role("button", name="Show small counts").click()
        page.get_by_role("dialog").get_by_role("button").last.click()
        page.locator(".small-counts").wait_for()
        visitor.settle()
        page.get_by_role("application").first.wait_for()
        assert "small" not in page.url
        assert visitor.faults() == []

        page.get_by_role("button", name="Hide small counts").click()
        page.get_by_text("24 points are hidden").or_(page.locator(".hidden-strip")).first.wait_for()
        assert page.locator(".small-counts").count() == 0
        assert visitor.complaints == []


def test_a_shared_link_shows_no_small_count(chromium: Browser, small: Running) -> None:
    with visiting(chromium, small, "quality_officer") as visitor:
        page = visitor.page
        visitor.open(MEASURE)
        page.locator(".page-head").get_by_role("button", name="Show small counts").click()
        page.get_by_role("dialog").get_by_role("button").last.click()
        page.locator(".small-counts").wait_for()
        visitor.open(page.url.removeprefix(small.base))

        assert page.locator(".small-counts").count() == 0
        assert page.locator(".hidden-strip").count() > 0


def test_who_may_not_see_small_counts_finds_no_switch(chromium: Browser, small: Running) -> None:
    with visiting(chromium, small, "analyst") as visitor:
        visitor.open(MEASURE)
        assert visitor.page.get_by_role("button", name="Show small counts").count() == 0


def test_a_view_is_saved_opened_by_its_link_renamed_and_removed(
    chromium: Browser, small: Running
) -> None:
    with visiting(chromium, small, "analyst") as visitor:
        page = visitor.page
        visitor.open(f"{MEASURE}?grain=year")
        page.get_by_role("button", name="Save this view").click()
        page.get_by_label("Name").fill("By year")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("dialog").get_by_role("link", name="Saved views").click()
        page.get_by_role("link", name="By year").click()
        page.wait_for_url(f"**{MEASURE}?grain=year")

        visitor.open("/views")
        page.get_by_role("button", name="Rename").click()
        page.get_by_label("Name").fill("Each year")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_role("link", name="Each year").wait_for()
        assert visitor.faults() == []
        page.get_by_role("button", name="Remove").click()
        page.get_by_text("No view is saved yet").wait_for()
        assert visitor.complaints == []


@pytest.mark.parametrize(
    ("words", "ending", "begins"),
    [
        ("Rows as a workbook", ".xlsx", b"PK"),
        ("Rows as CSV", ".csv", b"# Measure results"),
    ],
)
def test_a_figures_rows_leave_as_files(
    chromium: Browser, small: Running, words: str, ending: str, begins: bytes
) -> None:
    with visiting(chromium, small, "analyst") as visitor:
        visitor.open(f"{MEASURE}?table=time")
        visitor.page.get_by_role("button", name="More").first.click()
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("menuitem", name=words).click()

        assert download.value.suggested_filename.endswith(ending)
        assert Path(download.value.path()).read_bytes().startswith(begins)


def test_a_chart_leaves_as_a_picture(chromium: Browser, small: Running) -> None:
    with visiting(chromium, small, "quality_officer") as visitor:
        page = visitor.page
        visitor.open(MEASURE)
        page.locator(".page-head").get_by_role("button", name="Show small counts").click()
        page.get_by_role("dialog").get_by_role("button").last.click()
        page.get_by_role("application").first.wait_for()
        page.get_by_role("button", name="More").first.click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Chart as PNG").click()
        content = Path(download.value.path()).read_bytes()

        assert content.startswith(b"\x89PNG")
        assert len(content) > 5_000
        assert visitor.complaints == []
