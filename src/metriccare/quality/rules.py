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

from metriccare.fhir.forms import Resource
from metriccare.fhir.resources import RESOURCES

REJECT, WARN = "reject", "warn"

# v3-ActCode classes the stay model knows how to treat; statuses of FHIR R4 and R5 together.
_CLASSES = "IMP ACUTE NONAC OBSENC SS EMER AMB VR HH FLD PRENC"
_STATUSES = (
    "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
    " on-hold discharged completed discontinued"
)


@dataclass(frozen=True)
class Rule:
    """One row rule; `resource_type` None means every type, `mend` is what a sender can do."""

    id: str
    severity: str
    resource_type: str | None
    condition: str
    sentence: str
    mend: str
    found: str = "null"


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
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "shape_invalid",
        REJECT,
        None,
        "is_misshapen",
        "An element the measures need has another JSON type than FHIR gives it.",
        "Send the element with the type its FHIR page gives: lists as arrays, objects as objects.",
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
        f"class_code is null or class_code not in ({_one_of(_CLASSES)})",
        "Encounter.class is missing or local; it must be mapped to v3-ActCode to be counted.",
        "Map the local class to v3-ActCode (IMP, EMER, AMB, OBSENC ...) in the interface.",
    ),
    *_date_rules(),
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
    ),
    Rule(
        "period_end_missing",
        WARN,
        "Encounter",
        "period_end is null and status in ('finished', 'completed', 'discharged')",
        "The encounter is finished and has no end; it has no length of stay.",
        "Send the end of the period.",
    ),
    Rule(
        "period_start_missing",
        WARN,
        "Encounter",
        "period_start is null",
        "The encounter has no start; no stay can be built from it.",
        "Send the start of the period.",
    ),
    Rule(
        "death_before_birth",
        WARN,
        "Patient",
        "deceased_date_upper < birth_date_lower",
        "The date of death lies before the date of birth.",
        "Correct whichever date is wrong.",
    ),
    Rule(
        "birth_date_missing",
        WARN,
        "Patient",
        "birth_date is null",
        "Without a date of birth the person has no age and is in no adult measure.",
        "Send the date of birth, a year at least.",
    ),
)

# Found when references are resolved, not by looking at the row alone.
DANGLING_REFERENCE = Rule(
    "reference_dangling",
    WARN,
    None,
    "the target of a required reference has not arrived",
    "The row refers to a patient that has not arrived; it resolves by itself when it does.",
    "Send the patient; nothing else is needed.",
)

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


def _reception(id_: str, sentence: str, mend: str) -> Rule:
    return Rule(id_, REJECT, None, "found when a file is split into records", sentence, mend)


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
        "A line is not one JSON object: truncated, or two on one line.",
        "Send the file again whole; one resource on each line.",
    ),
    _reception(
        "document_broken",
        "A Bundle or array breaks off; the entries before the fault are loaded.",
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
        "A Bundle entry deletes something that is not `Type/id`.",
        "Name what is deleted as `Type/id` in request.url.",
    ),
)


def rules_for(resource_type: str, severity: str) -> tuple[Rule, ...]:
    """Return the rules of one severity that apply to a resource type, in order."""
    return tuple(
        rule
        for rule in RULES
        if rule.severity == severity and rule.resource_type in (None, resource_type)
    )
