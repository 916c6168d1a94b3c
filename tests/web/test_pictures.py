"""Pictures of all pages for a person to look at before a release, and the checks that go with them.

They lie in METRICCARE_PICTURES with an index.html that shows all of them.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.running import Running
from tests.web.test_pages_in_browser import DEEPER, MEASURE
from tests.web.visitor import DESK, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROLES = ("quality_officer", "analyst", "data_engineer", "auditor")
# A desk, a tablet, a phone, and a desk at 400 %: 1,280 pixels wide there are 320.
WIDTHS = (1440, 768, 390, 320)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lake", ["api", "large"])
def test_all_pages_look_right_to_a_person(
    chromium: Browser,
    request: pytest.FixtureRequest,
    pictures: Path,
    lake: str,
    scheme: str,
    width: int,
) -> None:
    served: Running = request.getfixturevalue(lake)
    for role in ROLES:
        options: dict[str, Any] = {"color_scheme": scheme}
        with visiting(chromium, served, role, width, **options) as visitor:
            for path in [*visitor.pages(), *DEEPER.get(role, [])]:
                visitor.open(path)
                name = path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-")
                picture = pictures / f"{name}-{role}-{lake}-{width}-{scheme}.png"
                visitor.page.screenshot(path=picture, full_page=True)
                assert visitor.faults() == [], path
                assert not visitor.scrolls_sideways(), path
                assert visitor.complaints == [], path
    write_contact_sheet(pictures)


def write_contact_sheet(pictures: Path) -> None:
    images = "".join(
        f'<figure><img src="{escape(file.name)}" width="360"><figcaption>{escape(file.stem)}'
        "</figcaption></figure>"
        for file in sorted(pictures.glob("*.png"))
    )
    style = "<style>body{display:flex;flex-wrap:wrap;gap:1em}figure{margin:0}</style>"
    (pictures / "index.html").write_text(style + images, encoding="utf-8")


def test_forced_colours_keep_every_mark(chromium: Browser, api: Running, pictures: Path) -> None:
    with visiting(chromium, api, "quality_officer", DESK, forced_colors="active") as visitor:
        visitor.open(MEASURE)
        visitor.page.screenshot(path=pictures / "measure-forced-colours.png", full_page=True)
        stroke = visitor.page.locator(".run").first.evaluate(
            "(line) => getComputedStyle(line).stroke"
        )
        assert stroke != "none"


def test_printed_pages_have_no_navigation(chromium: Browser, api: Running, pictures: Path) -> None:
    with visiting(chromium, api, "quality_officer", DESK, color_scheme="dark") as visitor:
        visitor.open(MEASURE)
        visitor.page.emulate_media(media="print")
        assert not visitor.page.locator(".rail").is_visible()
        assert visitor.page.locator("h1").is_visible()
        visitor.page.pdf(path=pictures / "measure.pdf", format="A4")
        assert (pictures / "measure.pdf").stat().st_size > 0
