"""Row rules: what a resource must be to be used, and what is only flagged.

One ordered tuple, evaluated in one pass over the parsed rows of a type. A row that breaks a
`reject` rule goes to quarantine under the first one it breaks, so what makes a row unreadable
comes before what makes it wrong. A `warn` rule adds its id to the row's `dq_flags`.

`condition` is a Spark SQL expression over the parsed row's silver columns and bronze header; it
is true where the rule is broken. `found` is one that says where, in names of columns or in
words, never in content.
"""

from __future__ import annotations

from dataclasses import dataclass

from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.references import any_of, is_unexpected
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.sources.fhir.resources.encounter import CLASSES

REJECT, WARN = "reject", "warn"
# Rules on keys, persons, amounts and dates weigh 3, others 1. Source: the claims model, 7.3.
HEAVY, LIGHT = 3, 1

# Statuses of FHIR R4 and R5 together.
_STATUSES = (
    "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
    " on-hold discharged completed discontinued"
)


@dataclass(frozen=True)
class Rule:
    """One row rule; `resource_type` None means every type, `fix` is what a sender can do.

    `weight` is what the rule counts in a row's `data_quality_score`.
    """

    id: str
    severity: str
    resource_type: str | None
    condition: str
    sentence: str
    fix: str
    found: str = "null"
    weight: int = LIGHT


def _one_of(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())


def _date_rules() -> tuple[Rule, ...]:
    """Return the date rules of every declared date of every resource."""
    return tuple(
        rule
        for resource in RESOURCES
        if resource.dates
        for rule in (_invalid_date(resource), _future_date(resource))
    )


def _invalid_date(resource: Resource) -> Rule:
    broken = " or ".join(f"({d} is not null and {d}_lower is null)" for d in resource.dates)
    return Rule(
        "date_invalid",
        REJECT,
        resource.type,
        broken,
        "A date is not a FHIR date: a day that does not exist, a time without an offset, or"
        " another form.",
        "Send dates as YYYY, YYYY-MM, YYYY-MM-DD, or with time and offset"
        " (2024-03-08T00:10:00-05:00).",
        _named([f"{d} is not null and {d}_lower is null" for d in resource.dates], resource),
        weight=HEAVY,
    )


def _named(conditions: list[str], resource: Resource) -> str:
    """Return an expression that names the dates whose condition holds."""
    names = [f"if({c}, '{d}', null)" for c, d in zip(conditions, resource.dates, strict=True)]
    return f"'Found in: ' || concat_ws(', ', {', '.join(names)}) || '.'"


def _future_date(resource: Resource) -> Rule:
    later = " or ".join(
        f"coalesce({d}_lower > ingested_at + interval 1 day, false)" for d in resource.dates
    )
    return Rule(
        "date_in_future",
        WARN,
        resource.type,
        later,
        "A date lies after the day the record arrived; it changes no measure before then.",
        "Correct the date, or leave it: planned events become past ones.",
        weight=HEAVY,
    )


def _reference_rules() -> tuple[Rule, ...]:
    """Return the rule on what references point to, for every type that has any."""
    return tuple(
        Rule(
            REFERENCE_TYPE,
            WARN,
            resource.type,
            any_of(resource, is_unexpected),
            "A reference names a type of resource that FHIR does not allow there; it is not"
            " followed.",
            "Refer to a resource of a type the element's FHIR page lists.",
        )
        for resource in RESOURCES
        if resource.references or resource.array_references
    )


# Also found when references are looked up: an urn does not say what it names.
REFERENCE_TYPE = "reference_type_unexpected"
SHAPE_INVALID = "shape_invalid"

# Of a line without a net charge it is unit price x quantity.
_IS_NEGATIVE = (
    "coalesce(i.net < 0, i.unit_price <> 0"
    " and coalesce(i.unit_price < 0, false) <> coalesce(i.quantity < 0, false), false)"
)
# A FHIR claim that voids another says so with the last digit of its type of bill.
_VOIDS = "s -> coalesce(s.category in ('typeofbill', 'type-of-bill') and s.code like '%8', false)"

