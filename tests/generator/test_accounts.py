"""Accounts: FHIR and CSV say the same, and the answer key says what a second reading finds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from tests.generator.claims_reading import Submission, from_feeds, from_fhir, rows
from tests.generator.kpi_reading import Logs, kpis_of
from tests.generator.ledger_reading import Ledger, ledgers

PEOPLE = 900
Reading = Callable[[Path], dict[str, Submission]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return two folders with the same facts, one as FHIR and one as CSV."""
    config = GeneratorConfig(tmp_path_factory.mktemp("fhir") / "out", patients=PEOPLE, seed=11)
    generate(config)
    other = replace(config, out=config.out.parent / "feeds", feeds=True)
    generate(other)
    return {"fhir": config.out, "feeds": other.out}


def _truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text()))


def _accounts(folder: Path) -> dict[str, Any]:
    lines = (folder / "truth_accounts.ndjson").read_text().splitlines()
    return {row["account_id"]: row for row in map(json.loads, lines)}


@pytest.fixture(scope="module")
def read(both: dict[str, Path]) -> dict[str, list[Ledger]]:
    """Return the accounts as read from each form."""
    readings: dict[str, Reading] = {"fhir": from_fhir, "feeds": from_feeds}
    return {
        form: ledgers(readings[form](folder), rows(folder, "transactions"))
        for form, folder in both.items()
    }


def test_both_forms_have_the_same_answer_key(both: dict[str, Path]) -> None:
    texts = [(folder / "truth.json").read_bytes() for folder in both.values()]
    assert len({text.partition(b'"resources"')[0] for text in texts}) == 1
    accounts = [(folder / "truth_accounts.ndjson").read_bytes() for folder in both.values()]
    assert accounts[0] == accounts[1]


@pytest.mark.parametrize("form", ["fhir", "feeds"])
def test_the_ledger_is_what_the_files_say(
    both: dict[str, Path], read: dict[str, list[Ledger]], form: str
) -> None:
    as_of, told = _truth(both[form])["as_of"], _accounts(both[form])
    assert {ledger.id for ledger in read[form]} == told.keys()
    for ledger in read[form]:
        row = told[ledger.id]
        entries = {(kind, day): round(float(amount) * 100) for kind, amount, day in row["entries"]}
        assert ledger.entries(as_of) == entries, ledger.id
        balance, patient = ledger.balances(as_of)
        assert [balance, patient] == [
            round(float(row[name]) * 100) for name in ("balance", "patient_balance")
        ]
        assert ledger.state(as_of) == row["state"], ledger.id
        assert [c.id for c in ledger.in_force(as_of)] == row["in_force"]
        first = ledger.remits[0][1].day if ledger.remits else None
        assert first == row["first_remit_date"]


