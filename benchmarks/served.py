"""A lake served as a person serves it, for benchmarks: the process, its users, its readers."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

_COMMAND = [sys.executable, "-c", "from metriccare.cli import main; main()", "serve"]
# Each may ask 300 times a minute (serving specification, 3.1.8), so many readers are needed.
USERS = 200
# How often a start is looked at: looking is work for the server too.
_LOOK_SECONDS = 0.1
_MOST_START_SECONDS = 120


@dataclass
class Server:
    """`metriccare serve` as a process; `began` is when it was started."""

    process: subprocess.Popen[bytes]
    port: int
    began: float

    def processor_seconds(self) -> float:
        """Return the processor seconds it has taken until now, all threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Return the resident memory it holds now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def reader(self) -> Reader:
        """Return a connection that stays open, as a browser's does."""
        return Reader(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))

    def is_ready(self) -> bool:
        """Return True if the server says that it can answer."""
        try:
            return self.reader().get("/health/ready").status == 200
        except OSError:
            return False


@dataclass(frozen=True)
class Read:
    """One answer: its status, seconds by the clock, headers and body."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reader:
    """One connection; after `sign_in` it sends the session's cookie."""

    connection: http.client.HTTPConnection
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **more: str) -> Read:
        """Return what an address answers."""
        headers = {**self.headers, **{name.replace("_", "-"): v for name, v in more.items()}}
        began = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        try:
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # Idle for longer than the server keeps a connection: a browser opens another too.
            self.connection.close()
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
        body = answer.read()
        return Read(answer.status, time.perf_counter() - began, answer.headers, body)

    def sign_in(self, subject: str) -> None:
        """Go the way of a browser: the server, the development issuer, and back."""
        begun = self.get("/auth/login")
        cookies = _cookies(begun)
        issuer = urlsplit(begun.headers["location"])
        at_issuer = http.client.HTTPConnection(issuer.netloc, timeout=60)
        at_issuer.request("GET", f"{issuer.path}?{issuer.query}&user={subject}")
        picked = at_issuer.getresponse()
        picked.read()
        at_issuer.close()
        back = urlsplit(str(picked.headers["location"]))
        ended = self.get(f"{back.path}?{back.query}", cookie=cookies)
        if ended.status != 303:
            raise RuntimeError(f"{subject} could not sign in: {ended.status}")
        self.headers["cookie"] = _cookies(ended)


def _cookies(read: Read) -> str:
    sent = read.headers.get_all("set-cookie") or []  # type: ignore[attr-defined]
    return "; ".join(text.partition(";")[0] for text in sent if "Max-Age=0" not in text)


@contextmanager
def serving(lake: str, role: str, tenant: str) -> Iterator[Server]:
    """Start the server of a lake, with many users of one role, and end it with the block."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "serve.toml")
        config.write_text("".join(_user(number, role, tenant) for number in range(USERS)))
        port = free_pair()
        arguments = ["--lake", lake, "--port", str(port), "--config", str(config)]
        began = time.perf_counter()
        process = subprocess.Popen([*_COMMAND, *arguments], stdout=subprocess.DEVNULL)
        try:
            yield Server(process, port, began)
        finally:
            process.terminate()
            process.wait()


def wait_until_ready(server: Server) -> None:
    """Return when the server says that it is ready; TimeoutError after two minutes."""
    while not server.is_ready():
        if time.perf_counter() - server.began > _MOST_START_SECONDS:
            raise TimeoutError("the server did not get ready")
        time.sleep(_LOOK_SECONDS)


def _user(number: int, role: str, tenant: str) -> str:
    return (
        f'[[serve.user]]\nsubject = "reader-{number}"\nname = "Reader {number}"\n'
        f'roles = ["{role}"]\ntenants = ["{tenant}"]\n'
    )


def free_pair() -> int:
    """Return a port that is free, with the one after it: the issuer takes that."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
