"""Gold and publish: the KPIs of the revenue cycle. Source: claims specification, 2.1 and 8."""

from metriccare import naming
from metriccare.tables.claims import MONEY
from metriccare.tables.declaration import AS_OF, RUN_ID, TENANT, Column, Table, hudi_table

RATE = "decimal(38,6)"

_KPI = Column("kpi_id", "string", "the KPI")
_CURRENCY = Column("currency", "string", "currency of the amounts (ISO 4217)")
_FIGURES = (
    Column("numerator", MONEY, "numerator"),
    Column("denominator", MONEY, "denominator; null for money and counts"),
    Column("value", RATE, "the figure; null when the denominator is 0"),
)
_SUPPRESSED = Column("suppressed", "boolean", "hidden because a count could identify people")
_NOTE = Column("note", "string", "what to know about it: short_history, no_transactions ...")

KPI_ACCOUNT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="kpi_account",
        meaning="the evidence: one row per KPI and account or claim line that could count",
        key=("tenant", "kpi_id", "account_id", "item"),
        columns=(
            TENANT,
            _KPI,
            Column("account_id", "string", "the account"),
            Column("item", "string", "claim and line where the KPI counts lines, else empty"),
            Column("person_id", "string", "the person, merged patient records followed"),
            Column("period_date", "date", "the date that places it in a period"),
            Column("in_denominator", "boolean", "it counts"),
            Column("numerator", MONEY, "its part of the numerator; null when it does not count"),
            Column("denominator", MONEY, "its part of the denominator"),
            Column("exclusion_reasons", "array<string>", "why it does not count, sorted"),
            AS_OF,
            RUN_ID,
        ),
    )
)

KPI_KEY = (
    TENANT,
    _KPI,
    Column("grain", "string", "month, quarter, year or all"),
    Column("period_start", "date", "first day; null for grain all"),
    Column("period_end", "date", "the day after the last"),
    Column(
        "stratum_type",
        "string",
        "overall, facility, payer, payer_id, provider, specialty, claim_type, category, carc or"
        " bucket",
    ),
    Column("stratum_value", "string", "id or code; `all` for overall"),
    _CURRENCY,
)
_RESULT_KEY = (
    "tenant",
    "kpi_id",
    "grain",
    "period_start",
    "stratum_type",
    "stratum_value",
    "currency",
)

KPI_RESULT = hudi_table(
    Table(
        layer=naming.GOLD,
        name="kpi_result",
        meaning="KPIs before suppression, always restated; no BI role may read it",
        key=_RESULT_KEY,
        columns=(
            *KPI_KEY,
            Column("kpi_version", "string", "version of the definition"),
            *_FIGURES,
            Column("unit", "string", "money, proportion, days or count"),
            Column("excluded", "bigint", "candidates left out"),
            Column("n_persons", "bigint", "distinct persons behind it"),
            Column("ci_low", RATE, "95 % interval, low end, of proportions of counts"),
            Column("ci_high", RATE, "95 % interval, high end"),
            Column("median", RATE, "median, of lags"),
            Column("percentile_90", RATE, "90th percentile, of lags"),
            Column("provisional", "boolean", "it can still change because time has not passed"),
            _NOTE,
            AS_OF,
            RUN_ID,
        ),
    )
)

KPI_CLOSE = hudi_table(
    Table(
        layer=naming.GOLD,
        name="kpi_close",
        meaning="figures of closed months as they were when closed; rows are only ever added",
        key=(*_RESULT_KEY, "close_version"),
        columns=(
            *KPI_KEY,
            Column("close_version", "int", "1, and one more each time the month is reopened"),
            Column("kpi_version", "string", "version of the definition"),
            *_FIGURES,
            Column("unit", "string", "money, proportion, days or count"),
            Column("n_persons", "bigint", "distinct persons behind it"),
            Column("items", "bigint", "accounts, lines or answers behind it"),
            Column("note", "string", "note of the figure"),
            Column("closed_at", "timestamp", "when it was closed (UTC)"),
            Column("reason", "string", "why a closed month was reopened"),
            Column("figures_sha256", "string", "SHA-256 of the figures, hexadecimal"),
            RUN_ID,
        ),
    )
)

AR_AGING = hudi_table(
    Table(
        layer=naming.GOLD,
        name="ar_aging",
        meaning="open balances by age, facility and payer at the end of each month",
        key=("tenant", "stock_date", "anchor", "facility_id", "payer", "bucket", "currency"),
        columns=(
            TENANT,
            Column("stock_date", "date", "the evening"),
            Column("anchor", "string", "bill, service or payer: where age is counted from"),
            Column("facility_id", "string", "the organisation's id"),
            Column("payer", "string", "medicare, medicaid, commercial, self_pay ..."),
            Column("bucket", "string", "0-30, 31-60, 61-90, 91-120 or 121+ days"),
            _CURRENCY,
            Column("balance", MONEY, "sum of positive balances"),
            Column("accounts", "bigint", "accounts"),
            Column("n_persons", "bigint", "distinct persons behind it"),
            AS_OF,
            RUN_ID,
        ),
    )
)

