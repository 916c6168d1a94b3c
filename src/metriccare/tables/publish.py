"""Publish: what may be seen. Small cells are already suppressed in these tables."""

from metriccare import naming
from metriccare.tables.declaration import AS_OF, RUN_ID, TENANT, Column, Table, hudi_table
from metriccare.tables.gold import RESULT_KEY

MEASURE = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="measure",
        meaning="one row per measure, period and stratum, suppressed where a cell is small",
        key=("tenant", "measure_id", "grain", "period_start", "stratum_type", "stratum_value"),
        columns=(
            *RESULT_KEY,
            Column("stratum_label", "string", "the stratum in words"),
            Column("numerator", "bigint", "null when suppressed"),
            Column("denominator", "bigint", "null when suppressed"),
            Column("value", "double", "null when suppressed or without a denominator"),
            Column("ci_low", "double", "95 % interval, low end"),
            Column("ci_high", "double", "95 % interval, high end"),
            Column("suppressed", "boolean", "hidden because a count could identify people"),
            AS_OF,
            RUN_ID,
            Column("measure_version", "string", "version of the definition"),
            Column("ci_method", "string", "wilson, poisson_exact, byar ..."),
            Column("method", "string", "how it was decided, such as the planned-admission method"),
            Column("measure_title", "string", "the measure's honest name, by that method"),
            Column("predicted", "double", "predicted events; null when suppressed or not given"),
            Column("sir", "double", "events / predicted, where at least 1 is predicted"),
            Column("median", "double", "of means: the median, null when suppressed"),
            Column("percentile_90", "double", "of means: the 90th percentile"),
            Column("geometric_mean", "double", "of means: the geometric mean"),
        ),
    )
)

INFECTION_CODE = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="infection_code",
        meaning="hospital-acquired infection events by code, small counts suppressed",
        key=("tenant", "code_system", "code"),
        columns=(
            TENANT,
            Column("code_system", "string", "code system"),
            Column("code", "string", "code"),
            Column("display", "string", "words"),
            Column("infection_type", "string", "clabsi, cauti, ssi, vap, hap, cdi, mrsa, other"),
            Column("events", "bigint", "events; null when suppressed"),
            Column("suppressed", "boolean", "hidden because a count could identify people"),
            AS_OF,
            RUN_ID,
        ),
    )
)

DATA_QUALITY = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="data_quality",
        meaning="rows received, loaded, rejected and flagged, by table and rule",
        key=("tenant", "layer", "table_name", "rule_id"),
        columns=(
            TENANT,
            Column("layer", "string", "bronze, silver or gold"),
            Column("table_name", "string", "the table or resource type"),
            Column("rule_id", "string", "the rule; `rows` is the count of all"),
            Column("severity", "string", "info, warn or reject"),
            Column("meaning", "string", "the rule in one sentence"),
            Column("row_count", "bigint", "rows; null when suppressed"),
            Column("suppressed", "boolean", "hidden because a count could identify people"),
            AS_OF,
            RUN_ID,
        ),
    )
)

FRESHNESS = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="freshness",
        meaning="how old the data is, by resource type",
        key=("tenant", "resource_type"),
        columns=(
            TENANT,
            Column("resource_type", "string", "FHIR resource type"),
            Column("last_updated", "timestamp", "newest `meta.lastUpdated` (UTC)"),
            Column("last_ingested_at", "timestamp", "newest ingestion (UTC)"),
            Column("published_at", "timestamp", "when these results were published (UTC)"),
            AS_OF,
            RUN_ID,
        ),
    )
)

TABLES = (MEASURE, INFECTION_CODE, DATA_QUALITY, FRESHNESS)
