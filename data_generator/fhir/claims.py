"""Claim, ClaimResponse and ExplanationOfBenefit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data_generator.billing import Answer, Bill, Line, Submission, bill_stay, bill_visit
from data_generator.clock import at, day_of, day_text
from data_generator.facts.billing import REASON_LABELS
from data_generator.facts.hospitals import PresentOnAdmissionStyle
from data_generator.facts.people import PayerKind
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import (
    CLAIM_REASON,
    CMS_POA,
    HCPCS,
    ICD10,
    NUBC_REVENUE,
    TERMINOLOGY,
    Resource,
    coding,
    concept,
    dollars,
    reference,
    term,
)
from data_generator.fhir.patients import coverage_id
from data_generator.ids import Kind
from data_generator.story import Hospital, Infection, Mention, Origin, Stay, Visit

_NORMAL = term("processpriority", "normal")
_INSTITUTIONAL = term("claim-type", "institutional")
_PROFESSIONAL = term("claim-type", "professional")
_PRINCIPAL = [term("ex-diagnosistype", "principal")]
_PRIOR = term("ex-relatedclaimrelationship", "prior")
_SUBMITTED = term("adjudication", "submitted")
_ELIGIBLE = term("adjudication", "eligible")
_COPAY = term("adjudication", "copay")
_BENEFIT = term("adjudication", "benefit")
_DENIED = concept(
    "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBAdjudicationDiscriminator", "denialreason"
)
_OUTCOMES = {Answer.PAID: "complete", Answer.DENIED: "complete", Answer.REJECTED: "error"}
_TRIES = 8  # room in the count of an id
_POA_SYSTEMS = {
    PresentOnAdmissionStyle.ENCOUNTER: CMS_POA,
    PresentOnAdmissionStyle.CLAIM_UPPER: CMS_POA,
    PresentOnAdmissionStyle.CLAIM: f"{TERMINOLOGY}/ex-diagnosis-on-admission",
}


@dataclass(frozen=True, slots=True)
class _Account:
    """A stay or visit with its bill, ready to be written as claims."""

    chart: Chart
    number: int
    hospital: Hospital
    bill: Bill
    encounters: tuple[Resource, ...]
    span: Resource
    diagnoses: tuple[Resource, ...]
    professional: bool
    attending: str


def claim_resources(chart: Chart) -> Iterator[Resource]:
    """Claims sent, answers received and benefits explained by now."""
    for account in _accounts(chart):
        for submission in account.bill.submissions:
            if submission.sent <= chart.as_of:
                yield _claim(account, submission)
            if submission.answered <= chart.as_of:
                yield _claim_response(account, submission)
                if submission.answer is not Answer.REJECTED:
                    yield _benefit(account, submission)


def _accounts(chart: Chart) -> Iterator[_Account]:
    for stay in chart.stays():
        if chart.known(stay.discharge):
            yield _stay_account(chart, stay)
    for visit in chart.visits():
        yield _visit_account(chart, visit)


def _stay_account(chart: Chart, stay: Stay) -> _Account:
    return _Account(
        chart,
        stay.number,
        stay.hospital,
        bill_stay(chart.person, stay),
        tuple(reference("Encounter", part.encounter_id) for part in stay.parts),
        {"start": day_text(stay.admit_day), "end": day_text(stay.discharge_day)},
        tuple(_diagnoses(chart, stay)),
        professional=False,
        attending=stay.attending,
    )


def _visit_account(chart: Chart, visit: Visit) -> _Account:
    diagnosis = visit.diagnosis.icd10 if visit.diagnosis else "Z00.00"
    return _Account(
        chart,
        visit.number,
        visit.hospital,
        bill_visit(chart.person, visit),
        (reference("Encounter", visit.encounter_id),),
        {"start": day_text(day_of(visit.start)), "end": day_text(day_of(visit.end))},
        ({"sequence": 1, "diagnosisCodeableConcept": _icd10(diagnosis), "type": _PRINCIPAL},),
        professional=visit.encounter_class in ("AMB", "VR"),
        attending=visit.attending,
    )


@cache
def _icd10(code: str) -> Resource:
    return concept(ICD10, code)


def _diagnoses(chart: Chart, stay: Stay) -> Iterator[Resource]:
    """Principal, comorbid and infection diagnoses with the indicator the feed writes."""
    style = stay.hospital.facts.feed.present_on_admission
    coded = [(stay.diagnosis.icd10, "Y")]
    coded += [(condition.icd10, "Y") for condition in chart.person.chronic]
    coded += [(i.code, _LETTERS[i.origin]) for i in stay.infections if i.code and billed(stay, i)]
    for sequence, (code, letter) in enumerate(coded, 1):
        found = {"sequence": sequence, "diagnosisCodeableConcept": _claimed(style, code)}
        if sequence == 1:
            found["type"] = _PRINCIPAL
        # Some coders leave the box empty where others write N.
        blank = letter == "N" and stay.number % 3 == 1
        if style is not PresentOnAdmissionStyle.NONE and stay.acute and not blank:
            shown = letter.lower() if style is PresentOnAdmissionStyle.CLAIM else letter
            found["onAdmission"] = concept(_POA_SYSTEMS[style], shown)
        yield found


_LETTERS = {Origin.HOSPITAL: "N", Origin.COMMUNITY: "Y", Origin.PRESENT: "Y"}


def billed(stay: Stay, infection: Infection) -> bool:
    """Whether coders put the infection on the bill: known when the person left, not in doubt."""
    told = infection.mention in (Mention.EVENT, Mention.CLAIM) and infection.origin in _LETTERS
    doubted = infection.refuted_minute is not None
    return told and not doubted and infection.onset_day <= stay.discharge_day


def _claimed(style: PresentOnAdmissionStyle, code: str) -> Resource:
    # One feed strips the dot, as the claim form does.
    return _icd10(code.replace(".", "") if style is PresentOnAdmissionStyle.CLAIM_UPPER else code)


def _claim_id(account: _Account, try_number: int) -> str:
    return account.chart.id(Kind.CLAIM, account.number, try_number)


def _insurance(account: _Account) -> list[Resource]:
    coverage = reference("Coverage", coverage_id(account.chart, account.bill.coverage_place))
    return [{"sequence": 1, "focal": True, "coverage": coverage}]


def _insurer(account: _Account) -> Resource:
    """Who answers: the payer, or for people who pay themselves the hospital's own office."""
    payer = account.chart.person.payers[account.bill.coverage_place].payer
    if payer.kind is PayerKind.SELF_PAY:
        return reference("Organization", account.hospital.organization_id)
    return reference("Organization", f"payer-{payer.key}")


