from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import _no_limits_left_over, api, empty, large, published_lake
from tests.report.browser import browser_path
from tests.web.test_built_page import PAGE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["_no_limits_left_over", "api", "empty", "large", "published_lake"]

# The browser of the machine is used; Playwright's own is never fetched.
os.environ["PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"] = "1"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser without a window; without Chromium or the page the tests are left out."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = browser_path()
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    if not (PAGE / "index.html").exists():
        pytest.skip("the page is not built; `make setup` builds it")
    with sync_api.sync_playwright() as playwright:
        # Tests run as root in containers, where Chromium's own sandbox cannot start.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: METRICCARE_PICTURES, else a folder of the test run."""
    folder = os.environ.get("METRICCARE_PICTURES")
    found = Path(folder) if folder else tmp_path_factory.getbasetemp() / "pictures"
    found.mkdir(parents=True, exist_ok=True)
    return found
