"""Rounding and splitting. Source: claims specification, 1.1."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import metriccare.marts.claims
from metriccare.marts.claims.money import amount, cents, read_cents, split


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("108.80000000000001", 10880),
        ("14.916", 1492),
        ("0.005", 1),
        ("-0.005", -1),
        ("0.004999999999", 0),
        ("1E+2", 10000),
        ("9999999999999999.994", 999999999999999999),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(sent: str, expected: int) -> None:
    assert cents(Decimal(sent)) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [("108.800000000010", False), ("14.916", True), ("14.90000", False), ("0.005", True)],
)
def test_binary_noise_is_no_fraction_of_a_cent(sent: str, expected: bool) -> None:
    assert read_cents(Decimal(sent))[1] is expected


def test_cents_become_decimals_with_two_places() -> None:
    assert [str(amount(value)) for value in (0, 5, -5, 123456)] == [
        "0.00",
        "0.05",
        "-0.05",
        "1234.56",
    ]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10000, [3333, 3333, 3334], [3333, 3333, 3334]),
        (1001, [1, 1, 1], [333, 334, 334]),
        (-1001, [1, 1, 1], [-333, -334, -334]),
        (500, [0, 0], [500, 0]),
        (500, [], []),
    ],
)
def test_split(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_add_up_and_a_reversal_takes_back_the_same(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert split(-total, weights) == [-part for part in parts]


def test_no_float_in_the_rules() -> None:
    folder = Path(metriccare.marts.claims.__file__).parent
    assert [p.name for p in folder.glob("*.py") if "float" in p.read_text(encoding="utf-8")] == []
