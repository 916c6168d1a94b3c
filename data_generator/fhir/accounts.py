"""Accounts: a stay or visit with its diagnoses, procedures, lines, coverage and payer.

Claim, ClaimResponse and ExplanationOfBenefit are three views of one account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data_generator.bill import Bill, Line
from data_generator.clock import day_of, day_text
from data_generator.facts.hospitals import PresentOnAdmissionStyle
from data_generator.facts.people import PayerKind
from data_generator.fhir.chart import Chart
from data_generator.fhir.codes import (
    CMS_POA,
    HCPCS,
    ICD10,
    ICD10_PCS,
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
from data_generator.fhir.procedures import performed
from data_generator.ids import Kind
from data_generator.story import Hospital, Infection, Mention, Origin, Stay, Visit

_INSTITUTIONAL = term("claim-type", "institutional")
_PROFESSIONAL = term("claim-type", "professional")
PRINCIPAL = [term("ex-diagnosistype", "principal")]
_POA_SYSTEMS = {
    PresentOnAdmissionStyle.ENCOUNTER: CMS_POA,
    PresentOnAdmissionStyle.CLAIM_UPPER: CMS_POA,
    PresentOnAdmissionStyle.CLAIM: f"{TERMINOLOGY}/ex-diagnosis-on-admission",
}
_LETTERS = {Origin.HOSPITAL: "N", Origin.COMMUNITY: "Y", Origin.PRESENT: "Y"}


@dataclass(frozen=True, slots=True)
class Account:
    """A stay or visit with its bill; the lines are written as FHIR items."""

    chart: Chart
    number: int
    hospital: Hospital
    bill: Bill
    span: Resource
    diagnoses: tuple[Resource, ...]
    procedures: tuple[Resource, ...]
    items: tuple[Resource, ...]
    type: Resource
    attending: str

    def id(self, kind: Kind, try_number: int) -> str:
        """Return the id of a resource that belongs to one claim."""
        return self.chart.id(kind, self.number, try_number)

    @property
    def provider(self) -> Resource:
        """Return the reference to the hospital that bills."""
        return reference("Organization", self.hospital.organization_id)

    @property
    def coverage(self) -> Resource:
        """Return the reference to the coverage that is billed."""
        return reference("Coverage", coverage_id(self.chart, self.bill.coverage_index))

    @property
    def insurer(self) -> Resource:
        """Return the reference to the payer, or to the hospital for people who pay themselves."""
        payer = self.chart.person.payers[self.bill.coverage_index].payer
        if payer.kind is PayerKind.SELF_PAY:
            return self.provider
        return reference("Organization", payer.id)


def accounts(chart: Chart) -> Iterator[Account]:
    """Yield the account of every finished stay and visit."""
    for stay in chart.stays():
        if chart.known(stay.discharge):
            yield _stay_account(chart, stay)
    for visit in chart.visits():
        yield _visit_account(chart, visit)


def _stay_account(chart: Chart, stay: Stay) -> Account:
    bill = chart.story.bills[stay.number]
    span = {"start": day_text(stay.admit_day), "end": day_text(stay.discharge_day)}
    encounters = [reference("Encounter", part.encounter_id) for part in stay.parts]
    return Account(
        chart,
        stay.number,
        stay.hospital,
        bill,
        span,
        diagnoses=tuple(stay_diagnoses(chart, stay)),
        procedures=tuple(claim_procedures(stay)),
        items=_items(bill, span, encounters),
        type=_INSTITUTIONAL,
        attending=stay.attending,
    )


def _visit_account(chart: Chart, visit: Visit) -> Account:
    bill = chart.story.bills[visit.number]
    span = {"start": day_text(day_of(visit.start)), "end": day_text(day_of(visit.end))}
    diagnosis = icd10(visit.diagnosis.icd10 if visit.diagnosis else "Z00.00")
    return Account(
        chart,
        visit.number,
        visit.hospital,
        bill,
        span,
        diagnoses=({"sequence": 1, "diagnosisCodeableConcept": diagnosis, "type": PRINCIPAL},),
        procedures=(),
        items=_items(bill, span, [reference("Encounter", visit.encounter_id)]),
        type=_PROFESSIONAL if visit.encounter_class in ("AMB", "VR") else _INSTITUTIONAL,
        attending=visit.attending,
    )


@cache
def icd10(code: str) -> Resource:
    """Return an ICD-10-CM code."""
    return concept(ICD10, code)


def stay_diagnoses(chart: Chart, stay: Stay) -> Iterator[Resource]:
    """Yield principal, comorbid and infection diagnoses, with the feed's admission indicator."""
    style = stay.hospital.facts.feed.present_on_admission
    coded = [(stay.diagnosis.icd10, "Y")]
    coded += [(condition.icd10, "Y") for condition in chart.person.chronic]
    coded += [(i.code, _LETTERS[i.origin]) for i in stay.infections if i.code and _billed(stay, i)]
    for sequence, (code, letter) in enumerate(coded, 1):
        entry = {"sequence": sequence, "diagnosisCodeableConcept": _claimed(style, code)}
        if sequence == 1:
            entry["type"] = PRINCIPAL
        # Some coders leave the indicator empty where others write N; a third of the stays, assumed.
        blank = letter == "N" and stay.number % 3 == 1
        if style is not PresentOnAdmissionStyle.NONE and stay.acute and not blank:
            shown = letter.lower() if style is PresentOnAdmissionStyle.CLAIM else letter
            entry["onAdmission"] = concept(_POA_SYSTEMS[style], shown)
        yield entry


def _billed(stay: Stay, infection: Infection) -> bool:
    """Return True if the bill names the infection: known by the discharge and never in doubt."""
    recorded = infection.mention in (Mention.EVENT, Mention.CLAIM) and infection.origin in _LETTERS
    doubted = infection.refuted_minute is not None
    return recorded and not doubted and infection.onset_day <= stay.discharge_day


def _claimed(style: PresentOnAdmissionStyle, code: str) -> Resource:
    # One feed strips the dot, as the claim form does.
    return icd10(code.replace(".", "") if style is PresentOnAdmissionStyle.CLAIM_UPPER else code)


def claim_procedures(stay: Stay) -> Iterator[Resource]:
    """Yield the procedures of a stay as a claim lists them."""
    for sequence, (_, start, procedure) in enumerate(performed(stay), 1):
        yield {
            "sequence": sequence,
            "date": stay.hospital.time(start),
            "procedureCodeableConcept": concept(ICD10_PCS, procedure.pcs),
        }


def _items(bill: Bill, span: Resource, encounters: list[Resource]) -> tuple[Resource, ...]:
    lines = enumerate(bill.lines, 1)
    return tuple(_item(sequence, line, span, encounters) for sequence, line in lines)


def _item(sequence: int, line: Line, span: Resource, encounters: list[Resource]) -> Resource:
    return {
        "sequence": sequence,
        "careTeamSequence": [1],
        "diagnosisSequence": [1],
        "revenue": revenue_code(line.service.revenue),
        "productOrService": _service(line),
        "servicedPeriod": span,
        "quantity": {"value": line.quantity},
        "net": dollars(line.charge),
        "encounter": encounters,
    }


@cache
def revenue_code(code: str) -> Resource:
    """Return a revenue code."""
    return concept(NUBC_REVENUE, code)


def _service(line: Line) -> Resource:
    if line.service.hcpcs is None:
        return {"text": line.label}
    return {"coding": [coding(HCPCS, line.service.hcpcs)], "text": line.label}
