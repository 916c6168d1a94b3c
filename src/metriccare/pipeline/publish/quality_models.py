"""The models that count how good the rows of a table are, by the run that received them.

Each reads the rows received since the window of its tenant began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metriccare.sources.feeds.declarations import Feed, FeedColumn
from metriccare.sources.feeds.registry import BY_NAME
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables.feeds import BY_FEED
from metriccare.tables.quality import ARRIVAL, COUNTS
from metriccare.tables.silver import BY_RESOURCE

_KEY = ARRIVAL.key
_ARRIVAL = "unix_micros(ingested_at)"
_NO_FEED = "cast(null as string)"
_RESOURCES = {type_: table.name for type_, table in BY_RESOURCE.items()}
_RECORDS = {feed: table.name for feed, table in BY_FEED.items()}
CLAIMS = "claims"


def in_window(relation: str, arrival: str = "unix_micros(r.ingested_at)") -> str:
    """Return the rows of a relation that arrived since the window of their tenant began."""
    return (
        f"(select r.* from {relation} r left join windows w on w.tenant = r.tenant"
        f" where {arrival} >= coalesce(w.since, :since))"
    )


def counted(selects: Iterable[str]) -> str:
    """Return the model of all counts by key: each select gives some of them."""
    sums = ", ".join(f"cast(sum(coalesce({c.name}, 0)) as bigint) as {c.name}" for c in COUNTS)
    key = ", ".join(_KEY)
    return f"select {key}, {sums} from ({' union all '.join(selects)}) c group by {key}"


def _select(key: Sequence[str], counts: Mapping[str, str], rows: str) -> str:
    """Return a select of some counts; the others are null."""
    names = [f"{value} as {name}" for name, value in zip(_KEY, key, strict=True)]
    values = [f"cast({counts.get(c.name, 'null')} as bigint) as {c.name}" for c in COUNTS]
    return f"select {', '.join((*names, *values))} from {rows}"


def received_resources(types: Sequence[str]) -> str:
    """Return the select over `resources`, rows of bronze.resource, of some types."""
    same = "resource_type, resource_id, last_updated, if(last_updated is null, file_id, null)"
    rows = _versions("resources", same, "raw_sha256", _one_of("resource_type", types))
    key = ("tenant", _names("resource_type", _RESOURCES), _NO_FEED, _ARRIVAL)
    return _select(key, _OF_VERSIONS, rows)


def received_records(feeds: Sequence[str]) -> str:
    """Return the select over `records`, rows of bronze.record, of some feeds."""
    same = "record_type, record_id, updated_at, if(updated_at is null, file_id, null)"
    rows = _versions("records", same, "raw_sha256, layout_id", _one_of("record_type", feeds))
    key = ("tenant", _names("record_type", _RECORDS), "feed", _ARRIVAL)
    return _select(key, _OF_VERSIONS, rows)


_OF_VERSIONS = {
    "received": "1",
    "loaded": "if(sending = 1, 1, 0)",
    "distinct_versions": "if(place = 1, 1, 0)",
    "resent": "if(sending = 1, 0, 1)",
}


def _versions(relation: str, same: str, content: str, which: str) -> str:
    """Return rows with their place among those of their key and version, and of equal content."""
    return (
        f"(select *, row_number() over (partition by tenant, {same} order by ingest_sequence)"
        f" as place, row_number() over (partition by tenant, {same}, {content}"
        f" order by ingest_sequence) as sending from {in_window(relation)} x where {which}) z"
    )


def rejected(types: Sequence[str], feeds: Sequence[str], row_rules: Sequence[str]) -> str:
    """Return the select over `rejects`; what a row rule rejected is counted in bronze, too."""
    counts = {
        "received": f"if(record_type is null and {_one_of('rule_id', row_rules)}, 0, 1)",
        "rejected": "1",
    }
    name = f"coalesce({_names('record_type', _RECORDS)}, {_names('resource_type', _RESOURCES)})"
    key = ("tenant", name, "feed", _ARRIVAL)
    select = _select(key, counts, f"{in_window('rejects')} x")
    # A record that is none of a type is of no table.
    return (
        f"{select} where {_one_of('record_type', feeds)}"
        f" or record_type is null and {_one_of('resource_type', types)}"
    )


def kept_resources(resource: Resource) -> str:
    """Return the select over a resource's silver table; `waiting` are unresolved references."""
    table = BY_RESOURCE[resource.type]
    referred = [
        f"if({r.name}_reference is not null or {r.name}_id is not null, 1, 0)"
        for r in resource.references
    ] + [
        # The size of no list is -1.
        f"if({r.column} is null, 0, size(filter({r.column}, e -> e.{r.name}_reference is not null"
        f" or e.{r.name}_id is not null)))"
        for r in resource.array_references
    ]
    required = (f"{r.name}_id" for r in resource.references if r.required)
    wanted = dict.fromkeys((*required, *resource.expected))
    counts = {
        **_of_kept({name: table.column(name).type for name in wanted}),
        "referred": " + ".join(referred) or "0",
        "unresolved": "coalesce(waits, 0)" if referred else "0",
    }
    rows = f"{in_window(table.name)} s"
    if referred:
        rows += (
            " left join (select tenant as of_tenant, id as of_id, count(*) as waits"
            f" from waiting where table_name = '{table.name}' group by tenant, id) u"
            " on of_tenant = s.tenant and of_id = s.id"
        )
    key = ("tenant", f"'{table.name}'", _NO_FEED, _ARRIVAL)
    return f"{_select(key, counts, rows)} where not deleted"


