"""JSON and CSV of values: any parser reads them, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from metriccare.commands.printing.output import write_rows

_NEW_YORK = timezone(timedelta(hours=-5))
VALUES: list[tuple[Any, Any, str]] = [
    (float("nan"), None, "NaN"),
    (float("inf"), None, "Infinity"),
    (float("-inf"), None, "-Infinity"),
    (1.5, 1.5, "1.5"),
    (Decimal("1.10"), "1.10", "1.10"),
    (True, True, "True"),
    (None, None, ""),
    (date(2024, 2, 29), "2024-02-29", "2024-02-29"),
    (time(1, 2, 3), "01:02:03", "01:02:03"),
    (datetime(2024, 2, 29, 4, 30), "2024-02-29T04:30:00", "2024-02-29T04:30:00"),  # noqa: DTZ001
    (datetime(2024, 2, 29, 4, 30, tzinfo=UTC), "2024-02-29T04:30:00Z", "2024-02-29T04:30:00Z"),
    (
        datetime(2024, 2, 28, 23, 30, tzinfo=_NEW_YORK),
        "2024-02-28T23:30:00-05:00",
        "2024-02-28T23:30:00-05:00",
    ),
    (timedelta(days=2), "2 days, 0:00:00", "2 days, 0:00:00"),
    (b"\x00\xff", "00ff", "00ff"),
    ([1, None, Decimal("2.50")], [1, None, "2.50"], '[1, null, "2.50"]'),
    ({date(2024, 1, 1): [float("nan")]}, {"2024-01-01": [None]}, '{"2024-01-01": [null]}'),
    ({"a": {"b": b"\x01"}}, {"a": {"b": "01"}}, '{"a": {"b": "01"}}'),
]


def _refuse(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.parametrize(("value", "as_json", "as_csv"), VALUES)
def test_a_value_of_any_type_has_a_word(
    capsys: pytest.CaptureFixture[str], value: Any, as_json: Any, as_csv: str
) -> None:
    write_rows(("a",), [(value,)], "json")
    assert json.loads(capsys.readouterr().out, parse_constant=_refuse) == [{"a": as_json}]
    write_rows(("a", "b"), [(value, "x")], "csv")
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1] == [as_csv, "x"]


def test_columns_of_one_name_are_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(("a", "a", "a_2", "a"), [(1, 2, 3, 4)], "json")
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "a_3": 2, "a_2": 3, "a_4": 4}]


def test_a_table_says_the_zone_of_an_instant(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(("a",), [(datetime(1970, 1, 1, tzinfo=UTC),)], "table")
    assert "1970-01-01 00:00:00 UTC" in capsys.readouterr().out
