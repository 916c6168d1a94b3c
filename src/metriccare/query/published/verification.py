"""Compares published marts with their manifests: files by hash, rows by count and hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import Publication, PublicationRefused
from metriccare.query.published.row_hash import hash_of_rows
from metriccare.query.published.session import PublishedSession
from metriccare.query.published.statements import Statement

# 10 minutes: reading every row of a large tenant may take that long.
_SECONDS = 600.0


@dataclass(frozen=True)
class Verified:
    """A mart of a tenant, and what is wrong with it; empty if nothing is."""

    tenant: str
    mart: str
    rows: int
    problem: str


def verified(files: FileList, tenant: str) -> Iterator[Verified]:
    """Yield every mart of a tenant after reading its files again."""
    try:
        publication = files.current(tenant)
    except PublicationRefused as error:
        yield Verified(tenant, "all", 0, str(error))
        return
    for mart in publication.manifests if publication else ():
        yield _verified(files, publication, mart)  # type: ignore[arg-type]


def _verified(files: FileList, publication: Publication, mart: str) -> Verified:
    manifest = publication.manifests[mart]
    tenant = publication.tenant
    try:
        session = PublishedSession(publication, files, [mart])
    except PublicationRefused as error:
        return Verified(tenant, mart, manifest.rows, str(error))
    select = exp.select(exp.Star()).from_(exp.to_identifier(mart, quoted=True))
    found = session.run(Statement(select.sql(dialect="duckdb"), ()), _SECONDS)
    place = found.names.index("tenant")
    hashed = hash_of_rows(found.rows)
    if any(row[place] != tenant for row in found.rows):
        return Verified(tenant, mart, hashed.count, "It holds rows of another tenant.")
    if (hashed.count, hashed.hexdigest()) != (manifest.rows, manifest.rows_sha256):
        return Verified(tenant, mart, hashed.count, "Its rows are not those of its manifest.")
    return Verified(tenant, mart, hashed.count, "")
