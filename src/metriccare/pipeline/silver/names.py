"""The meanings of names in references: searches by identifier, and urns.

A name that several resources have means none of them. An urn is first looked up among the entries
of its own Bundle. Sources: FHIR R4 references, and Bundle, resolving references.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.pipeline.silver.row import IS_GOOD
from metriccare.sources.fhir.resources import BY_TYPE, RESOURCES
from metriccare.tables import Column, bronze
from metriccare.tables import silver as tables

URN = "urn"
# A name begins with the resource type: `Patient urn:...` or `Patient?identifier=...`.
IS_URN = "name rlike '^[A-Za-z]+ urn:'"
_KIND = f"if({IS_URN}, '{URN}', regexp_extract(name, '^([A-Za-z]+)[?]', 1))"
_MEANING = (
    Column("tenant", "string", "the tenant"),
    Column("name", "string", "search or urn"),
    Column("target_id", "string", "the only resource with this name"),
    Column("ambiguous", "boolean", "several resources have it"),
)


@dataclass(frozen=True)
class Incoming(Generic[RelationT]):
    """Parsed rows of one type about to be written, which may refer to each other."""

    resource_type: str
    rows: RelationT


def kinds_of(engine: Engine[RelationT], named: RelationT) -> set[str]:
    """Return the kinds of names: resource types of searches, and `urn`."""
    kinds = engine.sql(f"select distinct {_KIND} as kind from named", named=named)
    return {row["kind"] for row in engine.rows(kinds)}


def meanings(
    engine: Engine[RelationT], wanted: RelationT, kinds: set[str], incoming: Incoming[RelationT]
) -> RelationT:
    """Return the meanings of names, by row: first in the row's Bundle, then in the whole tenant.

    `wanted` has tenant, record_key, file_id, bundle and name.
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
    other_kinds = kinds_of(engine, rest)
    if not other_kinds:
        return local
    in_tenant = _in_tenant(engine, rest, other_kinds, incoming)
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
    """Return the names of resources - search by identifier, urn - and the resource each means.

    A name of several resources means none: `target_id` is null and `ambiguous` true.
    """
    types = [resource.type for resource in RESOURCES if resource.type in kinds]
    relations = {BY_TYPE[type_].table: engine.read(tables.BY_RESOURCE[type_]) for type_ in types}
    parts = [_names_of(type_, incoming) for type_ in types]
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


def _names_of(type_: str, incoming: Incoming[RelationT] | None) -> str:
    stored = f"select * from {BY_TYPE[type_].table}"
    if incoming is not None and incoming.resource_type == type_:
        stored += f" where record_key not in (select record_key from incoming where {IS_GOOD})"
    return _identified(type_, stored)


def _identified(type_: str, rows: str) -> str:
    """Return `Type?identifier=system|value`, and the same without system, for each identifier."""
    identified = (
        "select tenant, id as target_id, explode(identifiers) as i"
        f" from ({rows}) live where not deleted"
    )
    search = f"'{type_}?identifier='"
    return (
        f"select tenant, {search} || i.value as name, target_id from ({identified}) a"
        " where i.value is not null"
        f" union all select tenant, {search} || i.system || '|' || i.value, target_id"
        f" from ({identified}) b where i.system is not null and i.value is not null"
    )
