"""Results compared with the answer key: what is equal, what differs, what is not compared."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metriccare.errors import UsageError
from metriccare.report.true_accounts import (
    compare_accounts,
    compare_denials,
    compare_entries,
    read_accounts,
)
from metriccare.report.truth import Truth, compare_kpis, kpis_without_rule, read_truth

MARCH = date(2024, 3, 1)


def kpi(numerator: Any, denominator: Any, kpi_id: str = "ar_over_90", **more: Any) -> dict:
    key = {"grain": "month", "period_start": MARCH, "stratum_type": "payer", "stratum_value": "x"}
    return {"kpi_id": kpi_id, **key, "numerator": numerator, "denominator": denominator, **more}


def truth_of(folder: Path, *kpis: dict) -> Truth:
    rows = [{**row, "period_start": str(row["period_start"])} for row in kpis]
    key = {"as_of": "2024-12-31", "measures": [], "kpis": rows, "denials": []}
    (folder / "truth.json").write_text(json.dumps(key))
    return read_truth(folder / "truth.json")


@pytest.mark.parametrize(
    ("computed", "true"),
    [
        ((Decimal("10.00"), Decimal(20)), ("10", "20.00")),
        ((Decimal(10), None), ("10.00", None)),
        ((Decimal(10), None), ("10.00", "0.00")),
        ((Decimal(10), Decimal(0)), ("10.00", None)),
    ],
)
def test_figures_are_equal_as_numbers(tmp_path: Path, computed: tuple, true: tuple) -> None:
    compared = compare_kpis(truth_of(tmp_path, kpi(*true)), [kpi(*computed)])
    assert (compared.equal, compared.different) == (1, ())


def test_a_cent_too_much_a_missing_and_an_extra_figure_differ(tmp_path: Path) -> None:
    true = truth_of(tmp_path, kpi("10", "20"), kpi("7", "9", stratum_value="y"))
    extra = kpi(Decimal(1), Decimal(1), stratum_value="z")
    compared = compare_kpis(true, [kpi(Decimal("10.01"), Decimal(20)), extra])
    assert [(key[-1], true) for key, _, true in compared.different] == [
        ("x", (Decimal(10), Decimal(20), Decimal(0), Decimal(0))),
        ("y", (Decimal(7), Decimal(9), Decimal(0), Decimal(0))),
        ("z", None),
    ]


def test_nothing_by_nothing_is_as_good_as_missing(tmp_path: Path) -> None:
    true = truth_of(tmp_path, kpi("1", "2"), kpi("0", "0.00", stratum_value="y"))
    compared = compare_kpis(true, [kpi(1, 2), kpi(None, None, stratum_value="z")])
    assert (compared.equal, compared.total) == (1, 1)


def test_what_one_side_does_not_compute_is_not_compared(tmp_path: Path) -> None:
    true = truth_of(tmp_path, kpi("5", "6", "a_kpi_without_rule"), kpi("1", "2"))
    compared = compare_kpis(true, [kpi(1, 2), kpi(1, 2, grain="year"), kpi(3, 4, "bill_lag")])
    assert (compared.equal, compared.total) == (1, 1)
    assert kpis_without_rule(true) == ("a_kpi_without_rule",)


ACCOUNT = {
    "account_id": "a",
    "person_id": "p",
    "claim_type": "professional",
    "state": "closed",
    "first_billed_date": "2024-03-01",
    "first_remit_date": None,
    "service_to": "2024-03-01",
    "balance": "0.00",
    "payer_balance": "0.00",
    "patient_balance": "0.00",
    "first_remit_denied": None,
    "entries": [["charge", "5.00", "2024-03-01"]],
}


def test_accounts_differ_by_state_and_by_a_cent() -> None:
    computed = {**ACCOUNT, "balance": Decimal(0), "first_billed_date": MARCH, "service_to": MARCH}
    assert compare_accounts([ACCOUNT], [computed]).different == ()
    for wrong in ({"balance": Decimal("0.01")}, {"state": "credit"}):
        assert len(compare_accounts([ACCOUNT], [{**computed, **wrong}]).different) == 1
    assert len(compare_accounts([ACCOUNT], []).different) == 1


def test_ledgers_are_compared_by_sums_up_to_the_day() -> None:
    def entry(amount: str, day: date) -> dict[str, Any]:
        return {
            "account_id": "a",
            "type": "charge",
            "amount": Decimal(amount),
            "post_date": day,
        }

    two, later = [entry("2.00", MARCH), entry("3.00", MARCH)], entry("9.00", date(2025, 1, 5))
    as_of = date(2024, 12, 31)
    assert compare_entries([ACCOUNT], [*two, later], as_of).different == ()
    assert len(compare_entries([ACCOUNT], two[:1], as_of).different) == 1


def test_two_denials_of_an_account_are_not_one() -> None:
    denial = {
        "account_id": "a",
        "claim_id": "c",
        "remit_id": "r",
        "line_number": 1,
        "group_code": "CO",
        "carc": "97",
        "category": "bundling",
        "amount": "7.00",
        "denial_date": "2024-03-01",
        "resolved_date": None,
        "days_to_resolution": None,
        "is_initial": True,
        "is_leading": True,
        "status": "open",
        "recovered_amount": "0.00",
    }
    computed = {**denial, "amount": Decimal("7.00"), "recovered_amount": Decimal(0)}
    assert compare_denials([denial], [computed]).different == ()
    assert len(compare_denials([denial, denial], [computed]).different) == 1


def test_a_file_that_is_no_answer_key_is_named(tmp_path: Path) -> None:
    assert read_accounts(tmp_path) == ()
    (tmp_path / "truth_accounts.ndjson").write_text("{")
    with pytest.raises(UsageError, match="truth_accounts"):
        read_accounts(tmp_path)
    with pytest.raises(UsageError, match="answer key"):
        read_truth(tmp_path / "truth.json")
