"""Silver of feeds: the newest row of every key, typed.

The newest row is decided from the rows, not from the order of commits, so the same files give the
same table in any batches. Source: sources specification, 1.3.
"""

from __future__ import annotations

from metriccare.engine.models import model
from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Value
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import (
    IS_PENDING,
    count_of,
    facts_of,
    pending_parameters,
    rows_to_process,
)
from metriccare.pipeline.silver.feed_model import current_model, names_model, parsed_model
from metriccare.pipeline.silver.released import write_released
from metriccare.sources.feeds.declarations import Feed
from metriccare.sources.feeds.registry import BY_NAME, FEEDS
from metriccare.tables import keys
from metriccare.tables.bronze import RECORD
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.feeds import BY_FEED, RELEASED_NAME

STEP = "silver"
_REPLAYED = "replayed"
_KEY = ("tenant", "record_type", "record_id")
_FACTS = {
    "rows": "count(*)",
    "known": "count_if(is_known)",
    "contested": "count_if(contested)",
}


def run(engine: Engine[RelationT], context: RunContext) -> None:
    """Process the bronze rows of the pending runs."""
    withdrawn = _withdraw(engine, context) if context.taken_again else None
    pending = rows_to_process(engine, context, RECORD, _KEY, withdrawn)
    if pending is None:
        return
    present = engine.rows(engine.sql("select distinct record_type from pending", pending=pending))
    # Rows of a feed that a later version of the code no longer declares stay in bronze.
    for name in sorted({row["record_type"] for row in present} & BY_NAME.keys()):
        _load(engine, context, BY_NAME[name], pending)


def _load(engine: Engine[RelationT], context: RunContext, feed: Feed, pending: RelationT) -> None:
    """Write one feed's newest rows."""
    table = BY_FEED[feed.name]
    rows = engine.sql(f"select * from pending where record_type = '{feed.name}'", pending=pending)
    typed = engine.materialize(engine.sql(parsed_model(feed), bronze=rows))
    chosen, facts = _chosen(engine, feed, typed)
    if facts["contested"]:
        known = _received_before(engine, context, feed, typed)
        if count_of(engine, known):
            model_ = "select t.* from typed t left anti join known k on k.bronze_key = t.bronze_key"
            typed = engine.materialize(engine.sql(model_, typed=typed, known=known))
            chosen, facts = _chosen(engine, feed, typed)
    if facts["rows"]:
        parameters: dict[str, Value] = {"run_id": context.run_id}
        current = engine.materialize(
            engine.sql(current_model(feed), parameters, typed=typed, chosen=chosen)
        )
        if facts["known"]:
            _release_replaced(engine, context, feed, current)
        operation = Operation.UPSERT if facts["known"] else Operation.INSERT
        engine.commit(Changes(table, current, operation), CommitNote(context.run_id, STEP))
        engine.release(current)
    engine.release(typed)


def _chosen(
    engine: Engine[RelationT], feed: Feed, typed: RelationT
) -> tuple[RelationT, dict[str, int]]:
    """Return the rows that become current, and how many there are, are known, are contested."""
    columns = "record_key, updated_at, ingest_sequence, raw_sha256, layout_id"
    stored = engine.sql(f"select {columns} from stored", stored=engine.read(BY_FEED[feed.name]))
    newest = model(__package__, "newest_feed_rows")
    chosen = engine.materialize(engine.sql(newest, judged=typed, stored=stored))
    return chosen, facts_of(engine, chosen, _FACTS)


def _received_before(
    engine: Engine[RelationT], context: RunContext, feed: Feed, typed: RelationT
) -> RelationT:
    """Return the `bronze_key` of rows that repeat, with its time, what an earlier run received."""
    earlier = engine.sql(
        "select tenant, record_id, raw_sha256, layout_id, updated_at from bronze"
        f" where record_type = '{feed.name}' and not {IS_PENDING}",
        pending_parameters(context),
        bronze=engine.read(RECORD),
    )
    text = model(__package__, "feed_received_before")
    return engine.materialize(engine.sql(text, judged=typed, earlier=earlier))


def _release_replaced(
    engine: Engine[RelationT], context: RunContext, feed: Feed, current: RelationT
) -> None:
    """Write the names that only the stored rows have of those that are replaced."""
    if not feed.person_columns:
        return
    replaced = engine.sql(
        "select s.* from stored s left semi join changed c on c.record_key = s.record_key",
        stored=engine.read(BY_FEED[feed.name]),
        changed=current,
    )
    names = engine.sql(
        "select distinct b.tenant, b.name from before b left anti join after a"
        " on a.record_key = b.record_key and a.name = b.name",
        before=engine.sql(names_model(feed, "replaced"), replaced=replaced),
        after=engine.sql(names_model(feed, "changed"), changed=current),
    )
    note = CommitNote(context.run_id, f"{STEP}-released-{feed.name}")
    write_released(engine, context, RELEASED_NAME, names, note)


def _withdraw(engine: Engine[RelationT], context: RunContext) -> RelationT:
    """Return the keys of replayed files, after removing their rows from silver.

    All of bronze's rows of these keys are then decided again.
    """
    parameters: dict[str, Value] = {"files": [file.file_id for file in context.taken_again]}
    written = [feed for feed in FEEDS if engine.commits(BY_FEED[feed.name])]
    relations = {
        BY_FEED[feed.name].name: engine.sql(
            f"select tenant, '{feed.name}' as record_type, record_key from stored"
            " where array_contains(:files, file_id)",
            parameters,
            stored=engine.read(BY_FEED[feed.name]),
        )
        for feed in written
    }
    parts = ["select tenant, record_type, record_id from bronze"]
    # The record key is the tenant and the record's id.
    parts += [
        f"select tenant, record_type, substring(record_key, length(tenant) + 2) as record_id"
        f" from {name}"
        for name in relations
    ]
    received = engine.sql(
        "select * from stored where array_contains(:files, file_id)",
        parameters,
        stored=engine.read(RECORD),
    )
    text = f"select distinct {', '.join(_KEY)} from ({' union all '.join(parts)}) every_key"
    withdrawn = engine.materialize(engine.sql(text, None, bronze=received, **relations))
    for feed in written:
        _remove(engine, context, feed, withdrawn)
    return withdrawn


def _remove(
    engine: Engine[RelationT], context: RunContext, feed: Feed, withdrawn: RelationT
) -> None:
    """Remove one feed's rows, after writing the names of the persons they belong to."""
    table = BY_FEED[feed.name]
    rows = engine.materialize(
        engine.sql(
            "select s.* from stored s where exists (select 1 from withdrawn w"
            f" where w.record_type = '{feed.name}' and w.tenant = s.tenant"
            f" and {keys.joined_expression('w.tenant', 'w.record_id')} = s.record_key)",
            stored=engine.read(table),
            withdrawn=withdrawn,
        )
    )
    if count_of(engine, rows) and feed.person_columns:
        names = engine.sql(names_model(feed, "removed"), removed=rows)
        distinct = engine.sql("select distinct tenant, name from names", names=names)
        step = CommitNote(context.run_id, f"{_REPLAYED}-released-{feed.name}")
        write_released(engine, context, RELEASED_NAME, distinct, step)
    note = CommitNote(context.run_id, _REPLAYED)
    commit_if_any(engine, table, rows, Operation.DELETE, note)
    engine.release(rows)
