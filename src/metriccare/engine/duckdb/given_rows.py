"""Rows that Python holds, taken over into a table of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from metriccare.engine.duckdb.arrow import arrow
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.quoting import identifier, names
from metriccare.tables import Column
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_GIVEN = "given_rows"


@dataclass(frozen=True)
class DuckDbRelation:
    """A view or a table of the engine's session."""

    name: str
    is_table: bool = False


@dataclass
class GivenRows:
    """A new table with these columns, which takes rows in batches."""

    session: DuckDBPyConnection
    relation: DuckDbRelation
    columns: Sequence[Column]
    names: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        """Create the table."""
        self.names = tuple(column.name for column in self.columns)
        declared = ", ".join(f"{identifier(c.name)} {duckdb_type(c.type)}" for c in self.columns)
        self.session.execute(f"CREATE TABLE {identifier(self.relation.name)} ({declared})")

    def append(self, values: Mapping[str, Sequence[Any]]) -> None:
        """Take a batch over: the values of every column, by its name."""
        pa = arrow()

        given = pa.RecordBatch.from_arrays(
            [pa.array(values[c.name], arrow_type(c.type)) for c in self.columns], list(self.names)
        )
        if not given.num_rows:
            return
        self.session.register(_GIVEN, pa.Table.from_batches([given]))
        try:
            with sanitized("Taking over rows"):
                target = identifier(self.relation.name)
                self.session.execute(
                    f"INSERT INTO {target} SELECT {names(self.names)} FROM {_GIVEN}"
                )
        finally:
            self.session.unregister(_GIVEN)


@cache
def arrow_type(spark_type: str) -> pa.DataType:
    """Return a declared type as Arrow spells it; instants are UTC without a zone."""
    from sqlglot import exp

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
