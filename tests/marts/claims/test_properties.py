"""Whatever happens to an account: money is conserved, and the order of the rows says nothing."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from metriccare.marts.claims.compute import ClaimsResult, compute
from metriccare.marts.claims.entry import (
    CHARGE,
    CONTRACTUAL,
    PATIENT_PAYMENT,
    PATIENT_SHARE,
    PAYER_PAYMENT,
    REFUND,
    WRITE_OFFS,
)
from metriccare.marts.claims.history import (
    EVENT,
    AnswerLine,
    ClaimsHistory,
    SentAdjustment,
    Source,
)
from metriccare.marts.claims.ledger import Ledger
from metriccare.marts.claims.rows import rows_of
from metriccare.tables import Table
from metriccare.tables import claims as tables
from tests.marts.claims.billed import (
    COMMERCIAL,
    SECOND,
    SELF_PAY,
    claim,
    event,
    history,
    line,
    statement,
    transaction,
)

START = date(2024, 1, 1)
TYPES = ("patient_payment", "refund", "bad_debt", "charity", "denial_writeoff", "small_balance",
         "other_adjustment")  # fmt: skip
REASONS = ("CO-45", "PR-1", "PR-2", "PR-96", "CO-50", "CO-197", "OA-23", "OA-133", "PI-999", "-45")
amounts = st.integers(0, 20000).map(lambda cents: Decimal(cents) / 100)
days = st.integers(0, 300).map(lambda n: (START + timedelta(n)).isoformat())
numbers = st.integers(1, 3)


@st.composite
def claims(draw: Any, number: int) -> Any:
    prior = draw(st.sampled_from([(), *((f"C{n}",) for n in range(1, 6))]))
    lines = tuple(line(n, draw(amounts)) for n in range(1, draw(numbers) + 1))
    status = draw(st.sampled_from(["active"] * 6 + ["cancelled", "draft"]))
    updated = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(draw(st.integers(0, 300)))
    cover = draw(st.sampled_from([COMMERCIAL] * 5 + [SECOND, SELF_PAY]))
    sent = claim(
        f"C{number}",
        draw(days),
        service=draw(days),
        lines=lines,
        prior_ids=prior,
        frequency=draw(st.sampled_from([None, None, 1, 2, 3, 5, 7, 8])),
        status=status,
        cover=cover,
        account_number=draw(st.sampled_from([None, "A1"])),
        encounter_ids=draw(st.sampled_from([(), ("E1",)])),
        source=Source("f", number, draw(st.sampled_from(["fhir", "feed"])), updated),
    )
    return draw(st.sampled_from([sent, replace(sent, lines=())]))


@st.composite
def answers(draw: Any, number: int) -> Any:
    of = event if draw(st.booleans()) else statement
    adjustment = st.builds(
        lambda reason, amount: SentAdjustment(*(p or None for p in reason.split("-")), amount),
        st.sampled_from(REASONS),
        amounts,
    )
    taken = st.lists(adjustment, max_size=3).map(tuple)
    one = st.builds(AnswerLine, numbers, st.none() | amounts, st.none() | amounts, amounts, taken)
    lines = draw(st.lists(one, max_size=3, unique_by=lambda each: each.number).map(tuple))
    header = draw(
        st.none() | st.builds(AnswerLine, st.just(0), st.none(), st.none(), amounts, taken)
    )
    made, paid = sorted((draw(days), draw(days)))
    return of(
        draw(st.sampled_from(["C1", "C1", "C2", "C3", "C4", "gone"])),
        made,
        # A payment before its answer is flagged, and posts on its own day.
        cash=draw(st.sampled_from([None, paid])),
        lines=lines,
        header=header,
        id=f"R{number}",
        answer=draw(st.sampled_from(["adjudicated"] * 6 + ["pending", "rejected"])),
        is_partial=draw(st.booleans()) and of is statement,
        is_reversal=draw(st.booleans()) and of is event,
        is_benefit=draw(st.booleans()) and of is statement,
    )


@st.composite
def people(draw: Any) -> ClaimsHistory:
    rows: list[Any] = [draw(claims(n)) for n in range(1, draw(st.integers(1, 5)) + 1)]
    rows += [draw(answers(n)) for n in range(draw(st.integers(0, 6)))]
    rows += [
        transaction(
            f"T{n}",
            draw(st.sampled_from(["C1", "C2", "gone"])),
            draw(st.sampled_from(TYPES)),
            draw(amounts) * draw(st.sampled_from([1, 1, -1])),
            draw(days),
            party=draw(st.sampled_from([None, "payer", "patient"])),
        )
        for n in range(draw(st.integers(0, 4)))
    ]
    return history(*rows, as_of=START + timedelta(draw(st.integers(0, 320))))


# 30: a person takes 20 ms to make up, and five properties are tried on them. Shrinking a person
# takes minutes: whoever looks for the cause of a failure adds the phase.
examples = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


def assert_conserved(of: Ledger, as_of: date) -> None:
    account = of.account
    seen = [e for e in of.entries if e.post_date <= as_of]
    if account is None:
        assert seen == []
        return
    s, b = account.sums, account.balance
    assert s.charge == (
        s.payer_paid + s.patient_paid - s.refunded + s.contractual + s.written_off + b.balance
    )
    assert b.balance == b.payer_balance + b.patient_balance
    by_type = Counter[str]()
    for entry in seen:
        by_type[entry.type] += entry.amount
    assert (s.charge, s.contractual, s.patient_share) == (
        by_type[CHARGE],
        by_type[CONTRACTUAL],
        by_type[PATIENT_SHARE],
    )
    assert (s.payer_paid, s.patient_paid, s.refunded) == (
        by_type[PAYER_PAYMENT],
        by_type[PATIENT_PAYMENT],
        by_type[REFUND],
    )
    assert s.written_off == sum(by_type[type_] for type_ in WRITE_OFFS)
    assert b.balance == sum(e.effect for e in seen)


def assert_tiled(of: Ledger, as_of: date) -> None:
    """Spans follow each other without gap or overlap and end with the account's balance."""
    for before, after in zip(of.spans, of.spans[1:], strict=False):
        assert before.to_date == after.from_date
        assert before.from_date < after.from_date
        assert before.balance != after.balance
    for span in of.spans:
        assert span.from_date <= as_of
        until = [e for e in of.entries if e.post_date <= span.from_date]
        assert span.balance.balance == sum(e.effect for e in until)
    if of.account is not None:
        assert of.spans[-1].to_date is None
        assert of.spans[-1].balance == of.account.balance


