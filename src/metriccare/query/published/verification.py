"""Compares published marts with their manifests: files by hash, rows by count and tenant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import Publication, PublicationRefused
from metriccare.query.published.session import PublishedSession
from metriccare.query.published.statements import Statement

# 10 minutes: reading every row of a large tenant may take that long.
_SECONDS = 600.0
# How many rows are of another tenant than the bound one.
_IS_OTHERS = exp.func(
    "count_if", exp.NEQ(this=exp.column("tenant"), expression=exp.Placeholder()), dialect="duckdb"
)


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
    counted = exp.select(exp.Count(this=exp.Star()), _IS_OTHERS).from_(
        exp.to_identifier(mart, quoted=True)
    )
    statement = Statement(counted.sql(dialect="duckdb"), (tenant,))
    rows, others = session.run(statement, _SECONDS).rows[0]
    if others:
        return Verified(tenant, mart, rows, "It holds rows of another tenant.")
    if rows != manifest.rows:
        return Verified(tenant, mart, rows, "It has more or fewer rows than its manifest says.")
    return Verified(tenant, mart, rows, "")
