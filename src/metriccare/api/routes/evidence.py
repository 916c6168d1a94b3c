"""The records behind a figure: read for a purpose, of one's own tenant, each read audited."""

from __future__ import annotations

from typing import Any

from metriccare.access.rights import FINANCE_EVIDENCE, QUALITY_EVIDENCE
from metriccare.access.roles import Masking
from metriccare.api import limits
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Reply, Source
from metriccare.api.evidence import Evidence, Explanation
from metriccare.api.parameters import DATE, INTEGER, Parameter
from metriccare.api.problems import Problem, invalid
from metriccare.marts.measures import BY_ID
from metriccare.report.evidence import COUNTED, DENIAL_FILTERS, STRATUM_TYPES, Cell, Choice
from metriccare.sources.fhir.masked_text import NotShowable, masked_text
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.tables.grains import ALL, GRAINS
from metriccare.tables.strata import OVERALL

Record = dict[str, Any]
_MOST_ROWS = 1000
# Where a row came from: for those who see records in the clear.
_SOURCE = ("source_file", "source_line")


def stays(call: Call) -> Reply:
    """Return the stays of a cell; persons by their pseudonyms."""
    values = call.values
    if values["id"] not in BY_ID:
        raise Problem("not-found")
    if values["grain"] != ALL and values["period_start"] is None:
        raise invalid("query", "period_start", "is required for this grain")
    _check_facility(call, values["stratum_value"], values["by"])
    cell = Cell(
        values["id"], values["grain"], values["period_start"], values["by"], values["stratum_value"]
    )
    choice = Choice(values["counted"], values["reason"], values["limit"])
    return _listed(call, _evidence(call).stays(call.scope.tenant, cell, choice))


def explanation(call: Call) -> Reply:
    """Return why a stay is in or out of a measure, down to file and line."""
    measure_id, stay_id = call.values["measure"], call.values["stay_id"]
    found = _evidence(call).explanation(call.scope.tenant, measure_id, stay_id)
    command = f"metriccare explain {measure_id} {stay_id}"
    return _explained(call, found, {"measure_id": measure_id, "command": command})


def denials(call: Call) -> Reply:
    """Return denials to work, the largest first."""
    values = call.values
    _check_facility(call, None, "facility")
    where = {name: values[name] for name in DENIAL_FILTERS if values[name]}
    rows = _evidence(call).denials(call.scope.tenant, where, values["limit"])
    return _listed(call, rows)


def account(call: Call) -> Reply:
    """Return an account: claims, answers and ledger."""
    return _account(call, call.values["account_id"])


def claim(call: Call) -> Reply:
    """Return the account of a claim, with all its claims."""
    tenant = call.scope.tenant
    account_id = _evidence(call).account_of_claim(tenant, call.values["claim_id"])
    if account_id is None:
        raise Problem("not-found")
    return _account(call, account_id)


def _account(call: Call, account_id: str) -> Reply:
    found = _evidence(call).account(call.scope.tenant, account_id)
    return _explained(call, found, {"account_id": account_id})


def _evidence(call: Call) -> Evidence:
    """Return where records are read; not-found where none are served."""
    if call.services.evidence is None:
        raise Problem("not-found")
    return call.services.evidence


def record(call: Call) -> Reply:
    """Return the text a resource was sent as, with what could name a person masked."""
    resource_type, record_id = call.values["type"], call.values["record_id"]
    # Of all facilities or of one: the text does not say.
    _check_facility(call, None, "facility")
    if resource_type not in BY_TYPE:
        raise Problem("not-found")
    tenant, pseudonyms = call.scope.tenant, call.services.pseudonyms
    found = _evidence(call).record(tenant, resource_type, record_id)
    if found is None:
        raise Problem("not-found")
    is_clear = _is_clear(call)
    try:
        masked = masked_text(found.raw.encode("utf-8", "surrogatepass"), is_clear=is_clear)
    except NotShowable as error:
        raise Problem("not-found", "The record's text cannot be shown: it is no JSON.") from error
    call.exchange.action = "explain"
    call.exchange.object = f"{resource_type} {call.exchange.route}"
    content = {
        "type": resource_type,
        "text": masked.text,
        "masked": masked.count,
        "versions": found.versions,
        "last_updated": found.last_updated,
        "source_file": found.source_file,
        "source_line": found.source_line,
    }
    facts = Facts(
        row_count=1,
        columns=("raw",),
        patient_hash=tuple(pseudonyms.in_audit(tenant, person) for person in found.persons),
    )
    return Reply(_masked(content, is_clear), facts=facts)


def _is_clear(call: Call) -> bool:
    return any(role.masking is Masking.CLEAR for role in call.known.person.roles)


def _check_facility(call: Call, value: str | None, kind: str) -> None:
    """Refuse evidence of all facilities to a person who may see only some."""
    facilities = call.scope.facilities
    if facilities is not None and not (kind == "hospital" and value in facilities):
        raise Problem("forbidden", "Your sign-in names facilities: ask for one of them, by its id.")


