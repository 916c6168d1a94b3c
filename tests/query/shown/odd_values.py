"""Odd values of every type, as Trino's SQL: null, empty, unicode, extremes, edges of decimals."""

from __future__ import annotations

from collections.abc import Mapping

ODD: Mapping[str, tuple[str, ...]] = {
    "boolean": ("NULL", "true", "false"),
    "tinyint": ("NULL", "TINYINT '0'", "TINYINT '127'", "TINYINT '-128'"),
    "integer": ("NULL", "0", "1", "-1", "7", "-7", "2147483647", "INTEGER '-2147483648'"),
    "bigint": (
        "NULL",
        "BIGINT '0'",
        "BIGINT '2'",
        "BIGINT '-3'",
        "9007199254740993",
        "9223372036854775807",
        "BIGINT '-9223372036854775808'",
    ),
    "double": (
        "NULL",
        "0e0",
        "-0e0",
        "5e-1",
        "2.5e0",
        "-2.5e0",
        "1.005e0",
        "1e10",
        "123.45e0",
        "-1e-4",
        "1e300",
        "3e-1",
        "nan()",
        "infinity()",
        "-infinity()",
    ),
    "decimal(5, 2)": (
        "NULL",
        "DECIMAL '0.00'",
        "DECIMAL '0.01'",
        "DECIMAL '-0.50'",
        "DECIMAL '2.50'",
        "DECIMAL '-2.50'",
        "DECIMAL '999.99'",
        "DECIMAL '-999.99'",
    ),
    "decimal(10, 0)": (
        "NULL",
        "DECIMAL '0'",
        "DECIMAL '3'",
        "DECIMAL '-7'",
        "DECIMAL '9999999999'",
    ),
    "decimal(38, 6)": (
        "NULL",
        "DECIMAL '0.000001'",
        "DECIMAL '-12.345678'",
        "DECIMAL '99999999999999999999999999999999.999999'",
    ),
    "decimal(3, 3)": ("NULL", "DECIMAL '.500'", "DECIMAL '-.005'", "DECIMAL '.999'"),
    "varchar": (
        "NULL",
        "''",
        "' '",
        "'a'",
        "'abc'",
        "'ABC abc'",
        "'a,b,,c'",
        "'straße'",
        "'ÀÉÎ ñ'",
        "'日本語'",
        "'e' || chr(769)",
        "chr(128104) || chr(8205) || chr(128105)",
        "'a' || chr(10)",
        "chr(9) || 'x' || chr(160) || chr(8195)",
        "'I21.4'",
        "'it''s {0} {tail} %d $1 \\ \"q\"'",
        "'\u0131\u0130 \u017f \u212a'",
    ),
    "date": (
        "NULL",
        "DATE '0001-01-01'",
        "DATE '1582-10-10'",
        "DATE '1899-12-31'",
        "DATE '1970-01-01'",
        "DATE '2023-12-31'",
        "DATE '2024-01-31'",
        "DATE '2024-02-29'",
        "DATE '2024-12-30'",
        "DATE '9999-12-31'",
    ),
    "timestamp(3)": (
        "NULL",
        "TIMESTAMP '0001-01-01 00:00:00.000'",
        "TIMESTAMP '1883-11-18 17:00:00.000'",
        "TIMESTAMP '1969-12-31 23:59:59.999'",
        "TIMESTAMP '2024-02-29 04:30:00.000'",
        "TIMESTAMP '2024-03-10 06:59:59.999'",
        "TIMESTAMP '2024-03-10 07:00:00.000'",
        "TIMESTAMP '2024-11-03 05:30:00.000'",
        "TIMESTAMP '2024-11-03 06:30:00.000'",
        "TIMESTAMP '2050-07-01 04:30:15.250'",
        "TIMESTAMP '9999-12-31 23:59:59.999'",
    ),
    "timestamp(6)": (
        "NULL",
        "TIMESTAMP '2024-01-31 23:59:59.999500'",
        "TIMESTAMP '1960-01-01 00:00:00.000499'",
    ),
    "timestamp(0)": ("NULL", "TIMESTAMP '2024-01-31 23:59:59'"),
    "timestamp(3) with time zone": (
        "NULL",
        "TIMESTAMP '2024-02-29 04:30:00.000' AT TIME ZONE 'America/New_York'",
        "TIMESTAMP '2024-03-10 07:00:00.000' AT TIME ZONE 'America/New_York'",
        "TIMESTAMP '2050-07-01 20:00:00.500' AT TIME ZONE 'Asia/Kolkata'",
        "TIMESTAMP '2024-01-01 00:15:00.000' AT TIME ZONE '-05:30'",
        "TIMESTAMP '2024-12-31 23:59:59.999 UTC'",
    ),
    "array(bigint)": (
        "NULL",
        "ARRAY[]",
        "ARRAY[1]",
        "ARRAY[3, 1, 2, 1]",
        "ARRAY[1, NULL]",
        "ARRAY[NULL]",
    ),
    "array(varchar)": ("NULL", "ARRAY[]", "ARRAY['b', 'a', '']", "ARRAY['x', NULL, 'é']"),
    "array(double)": ("NULL", "ARRAY[1e0, -2e0]", "ARRAY[1e0, NULL]", "ARRAY[1e0, nan()]"),
    "array(date)": ("NULL", "ARRAY[DATE '2024-01-02', DATE '0001-01-01']"),
    "map(varchar, bigint)": ("NULL", "map(ARRAY['a', 'b'], ARRAY[1, NULL])", "map()"),
    "json text": (
        "NULL",
        '\'{"a": 1.10, "b": {"c": [1, "x", null, true]}}\'',
        '\'{"a": {"b": 1}}\'',
        '\'{"a": "t\\u00e9\\n"}\'',
        "'{\"a\": null}'",
        '\'{"a": -0, "b": {"c": []}}\'',
        '\'{"a": 1e3, "a": 2}\'',
        '\'{"a": 12345678901234567890123, "b": 7}\'',
        "'[1, 2.50]'",
        "'\"x\"'",
        "'null'",
        "''",
        "'{\"a\": '",
    ),
}
# Text that is cast to something else; values are separated by a bar and get quotes.
TEXTS_OF: Mapping[str, tuple[str, ...]] = {
    name: ("NULL", *[f"'{value}'" for value in listed.split("|")])
    for name, listed in {
        "number": "| |12| 12 |+12|-0|12.5|1e3|.5|5.|-1.555|1.545|nan|NaN|Infinity|1d|0x1p3|1_000"
        "|--1|123456789012345678901234567890|2147483648|٣|1e400|9.995|true",
        "boolean": "|true|T|1|yes| true|FALSE|f|0|on",
        "date": "|2024-01-05| 2024-01-05 |2024-1-5|2024-02-30|2024/01/05|24-1-5|20240105"
        "|2024-01-05 10:00|12024-01-05|0001-01-01|9999-12-31|2024-01-05T10:00:00Z|2024-01|x",
        "timestamp": "|2024-01-05 10:11:12|2024-1-5 1:2|2024-01-05|2024-01-05T10:00:00"
        "| 2024-01-05 10:00:00.1235 |2024-01-05 10:00:00 UTC|2024-01-05 24:00:00|2024-01-05 10"
        "|2024-01-05 10:00:60|1960-01-05 10:00:00.0005|2024-02-30 10:00:00",
        "iso": "|2024-03-01|2024-03-01T23:00:00-05:00|2024-03-01T23:00:00.250Z|2024-03-01T04:30"
        "|2024-03-01T00:15:00+05:30|20240301|2024-W09-5|2024-13-01|0001-01-01T00:00:00Z",
        "zone": "|UTC|America/New_York|Asia/Kolkata|EST|Nowhere/Place|-05:00|america/new_york",
    }.items()
}
# Values whose sum does not leave the type on the way: in which order they are added is open.
SUMMED: Mapping[str, tuple[str, ...]] = {
    "bigint": ("NULL", "BIGINT '0'", "BIGINT '2'", "BIGINT '-3'", "9007199254740993"),
    "double": ("NULL", "0e0", "-0e0", "5e-1", "2.5e0", "-2.5e0", "1024e0"),
}
