"""Rows that Python holds, as Arrow has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from metriccare.engine.duckdb.arrow import arrow
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa

# Handing rows over costs milliseconds, however few they are.
_MANY_ROWS, _MANY_BYTES = 50_000, 32 * 2**20


class Pending:
    """Batches of rows that wait until there are enough of them to be handed over."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch: the values of every column, by its name."""
        pa = arrow()

        kinds = {column.name: arrow_type(column.type) for column in self._columns}
        arrays = [pa.array(values[name], kind) for name, kind in kinds.items()]
        batch = pa.RecordBatch.from_arrays(arrays, list(kinds))
        self._batches.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes

    @property
    def is_large(self) -> bool:
        """Tell whether there is enough to be worth handing over."""
        return self._rows >= _MANY_ROWS or self._bytes >= _MANY_BYTES

    def take(self) -> pa.Table | None:
        """Return what waits, which then waits no more; None for no rows."""
        import pyarrow as pa

        batches, rows = self._batches, self._rows
        self._batches, self._rows, self._bytes = [], 0, 0
        return pa.Table.from_batches(batches) if rows else None


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns as Arrow's schema."""
    import pyarrow as pa

    return pa.schema([(column.name, arrow_type(column.type)) for column in columns])


@cache
def arrow_type(spark_type: str) -> pa.DataType:
    """Return a declared type as Arrow spells it; instants are UTC without a zone."""
    import pyarrow as pa

    scalars = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us"),
    }
    if spark_type in scalars:
        return scalars[spark_type]
    from sqlglot import exp  # an eighth of a second, and not for the plainest types

    return _arrow(exp.DataType.build(spark_type, dialect="spark"))


def _arrow(kind: Any) -> pa.DataType:
    import pyarrow as pa
    from sqlglot import exp

    if kind.this == exp.DType.ARRAY:
        return pa.list_(_arrow(kind.expressions[0]))
    if kind.this == exp.DType.STRUCT:
        return pa.struct([(part.name, _arrow(part.args["kind"])) for part in kind.expressions])
    if kind.this == exp.DType.DECIMAL:
        precision, scale = (int(part.this.this) for part in kind.expressions)
        return pa.decimal128(precision, scale)
    scalars = {
        exp.DType.BOOLEAN: pa.bool_(),
        exp.DType.INT: pa.int32(),
        exp.DType.BIGINT: pa.int64(),
        exp.DType.DOUBLE: pa.float64(),
        exp.DType.DATE: pa.date32(),
        exp.DType.TIMESTAMP: pa.timestamp("us"),
        exp.DType.TIMESTAMPTZ: pa.timestamp("us"),
        exp.DType.TIMESTAMPLTZ: pa.timestamp("us"),
        exp.DType.TEXT: pa.string(),
        exp.DType.VARCHAR: pa.string(),
    }
    return scalars[kind.this]
