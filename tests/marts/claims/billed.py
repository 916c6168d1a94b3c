"""Short words for claims and answers, so that a test shows only what it is about.

Amounts are whole units of currency as text or int, dates are ISO text.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from metriccare.marts.claims.compute import ClaimsResult, compute
from metriccare.marts.claims.history import (
    EVENT,
    STATEMENT,
    Answer,
    AnswerLine,
    ClaimsHistory,
    Cover,
    Payment,
    SentAdjustment,
    SentClaim,
    SentLine,
    Source,
    Transaction,
)
from metriccare.marts.claims.identity import ProviderRef
from metriccare.marts.claims.ledger import Ledger
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.partial_date import partial_date

AS_OF = date(2024, 6, 30)
COMMERCIAL = Cover(payer_id="ACME", payer="commercial", level=1)
SECOND = Cover(payer_id="BETA", payer="commercial", level=2)
SELF_PAY = Cover(payer_id="SELF", payer="self_pay", level=1)
HOSPITAL = ProviderRef("feed", "H1")


def day(text: str) -> date:
    return date.fromisoformat(text)


def money(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def line(number: int, charge: object, **columns: Any) -> SentLine:
    return SentLine(number, charge=money(charge), currency="USD", **columns)


def claim(
    id: str,
    submitted: str,
    charge: object = None,
    service: str | None = None,
    lines: tuple[SentLine, ...] = (),
    **columns: Any,
) -> SentClaim:
    whole = sum((each.charge or Decimal(0) for each in lines), Decimal(0))
    values: dict[str, Any] = {
        "claim_type": "professional",
        "billing": HOSPITAL,
        "cover": COMMERCIAL,
        "total": money(charge) if charge is not None else whole,
        "currency": "USD",
        "source": Source("claims.csv", 1),
    }
    return SentClaim(
        id=id,
        submitted=partial_date(submitted),
        service_from=partial_date(service or submitted),
        service_to=partial_date(service or submitted),
        lines=lines,
        **{**values, **columns},
    )


def adjustments(text: str) -> tuple[SentAdjustment, ...]:
    """Read `CO-45 400, PR-2 100`."""
    found = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        reason, *amount = part.split()
        group, carc = reason.split("-")
        found.append(
            SentAdjustment(group or None, carc or None, Decimal(amount[0]) if amount else None)
        )
    return tuple(found)


def answer_line(
    number: int, paid: object = 0, taken: str = "", charge: object = None, allowed: object = None
) -> AnswerLine:
    return AnswerLine(number, money(charge), money(allowed), money(paid), adjustments(taken))


def event(
    claim_id: str,
    on: str,
    paid: object = 0,
    taken: str = "",
    cash: str | None = None,
    **columns: Any,
) -> Answer:
    """Return a remit of a feed; without `lines` for the claim as a whole."""
    lines = columns.pop("lines", ())
    header = None if lines else answer_line(0, paid, taken)
    return Answer(
        id=columns.pop("id", f"R-{claim_id}-{on}"),
        claim_id=claim_id,
        kind=EVENT,
        created=partial_date(on),
        payment=Payment(partial_date(cash)),
        header=columns.pop("header", header),
        lines=lines,
        **{"source": Source("remits.csv", 1), **columns},
    )


def statement(
    claim_id: str,
    on: str,
    paid: object = 0,
    taken: str = "",
    cash: str | None = None,
    **columns: Any,
) -> Answer:
    """Return a ClaimResponse; `cash` is the date of its payment."""
    lines = columns.pop("lines", ())
    header = (
        None
        if lines or columns.get("answer", "adjudicated") != "adjudicated"
        else (answer_line(0, paid, taken))
    )
    return Answer(
        id=columns.pop("id", f"S-{claim_id}-{on}"),
        claim_id=claim_id,
        kind=STATEMENT,
        created=partial_date(on),
        payment=Payment(partial_date(cash)) if cash else None,
        header=columns.pop("header", header),
        lines=lines,
        **{"source": Source("bundle.json", 1, "fhir", datetime(2024, 1, 1, tzinfo=UTC)), **columns},
    )


def transaction(
    id: str, claim_id: str, type: str, amount: object, on: str, **columns: Any
) -> Transaction:
    return Transaction(
        id=id,
        type=type,
        amount=Decimal(str(amount)),
        post_date=day(on),
        claim_id=claim_id,
        **{"source": Source("transactions.csv", 1), **columns},
    )


def history(*rows: Any, as_of: date = AS_OF, **columns: Any) -> ClaimsHistory:
    """Return a person's history; each row goes by its class."""

    def of(kind: type) -> tuple[Any, ...]:
        return tuple(row for row in rows if isinstance(row, kind))

    return ClaimsHistory(
        person_id="P1",
        as_of=as_of,
        facilities=Facilities(default_zone="America/New_York"),
        claims=of(SentClaim),
        answers=of(Answer),
        transactions=of(Transaction),
        **columns,
    )


def result(*rows: Any, as_of: date = AS_OF, **columns: Any) -> ClaimsResult:
    return compute(history(*rows, as_of=as_of, **columns))


def ledger(*rows: Any, as_of: date = AS_OF, **columns: Any) -> Ledger:
    """Return the only account of the rows."""
    (only,) = result(*rows, as_of=as_of, **columns).ledgers
    return only


def posted(of: Ledger) -> list[tuple[str, str, int]]:
    """Return type, date and amount (cents) of the entries."""
    return [(e.type, e.post_date.isoformat(), e.amount) for e in of.entries]
