"""An account as FHIR elements: ids, references, diagnoses, items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from data_generator.clock import day_text
from data_generator.facts.people import PayerKind
from data_generator.facts.services import DEMO_PREFIX
from data_generator.fhir.accounts import (
    PRINCIPAL,
    claim_procedures,
    icd10,
    revenue_code,
    stay_diagnoses,
)
from data_generator.fhir.chart import Chart
from data_generator.fhir.codes import (
    DEMO_SERVICES,
    HCPCS,
    PLACE_OF_SERVICE,
    Resource,
    coding,
    concept,
    dollars,
    reference,
    term,
)
from data_generator.fhir.patients import SECOND_COVER, SELF_PAY, coverage_id
from data_generator.ids import Kind
from data_generator.revenue.account import Account, Answer, ChargeLine, Claim, Form
from data_generator.story import Stay, Visit

TYPES = {form: term("claim-type", str(form)) for form in Form}
_CARE_TEAM = "http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole"
_ROLES = {
    Form.INSTITUTIONAL: concept(_CARE_TEAM, "attending"),
    Form.PROFESSIONAL: concept(_CARE_TEAM, "rendering"),
}


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account in one person's chart."""

    chart: Chart
    account: Account
    diagnoses: tuple[Resource, ...]
    procedures: tuple[Resource, ...]
    encounters: list[Resource]

    def claim_id(self, count: int) -> str:
        """Return the id of a claim."""
        return self.chart.id(Kind.CLAIM, self.account.care.number, count)

    def answer_id(self, kind: Kind, claim: Claim, answer: Answer) -> str:
        """Return the id of an answer, its explanation or its payment."""
        return self.chart.id(kind, self.account.care.number, claim.of_answer(answer))

    @property
    def account_number(self) -> str:
        """Return the number that all claims of the account show."""
        care = self.account.care
        letter = "H" if care.form is Form.INSTITUTIONAL else "P"
        return f"A{self.chart.person.number:08d}{care.number:05X}{letter}"

    @property
    def type(self) -> Resource:
        """Return the claim type."""
        return TYPES[self.account.care.form]

    @property
    def provider(self) -> Resource:
        """Return the reference to the hospital that bills."""
        return reference("Organization", self.account.care.hospital.organization_id)

    @property
    def care_team(self) -> list[Resource]:
        """Return the clinician who attended, or whose fee it is."""
        care = self.account.care
        clinician = reference("Practitioner", care.attending)
        return [{"sequence": 1, "provider": clinician, "role": _ROLES[care.form]}]

    def check_number(self, claim: Claim, answer: Answer) -> str:
        """Return the number of the check that pays an answer."""
        number = claim.of_answer(answer)
        return f"{self.chart.person.number:07d}-{self.account.care.number:05X}{number:04X}"

    def payer_id(self, claim: Claim) -> str | None:
        """Return the id of the payer that is asked, None for people who pay themselves."""
        payer = self.account.payer
        if claim.level > 1 and self.account.secondary is not None:
            payer = self.account.secondary.payer
        return None if payer.kind is PayerKind.SELF_PAY else payer.id

    def insurance(self, claim: Claim) -> list[Resource]:
        """Return the coverages of a claim; the one billed is focal."""
        first = reference("Coverage", coverage_id(self.chart, self.account.cover))
        if self.account.payer.kind is PayerKind.SELF_PAY:
            first["display"] = SELF_PAY
        if claim.level == 1:
            return [{"sequence": 1, "focal": True, "coverage": first}]
        second = reference("Coverage", coverage_id(self.chart, SECOND_COVER))
        return [
            {"sequence": 1, "focal": False, "coverage": first},
            {"sequence": 2, "focal": True, "coverage": second},
        ]

    def items(self, claim: Claim) -> list[Resource]:
        """Return the lines of a claim."""
        return [_item(n, line, self.encounters) for n, line in enumerate(claim.lines, 1)]


def account_views(chart: Chart, *, coded: bool = True) -> Iterator[AccountView]:
    """Yield the accounts of every stay and visit on record; ``coded`` adds the diagnoses."""
    accounts = chart.story.accounts or {}
    if not coded:
        numbers = [stay.number for stay in chart.stays()]
        numbers += [visit.number for visit in chart.visits()]
        for account in (a for number in numbers for a in accounts[number]):
            yield AccountView(chart, account, (), (), [])
        return
    for stay in chart.stays():
        diagnoses = tuple(stay_diagnoses(chart, stay))
        for account in accounts[stay.number]:
            yield _of_stay(chart, stay, account, diagnoses)
    for visit in chart.visits():
        for account in accounts[visit.number]:
            yield _of_visit(chart, visit, account)


def _of_stay(
    chart: Chart, stay: Stay, account: Account, diagnoses: tuple[Resource, ...]
) -> AccountView:
    encounters = [reference("Encounter", id_) for id_ in account.care.encounter_ids]
    if account.care.form is Form.INSTITUTIONAL:
        return AccountView(chart, account, diagnoses, tuple(claim_procedures(stay)), encounters)
    # A fee names the principal diagnosis, without the hospital's indicator.
    principal = {k: v for k, v in diagnoses[0].items() if k != "onAdmission"}
    return AccountView(chart, account, (principal,), (), encounters)


def _of_visit(chart: Chart, visit: Visit, account: Account) -> AccountView:
    code = icd10(visit.diagnosis.icd10 if visit.diagnosis else "Z00.00")
    diagnosis = {"sequence": 1, "diagnosisCodeableConcept": code, "type": PRINCIPAL}
    encounters = [reference("Encounter", visit.encounter_id)]
    return AccountView(chart, account, (diagnosis,), (), encounters)


def _item(sequence: int, line: ChargeLine, encounters: list[Resource]) -> Resource:
    item: Resource = {"sequence": sequence, "careTeamSequence": [1], "diagnosisSequence": [1]}
    if line.revenue:
        item["revenue"] = revenue_code(line.revenue)
    item["productOrService"] = service(line)
    if line.modifiers:
        item["modifier"] = [_modifier(code) for code in line.modifiers]
    if line.first == line.last:
        item["servicedDate"] = day_text(line.first)
    else:
        item["servicedPeriod"] = {"start": day_text(line.first), "end": day_text(line.last)}
    if line.place:
        item["locationCodeableConcept"] = _place(line.place)
    item["quantity"] = {"value": line.quantity}
    item["net"] = dollars(line.charge)
    item["encounter"] = encounters
    return item


def code_system(code: str) -> str:
    """Return the system of a procedure code: our demo codes, or HCPCS Level II."""
    return DEMO_SERVICES if code.startswith(DEMO_PREFIX) else HCPCS


def service(line: ChargeLine) -> Resource:
    """Return the code of a service, or its words where only a revenue code is known."""
    if line.code is None:
        return {"text": line.label}
    return {"coding": [coding(code_system(line.code), line.code)], "text": line.label}


@cache
def _modifier(code: str) -> Resource:
    return concept(HCPCS, code)


@cache
def _place(code: str) -> Resource:
    return concept(PLACE_OF_SERVICE, code)
