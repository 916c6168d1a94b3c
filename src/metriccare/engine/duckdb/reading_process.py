"""A process that reads shares of files into Parquet files, as its parent asks on stdin.

It is given a function and columns once, then a place and the parts to read into it, time and
again; each is answered with the parts' outcomes, or with None when the function raised. It is a
program of its own and no `multiprocessing` child: that would run the parent's main module again,
and needs semaphores, which AWS Lambda does not have.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from metriccare.engine.arrow import has_arrow
from metriccare.engine.duckdb.arrow_batches import PendingArrow, arrow_schema
from metriccare.engine.duckdb.given_rows import DuckDbRelation, GivenRows
from metriccare.engine.duckdb.quoting import text
from metriccare.tables import Column


class ArrowFile:
    """A Parquet file that takes rows in batches; text is compressed so that it costs no time."""

    def __init__(self, place: str, columns: Sequence[Column]) -> None:
        import pyarrow.parquet as pq

        self._pending = PendingArrow(columns)
        self._writer = pq.ParquetWriter(
            place, arrow_schema(columns), compression="lz4", write_statistics=False
        )

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch over: the values of every column, by its name."""
        self._pending.add(values)
        if self._pending.is_large:
            self._write()

    def close(self) -> None:
        """Complete the file."""
        self._write()
        self._writer.close()

    def _write(self) -> None:
        rows = self._pending.take()
        if rows is not None:
            self._writer.write_table(rows)


class CopiedFile:
    """The same without pyarrow: a table of a session of its own, copied at the end."""

    def __init__(self, place: str, columns: Sequence[Column]) -> None:
        import duckdb

        self._place = place
        self._session = duckdb.connect()
        target = DuckDbRelation("rows_of_file", is_table=True)
        self._rows = GivenRows(self._session, target, columns, Path(place).parent)
        self.append = self._rows.append

    def close(self) -> None:
        """Write the file."""
        name = self._rows.relation().name
        self._session.execute(
            f"COPY {name} TO {text(self._place)} (FORMAT parquet, COMPRESSION lz4)"
        )
        self._session.close()


def read_into(
    place: str, parts: Sequence[Any], function: Callable[..., Any], columns: Sequence[Column]
) -> list[Any]:
    """Write the rows of parts into a new Parquet file; return their outcomes."""
    rows = (ArrowFile if has_arrow() else CopiedFile)(place, columns)
    outcomes = [function(part, rows.append) for part in parts]
    rows.close()
    return outcomes


def main() -> None:
    """Answer until the parent closes stdin, or is gone."""
    # Ctrl-C is for the parent, which then ends its children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # What the function prints is no answer.
    os.dup2(2, 1)
    # A parent that is gone wants no answer.
    with suppress(BrokenPipeError):
        serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer the questions of a stream, one after the other."""
    function, columns = pickle.load(questions)  # noqa: S301 - our parent's
    while True:
        try:
            place, parts = pickle.load(questions)  # noqa: S301 - our parent's
        except EOFError:
            return
        try:
            outcomes = read_into(place, parts, function, columns)
        except Exception:  # the parent reads these parts itself, and so raises it
            outcomes = None
        pickle.dump(outcomes, answers)
        answers.flush()


if __name__ == "__main__":
    main()
