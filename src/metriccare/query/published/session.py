"""A DuckDB that holds the marts of one publication, and can read nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from metriccare.hidden_pandas import hidden_pandas
from metriccare.interruption import stop_queries_of
from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import Manifest, Publication, PublicationRefused
from metriccare.query.published.refusals import TimedOut
from metriccare.query.published.statements import Statement
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# 200 MB of Parquet (serving specification, 1.4), and 10 million values: two million equal rows are
# a few MB of Parquet, and as a table more than the limit of memory.
_MOST_BYTES, _MOST_VALUES = 200 * 2**20, 10_000_000
# 512 MB for one tenant: tables of 200 MB of Parquet, and what a query needs beside them.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": 1,
    "memory_limit": "512MB",
    "temp_directory": "",
}


@dataclass(frozen=True)
class Table:
    """A row set of an answer: the names of its columns, and the rows."""

    names: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


class PublishedSession:
    """The marts of one publication of one tenant, made from that tenant's files only.

    Nothing outside can be read or written, and no setting can be changed. Several threads may use
    it: each statement has a cursor of its own.
    """

    def __init__(self, publication: Publication, files: FileList, marts: Sequence[str]) -> None:
        self.publication = publication
        self._lock = Lock()
        self._session = _open(publication, files, marts)

    def columns(self, mart: str) -> frozenset[str]:
        """Return the columns a mart has; PublicationRefused if the publication has no such mart."""
        manifest = self.publication.manifests.get(mart)
        if manifest is None:
            raise PublicationRefused(f"This publication has no {mart}: `metriccare run` adds it.")
        return frozenset(column.name for column in manifest.columns)

    def run(self, statement: Statement, seconds: float) -> Table:
        """Return the rows of a statement; TimedOut if it takes longer."""
        import duckdb

        with self._cursor() as cursor:
            timer = Timer(seconds, cursor.interrupt)
            timer.start()
            try:
                with hidden_pandas():
                    cursor.execute(statement.sql, statement.values)
                names = tuple(item[0] for item in cursor.description or ())
                return Table(names, cursor.fetchall())
            except duckdb.InterruptException as error:
                raise TimedOut(seconds) from error
            finally:
                timer.cancel()

    @contextmanager
    def _cursor(self) -> Iterator[DuckDBPyConnection]:
        with self._lock:
            cursor = self._session.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


def _open(publication: Publication, files: FileList, marts: Sequence[str]) -> DuckDBPyConnection:
    import duckdb  # a fifth of a second

    wanted = {name: publication.manifests[name] for name in marts if name in publication.manifests}
    places = {name: _places(manifest, files) for name, manifest in wanted.items()}
    in_memory = _in_memory(wanted.values())
    session = duckdb.connect(config=_CONFIG)
    stop_queries_of(session)
    session.execute("SET TimeZone = 'UTC'")
    for name, manifest in wanted.items():
        _create(session, manifest, places[name], in_memory=name in in_memory)
    read_later = [place for name in wanted if name not in in_memory for place in places[name]]
    _close(session, read_later)
    return session


def _in_memory(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Return the marts that become tables in memory, the small ones first; others stay in files."""
    found, size, values = set(), 0, 0
    for manifest in sorted(manifests, key=_values):
        size += sum(file.size for file in manifest.files)
        values += _values(manifest)
        if size > _MOST_BYTES or values > _MOST_VALUES:
            break
        found.add(manifest.mart)
    return frozenset(found)


def _values(manifest: Manifest) -> int:
    return manifest.rows * len(manifest.columns)


def _places(manifest: Manifest, files: FileList) -> list[str]:
    return [str(files.local_file(file)) for file in manifest.files]


def _create(
    session: DuckDBPyConnection, manifest: Manifest, places: Sequence[str], *, in_memory: bool
) -> None:
    """Create a mart as a table in memory, or as a view over its files if there is too much."""
    from sqlglot import exp

    source, stored = _source(places), set[str]()
    if places:
        first = exp.select(exp.Star()).from_(source).limit(0).sql(dialect="duckdb")
        stored = {item[0] for item in session.execute(first).description or ()}
    items = [_item(column.name, column.type, stored) for column in manifest.columns]
    rows = exp.select(*items).from_(source) if places else exp.select(*items).where(exp.false())
    created = exp.Create(
        this=exp.to_identifier(manifest.mart, quoted=True),
        kind="TABLE" if in_memory else "VIEW",
        expression=rows,
    )
    session.execute(created.sql(dialect="duckdb"))


def _source(places: Sequence[str]) -> Any:
    """Return the call that reads files; columns that one of them lacks are null in its rows."""
    from sqlglot import exp

    options = {"hive_partitioning": exp.false(), "union_by_name": exp.true()}
    return exp.func(
        "read_parquet",
        exp.array(*(exp.Literal.string(place) for place in places), dialect="duckdb"),
        *(exp.PropertyEQ(this=exp.to_identifier(n), expression=v) for n, v in options.items()),
        dialect="duckdb",
    )


def _item(name: str, type_: str, stored: Collection[str]) -> Any:
    """Return a column; instants come in UTC with a zone and are kept without."""
    from sqlglot import exp

    column = exp.column(exp.to_identifier(name, quoted=True)) if name in stored else exp.null()
    if type_ != "timestamp" and name in stored:
        return exp.alias_(column, name, quoted=True)
    return exp.alias_(exp.cast(column, duckdb_type(type_), dialect="duckdb"), name, quoted=True)


def _close(session: DuckDBPyConnection, places: Sequence[str]) -> None:
    """Close the session to all but these files; the last setting forbids changing the others."""
    if places:
        with hidden_pandas():
            session.execute("SET allowed_paths = ?", [list(places)])
    session.execute("SET enable_external_access = false")
    session.execute("SET lock_configuration = true")
