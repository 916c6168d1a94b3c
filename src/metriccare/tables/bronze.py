"""Bronze: what was received, exactly, and what was rejected."""

from metriccare import naming
from metriccare.tables.declaration import RUN_ID, TENANT, Column, Table, hudi_table

_FILE = Column("source_file", "string", "the file it came in, as the sender named it")
_FILE_ID = Column("file_id", "string", "the object version it came in")
_LINE = Column("source_line", "bigint", "line, or entry number in a bundle or array; both from 1")
_SEQUENCE = Column(
    "ingest_sequence",
    "bigint",
    "order of arrival over all files of the lake: file number * 2^32 + line",
)
_FIRST_SEEN = Column("first_seen", "timestamp", "when the file was first taken in (UTC)")
_INGESTED = Column("ingested_at", "timestamp", "when the run took it in (UTC)")
_TYPE = Column("resource_type", "string", "FHIR resource type")
_ID = Column("resource_id", "string", "the resource's logical id")

_FEED = Column("feed", "string", "the contract a file of rows was read with; null for FHIR")
_RECORD_TYPE = Column("record_type", "string", "the feed a row is of; null for FHIR")
_VERSION = Column("contract_version", "int", "the version of the contract")

RESOURCE = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="resource",
        meaning="one row per resource version received; never updated, never reformatted",
        key=("tenant", "file_id", "source_line"),
        columns=(
            TENANT,
            _TYPE,
            _ID,
            Column("last_updated", "timestamp", "`meta.lastUpdated`, else null (UTC)"),
            Column("deleted", "boolean", "the row is a tombstone: the sender deleted it"),
            Column("raw", "string", "the exact text of the resource", identifying=True),
            Column("raw_sha256", "string", "SHA-256 of `raw`, hexadecimal"),
            _FILE,
            _LINE,
            _INGESTED,
            RUN_ID,
            Column("full_url", "string", "`Bundle.entry.fullUrl` where there is one"),
            _FILE_ID,
            _SEQUENCE,
            Column(
                "indirect",
                "boolean",
                "it may refer to others by identifier, urn or contained resource",
            ),
            Column(
                "bundle",
                "string",
                "which Bundle of the file it is an entry of: the same for all of its entries, null"
                " for a record of no Bundle and in rows written before the column was there",
            ),
        ),
    )
)

QUARANTINE = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="quarantine",
        meaning="one row per rejected record, with the rule that rejected it",
        key=("tenant", "file_id", "source_line", "rule_id"),
        columns=(
            TENANT,
            _FILE,
            _LINE,
            Column("rule_id", "string", "the rule that rejected it"),
            Column("reason", "string", "what was wanted and what was found, without content"),
            _TYPE,
            _ID,
            Column("raw", "string", "the exact text of the record", identifying=True),
            RUN_ID,
            _INGESTED,
            Column("redriven_run_id", "string", "the run that took it in after all"),
            _FILE_ID,
            _FEED,
            _RECORD_TYPE,
            Column("column_name", "string", "the column of a feed that breaks the rule, else null"),
        ),
    )
)

RECORD = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="record",
        meaning="one row per row received of a feed; never updated, never reformatted",
        key=("tenant", "file_id", "source_line"),
        columns=(
            TENANT,
            _FEED,
            _VERSION,
            _RECORD_TYPE,
            Column(
                "record_id",
                "string",
                "the values of the feed's key, joined by `|`",
                identifying=True,
            ),
            Column("updated_at", "timestamp", "when the sender last changed it, else null (UTC)"),
            Column("deleted", "boolean", "the row deletes its key (`op` is `delete`)"),
            Column("raw", "string", "the exact text of the row", identifying=True),
            Column("raw_sha256", "string", "SHA-256 of the exact bytes, hexadecimal"),
            Column("layout_id", "string", "the layout of its file, in `bronze.feed_layout`"),
            Column(
                "fields",
                "string",
                "JSON object: column -> its value in canonical text; null values are left out",
                identifying=True,
            ),
            Column("position", "string", "where it was in a stream; null for files"),
            Column("event_at", "timestamp", "when it happened at the sender; null for files"),
            _FILE,
            Column("source_line", "bigint", "the first of its lines; the header counts"),
            _FILE_ID,
            _SEQUENCE,
            _INGESTED,
            RUN_ID,
        ),
    )
)

FEED_LAYOUT = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="feed_layout",
        meaning="one row per file of a feed: its header, and how its rows are read",
        key=("tenant", "file_id"),
        columns=(
            TENANT,
            _FEED,
            _RECORD_TYPE,
            Column("layout_id", "string", "what identifies header, dialect and contract"),
            Column("format", "string", "`csv` or `ndjson`"),
            Column("header", "array<string>", "the names in the header, as sent"),
            Column("columns", "array<string>", "the column each of them is; empty: not read"),
            Column("delimiter", "string", "between fields; null for JSON lines"),
            Column("quote", "string", "around fields; null for JSON lines"),
            Column("encoding", "string", "of the file's text"),
            _VERSION,
            _FIRST_SEEN,
            _FILE,
            Column("file_id", "string", "the object version"),
            RUN_ID,
        ),
    )
)

DRIFT = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="drift",
        meaning="one row per file and field of its resources or rows that no declaration reads",
        key=("tenant", "file_id", "resource_type", "field_path"),
        columns=(
            TENANT,
            Column("resource_type", "string", "FHIR resource type, or `feed:` and a contract"),
            Column(
                "field_path", "string", "the field's name; `*` for a type without a declaration"
            ),
            _FIRST_SEEN,
            Column("row_count", "bigint", "resource versions of the file that carry the field"),
            _FILE,
            _FILE_ID,
            RUN_ID,
        ),
    )
)

# The tables that a file's records go into; their commits name the files.
BY_FILE = (RESOURCE, RECORD)
TABLES = (RESOURCE, RECORD, FEED_LAYOUT, QUARANTINE, DRIFT)