def _claim(account: _Account, submission: Submission) -> Resource:
    found: Resource = {
        "resourceType": "Claim",
        "id": _claim_id(account, submission.try_number),
        "meta": meta(account.hospital, at(submission.sent, 17)),
        "status": "active",
        "type": _PROFESSIONAL if account.professional else _INSTITUTIONAL,
        "use": "claim",
        "patient": account.chart.subject,
        "billablePeriod": account.span,
        "created": day_text(submission.sent),
        "insurer": _insurer(account),
        "provider": reference("Organization", account.hospital.organization_id),
        "priority": _NORMAL,
        "careTeam": [{"sequence": 1, "provider": reference("Practitioner", account.attending)}],
        "diagnosis": list(account.diagnoses),
        "insurance": _insurance(account),
        "item": [_item(account, place, line) for place, line in enumerate(account.bill.lines, 1)],
        "total": dollars(account.bill.total),
    }
    if submission.try_number > 1:
        earlier = reference("Claim", _claim_id(account, submission.try_number - 1))
        found["related"] = [{"claim": earlier, "relationship": _PRIOR}]
    return found


def _item(account: _Account, sequence: int, line: Line) -> Resource:
    return {
        "sequence": sequence,
        "careTeamSequence": [1],
        "diagnosisSequence": [1],
        "revenue": concept(NUBC_REVENUE, line.service.revenue),
        "productOrService": _service(line),
        "servicedPeriod": account.span,
        "quantity": {"value": line.quantity},
        "net": dollars(line.charge),
        "encounter": list(account.encounters),
    }