DENIAL_MONTH = hudi_table(
    Table(
        layer=naming.GOLD,
        name="denial_month",
        meaning="initial denials by month, facility, payer and reason",
        key=("tenant", "denial_month", "facility_id", "payer", "group_code", "carc", "currency"),
        columns=(
            TENANT,
            Column("denial_month", "date", "first day of the month"),
            Column("facility_id", "string", "the organisation's id"),
            Column("payer", "string", "medicare, medicaid, commercial, self_pay ..."),
            Column("category", "string", "category of the reason, in our words"),
            Column("group_code", "string", "CO, PR, OA or PI"),
            Column("carc", "string", "claim adjustment reason code"),
            _CURRENCY,
            Column("total_denials", "bigint", "claims whose leading reason this is"),
            Column("total_claims", "bigint", "first remits of the month, facility and payer"),
            Column("total_denied_amount", MONEY, "what was denied"),
            Column("recovered_amount", MONEY, "paid after it was overturned"),
            Column("open_amount", MONEY, "not settled"),
            Column("resolved", "bigint", "denials settled"),
            Column("resolution_days", "bigint", "sum of their days"),
            Column("denials", "bigint", "denials, of every line and reason of a claim"),
            Column("n_persons", "bigint", "distinct persons behind it"),
            AS_OF,
            RUN_ID,
        ),
    )
)

PUBLISHED_KPI = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="kpi",
        meaning="one row per KPI, period and stratum, suppressed where a cell is small",
        key=_RESULT_KEY,
        columns=(
            *KPI_KEY,
            Column("stratum_label", "string", "the stratum in words"),
            *_FIGURES,
            Column("unit", "string", "money, proportion, days or count"),
            Column("ci_low", RATE, "95 % interval, low end"),
            Column("ci_high", RATE, "95 % interval, high end"),
            Column("median", RATE, "median, of lags"),
            Column("percentile_90", RATE, "90th percentile, of lags"),
            Column("provisional", "boolean", "it can still change because time has not passed"),
            _NOTE,
            _SUPPRESSED,
            Column("kpi_version", "string", "version of the definition"),
            AS_OF,
            RUN_ID,
            Column("payer", "string", "the payer word of a payer_id; null of other strata"),
        ),
    )
)

PUBLISHED_CLOSE = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="kpi_close",
        meaning="closed figures beside the restated ones, suppressed where a cell is small",
        key=(*_RESULT_KEY, "close_version"),
        columns=(
            *KPI_KEY,
            Column("close_version", "int", "1, and one more each time the month is reopened"),
            Column("closed_value", RATE, "the figure as it was closed"),
            Column("restated_value", RATE, "the figure as it is known now"),
            Column("difference", RATE, "restated - closed"),
            Column("closed_at", "timestamp", "when it was closed (UTC)"),
            _SUPPRESSED,
            AS_OF,
            RUN_ID,
            Column(
                "prior_period_adjustment",
                RATE,
                "sum of the differences over all closed months; null of stocks and rates",
            ),
        ),
    )
)

PUBLISHED_AGING = hudi_table(
    Table(
        layer=naming.PUBLISH,
        # The view of the same database is called ar_aging.
        name="ar_by_age",
        meaning="open balances by age, suppressed where a cell is small",
        key=AR_AGING.key,
        columns=(
            *(c for c in AR_AGING.computed_columns if c.name not in {"accounts", "n_persons"}),
            Column("share", RATE, "of the balances of its date, anchor, facility and payer"),
            _SUPPRESSED,
            RUN_ID,
        ),
    )
)

PUBLISHED_DENIALS = hudi_table(
    Table(
        layer=naming.PUBLISH,
        name="denial_month",
        meaning="initial denials by month and reason, suppressed where a cell is small",
        key=DENIAL_MONTH.key,
        columns=(
            *(c for c in DENIAL_MONTH.computed_columns if c.name not in {"denials", "n_persons"}),
            _SUPPRESSED,
            RUN_ID,
        ),
    )
)

RESULT_TABLES = (KPI_ACCOUNT, AR_AGING, DENIAL_MONTH, KPI_RESULT)
PUBLISHED_TABLES = (PUBLISHED_KPI, PUBLISHED_CLOSE, PUBLISHED_AGING, PUBLISHED_DENIALS)
TABLES = (*RESULT_TABLES, KPI_CLOSE, *PUBLISHED_TABLES)
