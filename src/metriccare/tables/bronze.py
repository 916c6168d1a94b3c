"""Bronze: what was received, exactly, and what was rejected."""

from metriccare import naming
from metriccare.tables.declaration import RUN_ID, TENANT, Column, Table, hudi_table

_FILE = Column("source_file", "string", "the file it came in, as the sender named it")
_LINE = Column("source_line", "bigint", "line, or entry number in a bundle or array; both from 1")
_INGESTED = Column("ingested_at", "timestamp", "when the run took it in (UTC)")
_TYPE = Column("resource_type", "string", "FHIR resource type")
_ID = Column("resource_id", "string", "the resource's logical id")

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
            Column("file_id", "string", "the object version it came in"),
            Column(
                "ingest_sequence",
                "bigint",
                "order of arrival over all files of the lake: file number * 2^32 + line",
            ),
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
            Column("file_id", "string", "the object version it came in"),
        ),
    )
)

DRIFT = hudi_table(
    Table(
        layer=naming.BRONZE,
        name="drift",
        meaning="one row per file and field of its resources that no declaration reads",
        key=("tenant", "file_id", "resource_type", "field_path"),
        columns=(
            TENANT,
            _TYPE,
            Column(
                "field_path", "string", "the field's name; `*` for a type without a declaration"
            ),
            Column("first_seen", "timestamp", "when the file was first taken in (UTC)"),
            Column("row_count", "bigint", "resource versions of the file that carry the field"),
            _FILE,
            Column("file_id", "string", "the object version it came in"),
            RUN_ID,
        ),
    )
)

TABLES = (RESOURCE, QUARANTINE, DRIFT)
