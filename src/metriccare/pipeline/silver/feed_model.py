"""The models of a feed's rows: from bronze to silver columns, with their flags and their score."""

from __future__ import annotations

from metriccare.quality.feed_rules import DUPLICATE, rules_of, total_weight
from metriccare.quality.row_score import score_expression
from metriccare.sources.feeds.declarations import TEXT_SUFFIX, Feed, FeedColumn, Kind
from metriccare.tables.declaration import DATA_QUALITY_SCORE, ORDERING, RUN_ID
from metriccare.tables.feeds import BY_FEED, FROM_BRONZE, SPARK_TYPES
from metriccare.tables.keys import joined_expression


def parsed_model(feed: Feed) -> str:
    """Return the model of typed rows from bronze rows of one feed; `f` has the canonical texts."""
    shape = ",".join(f"{name}:{kind}" for name, kind in _shape(feed))
    items = ", ".join(item for column in feed.own_columns for item in _items(column))
    updated = "coalesce(updated_at, ingested_at)"
    return (
        f"with read as (select *, from_json(fields, 'STRUCT<{shape}>') as f from bronze)"
        f" select tenant, {items}, f, deleted, if(deleted, {updated}, null) as deleted_at,"
        f" {updated} as updated_at, updated_at as updated_at_sent, record_id,"
        f" {', '.join(FROM_BRONZE)}, record_key as bronze_key,"
        f" {joined_expression('tenant', 'record_id')} as record_key from read"
    )


def _shape(feed: Feed) -> list[tuple[str, str]]:
    shape = []
    for column in feed.own_columns:
        shape.append((column.name, "ARRAY<STRING>" if column.kind is Kind.LIST else "STRING"))
        if column.kind is Kind.MONEY:
            shape.append((f"{column.name}{TEXT_SUFFIX}", "STRING"))
    return shape


def _items(column: FeedColumn) -> list[str]:
    name = column.name
    if column.kind in (Kind.TEXT, Kind.LIST):
        return [f"f.{name} as {name}"]
    items = [f"cast(f.{name} as {SPARK_TYPES[column.kind]}) as {name}"]
    if column.kind is Kind.MONEY:
        items.append(f"coalesce(f.{name}{TEXT_SUFFIX}, f.{name}) as {name}{TEXT_SUFFIX}")
    return items


def current_model(feed: Feed) -> str:
    """Return the model of rows for the table: `typed` rows that `chosen` names.

    A tombstone breaks no rule and has no score.
    """
    rules = (*rules_of(feed), DUPLICATE)
    flags = ", ".join(f"if({rule.condition}, '{rule.id}', null)" for rule in rules)
    tripped = " + ".join(f"if({rule.condition}, {rule.weight}, 0)" for rule in rules)
    computed = {
        "dq_flags": f"if(deleted, cast(array() as array<string>), array_compact(array({flags})))",
        DATA_QUALITY_SCORE.name: score_expression(tripped, total_weight(feed)),
        RUN_ID.name: ":run_id",
        ORDERING.name: "unix_micros(updated_at)",
    }
    items = ", ".join(
        f"cast({computed.get(c.name, c.name)} as {c.type}) as {c.name}"
        for c in BY_FEED[feed.name].columns
    )
    return (
        "with current as (select t.*, c.is_duplicate from typed t"
        " join chosen c on c.bronze_key = t.bronze_key)"
        f" select {items} from current"
    )


def names_model(feed: Feed, relation: str) -> str:
    """Return the model of the names that rows of a feed's table give their persons, one per row."""
    selects = [
        f"select tenant, record_key, '{column.names}/' || {column.name} as name from {relation}"
        f" where {column.name} is not null"
        for column in feed.person_columns
    ]
    return " union all ".join(selects)
