"""Row rules: what a resource must be to be used, and what is only flagged.

One ordered tuple, evaluated in one pass over the parsed rows of a type. A row that breaks a
`reject` rule goes to quarantine under the first one it breaks, so what makes a row unreadable
comes before what makes it wrong. A `warn` rule adds its id to the row's `dq_flags`.

`condition` is a Spark SQL expression over the parsed row's silver columns and bronze header; it
is true where the rule is broken.
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
    """One row rule; `resource_type` None means every type."""

    id: str
    severity: str
    resource_type: str | None
    condition: str
    sentence: str


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
    )


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
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "shape_invalid",
        REJECT,
        None,
        "is_misshapen",
        "An element the measures need has another JSON type than FHIR gives it.",
    ),
    Rule(
        "modifier_extension_unknown",
        REJECT,
        None,
        "has_modifier_extension",
        "A modifier extension may change the meaning of the whole resource, and none is known.",
    ),
    Rule(
        "encounter_status_unknown",
        REJECT,
        "Encounter",
        f"status is null or status not in ({_one_of(_STATUSES)})",
        "Encounter.status is missing or not a status of FHIR R4 or R5.",
    ),
    Rule(
        "encounter_class_unknown",
        REJECT,
        "Encounter",
        f"class_code is null or class_code not in ({_one_of(_CLASSES)})",
        "Encounter.class is missing or local; it must be mapped to v3-ActCode to be counted.",
    ),
    *_date_rules(),
    Rule(
        "last_updated_missing",
        WARN,
        None,
        "last_updated_sent is null",
        "meta.lastUpdated is absent; the time of arrival orders the versions instead.",
    ),
    Rule(
        "period_end_before_start",
        WARN,
        "Encounter",
        "period_end_upper < period_start_lower",
        "The encounter ends before it starts; it has no length of stay.",
    ),
    Rule(
        "period_end_missing",
        WARN,
        "Encounter",
        "period_end is null and status in ('finished', 'completed', 'discharged')",
        "The encounter is finished and has no end; it has no length of stay.",
    ),
    Rule(
        "period_start_missing",
        WARN,
        "Encounter",
        "period_start is null",
        "The encounter has no start; no stay can be built from it.",
    ),
    Rule(
        "death_before_birth",
        WARN,
        "Patient",
        "deceased_date_upper < birth_date_lower",
        "The date of death lies before the date of birth.",
    ),
    Rule(
        "birth_date_missing",
        WARN,
        "Patient",
        "birth_date is null",
        "Without a date of birth the person has no age and is in no adult measure.",
    ),
)

# Found when references are resolved, not by looking at the row alone.
DANGLING_REFERENCE = Rule(
    "reference_dangling",
    WARN,
    None,
    "the target of a required reference has not arrived",
    "The row refers to a patient that has not arrived; it resolves by itself when it does.",
)


def rules_for(resource_type: str, severity: str) -> tuple[Rule, ...]:
    """Return the rules of one severity that apply to a resource type, in order."""
    return tuple(
        rule
        for rule in RULES
        if rule.severity == severity and rule.resource_type in (None, resource_type)
    )