def _listed(call: Call, rows: list[Record]) -> Reply:
    pseudonyms, tenant = call.services.pseudonyms, call.scope.tenant
    call.exchange.action = "explain"
    persons = dict.fromkeys(str(row["person_id"]) for row in rows)
    shown = [
        {
            "person": pseudonyms.person(tenant, str(row["person_id"])),
            **{name: value for name, value in row.items() if name != "person_id"},
        }
        for row in rows
    ]
    facts = Facts(
        row_count=len(shown),
        columns=tuple(shown[0]) if shown else (),
        patient_hash=tuple(pseudonyms.in_audit(tenant, person) for person in persons),
    )
    meta = {"returned": len(shown), "is_complete": len(shown) < call.values["limit"]}
    return Reply({"data": shown, "meta": meta}, facts=facts)


def _explained(call: Call, found: Explanation | None, more: Record) -> Reply:
    facilities = call.scope.facilities
    # Of a facility that is not the caller's, it does not exist for them.
    if found is None or (facilities is not None and found.facility_id not in facilities):
        raise Problem("not-found")
    call.exchange.action = "explain"
    pseudonyms, tenant = call.services.pseudonyms, call.scope.tenant
    is_clear = _is_clear(call)
    rows = [_with_record(_masked(row, is_clear)) for row in found.rows]
    facts = Facts(row_count=len(rows), patient_hash=(pseudonyms.in_audit(tenant, found.person_id),))
    person = pseudonyms.person(tenant, found.person_id)
    return Reply({**more, "person": person, "data": rows}, facts=facts)


def _masked(row: Record, is_clear: bool) -> Record:
    return row if is_clear else {**row, **dict.fromkeys(_SOURCE)}


def _with_record(row: Record) -> Record:
    """Return a line with the type of the record it is about, where its text can be read."""
    has_text = row["source_file"] is not None
    return {**row, "record_type": RECORD_TYPES.get(row["part"]) if has_text else None}


def _endpoint(
    path: str, handler: Any, right: str, summary: str, *parameters: Parameter
) -> Endpoint:
    return Endpoint(
        path,
        handler,
        right,
        summary,
        parameters=parameters,
        action="explain",
        limit=limits.EVIDENCE,
        needs_purpose=True,
        source=Source.EVIDENCE,
    )


# What lines of an explanation call a resource.
RECORD_TYPES = {
    "claim": "Claim",
    "condition": "Condition",
    "encounter": "Encounter",
    "explanation of benefit": "ExplanationOfBenefit",
    "patient": "Patient",
    "procedure": "Procedure",
    "result": "Observation",
}
_LIMIT = Parameter("limit", "How many.", INTEGER, default=200, least=1, most=_MOST_ROWS)
ENDPOINTS = (
    _endpoint(
        "/v1/evidence/measures/{id}/stays",
        stays,
        QUALITY_EVIDENCE,
        "The stays in a cell of a measure's results",
        Parameter("id", "The measure.", is_in_path=True),
        Parameter("grain", "Length of the cell's period.", choices=GRAINS, default=ALL),
        Parameter("period_start", "First day of the cell's period.", DATE),
        Parameter("by", "The cell's breakdown.", choices=STRATUM_TYPES, default=OVERALL),
        Parameter("stratum_value", "The cell's value of the breakdown."),
        Parameter("counted", "Only those in, out, or with the outcome.", choices=COUNTED),
        Parameter("reason", "Only those left out for this reason."),
        _LIMIT,
    ),
    _endpoint(
        "/v1/evidence/stays/{stay_id}/explanation",
        explanation,
        QUALITY_EVIDENCE,
        "Why a stay is in or out of a measure",
        Parameter("stay_id", "The stay.", is_in_path=True),
        Parameter("measure", "The measure.", choices=tuple(BY_ID), is_required=True),
    ),
    _endpoint(
        "/v1/evidence/records/{type}/{record_id}",
        record,
        QUALITY_EVIDENCE,
        "The text a record was sent as, with what could name a person masked",
        Parameter("type", "The FHIR resource type.", is_in_path=True),
        Parameter("record_id", "The resource's id.", is_in_path=True),
    ),
    _endpoint(
        "/v1/evidence/denials",
        denials,
        FINANCE_EVIDENCE,
        "Denials to work, the largest first",
        *(Parameter(name, f"Denials of this {name}.", is_many=True) for name in DENIAL_FILTERS),
        _LIMIT,
    ),
    _endpoint(
        "/v1/evidence/claims/{claim_id}",
        claim,
        FINANCE_EVIDENCE,
        "A claim with its account's ledger",
        Parameter("claim_id", "The claim.", is_in_path=True),
    ),
    _endpoint(
        "/v1/evidence/accounts/{account_id}",
        account,
        FINANCE_EVIDENCE,
        "An account's claims, answers and ledger, down to file and line",
        Parameter("account_id", "The account.", is_in_path=True),
    ),
)
