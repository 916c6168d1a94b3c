"""A lake in a folder that takes in feeds, worked on in the tests' own process."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import ingest
from metriccare.tracking.states import FileRecord
from metriccare.wiring.local import local_lake, run_local
from metriccare.wiring.queries import open_engine

DAY = date(2024, 6, 30)
HEADER = (
    "claim_id,account_number,claim_type,member_id,billing_provider_id,payer_id,service_from,"
    "submitted_date,total_charge,currency,updated_at,op"
)


def claim(id_: str, member: str = "M1", charge: str = "100.00", **more: str) -> str:
    """Return one row of claims under HEADER."""
    row = {
        "claim_id": id_,
        "account_number": f"A{id_}",
        "claim_type": "professional",
        "member_id": member,
        "billing_provider_id": "P1",
        "payer_id": "PAY1",
        "service_from": "2024-01-05",
        "submitted_date": "2024-01-08",
        "total_charge": charge,
        "currency": "USD",
        **more,
    }
    return ",".join(row.get(name, "") for name in HEADER.split(","))


def claims(*rows: str) -> bytes:
    """Return a file of claims."""
    return "\n".join((HEADER, *rows, "")).encode()


class FeedLake:
    """Runs are made by `run_local`, as the command does."""

    def __init__(
        self, folder: Path, kind: str = "duckdb", feeds: str = "", sent: Path | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.sent = sent or folder / "sent"
        config = folder / "metriccare.toml"
        config.write_text("")
        if feeds:
            (folder / "feeds.toml").write_text(feeds)
        self.here = local_lake(str(folder / "lake"), config, kind)

    def receive(self, name: str, content: bytes, tenant: str = "default") -> None:
        """Take a file in; its name may have folders."""
        path = self.sent / tenant / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        root = self.sent / tenant / name.partition("/")[0]
        with closing(self.here.store()) as store:
            ingest(self.here.lake, store, find_files([root]), tenant)

    def run(self) -> Any:
        """Process what waits."""
        return run_local(self.here, DAY, lambda _: None)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query over the lake."""
        return list(open_engine(self.here.lake).query(sql).rows)

    def files(self, tenant: str | None = None) -> list[FileRecord]:
        """Return the files that were registered, in order of their names."""
        with closing(self.here.store()) as store:
            files = [file for file in store.files() if tenant in (None, file.tenant)]
        return sorted(files, key=lambda file: file.source_file)
