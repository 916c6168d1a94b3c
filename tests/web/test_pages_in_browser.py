"""Every role opens all its pages in a real browser: no error, no report, no serious fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from metriccare.access.roles import ROLES
from tests.api.conftest import SCRIPT
from tests.api.running import Running
from tests.web.visitor import DESK, PHONE, Visitor, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

MEASURE = "/measures/readmission_30d"
# Pages that no rail leads to.
DEEPER = {
    "quality_officer": [MEASURE, f"{MEASURE}/definition", "/evidence/readmission_30d"],
    "analyst": [f"{MEASURE}?table=time", "/denials?by=carc", "/receivables?anchor=service"],
}


def check_pages(visitor: Visitor, more: list[str]) -> None:
    for path in [*visitor.pages(), *more]:
        visitor.open(path)
        assert visitor.complaints == [], path
        assert visitor.faults() == [], path
        assert not visitor.scrolls_sideways(), path


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_a_role_opens_each_of_its_pages(chromium: Browser, api: Running, role: str) -> None:
    with visiting(chromium, api, role) as visitor:
        assert visitor.pages(), "every role has a page"
        check_pages(visitor, DEEPER.get(role, []))


@pytest.mark.parametrize("role", ["quality_officer", "analyst"])
def test_the_same_pages_on_a_phone_in_dark_colours_with_many_figures(
    chromium: Browser, large: Running, role: str
) -> None:
    with visiting(chromium, large, role, PHONE, color_scheme="dark") as visitor:
        check_pages(visitor, DEEPER[role])


def test_each_role_lands_on_a_page_of_its_own(chromium: Browser, api: Running) -> None:
    landed = {}
    for role in ("quality_officer", "finance", "data_engineer", "auditor"):
        with visiting(chromium, api, role) as visitor:
            landed[role] = visitor.page.url.removeprefix(api.base)
    assert landed == {
        "quality_officer": "/measures",
        "finance": "/revenue",
        "data_engineer": "/runs",
        "auditor": "/audit",
    }


def test_arrow_keys_read_a_chart_and_enter_opens_the_point(chromium: Browser, api: Running) -> None:
    with visiting(chromium, api, "quality_officer") as visitor:
        visitor.open(MEASURE)
        page = visitor.page
        chart = page.get_by_role("application").first
        chart.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        said = page.locator(".reading[aria-live]").first.inner_text()
        assert said.startswith("February 2023: 10.3")
        assert "31 of 300" in said
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog")
        panel.wait_for()
        assert "February 2023" in panel.inner_text()
        assert "open=2023-02-01" in page.url
        page.keyboard.press("Escape")
        panel.wait_for(state="detached")
        assert "open=" not in page.url


def test_back_undoes_one_step_and_the_address_holds_the_state(
    chromium: Browser, api: Running
) -> None:
    with visiting(chromium, api, "quality_officer") as visitor:
        visitor.open(MEASURE)
        page = visitor.page
        page.get_by_role("button", name="Table").first.click()
        page.get_by_role("columnheader", name="Limits").wait_for()
        assert page.url.endswith("?table=time")
        page.reload()
        visitor.settle()
        page.get_by_role("columnheader", name="Limits").wait_for()
        page.go_back()
        page.get_by_role("application").first.wait_for()
        assert page.url.endswith(MEASURE)


def test_names_from_data_are_text_never_markup(chromium: Browser, api: Running) -> None:
    with visiting(chromium, api, "quality_officer") as visitor:
        visitor.open(f"{MEASURE}?table=funnel")
        cell = visitor.page.get_by_role("rowheader", name=SCRIPT)
        assert cell.inner_text() == SCRIPT
        assert visitor.complaints == []


def test_a_hidden_hospital_is_named_and_never_drawn_as_zero(
    chromium: Browser, api: Running
) -> None:
    with visiting(chromium, api, "quality_officer") as visitor:
        visitor.open(MEASURE)
        assert "Hidden, so not drawn: Hospital h4" in visitor.page.locator("main").inner_text()


def test_nothing_published_is_a_state_with_the_next_step(chromium: Browser, empty: Running) -> None:
    with visiting(chromium, empty, "executive") as visitor:
        visitor.open("/measures")
        text = visitor.page.locator("main").inner_text()
        assert "Nothing is published yet" in text
        assert "metriccare run" in text


def test_a_page_without_the_right_says_who_may_open_it(chromium: Browser, api: Running) -> None:
    with visiting(chromium, api, "quality_officer") as visitor:
        visitor.open("/revenue")
        assert "Your role does not show this page" in visitor.page.locator("main").inner_text()


def test_keys_lead_to_pages_and_search(chromium: Browser, api: Running) -> None:
    with visiting(chromium, api, "analyst", DESK) as visitor:
        page = visitor.page
        page.keyboard.press("g")
        page.keyboard.press("d")
        page.wait_for_url("**/denials")
        page.keyboard.press("/")
        page.get_by_role("searchbox").fill("readmission")
        page.get_by_role("dialog").get_by_role("link").first.click()
        page.wait_for_url("**/measures/readmission_30d")
        visitor.settle()


def test_signing_out_ends_the_session(chromium: Browser, api: Running) -> None:
    with visiting(chromium, api, "analyst") as visitor:
        visitor.page.get_by_role("button", name="Sign out").click()
        # The issuer ends its own session and says so on a page of its own.
        visitor.page.wait_for_url("**/end_session?*")
        visitor.page.goto(f"{api.base}/overview")
        visitor.page.get_by_role("link", name="Sign in").wait_for()