RULES: tuple[Rule, ...] = (
    Rule(
        SHAPE_INVALID,
        REJECT,
        None,
        "is_misshapen",
        "An element the measures need has another JSON type than FHIR gives it, or a number out of"
        " its range.",
        "Send the element with the type its FHIR page gives: lists as arrays, objects as objects,"
        " whole numbers where it says integer or positiveInt.",
    ),
    Rule(
        "modifier_extension_unknown",
        REJECT,
        None,
        "has_modifier_extension",
        "A modifier extension may change the meaning of the whole resource, and none is known.",
        "Say in standard elements what the extension says, or leave such records out.",
    ),
    Rule(
        "encounter_status_unknown",
        REJECT,
        "Encounter",
        f"status is null or status not in ({_one_of(_STATUSES)})",
        "Encounter.status is missing or not a status of FHIR R4 or R5.",
        "Map the local status to a FHIR status in the interface.",
    ),
    Rule(
        "encounter_class_unknown",
        REJECT,
        "Encounter",
        f"class_code is null or class_code not in ({_one_of(' '.join(CLASSES))})",
        "Encounter.class is missing or local; it must be mapped to v3-ActCode to be counted.",
        "Map the local class to v3-ActCode (IMP, EMER, AMB, OBSENC ...) in the interface.",
    ),
    *_date_rules(),
    Rule(
        "claim_without_person",
        REJECT,
        "Claim",
        "patient_id is null and patient_reference is null",
        "A claim names no person.",
        "Send Claim.patient; a patient who has not arrived yet may come later.",
        weight=HEAVY,
    ),
    Rule(
        "charge_negative",
        REJECT,
        "Claim",
        f"coalesce(exists(items, i -> {_IS_NEGATIVE}), false)"
        f" and not coalesce(exists(supporting_info, {_VOIDS}), false)",
        "The charge of a claim is below zero, and the claim is no void.",
        "Send charges as positive amounts, and voids with a type of bill that ends in 8.",
        weight=HEAVY,
    ),
    *_reference_rules(),
    Rule(
        "last_updated_missing",
        WARN,
        None,
        "last_updated_sent is null",
        "meta.lastUpdated is absent; the time of arrival orders the versions instead.",
        "Let the server fill meta.lastUpdated.",
    ),
    Rule(
        "period_end_before_start",
        WARN,
        "Encounter",
        "period_end_upper < period_start_lower",
        "The encounter ends before it starts; it has no length of stay.",
        "Correct the period.",
        weight=HEAVY,
    ),
    Rule(
        "period_end_missing",
        WARN,
        "Encounter",
        "period_end is null and status in ('finished', 'completed', 'discharged')",
        "The encounter is finished and has no end; it has no length of stay.",
        "Send the end of the period.",
        weight=HEAVY,
    ),
    Rule(
        "period_start_missing",
        WARN,
        "Encounter",
        "period_start is null",
        "The encounter has no start; no stay can be built from it.",
        "Send the start of the period.",
        weight=HEAVY,
    ),
    Rule(
        "death_before_birth",
        WARN,
        "Patient",
        "deceased_date_upper < birth_date_lower",
        "The date of death lies before the date of birth.",
        "Correct whichever date is wrong.",
        weight=HEAVY,
    ),
    Rule(
        "birth_date_missing",
        WARN,
        "Patient",
        "birth_date is null",
        "Without a date of birth the person has no age and is in no adult measure.",
        "Send the date of birth, a year at least.",
        weight=HEAVY,
    ),
)

# Found when references are resolved, not by looking at the row alone.
DANGLING_REFERENCE = Rule(
    "reference_dangling",
    WARN,
    None,
    "the target of a required reference has not arrived",
    "The row refers to a patient that has not arrived or is deleted; it resolves by itself when the"
    " patient arrives.",
    "Send the patient; nothing else is needed.",
    weight=HEAVY,
)
AMBIGUOUS_REFERENCE = Rule(
    "reference_ambiguous",
    WARN,
    None,
    "several resources fit an identifier or urn",
    "A reference by identifier or urn fits several resources; none is taken. It resolves by itself"
    " once only one fits.",
    "Send the identifier with its system, or refer by `Type/id`.",
)
# In the order their flags come.
LOOKED_UP_RULES = (AMBIGUOUS_REFERENCE, DANGLING_REFERENCE)

# Found when gold is computed: the rules of the measures failed on one person's rows.
PERSON_NOT_COMPUTED = Rule(
    "person_not_computed",
    WARN,
    None,
    "an error of the measures' rules over one person's rows",
    "The rules failed on this person: the rows of gold stay as they were, and every run tries"
    " again.",
    "`metriccare status` names the person and the place of the error: correct the person's"
    " records, or report the error.",
)


def _reception(id_: str, sentence: str, fix: str) -> Rule:
    return Rule(id_, REJECT, None, "found when a file is split into records", sentence, fix)


# What a record must be to be one at all; found on reception, before there is a row to look at.
RECEPTION_RULES: tuple[Rule, ...] = (
    _reception(
        "record_too_large",
        "One record is larger than 64 MiB.",
        "Send attachments as Binary resources or by reference.",
    ),
    _reception(
        "encoding_invalid",
        "The text is not UTF-8.",
        "Export as UTF-8.",
    ),
    _reception(
        "json_invalid",
        "The text is not JSON (cut off, or with a fault), or an object in it has a name twice.",
        "Send the file again whole.",
    ),
    _reception(
        "document_broken",
        "A Bundle or array breaks off; what could be read before the fault is loaded.",
        "Send the file again whole.",
    ),
    _reception(
        "not_an_object",
        "A line or an entry is JSON, but no object.",
        "Send resources only.",
    ),
    _reception(
        "resource_type_unknown",
        "`resourceType` is missing or no type of FHIR R4, R4B or R5.",
        "Send FHIR resources; spell the type as FHIR does.",
    ),
    _reception(
        "id_invalid",
        "The id is missing, or not 1-64 letters, digits, '-' or '.'.",
        "Give every resource its logical id.",
    ),
    _reception(
        "delete_target_unknown",
        "A Bundle entry without a resource does not say what it does, or deletes something that is"
        " not `Type/id`.",
        "Name what is deleted as `Type/id` in request.url.",
    ),
    _reception(
        "record_unreadable",
        "Reading the record failed in a way no other rule names; the reason says how.",
        "Compare the record with its FHIR page; if it is valid, report the reason.",
    ),
)


def rules_for(resource_type: str, severity: str) -> tuple[Rule, ...]:
    """Return the rules of one severity that apply to a resource type, in order."""
    return tuple(
        rule
        for rule in RULES
        if rule.severity == severity and rule.resource_type in (None, resource_type)
    )
