"""The gates before publication: what they look at, measured on the computed tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.errors import Refusal
from metriccare.incremental.context import RunContext
from metriccare.pipeline.gold.outcome import Gates, Outcome
from metriccare.pipeline.publish.conservation import conserved
from metriccare.pipeline.publish.gate_measurements import accepted_tenants, measured
from metriccare.quality.gates import judge
from metriccare.quality.measured import Counted, Subject
from metriccare.tables import BY_NAME, Table
from metriccare.tracking.store import TrackingStore


def build_gates(
    engine: Engine[RelationT], context: RunContext, store: TrackingStore
) -> Gates[RelationT]:
    """Return what judges a run's gold: it returns the tenants refused."""

    def judged(outcome: Outcome[RelationT]) -> Sequence[Refusal]:
        repeated = repeated_keys(engine, outcome.tables)
        found = measured(context, outcome, repeated, conserved(engine, context), store)
        accepted = accepted_tenants(context, found, store)
        return judge(found, context.settings.gates, context.run_id, accepted)

    return judged


def repeated_keys(
    engine: Engine[RelationT], gold: Mapping[str, RelationT]
) -> dict[Subject, Counted]:
    """Return, of tables whose keys repeat, the rows of such keys and the keys; by table name."""
    if not gold:
        return {}
    counts = " union all ".join(_repeats(BY_NAME[f"gold.{name}"]) for name in gold)
    return {
        Subject(row["tenant"], row["name"]): Counted(row["rows"], row["keys"])
        for row in engine.rows(engine.sql(counts, {}, **gold))
    }


def _repeats(table: Table) -> str:
    key = ", ".join(table.key)
    repeated = f"select tenant, count(*) as n from {table.name} group by {key} having count(*) > 1"
    return (
        f"select tenant, '{table.full_name}' as name, sum(n) as `rows`, count(*) as `keys`"
        f" from ({repeated}) group by tenant"
    )
