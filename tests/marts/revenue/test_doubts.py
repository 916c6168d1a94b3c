"""Shares of revenue that a gate may doubt: each is measured on accounts, answers, closed months."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metriccare.errors import GateRefused
from metriccare.marts.revenue.closed import Close, closing_rows
from metriccare.marts.revenue.doubts import (
    WAITING,
    doubtful_parts,
    restated_shares,
    shares_of,
)
from metriccare.marts.revenue.results import results_as_of
from metriccare.quality.gates import judge
from metriccare.quality.measured import Measured, Share, Subject
from metriccare.settings import GateLimits, RevenueSettings
from tests.marts.revenue import ledgers
from tests.marts.revenue.ledgers import Entry
from tests.marts.revenue.worked_example import ACCOUNTS, AS_OF

MARCH = date(2024, 3, 1)


def parts(accounts=ACCOUNTS, remits=(), flagged=(), waiting=0):  # type: ignore[no-untyped-def]
    """Parts by gate of tenant a: `remits` are the account each answer found, None for an orphan."""
    listed = [
        replace(
            each,
            columns={
                **each.columns,
                "dq_flags": ["remit_out_of_balance"] if each.account_id in flagged else [],
            },
        )
        for each in accounts
    ]
    answers = [
        {"tenant": "a", "remit_id": str(n), "claim_id": str(n), "account_id": account}
        for n, account in enumerate(remits)
    ]
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, listed, {"remit": answers})
        unnamed = engine.from_rows(WAITING, [("a", waiting)] if waiting else [])
        found = doubtful_parts(engine, tables, unnamed)
    return {gate: tuple(part) for (_, gate, _), part in found.items()}


def refusal(share: Share, subject: Subject = Subject("a", "some")) -> str | None:
    try:
        judge(Measured(shares={subject: share}), GateLimits(), "run-1")
    except GateRefused as refused:
        return refused.refusals[0].gate
    return None


@pytest.mark.parametrize(
    ("orphans", "waiting", "gate"), [(1, 0, None), (2, 0, "orphan_remits"), (1, 1, "orphan_remits")]
)
def test_answers_without_their_claim(orphans, waiting, gate):
    found = parts(remits=["A1"] * 100 + [None] * orphans, waiting=waiting)["orphan_remits"]
    assert found == (orphans + waiting, 100 + orphans + waiting)
    assert refusal(Share("orphan_remits", *found)) == gate


def test_credits_beside_open_receivables():
    # A4, A5 and A6 are open, A7 has a credit of 20.
    assert parts()["credit_balances"] == (20, 2900)
    assert refusal(Share("credit_balances", *parts()["credit_balances"])) is None
    only = [each for each in ACCOUNTS if each.account_id in ("A4", "A7")]
    owed = parts(accounts=only)["credit_balances"]
    assert owed == (20, 400)
    assert refusal(Share("credit_balances", *owed)) is None
    paid_twice = [
        replace(each, entries=(*each.entries, Entry("payer_payment", "1", AS_OF)))
        if each.account_id == "A7"
        else each
        for each in only
    ]
    more = parts(accounts=paid_twice)["credit_balances"]
    assert more == (21, 400)
    assert refusal(Share("credit_balances", *more)) == "credit_balances"


def many(count: int) -> list[ledgers.Ledger]:
    return [replace(ACCOUNTS[0], account_id=str(n)) for n in range(count)]


@pytest.mark.parametrize(
    ("flagged", "gate"), [(("0",), None), (("0", "1"), "accounts_out_of_balance")]
)
def test_accounts_with_an_answer_out_of_balance(flagged, gate):
    found = parts(accounts=many(100), flagged=flagged)["accounts_out_of_balance"]
    assert found == (len(flagged), 100)
    assert refusal(Share("accounts_out_of_balance", *found)) == gate


def test_a_void_account_is_not_among_those_out_of_balance():
    void = replace(ACCOUNTS[0], columns={**ACCOUNTS[0].columns, "state": "void"})
    assert parts(accounts=[void, ACCOUNTS[1]], flagged=("A1",))["accounts_out_of_balance"] == (0, 1)


def closed_march():  # type: ignore[no-untyped-def]
    """The closed rows of March, and its charges and collections by key."""
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS)
        figures = results_as_of(engine, tables, {"a": AS_OF}, RevenueSettings()).figures
    rows = closing_rows(figures, (), Close(MARCH, datetime(2024, 4, 5, tzinfo=UTC)))
    amounts = {
        (f.tenant, f.key): Decimal(f.value).scaleb(-6)
        for f in figures
        if f.key.kpi_id in ("gross_charges", "total_collections")
        and (f.key.grain, f.key.period_start, f.key.stratum_type) == ("month", MARCH, "overall")
        and f.value is not None
    }
    return rows, amounts


def restated(change: Decimal, published: Decimal = Decimal(0)):  # type: ignore[no-untyped-def]
    rows, amounts = closed_march()
    now = {key: amount + change for key, amount in amounts.items()}
    then = {key: amount + published for key, amount in amounts.items()}
    return dict(restated_shares(rows, now, then))


def test_a_closed_month_that_nobody_changed_is_not_doubted():
    assert {share.part for share in restated(Decimal(0)).values()} == {0}


def test_what_changed_of_a_closed_month_is_measured_against_what_was_closed():
    found = restated(Decimal("-60"))
    charges = found[Subject("a", "charges of 2024-03 in USD, restated")]
    assert (charges.gate, charges.part, charges.whole) == ("close_restated", 60, 2000)
    assert refusal(charges) == "close_restated"
    assert refusal(restated(Decimal(40))[Subject("a", "charges of 2024-03 in USD, restated")]) is (
        None
    )


def test_a_change_that_was_accepted_is_not_doubted_again():
    same = restated(Decimal(-60), published=Decimal(-60))
    assert refusal(same[Subject("a", "charges of 2024-03 in USD, restated")]) is None


def test_a_month_whose_charges_have_vanished_is_doubted():
    rows, _ = closed_march()
    found = dict(restated_shares(rows, {}, {}))
    assert refusal(found[Subject("a", "charges of 2024-03 in USD, restated")]) == "close_restated"


def test_of_several_closes_the_newest_counts():
    rows, amounts = closed_march()
    again = [{**row, "close_version": 2, "value": Decimal(1990)} for row in rows]
    found = dict(restated_shares([*again, *rows], amounts, {}))
    assert found[Subject("a", "charges of 2024-03 in USD, restated")].part == 10


def test_the_share_of_the_last_publication_goes_with_each():
    now = {("a", "credit_balances", "USD"): (Decimal(6), Decimal(100))}
    with ledgers.engine() as engine:
        tables = ledgers.relations(engine, ACCOUNTS)
        then = doubtful_parts(engine, tables, engine.from_rows(WAITING, []))
    (share,) = shares_of(now, then).values()  # type: ignore[arg-type]
    assert share.published == Decimal(20) / 2900
