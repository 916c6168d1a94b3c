"""Gold and publish: how good the data is, scored by table. Source: claims specification, 7.3."""

from metriccare import naming
from metriccare.tables.declaration import AS_OF, RUN_ID, TENANT, Column, Table, hudi_table

_TABLE_NAME = Column("table_name", "string", "the silver table")
_FEED = Column("feed", "string", "the contract a file of rows was read with; null for FHIR")
# What is counted of the rows that one run received, besides their key.
COUNTS = (
    Column("received", "bigint", "rows received, rejected ones too"),
    Column("rejected", "bigint", "rows in quarantine that nobody has sent again"),
    Column(
        "loaded", "bigint", "rows loaded, those that repeat an earlier one to the byte left out"
    ),
    Column("distinct_versions", "bigint", "keys and versions of the rows loaded"),
    Column("resent", "bigint", "rows that repeat an earlier one to the byte"),
    Column("kept", "bigint", "rows that are the newest of their key, deleted ones left out"),
    Column("flagged", "bigint", "those of the rows kept that trip a rule"),
    Column("cells", "bigint", "values wanted in the rows kept: of required and expected columns"),
    Column("filled", "bigint", "those of the values wanted that are there"),
    Column("referred", "bigint", "references in the rows kept"),
    Column("unresolved", "bigint", "those of the references whose target is not there"),
)
COMPONENTS = (
    Column("completeness", "double", "0 to 1: values of required and expected columns"),
    Column("validity", "double", "0 to 1: rows that are loaded and trip no rule"),
    Column("consistency", "double", "0 to 1: references whose target is there"),
    Column("uniqueness", "double", "0 to 1: keys and versions, of the rows loaded"),
    Column("timeliness", "double", "0 to 1: by the hours since the newest arrival"),
)
_SCORE = Column("score", "double", "0 to 100, one decimal; null without rows")

ARRIVAL = hudi_table(
    Table(
        layer=naming.GOLD,
        name="data_quality_arrival",
        meaning="what is counted of the rows each run of the last 30 days received, by table",
        key=("tenant", "table_name", "feed", "arrival"),
        columns=(
            TENANT,
            _TABLE_NAME,
            _FEED,
            Column("arrival", "bigint", "when the run took them in, in microseconds since 1970"),
            *COUNTS,
            RUN_ID,
        ),
    )
)
_SCORED = (
    TENANT,
    Column("layer", "string", "silver"),
    _TABLE_NAME,
    _FEED,
    AS_OF,
    Column("rows", "bigint", "rows received in the 30 days ending at as_of"),
    *COMPONENTS,
    _SCORE,
)
_SCORE_KEY = ("tenant", "layer", "table_name", "feed", "run_id")

SCORE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="data_quality_score",
        meaning="how good each table is: one row per run, kept; rows are only ever added",
        key=_SCORE_KEY,
        columns=(*_SCORED, RUN_ID),
    )
)
PUBLISHED_SCORE = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="data_quality_score",
        meaning="how good each table is, one row per run, hidden where a count is small",
        key=_SCORE_KEY,
        columns=(
            *_SCORED,
            Column("suppressed", "boolean", "hidden because a count could identify people"),
            RUN_ID,
        ),
    )
)

TABLES = (ARRIVAL, SCORE, PUBLISHED_SCORE)
