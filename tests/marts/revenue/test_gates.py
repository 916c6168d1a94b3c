"""The gates find money that was lost, doubled or changed, and nothing in a sound ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metriccare.marts.revenue.closed import Close, closing_rows
from metriccare.marts.revenue.gates import GATES, violations, wrong_totals
from metriccare.marts.revenue.results import Results, results_as_of
from metriccare.quality.measured import Counted, Subject
from metriccare.settings import RevenueSettings
from metriccare.tables import claims
from tests.marts.revenue import ledgers
from tests.marts.revenue.ledgers import Entry, Ledger
from tests.marts.revenue.worked_example import A1, ACCOUNTS, AS_OF, DENIALS, REMITS

LINES = [
    {"tenant": "a", "claim_id": "c", "line_number": number, "charge": Decimal(5)}
    for number in (1, 2)
]


def found(accounts=ACCOUNTS, broken=None, closed=()):  # type: ignore[no-untyped-def]
    """Violations by gate; `broken` changes the rows of a table before they are judged."""
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, accounts, {"denial": DENIALS, "remit": REMITS})
        tables["claim"] = ledgers.relation(
            engine, claims.CLAIM, [{"tenant": "a", "claim_id": "c", "charge": Decimal(10)}]
        )
        tables["claim_line"] = ledgers.relation(engine, claims.CLAIM_LINE, LINES)
        tables["remit_line"] = ledgers.relation(engine, claims.REMIT_LINE, [])
        for table, change in (broken or {}).items():
            rows = [dict(row) for row in engine.rows(tables[table.name])]
            change(rows)
            tables[table.name] = ledgers.relation(engine, table, rows)
        results = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())
        return violations(engine, tables, results, closed)


def faults(**given_):  # type: ignore[no-untyped-def]
    return {gate: list(of_gate.values()) for gate, of_gate in found(**given_).items() if of_gate}


def test_a_sound_ledger_violates_nothing():
    judged = found()
    assert set(judged) == set(GATES)
    assert judged == {gate: {} for gate in GATES}


def change(rows, place: int = 0, **values):  # type: ignore[no-untyped-def]
    rows[place].update(values)


@pytest.mark.parametrize(
    ("table", "column", "gate"),
    [
        (claims.ACCOUNT, "written_off", "money_conservation"),
        (claims.ACCOUNT, "patient_balance", "money_conservation"),
        (claims.CLAIM_LINE, "charge", "line_conservation"),
        (claims.CLAIM, "charge", "line_conservation"),
        (claims.REMIT, "paid", "line_conservation"),
        (claims.ACCOUNT_ENTRY, "balance_effect", "ar_rollforward"),
    ],
)
def test_a_cent_too_much_is_found(table, column, gate):
    def one_cent(rows):  # type: ignore[no-untyped-def]
        change(rows, **{column: (rows[0][column] or Decimal(0)) + Decimal("0.01")})

    judged = found(broken={table: one_cent})
    assert [name for name, of_gate in judged.items() if of_gate] == [gate]
    assert set(judged[gate]) == {Subject("a", gate)}


def test_a_balance_that_is_not_its_entries_is_found_in_every_month_it_lasts():
    def lost(rows):  # type: ignore[no-untyped-def]
        change(rows, len(rows) - 1, balance=Decimal(0))

    # A7 has a credit of 20 from May 2 on: two months' ends.
    assert faults(broken={claims.ACCOUNT_BALANCE: lost}) == {"ar_rollforward": [Counted(0, 2)]}


def test_a_transaction_that_counts_twice_is_found():
    twice = replace(A1, entries=(*A1.entries, *A1.entries[4:5]))

    def same(rows):  # type: ignore[no-untyped-def]
        payments = [row for row in rows if row["type"] == "patient_payment"]
        payments[1]["transaction_id"] = payments[0]["transaction_id"]

    judged = found(accounts=[twice], broken={claims.ACCOUNT_ENTRY: same})
    assert judged["entry_once"] == {Subject("a", "entry_once"): Counted(0, 1)}


def results_of(accounts) -> Results:  # type: ignore[no-untyped-def,type-arg]
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, accounts)
        return results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings())


def test_a_closed_figure_that_was_changed_is_found():
    month = date(2024, 6, 1)
    figures = results_of(ACCOUNTS).figures
    closed = closing_rows(figures, (), Close(month, datetime(2024, 7, 5)))  # noqa: DTZ001
    assert faults(closed=closed) == {}
    closed[0]["value"] = Decimal("1.5")
    assert faults(closed=closed) == {"close_unchanged": [Counted(0, 1)]}


def test_strata_that_do_not_add_up_are_found():
    figures = list(results_of(ACCOUNTS).figures)
    place = next(n for n, f in enumerate(figures) if f.key.stratum_type == "facility")
    broken = replace(figures[place].sums, numerator=figures[place].sums.numerator + 1)
    figures[place] = replace(figures[place], sums=broken)
    assert [tenant for tenant, _ in wrong_totals(figures)] == ["a"]


days = st.integers(0, 300).map(lambda n: date(2023, 9, 1) + timedelta(days=n))
cents = st.integers(-50_000, 100_000).map(lambda n: str(Decimal(n) / 100))
entries = st.builds(
    Entry,
    st.sampled_from(
        ["charge", "contractual", "payer_payment", "patient_payment", "refund", "charity"]
    ),
    cents,
    days,
)


@st.composite
def random_ledgers(draw) -> list[Ledger]:  # type: ignore[no-untyped-def]
    """Accounts of anything, with entries of any day and amount."""
    return [
        replace(
            draw(st.sampled_from(ACCOUNTS)),
            account_id=str(number),
            columns={
                **draw(st.sampled_from(ACCOUNTS)).columns,
                "facility_id": draw(st.sampled_from(["F", "G", None])),
                "payer": draw(st.sampled_from(["commercial", "self_pay", "medicare"])),
                "provider_id": draw(st.sampled_from(["npi:1", "npi:2", None])),
                "currency": draw(st.sampled_from(["USD", "EUR"])),
                "person_id": draw(st.sampled_from(["p", "q", "r"])),
            },
            entries=draw(st.lists(entries, max_size=5)),
        )
        for number in range(draw(st.integers(1, 6)))
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_ledgers())
def test_strata_add_up_and_balances_roll_forward_whatever_is_posted(accounts):
    judged = found(accounts=accounts)
    assert judged["kpi_totals"] == judged["ar_rollforward"] == judged["entry_once"] == {}
