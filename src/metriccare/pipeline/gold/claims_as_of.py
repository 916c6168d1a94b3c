"""The claims tables as of other dates than the run's, computed and not stored: for a close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from metriccare.engine.protocol import Engine, RelationT
from metriccare.errors import UsageError
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.marts.registry import revenue_mart
from metriccare.pipeline.gold.guarded_rule import FAILED, GuardedRule, outputs_of
from metriccare.tables import gold as tables


def claims_as_of(
    engine: Engine[RelationT], context: RunContext, as_of: Mapping[str, date]
) -> Mapping[str, RelationT]:
    """Return the claims tables by name as they were on a date of each tenant, by what is known now.

    Beside them are the other inputs of results: costs and charges.

    Raises UsageError if the rules fail on a person: figures without them would be kept for ever.
    """
    own = replace(context, as_of_by_tenant={**context.as_of_by_tenant, **as_of})
    mart = revenue_mart(engine, own)
    outputs = outputs_of(mart.person_tables)
    people = mart.histories(None, {tables.STAY.name: engine.read(tables.STAY)})
    made = dict(engine.map_people(people, GuardedRule(mart.rule(), outputs), outputs))
    failed = count_of(engine, made.pop(FAILED))
    if failed:
        raise UsageError(
            f"The rules fail on {failed:,} persons (`metriccare status` names them), so no month"
            " can be closed: correct their records first."
        )
    return {**made, **mart.further_inputs()}
