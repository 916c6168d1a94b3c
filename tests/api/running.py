"""Real servers for tests: the API and its development issuer on free ports of this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn

from benchmarks.served import free_pair
from metriccare.local.issuer.provider import Provider
from metriccare.serve_settings import ServeUser
from metriccare.settings import Lake, Settings
from metriccare.wiring.api import Address, Served, served

# One for all: making one reads the machine's certificates, which takes longer than most requests.
_CLIENT = httpx.Client(timeout=30, trust_env=False)


@dataclass
class Browser:
    """A client that keeps cookies as Chromium does on loopback: `Secure` ones too."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Send one request, follow nothing, keep the cookies."""
        headers = {**self.headers, **more.pop("headers", {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        url = address if "://" in address else self.base + address
        answer = _CLIENT.request(method, url, headers=headers, **more)
        _CLIENT.cookies.clear()
        for text in answer.headers.get_list("set-cookie"):
            name, _, value = text.partition(";")[0].partition("=")
            self.cookies.pop(name, None)
            if "Max-Age=0" not in text:
                self.cookies[name] = value
        return answer

    def status(self, method: str, address: str, **more: Any) -> int:
        """Return the status of an answer without reading its body: a stream does not end."""
        headers = {**self.headers, **more.pop("headers", {})}
        with _CLIENT.stream(method, self.base + address, headers=headers, **more) as answer:
            return answer.status_code

    def first_lines(
        self, address: str, count: int, headers: dict[str, str] | None = None
    ) -> list[str]:
        """Return the first lines of a stream that are not empty."""
        sent = {**self.headers, **(headers or {})}
        lines: list[str] = []
        with _CLIENT.stream("GET", self.base + address, headers=sent) as answer:
            for line in answer.iter_lines():
                lines += [line] if line else []
                if len(lines) == count:
                    break
        return lines

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.request("GET", address, **more)

    def post(self, address: str, **more: Any) -> httpx.Response:
        return self.request("POST", address, **more)


@dataclass
class Running:
    """A served lake, for tests."""

    base: str
    served: Served
    lake: Path

    @property
    def provider(self) -> Provider:
        assert self.served.provider is not None
        return self.served.provider

    def browser(self) -> Browser:
        return Browser(self.base)

    def signed_in(self, subject: str, return_to: str = "/") -> Browser:
        """Return a browser that went the whole way through the issuer."""
        browser = self.browser()
        begun = browser.get("/auth/login", params={"return_to": return_to})
        assert begun.status_code == 303, begun.text
        picked = browser.get(begun.headers["location"] + f"&user={subject}")
        assert picked.status_code == 303, picked.text
        back = browser.get(picked.headers["location"])
        assert back.status_code == 303, back.text
        browser.headers["x-landed"] = back.headers["location"]
        return browser

    def program(self, subject: str) -> Browser:
        """Return a client with a bearer token."""
        token = self.provider.access_token(self.provider.users[subject])
        return Browser(self.base, headers={"authorization": f"Bearer {token}"})

    def reader(self, number: int) -> Browser:
        """Return one of any number of analysts: each has limits of its own."""
        subject = f"reader-{number}"
        users = self.provider.users
        # Kept: the issuer is asked about its users again when roles are read again.
        user = users.setdefault(subject, ServeUser(subject, subject, ["analyst"], ["default"]))
        token = self.provider.access_token(user)
        return Browser(self.base, headers={"authorization": f"Bearer {token}"})

    def audit(self) -> list[dict[str, Any]]:
        """Return the audit rows, the oldest first."""
        log = self.served.services.audit_rows
        assert log is not None
        rows = [dict(row) for row in log.rows()]
        return sorted(rows, key=lambda row: int(row["seq"]))

    def host(self) -> str:
        return urlsplit(self.base).netloc


@contextmanager
def running(lake: Path, settings: Settings | None = None) -> Iterator[Running]:
    """Serve a lake until the block ends."""
    address = Address("127.0.0.1", free_pair())
    api = served(Lake(str(lake)), settings or Settings(), address)
    assert api.issuer is not None
    with serving(api.app, address.port), serving(api.issuer, address.issuer_port):
        yield Running(f"http://127.0.0.1:{address.port}", api, lake)
    api.close()


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    config = uvicorn.Config(
        app, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(10)
