"""What every SqlEngine answers alike: DuckDB and Athena here, Trino in tests/trino."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

_NOON = dt.datetime(2024, 7, 1, 12)  # noqa: DTZ001 - a timestamp without a zone

# An expression in Athena's dialect, and its value in Python.
VALUES: tuple[tuple[str, object], ...] = (
    ("true", True),
    ("1 = 2", False),
    ("cast(null as boolean)", None),
    ("cast(null as bigint)", None),
    ("cast(9223372036854775807 as bigint)", 2**63 - 1),
    ("cast(-5 as integer)", -5),
    ("7 / 2", 3),
    ("cast(0.1 as double)", 0.1),
    ("infinity()", float("inf")),
    ("cast(12.50 as decimal(10, 2))", Decimal("12.50")),
    ("date '2024-02-29'", dt.date(2024, 2, 29)),
    ("timestamp '2024-07-01 12:00:00.000'", _NOON),
    (
        "timestamp '2024-07-01 12:00:00.000' at time zone 'America/New_York'",
        _NOON.replace(tzinfo=dt.UTC).astimezone(ZoneInfo("America/New_York")),
    ),
    ("''", ""),
    ("'NaN'", "NaN"),
    ("'ä|\"x\"'", 'ä|"x"'),
    ("cast(null as varchar)", None),
)
REFUSED = (
    "delete from gold.stay",
    "insert into gold.stay select * from gold.stay",
    "create table x as select 1 as n",
    "drop view metric_alos",
    "select 1 as n; select 2 as n",
    "",
)