@pytest.mark.parametrize("form", ["fhir", "feeds"])
def test_the_ledger_of_a_later_day_is_what_has_arrived_by_then(tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    generate(GeneratorConfig(out, patients=160, seed=3, days=40, feeds=form == "feeds"))
    last = sorted((out / "days").iterdir())[-1]
    told: dict[str, Any] = {}
    for folder in (out, *sorted((out / "days").iterdir())):
        if (folder / "truth_accounts.ndjson").exists():
            told |= _accounts(folder)
    reading = from_feeds if form == "feeds" else from_fhir
    accounts = ledgers(reading(out), rows(out, "transactions"))
    assert len(accounts) > 500
    for ledger in accounts:
        row = told[ledger.id]
        entries = {(kind, day): round(float(amount) * 100) for kind, amount, day in row["entries"]}
        assert ledger.entries(last.name) == entries, ledger.id
        assert ledger.state(last.name) == row["state"], ledger.id


def test_every_kind_of_event_happens(both: dict[str, Path], read: dict[str, list[Ledger]]) -> None:
    told = _accounts(both["fhir"])
    states = Counter(row["state"] for row in told.values())
    # A rejection is corrected within days, so that few accounts are "rejected" on one day.
    assert states.keys() >= {
        "void", "credit", "closed", "billed", "patient_due", "denied", "underway",
    }  # fmt: skip
    kinds = {entry[0] for row in told.values() for entry in row["entries"]}
    assert kinds >= {
        "charge", "contractual", "payer_payment", "patient_share", "patient_payment", "bad_debt",
        "charity", "denial_writeoff", "small_balance",
    }  # fmt: skip
    frequencies = {claim.frequency for ledger in read["fhir"] for claim in ledger.claims}
    assert frequencies == {1, 2, 3, 4, 5, 7, 8}
    assert any(claim.level == 2 for ledger in read["fhir"] for claim in ledger.claims)
    assert any(remit.reversal for ledger in read["feeds"] for _, remit in ledger.remits)
    groups = {denial["group_code"] for denial in _truth(both["fhir"])["denials"]}
    assert groups == {"CO", "PR"}


def test_money_is_conserved(both: dict[str, Path]) -> None:
    signs = {"charge": 1, "refund": 1, "patient_share": 0}
    for row in _accounts(both["fhir"]).values():
        sums = Counter[str]()
        for kind, amount, _ in row["entries"]:
            sums[kind] += signs.get(kind, -1) * round(float(amount) * 100)
        whole = {name: round(float(row[name]) * 100) for name in row if name.endswith("balance")}
        assert sums.total() == whole["balance"]
        assert whole["balance"] == whole["payer_balance"] + whole["patient_balance"]


def test_strata_add_up_to_the_overall_row(both: dict[str, Path]) -> None:
    kpis = _truth(both["fhir"])["kpis"]
    sums: Counter[tuple[str, str, str | None, str]] = Counter()
    for row in kpis:
        if row["kpi_id"] not in ("days_in_ar", "dnfb_days", "cost_to_collect"):
            key = row["kpi_id"], row["grain"], row["period_start"], row["stratum_type"]
            sums[key] += round(float(row["numerator"] or 0) * 100)
    whole = {key[:3]: total for key, total in sums.items() if key[3] == "overall"}
    for (kpi, grain, start, kind), total in sums.items():
        if kind in ("facility", "payer", "payer_id", "specialty", "claim_type"):
            assert total == whole.get((kpi, grain, start), 0), (kpi, grain, start, kind)


def test_the_kpis_are_what_the_files_say(
    both: dict[str, Path], read: dict[str, list[Ledger]]
) -> None:
    truth = _truth(both["feeds"])
    kpis = kpis_of(read["feeds"], Logs(both["feeds"]), truth["as_of"])
    told: dict[tuple[str, str | None], tuple[int, int]] = {}
    money = set()
    for row in truth["kpis"]:
        if row["grain"] not in ("all", "month") or row["stratum_type"] not in ("overall", "bucket"):
            continue
        aging = row["stratum_type"] == "bucket"
        name = f"{row['kpi_id']} {row['stratum_value']}" if aging else row["kpi_id"]
        if "." in (row["numerator"] or ""):
            money.add(name)
        above, below = (round(float(row[side] or 0) * 100) for side in ("numerator", "denominator"))
        told[name, row["period_start"]] = above, below
    wrong = []
    for (name, period), above in kpis.above.items():
        below = kpis.below[name, period]
        factor = 1 if name in money else 100
        expected = told.get((name, period), (0, 0))
        if name.startswith("ar_aging") or name in _SINGLE:
            same = expected[0] == above * factor
        else:
            same = expected == (above * factor, below * factor)
        if not same:
            wrong.append((name, period, (above * factor, below * factor), expected))
    assert wrong == []
    assert len({name for name, _ in kpis.above}) > 40


_SINGLE = (
    "gross_charges", "total_collections", "credit_balance", "ar_open", "total_denied_amount",
    "claims_processed", "underpayment_amount",
)  # fmt: skip
