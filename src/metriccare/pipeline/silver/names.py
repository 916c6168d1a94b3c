"""What the names mean by which rows refer to others: searches by identifier, and urns.

A name that several resources go by means none of them. An urn is looked for among the entries of
its own Bundle first. Sources: FHIR R4 references, and Bundle, resolving references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.fhir.resources import BY_TYPE, RESOURCES
from metriccare.pipeline.silver.row import IS_GOOD
from metriccare.tables import Column, bronze
from metriccare.tables import silver as tables

URN = "urn"
# A name says what it asks for: `Patient urn:...` or `Patient?identifier=...`.
IS_URN = "name rlike '^[A-Za-z]+ urn:'"
_KIND = f"if({IS_URN}, '{URN}', regexp_extract(name, '^([A-Za-z]+)[?]', 1))"
_MEANING = (
    Column("tenant", "string", "whose"),
    Column("name", "string", "search or urn"),
    Column("target_id", "string", "the only resource that goes by it"),
    Column("ambiguous", "boolean", "several do"),
)


@dataclass(frozen=True)
class Incoming(Generic[RelationT]):
    """Parsed rows of one type about to be written, which may refer to each other."""

    resource_type: str
    rows: RelationT


def kinds_of(engine: Engine[RelationT], named: RelationT) -> set[str]:
    """Return what names ask for: resource types of searches, and `urn`."""
    kinds = engine.sql(f"select distinct {_KIND} as kind from named", named=named)
    return {row["kind"] for row in engine.rows(kinds)}


def meanings(
    engine: Engine[RelationT], wanted: RelationT, kinds: set[str], incoming: Incoming[RelationT]
) -> RelationT:
    """Return what names mean, by row: in the row's own Bundle first, then in the whole tenant.

    `wanted` are tenant, record_key, file_id, bundle and name.
    """
    if URN not in kinds:
        return _in_tenant(engine, wanted, kinds, incoming)
    bronze_rows = engine.read(bronze.RESOURCE)
    local = engine.materialize(
        engine.sql(model(__package__, "urns_in_bundle"), wanted=wanted, bronze=bronze_rows)
    )
    rest = engine.materialize(
        engine.sql(
            "select w.* from wanted w left anti join local l"
            " on l.record_key = w.record_key and l.name = w.name",
            wanted=wanted,
            local=local,
        )
    )
    left = kinds_of(engine, rest)
    if not left:
        return local
    in_tenant = _in_tenant(engine, rest, left, incoming)
    return engine.sql(
        "select * from local union all select * from in_tenant", local=local, in_tenant=in_tenant
    )


def _in_tenant(
    engine: Engine[RelationT], wanted: RelationT, kinds: set[str], incoming: Incoming[RelationT]
) -> RelationT:
    return engine.sql(
        "select w.record_key, w.name, k.target_id, k.ambiguous, cast(null as string) as other,"
        " true as by_name"
        " from wanted w join known k on k.tenant = w.tenant and k.name = w.name",
        wanted=wanted,
        known=meanings_of(engine, kinds, incoming),
    )


def meanings_of(
    engine: Engine[RelationT], kinds: set[str], incoming: Incoming[RelationT] | None = None
) -> RelationT:
    """Return what resources may be called - search by identifier, urn - and whom each name means.

    A name that several resources go by means none: `target_id` is null and `ambiguous` true.
    """
    asked = [resource.type for resource in RESOURCES if resource.type in kinds]
    relations = {BY_TYPE[kind].table: engine.read(tables.BY_RESOURCE[kind]) for kind in asked}
    parts = [_names_of(kind, incoming) for kind in asked]
    if URN in kinds:
        relations["bronze"] = engine.read(bronze.RESOURCE)
        parts.append(_URNS)
    if incoming is not None and incoming.resource_type in kinds:
        relations["incoming"] = incoming.rows
        parts.append(_identified(incoming.resource_type, f"select * from incoming where {IS_GOOD}"))
    if not parts:
        return engine.from_rows(_MEANING, [])
    return engine.sql(
        "select tenant, name, if(min(target_id) = max(target_id), min(target_id), null)"
        " as target_id, min(target_id) <> max(target_id) as ambiguous"
        f" from ({' union all '.join(parts)}) named group by tenant, name",
        None,
        **relations,
    )


_URNS = (
    "select tenant, concat_ws(' ', resource_type, full_url) as name, resource_id as target_id"
    " from bronze where full_url like 'urn:%'"
)


def _names_of(kind: str, incoming: Incoming[RelationT] | None) -> str:
    stored = f"select * from {BY_TYPE[kind].table}"
    if incoming is not None and incoming.resource_type == kind:
        stored += f" where record_key not in (select record_key from incoming where {IS_GOOD})"
    return _identified(kind, stored)


def _identified(kind: str, rows: str) -> str:
    """Return `Type?identifier=system|value`, and the same without system, for each identifier."""
    identified = (
        "select tenant, id as target_id, explode(identifiers) as i"
        f" from ({rows}) live where not deleted"
    )
    asked = f"'{kind}?identifier='"
    return (
        f"select tenant, {asked} || i.value as name, target_id from ({identified}) a"
        " where i.value is not null"
        f" union all select tenant, {asked} || i.system || '|' || i.value, target_id"
        f" from ({identified}) b where i.system is not null and i.value is not null"
    )