@given(people())
@examples
def test_money_is_conserved_and_spans_tile_time(of: ClaimsHistory) -> None:
    for ledger in compute(of).ledgers:
        assert_conserved(ledger, of.as_of)
        assert_tiled(ledger, of.as_of)


@given(people(), st.randoms(use_true_random=False))
@examples
def test_the_order_of_rows_says_nothing(of: ClaimsHistory, chance: random.Random) -> None:
    def shuffled(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(rows, len(rows)))

    other = replace(
        of,
        claims=shuffled(of.claims),
        answers=shuffled(of.answers),
        transactions=shuffled(of.transactions),
    )
    assert rows_of(compute(other)) == rows_of(compute(of))


CLASSES: dict[str, type] = {
    "string": str,
    "boolean": bool,
    "int": int,
    "bigint": int,
    "date": date,
    "array<string>": list,
    tables.MONEY: Decimal,
    tables.UNITS: Decimal,
}


def assert_fits(table: Table, rows: list[dict[str, Any]]) -> None:
    columns = {c.name: CLASSES[c.type] for c in table.computed_columns if c.name != "tenant"}
    for row in rows:
        assert set(row) == set(columns), table.name
        wrong = [n for n, v in row.items() if v is not None and not isinstance(v, columns[n])]
        assert wrong == [], table.name


@given(people())
@examples
def test_every_row_fits_its_table_and_has_a_key_of_its_own(of: ClaimsHistory) -> None:
    made = rows_of(compute(of))
    for table in tables.PERSON_TABLES:
        assert_fits(table, made[table.name])
        names = [name for name in table.key if name != "tenant"]
        keys = Counter(tuple(row[name] for name in names) for row in made[table.name])
        assert [key for key, count in keys.items() if count > 1] == [], table.name


def of_an_evening(result: ClaimsResult, day: date) -> dict[str, int]:
    """Return the balance of every account on an evening, by the spans."""
    return {
        of.account_id: span.balance.balance
        for of in result.ledgers
        for span in of.spans
        if span.from_date <= day and (span.to_date is None or day < span.to_date)
    }


@given(people(), st.integers(0, 320))
@examples
def test_an_earlier_evening_is_the_same_seen_from_later(of: ClaimsHistory, before: int) -> None:
    day = min(of.as_of, START + timedelta(before))
    then = compute(replace(of, as_of=day))
    assert of_an_evening(compute(of), day) == of_an_evening(then, day)
    assert [each.entries for each in then.ledgers] == [each.entries for each in compute(of).ledgers]


@given(people())
@examples
def test_rows_before_as_of_do_not_depend_on_later_rows(of: ClaimsHistory) -> None:
    """What is dated later changes nothing of the money of this evening.

    A claim that has not arrived may still say which claims belong together, so claims stay. Nor
    are both forms of answers mixed: with a later event the claim's statements never counted.
    """
    with_events = {a.claim_id for a in of.answers if a.kind == EVENT}
    of = replace(
        of, answers=tuple(a for a in of.answers if a.kind == EVENT or a.claim_id not in with_events)
    )
    known = replace(
        of,
        answers=tuple(a for a in of.answers if a.created and a.created.first <= of.as_of),
        transactions=tuple(t for t in of.transactions if t.post_date <= of.as_of),
    )
    for one, other in zip(compute(of).ledgers, compute(known).ledgers, strict=True):
        assert one.spans == other.spans
        assert (one.account and one.account.state) == (other.account and other.account.state)
