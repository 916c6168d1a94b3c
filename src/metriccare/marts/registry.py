"""The marts of a lake, in the order in which a run computes and writes them."""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.marts.claims.names import Names
from metriccare.marts.mart import Lookups, Mart
from metriccare.marts.measures.mart import MeasuresMart
from metriccare.marts.measures.rulebook import Rulebook, load_rulebook
from metriccare.marts.revenue.mart import RevenueMart
from metriccare.marts.stays.facilities import facilities_by_tenant


def marts_of(engine: Engine[RelationT], context: RunContext) -> Sequence[Mart[RelationT]]:
    """Return the marts of a run; raises UsageError if a file that the settings name is unusable."""
    rules = load_rulebook(context.settings.measures)
    lookups = _lookups(engine, context, rules)
    names = Names(engine)
    # Claims name the stay of their services: stays come first.
    return (
        MeasuresMart(engine, context, lookups, rules, names),
        RevenueMart(engine, context, lookups, names),
    )


def revenue_mart(engine: Engine[RelationT], context: RunContext) -> RevenueMart[RelationT]:
    """Return the mart of claims and revenue alone."""
    rules = load_rulebook(context.settings.measures)
    return RevenueMart(engine, context, _lookups(engine, context, rules), Names(engine))


def _lookups(engine: Engine[RelationT], context: RunContext, rules: Rulebook) -> Lookups:
    return Lookups(rules.codes, facilities_by_tenant(engine, context.settings, rules.codes))
