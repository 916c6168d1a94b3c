"""The rows that the pending runs wrote to a table; a table they did not write is not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.tables import Table, keys
from metriccare.tables.commit_note import CREATE_STEP
from metriccare.tables.declaration import RECORD_KEY

# True for a row of a pending run if its tenant has not been published since.
IS_PENDING = (
    "(array_contains(:runs, run_id)"
    f" or array_contains(:runs_of_tenants, {keys.joined_expression('run_id', 'tenant')}))"
)


def pending_parameters(context: RunContext) -> dict[str, Value]:
    """Return the parameters of IS_PENDING."""
    runs = context.pending_runs.items()
    return {
        "runs": [run_id for run_id, tenants in runs if tenants is None],
        "runs_of_tenants": [
            keys.joined(run_id, tenant)
            for run_id, tenants in runs
            for tenant in sorted(tenants or ())
        ],
    }


def is_written(engine: Engine[RelationT], context: RunContext, table: Table) -> bool:
    """Return True if a pending run may have written the table.

    The names of runs are in the order of their begin, and only one run writes at a time.
    """
    if not context.pending_runs:
        return False
    first = min(context.pending_runs)
    commits = engine.commits(table)
    for metadata in commits:
        run = metadata.get(naming.COMMIT_RUN_ID)
        if run in context.pending_runs:
            return True
        if run is not None and run < first:
            return False
    # If all commits of the timeline are newer than the runs, those of the runs may be archived.
    return bool(commits)


def was_filled(engine: Engine[RelationT], table: Table) -> bool:
    """Return True if anything but the creation of the table has been committed to it."""
    commits = engine.commits(table)
    return any(metadata.get(naming.COMMIT_STEP) != CREATE_STEP for metadata in commits)


def pending_rows(engine: Engine[RelationT], context: RunContext, table: Table) -> RelationT:
    """Return the rows the pending runs wrote, tombstones included."""
    if not is_written(engine, context, table):
        return engine.from_rows(table.columns, [])
    return engine.sql(
        f"select * from stored where {IS_PENDING}",
        pending_parameters(context),
        stored=engine.read(table),
    )


def rows_to_process(
    engine: Engine[RelationT],
    context: RunContext,
    table: Table,
    key: Sequence[str],
    withdrawn: RelationT | None,
) -> RelationT | None:
    """Return the rows the pending runs wrote, or whose keys are withdrawn; None for none.

    `withdrawn` are the keys of what is decided again; None if nothing is.
    """
    parameters = pending_parameters(context)
    if withdrawn is not None:
        same = " and ".join(f"w.{name} = b.{name}" for name in key)
        return engine.sql(
            "select b.* from bronze b"
            f" where {IS_PENDING} or exists (select 1 from withdrawn w where {same})",
            parameters,
            bronze=engine.read(table),
            withdrawn=withdrawn,
        )
    if not is_written(engine, context, table):
        return None
    model = f"select * from bronze where {IS_PENDING}"
    return engine.sql(model, parameters, bronze=engine.read(table))


def drop_already_written(
    engine: Engine[RelationT],
    rows: RelationT,
    context: RunContext,
    table: Table,
    key: Sequence[str] = (RECORD_KEY.name,),
    which: str = "true",
) -> RelationT | None:
    """Return the rows whose keys no pending run has written yet; None if there are none.

    `which` is a condition for the written rows. Rows of a run that crashed are not written again:
    however often runs crash, each next one has less to do.
    """
    remaining = rows
    if is_written(engine, context, table):
        same = " and ".join(f"w.{name} = r.{name}" for name in key)
        remaining = engine.sql(
            "select * from rows_to_write r"
            f" where not exists (select 1 from written w where {same})",
            rows_to_write=rows,
            written=engine.sql(
                f"select * from stored where {which}", stored=pending_rows(engine, context, table)
            ),
        )
    remaining = engine.materialize(remaining)
    return remaining if count_of(engine, remaining) else None


def count_of(engine: Engine[RelationT], rows: RelationT) -> int:
    """Return how many rows a relation has."""
    count: int = engine.measure(rows, {"rows": "count(*)"})["rows"]
    return count


def facts_of(
    engine: Engine[RelationT], rows: RelationT, facts: Mapping[str, str]
) -> dict[str, int]:
    """Return counts over a relation by name, of Spark SQL expressions; null counts as 0."""
    return {name: value or 0 for name, value in engine.measure(rows, facts).items()}
