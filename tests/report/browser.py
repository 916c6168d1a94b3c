"""A real browser that opens one page, asked over Chromium's own protocol."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe")


def browser_path() -> str | None:
    """Return the Chromium of this machine, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@dataclass
class Browser:
    """One open page; messages are JSON that ends in a zero byte, through a pair of pipes."""

    commands: int
    answers: int
    session: str = ""

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._rest = b""

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the browser's answer to one command."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self.answers, 1 << 20)
            assert more, "the browser ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def open(self, page: Path, width: int, height: int = 900) -> None:
        """Show a page on a screen of this width, and wait until it is loaded."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.send("Page.enable")
        self.send("Page.navigate", url=page.resolve().as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """Return what a JavaScript expression gives on the page."""
        found = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def media(self, **features: str) -> None:
        """Show pages with media features, such as a colour scheme."""
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.send("Emulation.setEmulatedMedia", features=wanted)


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """Start a browser without a window; it ends with the block."""
    path = browser_path()
    assert path is not None
    command_out, command_in = _pipe()
    answer_out, answer_in = _pipe()
    silence = os.open(os.devnull, os.O_WRONLY)
    # Chromium reads commands from file 3 and writes answers to file 4.
    places = ((command_out, 3), (answer_in, 4), (silence, 2))
    process = os.posix_spawn(
        path,
        [path, *_OPTIONS, f"--user-data-dir={profile}"],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, ours, theirs) for ours, theirs in places],
    )
    for ours, _ in places:
        os.close(ours)
    try:
        browser = Browser(command_in, answer_out)
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.send("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = attached["sessionId"]
        yield browser
    finally:
        os.close(command_in)
        os.close(answer_out)
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose numbers do not clash with those the browser expects."""
    out, into = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (out, into))
    os.close(out)
    os.close(into)
    return moved[0], moved[1]