def _service(line: Line) -> Resource:
    if line.service.hcpcs is None:
        return {"text": line.label}
    return {"coding": [coding(HCPCS, line.service.hcpcs)], "text": line.label}


def _claim_response(account: _Account, submission: Submission) -> Resource:
    found: Resource = {
        "resourceType": "ClaimResponse",
        "id": account.chart.id(Kind.CLAIM_RESPONSE, account.number, submission.try_number),
        "meta": meta(account.hospital, at(submission.answered, 9)),
        "status": "active",
        "type": _PROFESSIONAL if account.professional else _INSTITUTIONAL,
        "use": "claim",
        "patient": account.chart.subject,
        "created": day_text(submission.answered),
        "insurer": _insurer(account),
        "requestor": reference("Organization", account.hospital.organization_id),
        "request": reference("Claim", _claim_id(account, submission.try_number)),
        "outcome": _OUTCOMES[submission.answer],
    }
    if submission.answer is Answer.REJECTED:
        found["error"] = [{"code": _reason(submission.reason)}]
        return found
    found["adjudication"] = _adjudication(account, submission)
    if submission.answer is Answer.PAID and submission.paid_on <= account.chart.as_of:
        found["meta"] = meta(account.hospital, at(submission.paid_on, 9))
        found["payment"] = {
            "type": term("ex-paymenttype", "complete"),
            "date": day_text(submission.paid_on),
            "amount": dollars(submission.allowed - submission.patient_share),
        }
    return found


def _reason(code: str | None) -> Resource:
    return concept(CLAIM_REASON, code or "16", REASON_LABELS[code or "16"])


def _adjudication(account: _Account, submission: Submission) -> list[Resource]:
    found: list[Resource] = [{"category": _SUBMITTED, "amount": dollars(account.bill.total)}]
    if submission.answer is Answer.DENIED:
        return [*found, {"category": _DENIED, "reason": _reason(submission.reason)}]
    paid = submission.allowed - submission.patient_share
    return [
        *found,
        {"category": _ELIGIBLE, "amount": dollars(submission.allowed)},
        {"category": _COPAY, "amount": dollars(submission.patient_share)},
        {"category": _BENEFIT, "amount": dollars(paid)},
    ]


def _benefit(account: _Account, submission: Submission) -> Resource:
    found: Resource = {
        "resourceType": "ExplanationOfBenefit",
        "id": account.chart.id(Kind.BENEFIT, account.number, submission.try_number),
        "meta": meta(account.hospital, at(submission.answered, 9, 30)),
        "status": "active",
        "type": _PROFESSIONAL if account.professional else _INSTITUTIONAL,
        "use": "claim",
        "patient": account.chart.subject,
        "billablePeriod": account.span,
        "created": day_text(submission.answered),
        "insurer": _insurer(account),
        "provider": reference("Organization", account.hospital.organization_id),
        "claim": reference("Claim", _claim_id(account, submission.try_number)),
        "claimResponse": reference(
            "ClaimResponse",
            account.chart.id(Kind.CLAIM_RESPONSE, account.number, submission.try_number),
        ),
        "outcome": "complete",
        "diagnosis": list(account.diagnoses),
        "insurance": [{k: v for k, v in _insurance(account)[0].items() if k != "sequence"}],
        "total": [
            {"category": entry["category"], "amount": entry["amount"]}
            for entry in _adjudication(account, submission)
            if "amount" in entry
        ],
    }
    if submission.answer is Answer.PAID and submission.paid_on <= account.chart.as_of:
        found["meta"] = meta(account.hospital, at(submission.paid_on, 9, 30))
        found["payment"] = {
            "date": day_text(submission.paid_on),
            "amount": dollars(submission.allowed - submission.patient_share),
        }
    return found
