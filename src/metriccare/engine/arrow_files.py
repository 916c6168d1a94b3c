"""Rows of Python values as Parquet files, written by pyarrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metriccare.engine.arrow import arrow
from metriccare.engine.arrow_types import batch_of
from metriccare.tables import Column


def write_rows(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write rows as one Parquet file (zstd); instants without a zone are in UTC and say so."""
    import pyarrow.parquet as pq

    values = {column.name: [row[column.name] for row in rows] for column in columns}
    table = arrow().Table.from_batches([batch_of(columns, values, "UTC")])
    pq.write_table(table, file, compression="zstd")
