"""A Trino of our own on 127.0.0.1, over one lake, until it is stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

from metriccare.errors import MetricCareError, UsageError
from metriccare.query.trino import install
from metriccare.query.trino.metastore import CATALOG, write_metastore
from metriccare.settings import Lake

HOST = "127.0.0.1"
# A server that dies is noticed at once; this is for one that hangs. A busy machine takes minutes.
_READY_SECONDS = 900
_SAY_SECONDS = 60
_JVM = (
    "-Xmx1G",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djdk.attach.allowAttachSelf=true",
)
_SERVER = """\
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
discovery.uri=http://{host}:{port}
catalog.management=static
query.max-memory=512MB
# Trino 483 changed the scale of decimal division; Athena follows the older rule.
deprecated.legacy-arithmetic-decimal-operators=true
"""
_CATALOG = """\
hive.metastore=file
hive.metastore.catalog.dir=local:///{metastore}
hive.metastore.disable-location-checks=true
fs.native-local.enabled=true
local.location={root}
"""
# A person may read and define nothing: views come from the project's files.
_HIVE = "connector.name=hive\nhive.hudi-catalog-name=hudi\nhive.security=read-only\n" + _CATALOG
_HUDI = "connector.name=hudi\n" + _CATALOG
_WORK = ".trino"
_LINK = "lake"


@dataclass(frozen=True)
class _Place:
    """Where the server keeps its files, and the folder whose files it may read.

    `tables` and `metastore` are paths under `root`.
    """

    work: Path
    root: Path
    tables: str
    metastore: str


class TrinoServer:
    """A running Trino; `with` stops it.

    Its files and its log `server.log` are in `.trino` in the lake's folder, or in a temporary
    folder when the lake cannot be written. `report_progress` gets a line while it still starts.
    """

    def __init__(
        self, lake: Lake, port: int, report_progress: Callable[[str], None] | None = None
    ) -> None:
        self.lake, self.port = lake, port
        self._report_progress = report_progress or _say_nothing
        self._place: _Place | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start and wait until queries are answered."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def uri(self) -> str:
        """Return the address BI tools connect to."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the server; SetupError without a JDK or jars, MetricCareError if it fails."""
        java, home = install.jdk(), install.trino_home()
        install.install(home)
        _check_port(self.port)
        self._place = _place_for(self.lake)
        work = self._place.work
        self.refresh()
        _write_configuration(self._place, self.port)
        with (work / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                _command(java, home, work),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=work,
            )
        self._wait_until_ready(work / "server.log")

    def refresh(self) -> None:
        """Register tables and partitions that have appeared since."""
        if self._place is not None:
            write_metastore(self.lake, self._place.work / "metastore", self._place.tables)

    def stop(self) -> None:
        """Stop the server, wait until it is gone, and remove a temporary folder."""
        self._end()
        if self._place is not None and self._place.root == self._place.work:
            shutil.rmtree(self._place.work, ignore_errors=True)
        self._place = None

    def _end(self) -> int | None:
        """End the process and return its exit code."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        code: int | None = self._process.returncode
        self._process = None
        return code

    def _wait_until_ready(self, log: Path) -> None:
        """Wait while the process lives; a start that fails keeps its log."""
        started = time.monotonic()
        reported = started
        while time.monotonic() - started < _READY_SECONDS:
            if self._process is None or self._process.poll() is not None:
                code = self._end()
                raise MetricCareError(
                    f"Trino stopped while it started (exit code {code}); its log is {log}."
                )
            if _is_ready(self.uri):
                return
            if time.monotonic() - reported > _SAY_SECONDS:
                reported = time.monotonic()
                self._report_progress(
                    f"Trino still starts after {reported - started:.0f} s; its log is {log}"
                )
            time.sleep(0.3)
        self._end()
        raise MetricCareError(
            f"Trino was not ready after {_READY_SECONDS} s, so the time ran out and it was"
            f" stopped; its log is {log}. A busy machine is slow to start it: try again."
        )


def _say_nothing(_: str) -> None:
    """Report nothing."""


def _place_for(lake: Lake) -> _Place:
    """Return a place in the lake's folder, else a temporary one that links to the lake.

    Trino reads one folder only, and both its metastore and the tables must be under it.
    """
    folder = lake.folder.resolve()
    work = folder / _WORK
    try:
        work.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=work):
            return _Place(work, folder, "", f"{_WORK}/metastore")
    except OSError:
        work = Path(tempfile.mkdtemp(prefix="metriccare-trino-"))
        (work / _LINK).symlink_to(folder)
        return _Place(work, work, f"{_LINK}/", "metastore")


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"Port {port} is in use; name another with --port.") from error


def _is_ready(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/v1/info", timeout=2) as answer:  # noqa: S310
            return json.load(answer)["starting"] is False
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False


def _write_configuration(place: _Place, port: int) -> None:
    etc = place.work / "etc"
    shutil.rmtree(etc, ignore_errors=True)
    (etc / "catalog").mkdir(parents=True)
    named = {"root": place.root, "metastore": place.metastore}
    (etc / "config.properties").write_text(_SERVER.format(port=port, host=HOST))
    (etc / "log.properties").write_text("io.trino=WARN\norg.apache=WARN\n")
    (etc / "catalog" / f"{CATALOG}.properties").write_text(_HIVE.format(**named))
    (etc / "catalog" / "hudi.properties").write_text(_HUDI.format(**named))


def _command(java: Path, home: Path, work: Path) -> list[str]:
    start = resources.files("metriccare.query.trino").joinpath("Start.java")
    return [
        str(java / "bin" / "java"),
        *_JVM,
        "-cp",
        f"{install.server_jars(home)}{os.sep}*",
        f"-Dconfig={work / 'etc' / 'config.properties'}",
        f"-Dlog.levels-file={work / 'etc' / 'log.properties'}",
        f"-Dcatalog.config-dir={work / 'etc' / 'catalog'}",
        f"-Dplugin.dir={home / 'plugin'}",
        f"-Dnode.data-dir={work / 'data'}",
        "-Dnode.environment=local",
        "-Dnode.id=metriccare",
        f"-Dnode.internal-address={HOST}",
        f"-Dnode.bind-ip={HOST}",
        str(start),
        install.VERSION,
    ]
