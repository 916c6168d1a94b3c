"""An export as Parquet: DuckDB turns the CSV of an export into one, and can reach nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from metriccare.hidden_pandas import hidden_pandas
from metriccare.query.datasets.declaration import Dataset
from metriccare.tables.types import duckdb_type


def parquet_of(csv: Path, dataset: Dataset, notes: Mapping[str, str]) -> Path:
    """Write the Parquet file beside the CSV of a dataset and return its path.

    `notes` become the file's key-value metadata.
    """
    import duckdb  # a fifth of a second

    target = csv.with_suffix(".parquet")
    session = duckdb.connect(config={"threads": 1, "memory_limit": "512MB"})
    try:
        with hidden_pandas():
            session.execute("SET allowed_directories = ?", [[str(csv.parent)]])
        session.execute("SET enable_external_access = false")
        session.execute("SET lock_configuration = true")
        session.execute(_statement(csv, target, dataset, notes))
    finally:
        session.close()
    return target


def _statement(csv: Path, target: Path, dataset: Dataset, notes: Mapping[str, str]) -> str:
    columns = ", ".join(
        f"{_text(column.name)}: {_text(duckdb_type(column.type))}" for column in dataset.columns
    )
    metadata = ", ".join(f"{name}: {_text(value)}" for name, value in notes.items())
    # An empty field is a missing value, a quoted empty one is an empty text.
    source = (
        f"read_csv({_text(str(csv))}, header = true, columns = {{{columns}}},"
        " nullstr = '', auto_detect = false, delim = ',', quote = '\"')"
    )
    return (
        f"COPY (SELECT * FROM {source}) TO {_text(str(target))}"  # noqa: S608 - all are our own
        f" (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
    )


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
