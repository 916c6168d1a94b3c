"""Arrow's types and batches for declared columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow import arrow
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa


def batch_of(
    columns: Sequence[Column], values: Mapping[str, Sequence[Any]], zone: str | None = None
) -> pa.RecordBatch:
    """Return a batch of rows from the values of each column, by its name."""
    pa = arrow()
    arrays = [pa.array(values[c.name], arrow_type(c.type, zone)) for c in columns]
    return pa.RecordBatch.from_arrays(arrays, [c.name for c in columns])


@cache
def arrow_type(spark_type: str, zone: str | None = None) -> pa.DataType:
    """Return Arrow's type for a declared one; instants are in the zone, or UTC without one."""
    pa = arrow()
    scalars = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", zone),
    }
    if spark_type in scalars:
        return scalars[spark_type]
    from sqlglot import exp  # imported late: it takes 0.12 s, and plain types do not need it

    return _arrow(exp.DataType.build(spark_type, dialect="spark"), zone)


def _arrow(type_: Any, zone: str | None) -> pa.DataType:
    from sqlglot import exp

    pa = arrow()
    if type_.this == exp.DType.ARRAY:
        return pa.list_(_arrow(type_.expressions[0], zone))
    if type_.this == exp.DType.STRUCT:
        parts = [(part.name, _arrow(part.args["kind"], zone)) for part in type_.expressions]
        return pa.struct(parts)
    if type_.this == exp.DType.DECIMAL:
        precision, scale = (int(part.this.this) for part in type_.expressions)
        return pa.decimal128(precision, scale)
    scalars = {
        exp.DType.BOOLEAN: pa.bool_(),
        exp.DType.INT: pa.int32(),
        exp.DType.BIGINT: pa.int64(),
        exp.DType.DOUBLE: pa.float64(),
        exp.DType.DATE: pa.date32(),
        exp.DType.TIMESTAMP: pa.timestamp("us", zone),
        exp.DType.TIMESTAMPTZ: pa.timestamp("us", zone),
        exp.DType.TIMESTAMPLTZ: pa.timestamp("us", zone),
        exp.DType.TEXT: pa.string(),
        exp.DType.VARCHAR: pa.string(),
    }
    return scalars[type_.this]


def without_zones(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose instants, at any depth, are in UTC without a zone."""
    pa = arrow()
    schema = pa.schema([(field.name, _zoneless(field.type)) for field in batch.schema])
    return batch if schema.types == batch.schema.types else batch.cast(schema)


def _zoneless(type_: pa.DataType) -> pa.DataType:
    pa = arrow()
    if pa.types.is_timestamp(type_):
        return pa.timestamp(type_.unit)
    if pa.types.is_list(type_):
        return pa.list_(_zoneless(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(part.name, _zoneless(part.type)) for part in type_])
    return type_
