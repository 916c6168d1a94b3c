"""What is published: small cells hidden, the rest as computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metriccare.errors import UsageError
from metriccare.marts.revenue.closed import Close, closing_rows, fingerprint
from metriccare.marts.revenue.published import published
from metriccare.marts.revenue.results import results_as_of
from metriccare.settings import CMS, INTERNAL, RevenueSettings
from tests.marts.revenue import ledgers
from tests.marts.revenue.ledgers import Ledger
from tests.marts.revenue.worked_example import A1, A2, ACCOUNTS, AS_OF, DENIALS, day

FEBRUARY = date(2024, 2, 1)


def copies(ledger: Ledger, number: int, **columns: Any) -> list[Ledger]:
    """The same account of several persons."""
    return [
        replace(
            ledger,
            account_id=f"{ledger.account_id} {columns} {copy}",
            columns={**ledger.columns, **columns},
        )
        for copy in range(number)
    ]


def tables_of(found_ledgers, small_cells: str, closed=(), as_of: date = AS_OF, **more):  # type: ignore[no-untyped-def]
    """Rows of the published tables, and the results they come from."""
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, found_ledgers, more)
        results = results_as_of(engine, tables, {"a": as_of}, RevenueSettings())
        relations = published(engine, results, small_cells, closed=closed)
        return {name: engine.rows(rows) for name, rows in relations.items()}, results


def kpi(rows, kpi_id: str, stratum: str = "overall", value: str = "all") -> Mapping[str, Any]:  # type: ignore[no-untyped-def]
    return next(
        row
        for row in rows["kpi"]
        if (row["kpi_id"], row["grain"], row["stratum_type"], row["stratum_value"])
        == (kpi_id, "all", stratum, value)
    )


def test_rows_with_few_persons_are_hidden_as_a_whole():
    rows, _ = tables_of(ACCOUNTS, CMS, denial=DENIALS)
    row = kpi(rows, "gross_charges")
    assert row["suppressed"]
    numbers = ("numerator", "denominator", "value", "ci_low", "median", "note", "provisional")
    assert {row[name] for name in numbers} == {None}
    assert {row["suppressed"] for row in rows["ar_by_age"]} == {True}
    assert {row["balance"] for row in rows["ar_by_age"]} == {None}
    assert {row["total_denied_amount"] for row in rows["denial_month"]} == {None}


def test_internal_use_shows_everything():
    rows, _ = tables_of(ACCOUNTS, INTERNAL, denial=DENIALS)
    assert {row["suppressed"] for table in rows.values() for row in table} == {False}
    assert kpi(rows, "gross_charges")["value"] == 5700
    shares = [r for r in rows["ar_by_age"] if (r["stock_date"], r["anchor"]) == (AS_OF, "bill")]
    assert {row["bucket"]: row["share"] for row in shares} == {
        "0-30": Decimal("0.172414"),
        "91-120": Decimal("0.689655"),
        "121+": Decimal("0.137931"),
    }


def test_a_second_stratum_is_hidden_where_the_total_would_give_the_first_away():
    accounts = [
        *copies(A1, 40, facility_id="F"),
        *copies(A1, 30, facility_id="G"),
        *copies(A1, 5, facility_id="H"),
    ]
    rows, _ = tables_of(accounts, CMS)
    hidden = {value: kpi(rows, "gross_charges", "facility", value)["suppressed"] for value in "FGH"}
    assert hidden == {"F": False, "G": True, "H": True}
    assert kpi(rows, "gross_charges")["value"] == 75000


def test_one_number_that_two_kpis_show_is_hidden_in_both():
    # 8 persons are charged at H, and 15 are seen there in all.
    paid = replace(A1, entries=tuple(e for e in A1.entries if e.type == "payer_payment"))
    accounts = [
        *copies(A1, 40, facility_id="F"),
        *copies(A1, 8, facility_id="H"),
        *copies(paid, 15, facility_id="H"),
    ]
    rows, _ = tables_of(accounts, CMS)
    assert kpi(rows, "gross_charges", "facility", "H")["suppressed"]
    assert kpi(rows, "gross_collection_rate_post", "facility", "H")["suppressed"]


def test_a_few_denials_of_many_claims_are_hidden():
    accounts = [*copies(A1, 40), *copies(A2, 3)]
    rows, _ = tables_of(accounts, CMS)
    assert kpi(rows, "initial_denial_rate")["suppressed"]
    assert not kpi(rows, "gross_charges")["suppressed"]


def closed_rows(accounts, closed_at: datetime, stored=(), reason: str | None = None):  # type: ignore[no-untyped-def]
    _, results = tables_of(accounts, INTERNAL, as_of=day(2, 29))
    return closing_rows(results.figures, stored, Close(FEBRUARY, closed_at, reason))


NOW = datetime(2024, 3, 5)  # noqa: DTZ001
EARLY = [
    replace(ledger, entries=[e for e in ledger.entries if e.day <= day(2, 29)])
    for ledger in ACCOUNTS
]


def test_a_closed_month_is_refused_without_a_reason():
    first = closed_rows(EARLY, NOW)
    with pytest.raises(UsageError, match="2024-02 of tenant a is closed"):
        closed_rows(EARLY, NOW, first)
    again = closed_rows(EARLY, NOW, first, "late remits")
    assert {(row["close_version"], row["reason"]) for row in again} == {(2, "late remits")}


def test_a_closed_row_has_the_fingerprint_of_its_figures():
    rows = closed_rows(EARLY, NOW)
    assert {row["period_start"] for row in rows} == {FEBRUARY}
    row = next(row for row in rows if row["kpi_id"] == "gross_charges")
    assert row["figures_sha256"] == fingerprint(row)
    assert fingerprint({**row, "numerator": Decimal("0.01")}) != row["figures_sha256"]


def test_closed_figures_stand_beside_the_restated_ones():
    closed = closed_rows(EARLY, NOW)
    late = replace(A1, account_id="late", entries=[e for e in A1.entries if e.type == "charge"])
    late = replace(late, entries=[replace(late.entries[0], day=day(2, 3))])
    rows, _ = tables_of([*ACCOUNTS, late], INTERNAL, closed)
    row = next(
        row
        for row in rows["kpi_close"]
        if (row["kpi_id"], row["stratum_type"]) == ("gross_charges", "overall")
    )
    assert (row["closed_value"], row["restated_value"], row["difference"]) == (500, 1500, 1000)
    assert row["prior_period_adjustment"] == 1000
    rate = next(row for row in rows["kpi_close"] if row["kpi_id"] == "initial_denial_rate")
    assert rate["prior_period_adjustment"] is None