def kept_rows(feed: Feed) -> str:
    """Return the select over a feed's silver table, and over the keys its rows refer to.

    A reference to a feed of which a tenant has sent nothing is not judged.
    """
    table = BY_FEED[feed.name]
    wanted = [c.name for c in feed.own_columns if c.required or c.expected]
    referred, unresolved, rows = [], [], f"{in_window(table.name)} s"
    for number, column in enumerate(references_of(feed)):
        named = f"{column.name} is not null and is_sent_{number} is not null"
        referred.append(f"if({named}, 1, 0)")
        unresolved.append(f"if({named} and is_there_{number} is null, 1, 0)")
        keys = keys_relation(column)
        rows += (
            f" left join (select distinct tenant as tenant_{number}, name as name_{number},"
            f" true as is_there_{number} from {keys}) n_{number}"
            f" on tenant_{number} = s.tenant and name_{number} = s.{column.name}"
            f" left join (select distinct tenant as of_{number}, true as is_sent_{number}"
            f" from {keys}) t_{number} on of_{number} = s.tenant"
        )
    counts = {
        **_of_kept({name: table.column(name).type for name in wanted}),
        "referred": " + ".join(referred) or "0",
        "unresolved": " + ".join(unresolved) or "0",
    }
    key = ("tenant", f"'{table.name}'", "feed", _ARRIVAL)
    return f"{_select(key, counts, rows)} where not deleted"


def _of_kept(types: Mapping[str, str]) -> dict[str, str]:
    """Return the counts of the newest rows; `types` are the columns whose values are wanted."""
    there = [
        f"{name} is not null" + (f" and size({name}) > 0" if type_.startswith("array") else "")
        for name, type_ in types.items()
    ]
    return {
        "kept": "1",
        "flagged": "if(size(dq_flags) > 0, 1, 0)",
        "cells": str(len(there)),
        "filled": " + ".join(f"if({each}, 1, 0)" for each in there),
    }


def references_of(feed: Feed) -> tuple[FeedColumn, ...]:
    """Return the columns of a feed that name rows of another feed."""
    return tuple(column for column in feed.own_columns if column.refers)


def keys_relation(column: FeedColumn) -> str:
    """Return the name of the relation of the keys that a column refers to."""
    return f"keys_of_{column.refers}"


def keys_of(feed: str) -> str:
    """Return the model of the names by which rows refer to a feed's; claims may be of FHIR."""
    own = f"select tenant, {BY_NAME[feed].key[0]} as name from kept where not deleted"
    if feed != CLAIMS:
        return own
    return (
        f"{own} union all select tenant, id from claim where not deleted union all"
        " select tenant, identifier.value from (select tenant, explode(identifiers) as identifier"
        " from claim where not deleted) i"
    )


def counts_in_force(touched: Sequence[str]) -> str:
    """Return the model of `counts` of the tables counted again, and of `stored` ones of others."""
    names = ", ".join(column.name for column in ARRIVAL.computed_columns)
    return (
        f"select {names} from counts union all"
        f" select {names} from {in_window('stored', 'r.arrival')} s"
        f" where not {_one_of('table_name', touched)}"
    )


def tables_with_old_repeats() -> str:
    """Return the model of `stored` tables whose repeats the moving window may have cut in two."""
    return (
        "select r.table_name from stored r left join windows w on w.tenant = r.tenant"
        " group by r.table_name"
        " having count_if(r.arrival < coalesce(w.since, :since)) > 0"
        " and sum(r.resent + r.loaded - r.distinct_versions) > 0"
    )


def sums_of_tables() -> str:
    """Return the model of the counts of each table received up to the end of its tenant's as_of."""
    sums = ", ".join(f"sum({c.name}) as {c.name}" for c in COUNTS)
    return (
        f"select r.tenant, table_name, feed, max(arrival) as newest, {sums} from counts r"
        " left join windows w on w.tenant = r.tenant where r.arrival < coalesce(w.until, :until)"
        " group by r.tenant, table_name, feed"
    )


def _names(column: str, names: Mapping[str, str]) -> str:
    cases = " ".join(f"when '{kind}' then '{table}'" for kind, table in names.items())
    return f"case {column} {cases} end"


def _one_of(column: str, values: Sequence[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in values) or "''"
    return f"coalesce({column} in ({listed}), false)"
