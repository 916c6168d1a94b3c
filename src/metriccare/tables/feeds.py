"""Silver of feeds: the newest row of every key, typed. Derived from the feeds' declarations."""

from metriccare import naming
from metriccare.sources.feeds.declarations import (
    OP,
    TEXT_SUFFIX,
    UPDATED_AT,
    Feed,
    FeedColumn,
    Kind,
)
from metriccare.sources.feeds.registry import FEEDS
from metriccare.tables.declaration import (
    DATA_QUALITY_SCORE,
    INGESTED_AT,
    RUN_ID,
    TENANT,
    Column,
    Table,
    hudi_table,
)

SPARK_TYPES = {
    Kind.TEXT: "string",
    Kind.DATE: "date",
    Kind.MONTH: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.MONEY: "decimal(38,12)",
    Kind.NUMBER: "decimal(38,12)",
    Kind.INTEGER: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.LIST: "array<string>",
}
# Columns of bronze that silver takes over as they are.
FROM_BRONZE = (
    "feed",
    "source_file",
    "source_line",
    "file_id",
    "raw_sha256",
    "layout_id",
    "ingest_sequence",
    "ingested_at",
)
# Columns every silver table of a feed ends with: its history and where it came from.
PROVENANCE = (
    Column("deleted", "boolean", "the sender deleted the key; the row is a tombstone"),
    Column("deleted_at", "timestamp", "when it was deleted (UTC)"),
    Column("dq_flags", "array<string>", "data quality rules the row trips without being rejected"),
    DATA_QUALITY_SCORE,
    Column("updated_at", "timestamp", "the sender's time, else the time of ingestion (UTC)"),
    Column("feed", "string", "the contract it was read with"),
    Column("source_file", "string", "the file it came in"),
    Column("source_line", "bigint", "the first of its lines in the file, from 1"),
    Column("file_id", "string", "the object version it came in"),
    RUN_ID,
    Column("raw_sha256", "string", "SHA-256 of the exact text in bronze"),
    Column("layout_id", "string", "the layout of its file, in `bronze.feed_layout`"),
    Column("ingest_sequence", "bigint", "order of arrival"),
    INGESTED_AT,
)


def data_columns(feed: Feed) -> tuple[Column, ...]:
    """Return a feed's own columns as columns of its table; an amount has its text beside it."""
    return tuple(
        column
        for declared in feed.own_columns
        if declared.name not in (UPDATED_AT.name, OP.name)
        for column in _columns(declared)
    )


def _columns(declared: FeedColumn) -> tuple[Column, ...]:
    meaning = declared.meaning
    own = Column(declared.name, SPARK_TYPES[declared.kind], meaning, declared.identifying)
    if declared.kind is not Kind.MONEY:
        return (own,)
    return own, Column(f"{declared.name}{TEXT_SUFFIX}", "string", f"{meaning}, as sent")


def feed_table(feed: Feed) -> Table:
    """Return the silver table of a feed."""
    return hudi_table(
        Table(
            layer=naming.SILVER,
            name=f"feed_{feed.name}",
            meaning=f"{feed.meaning}: the newest row of its key, deleted ones with their flag",
            key=("tenant", *feed.key),
            columns=(TENANT, *data_columns(feed), *PROVENANCE),
            versioned=True,
        )
    )


RELEASED_NAME = hudi_table(
    Table(
        layer=naming.SILVER,
        name="released_name",
        meaning="names that a corrected or removed row of a feed no longer has; what was computed"
        " for their persons is computed again",
        key=("tenant", "name", "run_id"),
        columns=(
            TENANT,
            Column(
                "name",
                "string",
                "`member/<id>`, `Patient/<id>`, `claims/<id>`, `account/<number>` or"
                " `Encounter/<id>`",
                identifying=True,
            ),
            RUN_ID,
        ),
    )
)

BY_FEED = {feed.name: feed_table(feed) for feed in FEEDS}
TABLES = (*BY_FEED.values(), RELEASED_NAME)
