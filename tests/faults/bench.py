"""A lake worked on in the tests' own process."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date
from pathlib import Path

from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import Ingested, ingest
from metriccare.naming import DEFAULT_TENANT
from metriccare.tracking.states import RunRecord
from metriccare.wiring.local import local_lake, run_local
from metriccare.wiring.queries import open_engine
from tests.conftest import ENGINE_VARIABLE
from tests.faults.lakes import AS_OF, content

DAY = date.fromisoformat(AS_OF)


class Bench:
    """A lake in a folder: receive files, run, see what it holds."""

    def __init__(self, folder: Path) -> None:
        self.here = local_lake(str(folder / "lake"), None, os.environ.get(ENGINE_VARIABLE))
        self.sent = folder / "sent"

    def receive(self, tenant: str = DEFAULT_TENANT, **files: bytes) -> Ingested:
        """Receive files, named by their keys; `_gz` at the end of a key means `.gz`."""
        self.sent.mkdir(exist_ok=True)
        paths = [self.sent / _file_name(name) for name in files]
        for path, sent in zip(paths, files.values(), strict=True):
            path.write_bytes(sent)
        with self.store() as store:
            return ingest(self.here.lake, store, find_files(paths), tenant)

    def run(self, tell=lambda _: None) -> RunRecord | None:
        return run_local(self.here, DAY, tell)

    def run_if_needed(self) -> RunRecord | None:
        """Run as a person does who names no date."""
        return run_local(self.here, None, lambda _: None)

    def ask(self, sql: str) -> list[tuple]:
        """Return the rows of a query."""
        return list(open_engine(self.here.lake).query(sql).rows)

    def content(self, tenant: str | None = None) -> dict[str, list[str]]:
        return content(self.here.lake.folder, tenant=tenant)

    def store(self):
        return closing(self.here.store())


def _file_name(key: str) -> str:
    return f"{key[:-3]}.ndjson.gz" if key.endswith("_gz") else f"{key}.ndjson"
