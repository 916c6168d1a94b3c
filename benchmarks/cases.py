"""What is timed: the commands a person runs, in the order they build on each other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from benchmarks.measure import Measurement, measured
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.naming import TRACKING_FILE
from metriccare.settings import DUCKDB, Lake

METRICCARE = Path(sys.executable).with_name("metriccare")
# The generator makes about this many resources for each patient.
RESOURCES_PER_PATIENT = 52.5
PATIENTS_OF_AN_INCREMENT = 20
SMALL_FILES = 10_000
BUNDLE_BYTES = 500 * 2**20
_AS_OF = "2024-12-31"
LIMITS = {
    "spark": "limit: plain Spark, same bytes",
    "duckdb": "limit: plain DuckDB, same bytes",
}
_MODULES = {"spark": "benchmarks.limit", "duckdb": "benchmarks.limit_duckdb"}
TENANTS, RECORDS_OF_A_TENANT = 135, 28
# The largest hospital group a single report is made for; its target is 3 seconds.
WIDE_HOSPITALS, WIDE_YEARS = 20, 5


def _nothing() -> None:
    """Do nothing: the case needs no preparation."""


@dataclass(frozen=True)
class Case:
    """One thing to time: what is prepared each time, and the command."""

    name: str
    command: Sequence[str | Path]
    prepare: Callable[[], None] = _nothing
    same_bytes: bool = False
    once: bool = False
    # Replaces the lake by one with input of its own, whatever the size.
    own_lake: bool = False

    def run(self) -> Measurement:
        """Run the command and return what it took."""
        return measured(self.command)


def _command(*arguments: str | Path) -> None:
    subprocess.run([METRICCARE, *arguments], check=True, capture_output=True)


@dataclass(frozen=True)
class Place:
    """The data and the lake of one size."""

    folder: Path
    numbers: Iterator[int]

    @property
    def data(self) -> Path:
        """Return the generated folder."""
        return self.folder / "fhir_data"

    @property
    def here(self) -> tuple[str, str]:
        """Return the option that names the lake."""
        return ("--lake", str(self.folder / "lake"))

    def fresh(self) -> None:
        """Begin with a lake in which all files wait."""
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        _command("ingest", self.data / "json", *self.here)

    def increment(self) -> None:
        """Take in about a thousand resources of all types: some patients not seen before."""
        number = next(self.numbers)
        new = self.folder / f"new-{number}"
        some = ("--patients", str(PATIENTS_OF_AN_INCREMENT), "--seed", str(1000 + number))
        _command("generate", "--out", new, *some)
        _command("ingest", new / "json", *self.here)

    def observations(self) -> None:
        """Load a thousand laboratory results of known patients: copies of stored ones."""
        number = next(self.numbers)
        folder = self.folder / f"new-{number}"
        folder.mkdir()
        results = (line for line in _lines(self.data) if b'"resourceType":"Observation"' in line)
        with (folder / "observations.ndjson").open("wb") as out:
            out.writelines(_renamed(line, number) + b"\n" for line in islice(results, 1000))
        _command("ingest", folder, *self.here)

    def small_files(self) -> None:
        """Take in one file for each resource."""
        folder = self.folder / "small"
        folder.mkdir(exist_ok=True)
        for number, line in zip(range(SMALL_FILES), _lines(self.data), strict=False):
            (folder / f"{number}.json").write_bytes(line)
        self._only(folder)

    def no_tables(self) -> None:
        """Begin with a lake that has received nothing and has no tables."""
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        SqliteTracking(self.folder / "lake" / TRACKING_FILE).close()

    def many_tenants(self) -> None:
        """Take in a small file for each of many tenants."""
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        lines = _lines(self.data)
        for number in range(TENANTS):
            file = self.folder / "tenant.ndjson"
            file.write_bytes(b"\n".join(islice(lines, RECORDS_OF_A_TENANT)))
            _command("ingest", file, "--tenant", f"t{number}", *self.here)

    def large_bundle(self) -> None:
        """Take in one Bundle of half a gigabyte, with what the data holds repeated as needed."""
        bundle = self.folder / "bundle.json"
        with bundle.open("wb") as out:
            out.write(b'{"resourceType":"Bundle","type":"collection","entry":[')
            size = 0
            for number in count():
                for line in _lines(self.data):
                    comma = b"," if size else b""
                    entry = comma + b'{"resource":' + _renamed(line, number) + b"}"
                    size += out.write(entry)
                    if size >= BUNDLE_BYTES:
                        out.write(b"]}")
                        self._only(bundle)
                        return

    @property
    def wide(self) -> tuple[str, str]:
        """Return the option that names the lake of many hospitals and years."""
        return ("--lake", str(self.folder / "wide"))

    def many_hospitals(self) -> None:
        """Write the published results of many hospitals and years, unless they are there."""
        from tests.query.lakes import write_published

        if not (self.folder / "wide").exists():
            write_published(Lake(self.wide[1]), WIDE_HOSPITALS, WIDE_YEARS, DUCKDB)

    def _only(self, path: Path) -> None:
        shutil.rmtree(self.folder / "lake", ignore_errors=True)
        _command("ingest", path, *self.here)


def _lines(data: Path) -> Iterator[bytes]:
    for file in sorted((data / "json").rglob("*.ndjson")):
        with file.open("rb") as lines:
            yield from (line.strip() for line in lines)


def _renamed(line: bytes, number: int) -> bytes:
    """Return a resource under another id from the second round on."""
    if not number:
        return line
    resource = json.loads(line)
    resource["id"] = f"{number}-{resource['id']}"[:64]
    return json.dumps(resource).encode()


def cases(folder: Path, resources: int, engine: str) -> list[Case]:
    """Return the cases of one size on one engine; the last ones replace the lake."""
    place = Place(folder, count(1))
    patients = str(round(resources / RESOURCES_PER_PATIENT))
    run = ("run", "--as-of", _AS_OF, "--engine", engine, *place.here)
    commands: list[tuple[str, tuple[str | Path, ...], Callable[[], None]]] = [
        ("run: 1,000 new observations", run, place.observations),
        ("run: 1,000 new resources of all types", run, place.increment),
        ("run: nothing to do", ("run", *place.here), _nothing),
        ("metrics", ("metrics", *place.here), _nothing),
        ("query: published measure", ("query", "SELECT * FROM metric_alos", *place.here), _nothing),
        ("report", ("report", "--out", folder / "report.html", *place.here), _nothing),
        (
            f"report: {WIDE_YEARS} years of {WIDE_HOSPITALS} hospitals",
            ("report", "--out", folder / "wide.html", *place.wide),
            place.many_hospitals,
        ),
    ]
    limit = [sys.executable, "-m", _MODULES[engine], place.data / "json", folder / "limit"]
    generate = ("generate", "--out", place.data, "--patients", patients, "--force")
    load = Case("run: full load, raw to published", [METRICCARE, *run], place.fresh, True)
    again = ("run", "--as-of", "2024-12-30", "--engine", engine, *place.here)
    return [
        Case("generate", [METRICCARE, *generate]),
        Case(LIMITS[engine], limit, same_bytes=True),
        load,
        *[Case(name, [METRICCARE, *command], prepare) for name, command, prepare in commands],
        Case("run: measures only, another as-of date", [METRICCARE, *again], once=True),
        *[
            Case(name, [METRICCARE, *run], prepare, once=True, own_lake=True)
            for name, prepare in (
                (f"run: {SMALL_FILES:,} small files", place.small_files),
                ("run: one bundle of 500 MB", place.large_bundle),
                ("run: no files, tables to create", place.no_tables),
                (f"run: {TENANTS} tenants, a small file each", place.many_tenants),
            )
        ],
    ]
