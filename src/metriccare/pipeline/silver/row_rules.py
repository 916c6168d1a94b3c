"""Applies the row rules to parsed rows, and writes rejected rows to the quarantine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Row
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import drop_already_written
from metriccare.quality.rules import REJECT, RULES, SHAPE_INVALID, WARN, rules_for
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.shape_faults import shape_faults
from metriccare.tables import Column, bronze, keys
from metriccare.tables.commit_note import CommitNote

_REASONS = (
    Column("bronze_key", "string", "the row of bronze"),
    Column("rule_id", "string", "the first rule it breaks"),
    Column("reason", "string", "in words"),
)


def judged_model(resource: Resource) -> str:
    """Return the model of `parsed` rows with `rule_id`, the first rejecting rule, and `dq_flags`.

    A tombstone breaks no rule.
    """
    rejecting = ", ".join(
        f"if({rule.condition}, '{rule.id}', null)" for rule in rules_for(resource.type, REJECT)
    )
    flags = ", ".join(
        f"if({rule.condition}, '{rule.id}', null)" for rule in rules_for(resource.type, WARN)
    )
    return (
        f"select *, if(deleted, null, coalesce({rejecting})) as rule_id,"
        " if(deleted, cast(array() as array<string>),"
        f" array_compact(array({flags}))) as dq_flags from parsed"
    )


def quarantine(
    engine: Engine[RelationT],
    judged: RelationT,
    pending: RelationT,
    context: RunContext,
    resource: Resource,
) -> None:
    """Write the rows the rules reject, with their text from bronze."""
    rejected = engine.sql(_rejected_model(resource), judged=judged, bronze=pending)
    reasons = engine.map_people(rejected, reason_of, {"reasons": _REASONS})["reasons"]
    rows = engine.sql(_quarantine_model(), {"run_id": context.run_id}, bronze=pending, why=reasons)
    table = bronze.QUARANTINE
    new = drop_already_written(engine, rows, context, table, which="redriven_run_id is null")
    if new is not None:
        note = CommitNote(context.run_id, f"silver-{resource.type}")
        engine.commit(Changes(table, new, Operation.UPSERT), note)


def _rejected_model(resource: Resource) -> str:
    """Return the model of rejected rows, with the text of those that do not fit their shape."""
    positions = " ".join(
        f"when '{rule.id}' then {rule.found}"
        for rule in rules_for(resource.type, REJECT)
        if rule.found != "null"
    )
    position = f"case j.rule_id {positions} end" if positions else "cast(null as string)"
    return (
        f"select j.bronze_key, j.rule_id, {position} as place, b.resource_type,"
        f" if(j.rule_id = '{SHAPE_INVALID}', b.raw, null) as raw"
        " from judged j join bronze b on b.record_key = j.bronze_key"
        " where j.rule_id is not null"
    )


def reason_of(row: Row) -> Mapping[str, Iterable[Row]]:
    """Return why a row is rejected: the rule's sentence, and where, without content."""
    rule = next(r for r in RULES if r.id == row["rule_id"])
    where = row["place"] or (shape_faults(row["resource_type"], row["raw"]) if row["raw"] else "")
    reason = f"{rule.sentence} {where}".rstrip()
    return {
        "reasons": [{name: row[name] for name in ("bronze_key", "rule_id")} | {"reason": reason}]
    }


def _quarantine_model() -> str:
    computed = {
        "run_id": ":run_id",
        "redriven_run_id": "null",
        **dict.fromkeys(("feed", "record_type", "column_name"), "null"),
        "rule_id": "w.rule_id",
        "reason": "w.reason",
        "record_key": keys.joined_expression("b.record_key", "w.rule_id"),
        "ordering": "b.ingest_sequence",
    }
    items = ", ".join(
        f"cast({computed.get(c.name, f'b.{c.name}')} as {c.type}) as {c.name}"
        for c in bronze.QUARANTINE.columns
    )
    return f"select {items} from bronze b join why w on w.bronze_key = b.record_key"
