"""Claims, answers and transactions from rows of silver's feed tables.

A row is a mapping with the columns of the feed; columns that are absent are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from metriccare.marts.claims.adjudication import decimal_of
from metriccare.marts.claims.fees import FeeSchedule, Rate, fee_schedule
from metriccare.marts.claims.history import (
    ADJUDICATED,
    EVENT,
    PENDING,
    Answer,
    AnswerLine,
    CareTeamMember,
    ClaimDiagnosis,
    Cover,
    Payment,
    SentAdjustment,
    SentClaim,
    SentLine,
    Transaction,
)
from metriccare.marts.claims.identity import FEED, ProviderRef
from metriccare.marts.claims.rows_read import Row, source_of, whole_day
from metriccare.marts.stays.history import Coding

_LEVELS = {"P": 1, "S": 2, "T": 3, "1": 1, "2": 2, "3": 3}
_REVERSAL, _NOT_OURS, _ESTIMATE = "22", "23", "25"
# Answers of these kinds touch nothing.
_IGNORED = frozenset({_NOT_OURS, _ESTIMATE})
_ROLES = (
    ("rendering", "rendering_provider_id"),
    ("attending", "attending_provider_id"),
    ("referring", "referring_provider_id"),
)
_UPDATED = "updated_at"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CPT = "http://www.ama-assn.org/go/cpt"


def level_of(sequence: str | None) -> int | None:
    """Return the level of a payer: 1 primary, 2 secondary, 3 tertiary."""
    return _LEVELS.get((sequence or "").strip().upper())


def covers_of(members: Iterable[Row], payers: Mapping[str, str | None]) -> tuple[Cover, ...]:
    """Return the covers of a person's rows of feed_members; `payers` gives each payer's group."""
    return tuple(
        Cover(
            payer_id=row["payer_id"],
            payer=payers.get(row["payer_id"]),
            plan=row.get("plan"),
            level=level_of(row.get("sequence")),
            start=row.get("coverage_from"),
            end=row.get("coverage_to"),
            source=source_of(row, FEED, _UPDATED),
        )
        for row in members
    )


def claims_of(
    claims: Iterable[Row],
    lines: Iterable[Row],
    covers: Sequence[Cover],
    payers: Mapping[str, str | None],
) -> tuple[SentClaim, ...]:
    """Return the claims of rows of feed_claims and feed_claim_lines."""
    by_claim: dict[str, list[Row]] = {}
    for line in lines:
        by_claim.setdefault(line["claim_id"], []).append(line)
    return tuple(_claim(row, by_claim.get(row["claim_id"], ()), covers, payers) for row in claims)


def _claim(
    row: Row, lines: Sequence[Row], covers: Sequence[Cover], payers: Mapping[str, str | None]
) -> SentClaim:
    first = row["service_from"]
    original = row.get("original_claim_id")
    code = row.get("frequency_code")
    encounter = row.get("encounter_id")
    return SentClaim(
        id=row["claim_id"],
        account_number=row.get("account_number"),
        claim_type=row["claim_type"],
        frequency=int(code) if code and code.isdecimal() else None,
        type_of_bill=row.get("type_of_bill"),
        prior_ids=(original,) if original else (),
        level=level_of(row.get("payer_sequence")),
        billing=_provider(row.get("billing_provider_id")),
        care_team=tuple(
            CareTeamMember(role, provider)
            for role, column in _ROLES
            if (provider := _provider(row.get(column)))
        ),
        facility_id=row.get("facility_id"),
        cover=_cover(row["payer_id"], first, covers, payers),
        encounter_ids=(encounter,) if encounter else (),
        service_from=whole_day(first),
        service_to=whole_day(row.get("service_to")),
        discharge_date=row.get("discharge_date"),
        submitted=whole_day(row["submitted_date"]),
        drg=row.get("drg"),
        total=decimal_of(row["total_charge"]),
        currency=row.get("currency"),
        edit_status=row.get("edit_status"),
        lines=tuple(_line(line, row) for line in lines),
        diagnoses=_diagnoses(row),
        source=source_of(row, FEED, _UPDATED),
    )


def _provider(id_: str | None) -> ProviderRef | None:
    return ProviderRef(FEED, id_) if id_ else None


def _cover(
    payer_id: str, day: date | None, covers: Sequence[Cover], payers: Mapping[str, str | None]
) -> Cover:
    """Return the member's cover by that payer on the first day of service, for its plan."""
    own = [c for c in covers if c.payer_id == payer_id]
    held = [
        c
        for c in own
        if day and (c.start is None or c.start <= day) and (c.end is None or day <= c.end)
    ]
    latest = max(held, key=lambda c: c.start or date.min, default=None)
    plan = latest.plan if latest else None
    return Cover(payer_id=payer_id, payer=payers.get(payer_id), plan=plan)


def _line(row: Row, claim: Row) -> SentLine:
    code = row.get("procedure_code")
    return SentLine(
        number=int(row["line_number"]),
        charge=decimal_of(row["charge"]),
        units=decimal_of(row.get("units")),
        currency=claim.get("currency"),
        service_from=whole_day(row.get("service_from")),
        service_to=whole_day(row.get("service_to")),
        procedure=Coding(_procedure_system(code), code) if code else None,
        modifiers=tuple(m for m in row.get("modifiers") or () if m),
        revenue_code=row.get("revenue_code"),
        place_of_service=row.get("place_of_service") or claim.get("place_of_service"),
        provider=_provider(row.get("rendering_provider_id")),
        diagnosis_sequences=tuple(
            int(p) for p in row.get("diagnosis_pointers") or () if p and str(p).isdecimal()
        ),
        posted_date=row.get("posted_date"),
        encounter_id=claim.get("encounter_id"),
        source=source_of(row, FEED, _UPDATED),
    )


