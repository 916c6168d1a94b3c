"""Lakes written by real processes, what they hold, and ways to kill their writers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.quoting import identifier
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.session import open_session
from metriccare.settings import DUCKDB, SPARK, Lake
from metriccare.tables import TABLES, Table, quality
from metriccare.wiring.queries import files_of
from tests.conftest import ENGINE_VARIABLE
from tests.faults import forks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

METRICCARE = Path(sys.executable).with_name("metriccare")
AS_OF = "2024-06-30"
KILLED = -signal.SIGKILL
# What a run stamps on rows; everything else must be the same however often a run was killed.
STAMPS = frozenset({"run_id", "ingested_at", "first_seen", "published_at", "last_ingested_at"})
# Tables whose rows have no time of their own are ordered by the time of the run.
ORDERED_BY_RUN = ("gold.", "publish.", "silver.encounter_detail")


@dataclass(frozen=True)
class Processes:
    """A lake in a folder that only other processes write."""

    folder: Path

    def ingest(self, *paths: Path) -> None:
        self.call("ingest", *map(str, paths))

    def run(self, engine: str | None = None) -> subprocess.CompletedProcess[str]:
        return self.call(*RUN, engine=engine)

    def call(self, *arguments: str, engine: str | None = None) -> subprocess.CompletedProcess[str]:
        done = forks.call(self._with_lake(arguments), env=_env(engine))
        assert done.returncode == 0, done.stderr
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [METRICCARE, *self._with_lake(arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def killed_at(
        self, moment: str, commit: int, *arguments: str, engine: str | None = None
    ) -> int:
        """Work until a commit is entered or left; return how the process ended: killed, or well."""
        done = self.ended_at(moment, commit, signal.SIGKILL, *arguments, engine=engine)
        assert done.returncode in (KILLED, 0), done.stderr
        return done.returncode

    def ended_at(
        self, moment: str, commit: int, number: int, *arguments: str, engine: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Work until a commit is entered or left, then get a signal, as every process below."""
        end = {"moment": moment, "place": commit, "number": number}
        return forks.call(self._with_lake(arguments or RUN), env=_env(engine), end=end)

    def run_killed_after(self, seconds: float, *, with_java: bool) -> int:
        """Run for some time, then kill Python, and its JVM at once or by its own lights."""
        process = self.start(*RUN)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        with suppress(ProcessLookupError):
            (os.killpg if with_java else os.kill)(process.pid, signal.SIGKILL)
        process.communicate()
        _wait_for_group(process.pid)
        return process.returncode

    def newest_run(self) -> str:
        status = json.loads(self.call("status", "--format", "json").stderr)
        return str(status["runs"][0]["run_id"])

    def is_on_spark(self) -> bool:
        return _env(None)[ENGINE_VARIABLE] == SPARK

    def _with_lake(self, arguments: tuple[str, ...]) -> list[str]:
        return [*arguments, "--lake", str(self.folder)]

    def content(self) -> dict[str, list[str]]:
        """Return what every table says, row by row, apart from the stamps of runs."""
        return content(self.folder)


RUN = ("run", "--as-of", AS_OF)


def _env(engine: str | None) -> dict[str, str]:
    return {ENGINE_VARIABLE: engine or os.environ.get(ENGINE_VARIABLE, DUCKDB)}


def _wait_for_group(group: int) -> None:
    """Wait until the JVM of a killed parent has ended."""
    for _ in range(300):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("a JVM outlived its parent by half a minute")


def content(
    folder: Path, *, tenant: str | None = None, left_out: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Return what every table of a lake says, apart from the stamps and scores of runs."""
    found = {}
    # Scores have a row of each run: lakes of the same data have as many as they had runs.
    tables = [table for table in TABLES if table not in quality.TABLES]
    session = _session(folder, tables)
    for table in tables:
        is_by_run = table.full_name.startswith(ORDERED_BY_RUN)
        stamps = {*STAMPS, *left_out} | ({"ordering"} if is_by_run else set())
        is_log = table.name in ("released_patient", "released_name")
        stamps |= {"record_key"} if is_log else set()
        names = [name for name in table.column_names if name not in stamps]
        columns = ", ".join(map(identifier, names))
        wanted = "WHERE $1 IS NULL OR tenant = $1"
        rows = session.execute(f"SELECT {columns} FROM {table.full_name} {wanted}", [tenant])
        lines = [repr(list(zip(names, row, strict=True))) for row in rows.fetchall()]
        # A log of what runs released: a killed run may have written some before.
        found[table.full_name] = sorted(set(lines) if is_log else lines)
    return found


def _session(folder: Path, tables: Sequence[Table]) -> DuckDBPyConnection:
    """Return one session over the newest files of many tables: opening one takes the time."""
    files = files_of(Lake(str(folder)))
    return open_session({table.full_name: newest_files(files, table) for table in tables}, files)


def differences(found: dict[str, list[str]], wanted: dict[str, list[str]]) -> dict[str, int]:
    """Return, for tables that differ, how many rows do; no content, so that a log may show it."""
    return {
        name: len(set(found[name]) ^ set(wanted[name])) or abs(len(found[name]) - len(wanted[name]))
        for name in wanted
        if found[name] != wanted[name]
    }
