"""The data quality score of a row: the share of the weight of the rules that it keeps, 0 to 100.

Source: the claims model, 7.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.quality.rules import (
    AMBIGUOUS_REFERENCE,
    DANGLING_REFERENCE,
    REJECT,
    WARN,
    Rule,
    rules_for,
)
from metriccare.sources.fhir.declarations import Resource


def score_expression(tripped: str, total: int) -> str:
    """Return the SQL expression of a row's score: `tripped` is the weight of the rules it breaks.

    A tombstone breaks no rule and has no score.
    """
    return (
        "if(deleted, cast(null as double), cast(100 as double)"
        f" * cast({total} - ({tripped}) as double) / cast({total} as double))"
    )


def resource_score(resource: Resource) -> str:
    """Return the expression of the score of a resource's row, from its flags."""
    weights = _weights(resource)
    flags = {rule.id: rule.weight for rule in weights if rule.severity == WARN}
    return score_expression(_tripped(flags), sum(rule.weight for rule in weights))


def _tripped(weights: Mapping[str, int]) -> str:
    return " + ".join(
        f"if(array_contains(dq_flags, '{rule_id}'), {weight}, 0)"
        for rule_id, weight in weights.items()
    )


def _weights(resource: Resource) -> list[Rule]:
    """Return the rules that apply to a type's rows, those that reject included."""
    rules = [*rules_for(resource.type, REJECT), *rules_for(resource.type, WARN)]
    if resource.references or resource.array_references:
        rules.append(AMBIGUOUS_REFERENCE)
    if any(reference.required for reference in resource.references):
        rules.append(DANGLING_REFERENCE)
    return rules
