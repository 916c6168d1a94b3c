"""A Trino of our own on 127.0.0.1, over one lake, until it is stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Self

from metriccare.errors import MetricCareError, UsageError
from metriccare.local.trino import install
from metriccare.local.trino.metastore import CATALOG, write_metastore
from metriccare.settings import Lake

HOST = "127.0.0.1"
_READY_SECONDS = 120
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


class TrinoServer:
    """A running Trino; `with` stops it. Its log is `.trino/server.log` in the lake's folder."""

    def __init__(self, lake: Lake, port: int) -> None:
        self.lake, self.port = lake, port
        self._work = lake.folder.resolve() / _WORK
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
        """Start the server; SetupError without a JDK or jars, MetricCareError when it fails."""
        java, home = install.jdk(), install.trino_home()
        install.install(home)
        _check_port(self.port)
        self.refresh()
        _write_configuration(self.lake, self._work, self.port)
        with (self._work / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                _command(java, home, self._work),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self._work,
            )
        self._wait_until_ready()

    def refresh(self) -> None:
        """Register tables and partitions that have appeared since."""
        write_metastore(self.lake, self._work / "metastore")

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if _is_ready(self.uri):
                return
            time.sleep(0.3)
        self.stop()
        raise MetricCareError(f"Trino did not start; its log is {self._work / 'server.log'}.")


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


def _write_configuration(lake: Lake, work: Path, port: int) -> None:
    etc = work / "etc"
    shutil.rmtree(etc, ignore_errors=True)
    (etc / "catalog").mkdir(parents=True)
    place = {"root": lake.folder.resolve(), "metastore": f"{_WORK}/metastore"}
    (etc / "config.properties").write_text(_SERVER.format(port=port, host=HOST))
    (etc / "log.properties").write_text("io.trino=WARN\norg.apache=WARN\n")
    (etc / "catalog" / f"{CATALOG}.properties").write_text(_HIVE.format(**place))
    (etc / "catalog" / "hudi.properties").write_text(_HUDI.format(**place))


def _command(java: Path, home: Path, work: Path) -> list[str]:
    start = resources.files("metriccare.local.trino").joinpath("Start.java")
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
