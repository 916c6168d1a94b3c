"""Results of a measure before suppression, for one scope that asked for small counts.

The quality office sees them of its own tenant, for a purpose; each read is audited with how many
of the rows are hidden from everybody else. Source: serving specification, 4.3 rule 2.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from metriccare.access.scope import Scope, scope_of
from metriccare.api.endpoint import Call
from metriccare.api.named_datasets import named
from metriccare.api.problems import Problem
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import EQ, GE, IN, LE, LT

Record = dict[str, Any]
RESULTS = named("measure_results")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    EQ: operator.eq,
    GE: operator.ge,
    LE: operator.le,
    LT: operator.lt,
}


def with_small_counts(call: Call) -> Call:
    """Return the call with a scope that sees small counts; NotAllowed without right or purpose."""
    known = call.known
    scope = scope_of(
        known.person.verified(), call.scope.tenant, wants_small=True, purpose=call.scope.purpose
    )
    call.exchange.publication = call.services.published.publication(scope).id
    return replace(call, caller=replace(known, scope=scope))


def rows(call: Call, conditions: Sequence[Condition], sort: Sequence[str] = ()) -> list[Record]:
    """Return the rows of the address's measure that the scope may see and that meet conditions."""
    scope, evidence = call.scope, call.services.evidence
    if evidence is None:
        raise Problem("not-found")
    found = evidence.small_counts(scope.tenant, call.values["id"])
    kept = [row for row in found if _is_in(row, scope) and _meets_all(row, conditions)]
    kept.sort(key=lambda row: [(row[name] is None, row[name]) for name in (*sort, *RESULTS.key)])
    return kept


def _is_in(row: Record, scope: Scope) -> bool:
    """Return True if a row is of the scope's facilities, as published rows are."""
    rule = RESULTS.facilities
    if scope.facilities is None or rule is None:
        return scope.facilities is None
    is_of_one = all(row[name] == value for name, value in rule.fixed.items())
    return is_of_one and row[rule.column] in scope.facilities


def _meets_all(row: Record, conditions: Sequence[Condition]) -> bool:
    return all(_meets(row[each.column], each) for each in conditions)


def _meets(value: Any, condition: Condition) -> bool:
    if condition.operator == IN:
        return value in condition.values
    if value is None:
        return False
    return _COMPARE[condition.operator](value, condition.values[0])