def _procedure_system(code: str) -> str:
    """Return the system of a code: those of HCPCS level II begin with a letter."""
    return HCPCS if code[:1].isalpha() else CPT


def _diagnoses(row: Row) -> tuple[ClaimDiagnosis, ...]:
    present = list(row.get("poa") or ())
    return tuple(
        ClaimDiagnosis(
            n, ICD10, code, n == 1, (present[n - 1] or None) if n <= len(present) else None
        )
        for n, code in enumerate(row.get("diagnosis_codes") or (), 1)
        if code
    )


def answers_of(remits: Iterable[Row], adjustments: Iterable[Row]) -> tuple[Answer, ...]:
    """Return an event for each remit of a claim, from feed_remits and feed_remit_adjustments.

    A remit that was pending and is decided now has only its decision left.
    """
    taken: dict[tuple[str, str, int], list[Row]] = {}
    for adjustment in adjustments:
        taken.setdefault(_key(adjustment), []).append(adjustment)
    grouped: dict[tuple[str, str], list[Row]] = {}
    for remit in remits:
        if remit.get("claim_status_code") not in _IGNORED:
            grouped.setdefault((remit["remit_id"], remit["claim_id"]), []).append(remit)
    return tuple(_event(rows, taken) for _, rows in sorted(grouped.items()))


def _key(row: Row) -> tuple[str, str, int]:
    return (row["remit_id"], row["claim_id"], int(row.get("line_number") or 0))


def _event(rows: Sequence[Row], taken: Mapping[tuple[str, str, int], Sequence[Row]]) -> Answer:
    decided = [r for r in rows if (r.get("answer") or ADJUDICATED) == ADJUDICATED]
    waiting = [r for r in rows if r.get("answer") == PENDING]
    kept = decided or [r for r in rows if r not in waiting] or list(rows)
    kept.sort(key=lambda r: (r["remit_date"], int(r.get("line_number") or 0)))
    last = kept[-1]
    lines = {number: row for row in kept if (number := int(row.get("line_number") or 0))}
    header = next((r for r in kept if not r.get("line_number")), None)
    of_header = taken.get((last["remit_id"], last["claim_id"], 0), ())
    return Answer(
        id=last["remit_id"],
        claim_id=last["claim_id"],
        kind=EVENT,
        answer=last.get("answer") or ADJUDICATED,
        is_reversal=any(r.get("claim_status_code") == _REVERSAL for r in kept),
        payer_id=last.get("payer_id"),
        created=whole_day(last["remit_date"]),
        payment=_payment(kept),
        header=_amounts(0, header, of_header) if header or of_header else None,
        lines=tuple(
            _amounts(number, row, taken.get(_key(row), ())) for number, row in sorted(lines.items())
        ),
        source=source_of(header or kept[0], FEED, _UPDATED),
    )


def _payment(rows: Sequence[Row]) -> Payment:
    """Return date and number of the payment: the first that a row of the remit gives."""
    day = next((r["payment_date"] for r in rows if r.get("payment_date")), None)
    number = next((r["check_number"] for r in rows if r.get("check_number")), None)
    return Payment(whole_day(day), None, number)


def _amounts(number: int, row: Row | None, adjustments: Iterable[Row]) -> AnswerLine:
    sent = tuple(
        SentAdjustment(
            a["group_code"],
            (a["carc"] or "").strip().upper() or None,
            decimal_of(a["amount"]),
            tuple(r for r in a.get("rarc") or () if r),
        )
        for a in sorted(adjustments, key=lambda a: int(a.get("position") or 0))
    )
    if row is None:
        return AnswerLine(number, adjustments=sent)
    return AnswerLine(
        number,
        decimal_of(row.get("charge")),
        decimal_of(row.get("allowed")),
        decimal_of(row["paid"]),
        sent,
    )


def transactions_of(rows: Iterable[Row]) -> tuple[Transaction, ...]:
    """Return the transactions of rows of feed_transactions."""
    return tuple(
        Transaction(
            id=row["transaction_id"],
            type=row["type"],
            amount=decimal_of(row["amount"]) or Decimal(0),
            post_date=row["post_date"],
            claim_id=row.get("claim_id"),
            account_number=row.get("account_number"),
            party=row.get("party"),
            point_of_service=row.get("point_of_service"),
            source=source_of(row, FEED, _UPDATED),
        )
        for row in rows
    )


def fee_schedule_of(rows: Iterable[Row]) -> FeeSchedule:
    """Return the contract rates of rows of feed_fee_schedule."""
    return fee_schedule(
        Rate(
            rate_id=row["rate_id"],
            payer_id=row["payer_id"],
            rate_type=row["rate_type"],
            rate=decimal_of(row["rate"]) or Decimal(0),
            valid_from=row["valid_from"],
            valid_to=row.get("valid_to"),
            plan=row.get("plan") or None,
            procedure_code=row.get("procedure_code") or None,
            modifier=row.get("modifier") or None,
            drg=row.get("drg") or None,
            facility_id=row.get("facility_id") or None,
            lesser_of=row.get("lesser_of") is not False,
        )
        for row in rows
    )
