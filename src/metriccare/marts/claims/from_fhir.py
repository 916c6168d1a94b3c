"""Claims and covers from rows of silver's FHIR tables.

A row is a mapping with the columns of the table; columns that are absent are null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from metriccare.marts.claims.adjudication import decimal_of
from metriccare.marts.claims.charges import charge_of
from metriccare.marts.claims.history import (
    CareTeamMember,
    ClaimDiagnosis,
    ClaimProcedure,
    Cover,
    SentCharge,
    SentClaim,
    SentLine,
)
from metriccare.marts.claims.identity import FHIR, ProviderRef
from metriccare.marts.claims.rows_read import (
    Row,
    first_coding,
    given,
    indicator,
    procedure_coding,
    source_of,
)
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.history import Coding, Codings
from metriccare.marts.stays.partial_date import partial_date
from metriccare.marts.stays.person import payer_word

_ACCOUNT_NUMBER = "AN"
_PRIOR = frozenset({"prior", "replaces"})
_TYPE_OF_BILL = frozenset({"typeofbill", "type-of-bill"})
_DRG = frozenset({"drg", "ms-drg"})
_PRINCIPAL = "principal"
# Statuses of a charge that is owed or was billed; a planned one is not yet, an aborted one never.
_CHARGED = frozenset({"billable", "billed"})


def cover_of(row: Row, codes: CodeSets) -> Cover:
    """Return a cover from a row of silver.coverage."""
    types = tuple(Coding(c["system"], c["code"], c["display"]) for c in given(row["type_codings"]))
    name, start, end = (
        row.get("payor_display"),
        partial_date(row.get("period_start")),
        partial_date(row.get("period_end")),
    )
    rank = row.get("rank")
    return Cover(
        payer_id=row.get("payor_id"),
        payer=payer_word(types, row.get("type_text") or name, codes),
        name=name,
        level=int(rank) if rank else None,
        start=start.first if start else None,
        end=end.last if end else None,
        source=source_of(row, FHIR, "last_updated"),
    )


def claim_of(
    row: Row,
    covers: Mapping[str, Cover],
    codes: CodeSets,
    conditions: Mapping[str, Codings] | None = None,
) -> SentClaim:
    """Return a claim from a row of silver.claim.

    `covers` are the person's covers, and `conditions` the codings of the conditions it points to,
    both by id.
    """
    team = care_team_of(row)
    information = {i["category"]: i for i in reversed(tuple(given(row.get("supporting_info"))))}
    encounters = (e["encounter_id"] for e in given(row.get("encounters")))
    return SentClaim(
        id=row["id"],
        identifiers=tuple(i["value"] for i in given(row.get("typed_identifiers")) if i["value"]),
        account_number=next(
            (
                i["value"]
                for i in given(row.get("typed_identifiers"))
                if i["type"] == _ACCOUNT_NUMBER and i["value"]
            ),
            None,
        ),
        use=row.get("use"),
        status=row.get("status"),
        claim_type=row.get("type_code"),
        type_of_bill=_code(information, _TYPE_OF_BILL),
        prior_ids=_prior_ids(row),
        billing=billing_of(row),
        care_team=team,
        location_id=row.get("facility_id"),
        cover=_cover(row, covers, codes),
        encounter_ids=tuple(e for e in encounters if e),
        service_from=partial_date(row.get("billable_start")),
        service_to=partial_date(row.get("billable_end")),
        submitted=partial_date(row.get("created")),
        drg=_code(information, _DRG),
        total=decimal_of(row.get("total")),
        currency=row.get("total_currency"),
        lines=_lines(row, team),
        diagnoses=_diagnoses(row, conditions or {}),
        procedures=tuple(
            ClaimProcedure(p["sequence"], coding.system, coding.code, partial_date(p["date"]))
            for p in given(row.get("procedures"))
            if p["sequence"] is not None and (coding := first_coding(p["codings"]))
        ),
        source=source_of(row, FHIR, "last_updated"),
    )


def is_charged(row: Row) -> bool:
    """Return True if a row of silver.charge_item is a charge of an encounter."""
    return row.get("status") in _CHARGED and bool(row.get("encounter_id"))


def sent_charge(row: Row) -> SentCharge:
    """Return a charge from a row of silver.charge_item; its price is that of the whole charge."""
    return SentCharge(
        encounter_id=row["encounter_id"],
        amount=decimal_of(row.get("price_override")),
        service=partial_date(row.get("occurrence_start")),
        posted=partial_date(row.get("entered_date")),
        code=row.get("code"),
        currency=row.get("price_override_currency"),
        facility_id=row.get("performing_organization_id"),
        provider=clinician(row.get("performer_id")),
    )


def clinician(id_: str | None) -> ProviderRef | None:
    """Return the practitioner of an id that is there."""
    return ProviderRef(FHIR, id_, "Practitioner") if id_ else None


def care_team_of(row: Row) -> tuple[CareTeamMember, ...]:
    """Return the care team of a claim or an explanation of benefit."""
    return tuple(
        CareTeamMember(
            m["role"],
            ProviderRef(FHIR, m["provider_id"], m.get("provider_type") or "Practitioner"),
            m["sequence"],
        )
        for m in given(row.get("care_team"))
        if m["provider_id"]
    )


def billing_of(row: Row) -> ProviderRef | None:
    """Return who bills: an organisation, else a person."""
    if row.get("provider_id"):
        return ProviderRef(FHIR, row["provider_id"], "Organization")
    person = row.get("provider_person_id")
    return ProviderRef(FHIR, person, "Practitioner") if person else None


def _code(information: Mapping[str, Row], categories: Iterable[str]) -> str | None:
    rows = (information[c] for c in sorted(categories) if c in information)
    return next((row["code"] for row in rows if row["code"]), None)


def _prior_ids(row: Row) -> tuple[str, ...]:
    related = [r for r in given(row.get("related")) if r["relationship"] in _PRIOR]
    named = (r["claim_id"] or r.get("reference_value") for r in related)
    return tuple(id_ for id_ in named if id_)


def _cover(row: Row, covers: Mapping[str, Cover], codes: CodeSets) -> Cover:
    """Return the focal cover; the insurer of the claim is its payer."""
    display = row.get("coverage_display") or row.get("insurer_display")
    known = covers.get(row.get("coverage_id") or "")
    if known is None:
        return Cover(row.get("insurer_id"), payer_word((), display, codes), display)
    return replace(
        known,
        payer_id=row.get("insurer_id") or known.payer_id,
        payer=known.payer or payer_word((), display, codes),
        name=known.name or display,
    )


def _lines(row: Row, team: Sequence[CareTeamMember]) -> tuple[SentLine, ...]:
    by_sequence = {m.sequence: m.provider for m in reversed(team) if m.sequence is not None}
    found = []
    for place, item in enumerate(given(row.get("items")), 1):
        own = (by_sequence.get(n) for n in item["care_team_sequences"] or ())
        encounters = [e for e in item.get("encounter_ids") or () if e]
        found.append(
            SentLine(
                number=item["sequence"] or place,
                charge=charge_of(
                    decimal_of(item["net"]),
                    decimal_of(item["unit_price"]),
                    decimal_of(item["quantity"]),
                    decimal_of(item["factor"]),
                ),
                units=decimal_of(item["quantity"]),
                currency=item["currency"],
                service_from=partial_date(item["serviced_start"]),
                service_to=partial_date(item["serviced_end"]),
                procedure=procedure_coding(item["procedure_codings"]),
                modifiers=tuple(m for m in item["modifiers"] or () if m),
                revenue_code=item["revenue_code"],
                place_of_service=item["place_of_service"],
                provider=next((p for p in own if p), None),
                diagnosis_sequences=tuple(
                    n for n in item["diagnosis_sequences"] or () if n is not None
                ),
                encounter_id=encounters[0] if encounters else None,
            )
        )
    return tuple(found)


def _diagnoses(row: Row, conditions: Mapping[str, Codings]) -> tuple[ClaimDiagnosis, ...]:
    rows = [d for d in given(row.get("diagnoses")) if d["sequence"] is not None]
    typed = [d["sequence"] for d in rows if _PRINCIPAL in (d["type_codes"] or ())]
    # Without a type the first of the list is the principal one.
    principal = typed or [d["sequence"] for d in rows[:1]]
    found = []
    for d in rows:
        codings = first_coding(d["codings"])
        if codings is None:
            named = conditions.get(d["condition_id"] or "", ())
            codings = next((c for c in named if c.code), Coding(None, None))
        found.append(
            ClaimDiagnosis(
                d["sequence"],
                codings.system,
                codings.code,
                d["sequence"] == principal[0],
                indicator((d["on_admission"],)),
            )
        )
    return tuple(found)
