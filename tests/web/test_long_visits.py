"""What takes longer to try in a browser: keys alone, no connection, longer words, many pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import SCRIPT
from tests.api.running import Running
from tests.web.test_pages_in_browser import DEEPER, MEASURE
from tests.web.visitor import DESK, PHONE, Visitor, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_MOST_TABS = 60
_HEAP_MEGABYTES = 60
_FOCUSED = """
() => {
  const element = document.activeElement;
  const isControl = ["A", "BUTTON"].includes(element.tagName);
  const name = isControl ? element.textContent : element.getAttribute("aria-label");
  return `${element.getAttribute("role") ?? element.tagName} ${name}`;
}
"""
# German takes a third more room than English.
_LENGTHEN = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    if (/[a-z]{3}/i.test(text)) {
      walker.currentNode.data = `[${text}${"\\u00e4".repeat(Math.ceil(text.length / 3))}]`;
    }
  }
}
"""


def tab_to(visitor: Visitor, words: str) -> None:
    """Press Tab until what has the focus says these words."""
    for _ in range(_MOST_TABS):
        visitor.page.keyboard.press("Tab")
        if words in visitor.page.evaluate(_FOCUSED):
            return
    raise AssertionError(f"Tab never reached {words!r}")


def test_keys_alone_lead_from_what_is_unusual_to_its_points(
    chromium: Browser, large: Running
) -> None:
    with visiting(chromium, large, "analyst", DESK) as visitor:
        page = visitor.page
        visitor.open("/overview")
        tab_to(visitor, "Days in A/R")
        page.keyboard.press("Enter")
        page.wait_for_url("**/revenue?kpi=days_in_ar")
        visitor.settle()
        tab_to(visitor, "application Days in A/R")
        page.keyboard.press("End")
        assert "December 2024" in page.locator(".reading[aria-live]").first.inner_text()
        assert visitor.complaints == []


def test_keys_alone_lead_from_a_measure_to_the_purpose_of_reading_records(
    chromium: Browser, large: Running
) -> None:
    with visiting(chromium, large, "quality_officer", DESK) as visitor:
        page = visitor.page
        page.keyboard.press("g")
        page.keyboard.press("m")
        page.wait_for_url("**/measures")
        visitor.settle()
        tab_to(visitor, "A Unplanned readmission")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{MEASURE}")
        visitor.settle()
        tab_to(visitor, "application")
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog")
        panel.wait_for()
        assert "January 2022" in panel.inner_text()
        tab_to(visitor, "A ")
        page.keyboard.press("Enter")
        page.wait_for_url("**/evidence/readmission_30d*")
        page.get_by_role("button", name="Open the records").wait_for()


def test_without_a_connection_the_page_says_so_and_recovers(
    chromium: Browser, large: Running
) -> None:
    with visiting(chromium, large, "analyst", DESK) as visitor:
        page = visitor.page
        visitor.open("/overview")
        page.context.set_offline(True)
        page.get_by_role("link", name="Denials").first.click()
        page.get_by_role("alert").get_by_text("The server does not answer").wait_for()
        page.context.set_offline(False)
        page.get_by_role("button", name="Try again").click()
        page.get_by_role("heading", name="Denials", level=1).wait_for()
        visitor.settle()
        assert "What is denied" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_words_a_third_longer_fit(chromium: Browser, large: Running, width: int) -> None:
    with visiting(chromium, large, "analyst", width) as visitor:
        for path in [*visitor.pages(), *DEEPER["analyst"]]:
            visitor.open(path)
            visitor.page.evaluate(_LENGTHEN)
            assert not visitor.scrolls_sideways(), path


def test_thirty_pages_leave_little_memory_taken(chromium: Browser, large: Running) -> None:
    with visiting(chromium, large, "analyst", DESK) as visitor:
        pages = visitor.pages()
        session = visitor.page.context.new_cdp_session(visitor.page)
        session.send("Performance.enable")
        for number in range(30):
            visitor.page.locator(f'.rail a[href="{pages[number % len(pages)]}"]').click()
            visitor.settle()
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
    heap = next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize")

    assert heap / 2**20 < _HEAP_MEGABYTES


def test_a_name_that_is_a_script_is_text_in_charts_and_tables(
    chromium: Browser, api: Running
) -> None:
    with visiting(chromium, api, "quality_officer", DESK) as visitor:
        page = visitor.page
        page.on("dialog", lambda dialog: visitor.complaints.append(dialog.message))
        visitor.open(MEASURE)
        funnel = page.get_by_role("application").nth(1)
        funnel.focus()
        said = ""
        for key in ("Home", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
            said += page.locator(".reading[aria-live]").nth(1).inner_text()
        assert SCRIPT in said
        page.get_by_role("button", name="Table").nth(1).click()
        page.get_by_role("rowheader", name=SCRIPT).wait_for()
        assert page.locator("script:not([src])").count() == 0
        assert visitor.complaints == []
