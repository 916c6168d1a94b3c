"""Claims and covers from rows of silver's feed tables.

A row is a mapping with the columns of the feed; columns that are absent are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from metriccare.marts.claims.adjudication import decimal_of
from metriccare.marts.claims.history import (
    CareTeamMember,
    ClaimDiagnosis,
    Cover,
    SentCharge,
    SentClaim,
    SentLine,
)
from metriccare.marts.claims.identity import FEED, ProviderRef
from metriccare.marts.claims.rows_read import (
    Row,
    indicator,
    procedure_system,
    source_of,
    whole_day,
)
from metriccare.marts.stays.history import Coding

_LEVELS = {"P": 1, "S": 2, "T": 3, "1": 1, "2": 2, "3": 3}
_ROLES = (
    ("rendering", "rendering_provider_id"),
    ("attending", "attending_provider_id"),
    ("referring", "referring_provider_id"),
)
_UPDATED = "updated_at"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"


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
        procedure=Coding(procedure_system(code), code) if code else None,
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


def sent_charge(row: Row) -> SentCharge:
    """Return a charge from a row of feed_charges."""
    return SentCharge(
        encounter_id=row["encounter_id"],
        amount=decimal_of(row["amount"]),
        service=whole_day(row["service_date"]),
        posted=whole_day(row.get("posted_date")),
        code=row.get("procedure_code"),
        facility_id=row.get("facility_id"),
        provider=_provider(row.get("rendering_provider_id")),
    )


def _diagnoses(row: Row) -> tuple[ClaimDiagnosis, ...]:
    present = tuple(row.get("poa") or ())
    return tuple(
        ClaimDiagnosis(n, ICD10, code, n == 1, indicator(present[n - 1 : n]))
        for n, code in enumerate(row.get("diagnosis_codes") or (), 1)
        if code
    )
