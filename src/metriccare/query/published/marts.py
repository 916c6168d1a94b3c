"""Every published mart: its columns, and the model that makes it from the published tables.

A published table is a mart under its own name. Views that join or reshape published tables are
marts too, so that a reader of Parquet needs no view. Counts of evidence are hidden where small.
Source: publishing specification, 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from metriccare import naming
from metriccare.disclosure.cell_size import SMALLEST_SHOWN
from metriccare.query.views import view_columns, views
from metriccare.tables import TABLES, Column, Table
from metriccare.tables.declaration import AS_OF, ORDERING, RECORD_KEY, TENANT
from metriccare.tables.gold import MEASURE_STAY

# Views of the published tables that are marts: those of the claims specification, section 8.
VIEWS = (
    "revenue_cycle_kpis",
    "claims_analytics",
    "denials",
    "ar_aging",
    "payer_performance",
    "kpi_close_history",
)
# What views compute; every other column of theirs means what it means in the table they read.
_COMPUTED: Mapping[str, str] = {
    "month_year": "first day of the month",
    "facility_id": "the organisation's id; `all` for everything",
    "facility_name": "the organisation in words",
    "total_charges": "charges, with their corrections and voids",
    "total_collections": "payments of payers and patients, less refunds and takebacks",
    "net_collection_rate": "share of what was contractually owed that was collected",
    "net_collection_rate_post": "the same, of what was posted in the month",
    "gross_collection_rate": "share of what was billed that was collected",
    "days_in_ar": "days of billing that are still owed",
    "ar_over_90": "share of what is owed that is older than 90 days",
    "clean_claim_rate": "share of claims that pass every edit untouched",
    "first_pass_success_rate": "share of claims settled without a second try",
    "closed": "the month has been closed",
    "denial_rate": "share of first answers that refuse the claim",
    "avg_days_to_resolution": "mean days from denial to resolution",
    "payer_id": "the payer's id",
    "payer_name": "the payer in words",
    "claims": "first answers of the payer",
    "payment_lag_median": "days from first bill to first payment, median",
    "payment_lag_p90": "days from first bill to first payment, 90th percentile",
    "underpayment_amount": "expected less allowed, of underpaid lines",
    "share": "of the balances of its date, anchor, facility and payer",
}


@dataclass(frozen=True)
class Mart:
    """A published mart. `model` is one SELECT in Spark's SQL over its `inputs` by their names.

    Rows are written in the order of `order`. Rows of a mart without a model come from no table.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    inputs: tuple[Table, ...] = ()
    model: str = ""

    def column(self, name: str) -> Column:
        """Return one column; StopIteration if it is not declared."""
        return next(column for column in self.columns if column.name == name)


# Persons without a stay of their own are none; a count of 1 to 10 persons or stays is hidden. No
# total of what is left out is published: it would give a hidden count away by subtraction.
_IS_HIDDEN = (
    f"(persons > 0 and persons < {SMALLEST_SHOWN}) or (stays > 0 and stays < {SMALLEST_SHOWN})"
)
EXCLUSION = Mart(
    name="exclusion",
    meaning="how many candidate stays each measure leaves out, by reason; small counts hidden",
    columns=(
        TENANT,
        Column("measure_id", "string", "the measure"),
        Column("reason", "string", "why a stay does not count; a stay may have several reasons"),
        Column("stays", "bigint", "stays with the reason, over all time; null when suppressed"),
        Column("suppressed", "boolean", "hidden because a count could identify people"),
        AS_OF,
    ),
    order=("tenant", "measure_id", "reason"),
    inputs=(MEASURE_STAY,),
    model=(
        "select tenant, measure_id, reason,"  # noqa: S608 - a declared number
        f" case when {_IS_HIDDEN} then cast(null as bigint) else stays end as stays,"
        f" {_IS_HIDDEN} as suppressed, as_of"
        " from (select tenant, measure_id, reason, count(*) as stays,"
        " count(distinct person_id) as persons, max(as_of) as as_of"
        " from (select tenant, measure_id, person_id, as_of, explode(exclusion_reasons) as reason"
        " from measure_stay where not in_denominator)"
        " group by tenant, measure_id, reason)"
    ),
)
PUBLISHED_TABLES = tuple(table for table in TABLES if table.layer == naming.PUBLISH)


@cache
def marts() -> tuple[Mart, ...]:
    """Return every mart: the published tables, the views over them, and counts of evidence."""
    return (*map(_of_table, PUBLISHED_TABLES), *map(_of_view, VIEWS), EXCLUSION)


@cache
def mart(name: str) -> Mart:
    """Return a mart of figures by its name; KeyError if there is none."""
    table = next((table for table in PUBLISHED_TABLES if table.name == name), None)
    if table is not None:
        return _of_table(table)
    if name == EXCLUSION.name:
        return EXCLUSION
    if name not in VIEWS:
        raise KeyError(name)
    return _of_view(name)


def _of_table(table: Table) -> Mart:
    stamps = {RECORD_KEY.name, ORDERING.name}
    columns = tuple(column for column in table.columns if column.name not in stamps)
    names = ", ".join(column.name for column in columns)
    model = f"select {names} from {table.name}"  # noqa: S608 - declared names
    return Mart(table.name, table.meaning, columns, table.key, (table,), model)


def _of_view(name: str) -> Mart:
    from metriccare.query.statement import parse_view, tables_of

    view = views()[name]
    query = parse_view(view)
    names = {table.name for table in tables_of(query)}
    inputs = tuple(table for table in PUBLISHED_TABLES if table.name in names)
    columns = tuple(
        Column(column, _spark_type(type_), _meaning(column, inputs))
        for column, type_ in view_columns(name).items()
    )
    order = tuple(column.name for column in columns)
    model = query.sql(dialect="spark", comments=False)
    return Mart(name, view.title, columns, order, inputs, model)


def _spark_type(trino_type: str) -> str:
    from sqlglot import exp

    # Timestamps are instants in UTC on both sides.
    type_ = exp.DataType.build(trino_type.replace("timestamp(3)", "timestamp"), dialect="trino")
    spelled = type_.sql(dialect="spark").lower().replace(", ", ",")
    return "timestamp" if spelled.startswith("timestamp") else spelled


def _meaning(name: str, inputs: tuple[Table, ...]) -> str:
    if name in _COMPUTED:
        return _COMPUTED[name]
    return next(c.meaning for table in inputs for c in table.columns if c.name == name)
