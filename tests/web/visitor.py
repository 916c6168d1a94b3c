"""A person at a browser: signs in, opens pages, and notes everything the browser complains of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.api.running import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

# Wide enough for the rail; narrow as a phone.
DESK, PHONE = 1280, 390
_BAD = ("serious", "critical")
_NOTE_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Visitor:
    """One signed-in person; `complaints` are console errors, policy reports and exceptions."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open an address of the page and wait until its figures are there."""
        self.page.goto(self.base + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has its heading and nothing loads any more."""
        self.page.wait_for_selector("main h1")
        self.page.wait_for_selector(".loading", state="detached")

    def pages(self) -> list[str]:
        """Return the addresses that the person's rail leads to."""
        links = self.page.locator(".rail li a")
        return [str(link.get_attribute("href")) for link in links.all()]

    def scrolls_sideways(self) -> bool:
        """Return True if the page is wider than the screen."""
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    def faults(self) -> list[str]:
        """Return what axe finds serious or critical on the page shown."""
        from axe_playwright_python.sync_playwright import Axe

        found: list[Mapping[str, Any]] = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found
                if each["impact"] in _BAD]  # fmt: skip

    def _heard(self, message: ConsoleMessage) -> None:
        # Before the sign-in the page asks who is there, and is told: nobody.
        if message.type == "error" and "401" not in message.text:
            self.complaints.append(message.text)


@contextmanager
def visiting(
    browser: Browser, api: Running, subject: str, width: int = DESK, **options: Any
) -> Iterator[Visitor]:
    """Sign a person in through the page and the issuer, and leave at the end of the block."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    visitor = Visitor(page, api.base)
    page.add_init_script(_NOTE_VIOLATIONS)
    page.on("console", visitor._heard)
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.goto(api.base)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name=api.provider.users[subject].name).click()
    visitor.settle()
    yield visitor
    context.close()
