"""Makes the Parquet file of a mart's rows of one tenant, in a folder of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.publishing.published_rows import MartRows
from metriccare.query.published.publication import sha256_of


@dataclass(frozen=True)
class MadeFile:
    """A file that nobody else reads, until the next one of the mart is made."""

    file: Path
    rows: int
    size: int
    sha256: str


class MartFiles(Generic[RelationT]):
    """Makes files, those without rows once for all tenants: most marts of a small tenant."""

    def __init__(self, engine: Engine[RelationT], folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._empty: dict[str, MadeFile] = {}

    def make(self, rows: MartRows[RelationT], tenant: str) -> MadeFile:
        """Return the file of a tenant's rows, in the order of the mart."""
        name = rows.mart.name
        if tenant in rows.tenants:
            return self._write(rows, tenant, self._folder / f"{name}.parquet")
        if name not in self._empty:
            self._empty[name] = self._write(rows, tenant, self._folder / f"{name}-empty.parquet")
        return self._empty[name]

    def _write(self, rows: MartRows[RelationT], tenant: str, file: Path) -> MadeFile:
        order = ", ".join(rows.mart.order)
        own = self._engine.sql(
            f"select * from made where tenant = :tenant order by {order}",  # noqa: S608 - declared
            {"tenant": tenant},
            made=rows.rows,
        )
        count = self._engine.write_parquet(own, rows.mart.columns, file)
        self._engine.release(own)
        content = file.read_bytes()
        return MadeFile(file, count, len(content), sha256_of(content))
