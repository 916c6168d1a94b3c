"""The results of revenue: figures of every KPI, ageing and denials by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.marts.revenue.costs import cost_sums
from metriccare.marts.revenue.definition import Relation
from metriccare.marts.revenue.figures import VALUE_DIGITS, Figure, figure_of
from metriccare.marts.revenue.inputs import READS, Inputs, Tables, inputs_of, no_inputs, source
from metriccare.marts.revenue.kpi_sums import KpiSums, sums_of_families
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.marts.revenue.members import holders_of, members_of
from metriccare.marts.revenue.rounding import decimal
from metriccare.settings import RevenueSettings
from metriccare.tables import revenue as tables_of_revenue


@dataclass(frozen=True)
class Results(Generic[RelationT]):
    """Figures of every tenant, and the relations of gold's tables of results by their name."""

    as_of: Mapping[str, date]
    figures: Sequence[Figure]
    # The payer word of a tenant's payer_id.
    payers: Mapping[tuple[str, str], str]
    relations: Mapping[str, RelationT]
    # What they were made from: evidence and gates look at the same.
    inputs: Inputs[RelationT]
    sources: Mapping[Relation, RelationT]


def as_of_dates(
    engine: Engine[RelationT], tables: Tables[RelationT], context: RunContext
) -> dict[str, date]:
    """Return as_of of every tenant that has accounts."""
    rows = engine.rows(engine.sql("select distinct tenant from account", account=tables["account"]))
    return {row["tenant"]: context.as_of_for(row["tenant"]) for row in rows}


def results(
    engine: Engine[RelationT], tables: Tables[RelationT], context: RunContext
) -> Results[RelationT]:
    """Return the results of all accounts; `tables` are gold's claims tables by their name."""
    as_of = as_of_dates(engine, tables, context)
    return results_as_of(engine, tables, as_of, context.settings.revenue)


def results_as_of(
    engine: Engine[RelationT],
    tables: Tables[RelationT],
    as_of: Mapping[str, date],
    rules: RevenueSettings,
) -> Results[RelationT]:
    """Return the results of the tenants that have an as_of."""
    if not as_of:
        return _nothing(engine, rules)
    inputs = inputs_of(engine, tables, as_of, rules)
    sources = {
        relation: engine.materialize(source(engine, relation, tables, inputs))
        for relation, names in READS.items()
        if set(names) <= set(tables)
    }
    members = members_of(engine, holders_of(engine, tables))
    sums = list(sums_of_families(engine, sources, inputs, members))
    sums += cost_sums(engine, tables, sums)
    figures = figures_of(sums, inputs)
    return Results(
        as_of,
        figures,
        payer_words(engine, tables["account"]),
        {
            tables_of_revenue.KPI_RESULT.name: kpi_results(engine, figures, inputs),
            **crossed(engine, sources, inputs, tables["account"]),
        },
        inputs,
        sources,
    )


def _nothing(engine: Engine[RelationT], rules: RevenueSettings) -> Results[RelationT]:
    """Return the results of a lake without accounts: models over no rows take seconds too."""
    tables = (
        tables_of_revenue.KPI_RESULT,
        tables_of_revenue.AR_AGING,
        tables_of_revenue.DENIAL_MONTH,
    )
    relations = {t.name: engine.from_rows(t.computed_columns, []) for t in tables}
    return Results({}, (), {}, relations, no_inputs(engine, rules), {})


def payer_words(engine: Engine[RelationT], account: RelationT) -> dict[tuple[str, str], str]:
    """Return the payer word of each payer_id; of several, the first as text."""
    rows = engine.rows(
        engine.sql(
            "select tenant, payer_id, min(payer) as payer from account"
            " where payer_id is not null and payer is not null group by tenant, payer_id",
            account=account,
        )
    )
    return {(row["tenant"], row["payer_id"]): row["payer"] for row in rows}


def figures_of(sums_of_kpis: Iterable[KpiSums], inputs: Inputs[Any]) -> tuple[Figure, ...]:
    """Return every figure with something behind it or left out, in a fixed order."""
    found = []
    for tenant, key, sums in sums_of_kpis:
        known = sums.stock_date is not None and (
            (tenant, key.currency, sums.stock_date) in inputs.known_shares
        )
        kpi, history = BY_ID[key.kpi_id], inputs.histories[tenant]
        figure = figure_of(kpi, tenant, key, sums, history, is_share_known=known)
        if sums.items or sums.excluded or sums.numerator or figure.is_shown_empty:
            found.append(figure)
    return tuple(sorted(found, key=_order))


def _order(figure: Figure) -> tuple[Any, ...]:
    return (figure.tenant, *(str(part or "") for part in figure.key))


def crossed(
    engine: Engine[RelationT],
    sources: Mapping[Relation, RelationT],
    inputs: Inputs[RelationT],
    account: RelationT,
) -> dict[str, RelationT]:
    """Return gold.ar_aging and gold.denial_month."""
    return {
        tables_of_revenue.AR_AGING.name: engine.sql(
            model(__package__, "ar_aging"),
            source=sources[Relation.BALANCE],
            account=account,
            dates=inputs.dates,
        ),
        tables_of_revenue.DENIAL_MONTH.name: engine.sql(
            model(__package__, "denial_month"),
            denials=sources[Relation.DENIAL],
            account=account,
            dates=inputs.dates,
        ),
    }


COLUMNS = tables_of_revenue.KPI_RESULT.computed_columns


def kpi_results(
    engine: Engine[RelationT], figures: Sequence[Figure], inputs: Inputs[RelationT]
) -> RelationT:
    """Return the figures as rows of gold.kpi_result."""
    rows = (row_of(figure, inputs.histories[figure.tenant].as_of) for figure in figures)
    return engine.from_rows(COLUMNS, (tuple(row[c.name] for c in COLUMNS) for row in rows))


def row_of(figure: Figure, as_of: date) -> dict[str, Any]:
    """Return a figure as a row of gold.kpi_result."""
    kpi, sums = BY_ID[figure.key.kpi_id], figure.sums
    low, high = figure.interval or (None, None)
    return {
        "tenant": figure.tenant,
        **figure.key._asdict(),
        "period_end": figure.period_end,
        "kpi_version": kpi.version,
        "numerator": _amount(figure.numerator),
        "denominator": _amount(figure.denominator),
        "value": None if figure.value is None else decimal(figure.value, VALUE_DIGITS),
        "unit": kpi.unit,
        "excluded": sums.excluded,
        "n_persons": sums.persons,
        "ci_low": _rate(low),
        "ci_high": _rate(high),
        "median": None if sums.median is None else decimal(sums.median, 0),
        "percentile_90": None if sums.percentile_90 is None else decimal(sums.percentile_90, 0),
        "provisional": figure.provisional,
        "note": figure.note,
        "as_of": as_of,
    }


def _amount(hundredths: int | None) -> Any:
    return None if hundredths is None else decimal(hundredths, 2)


def _rate(number: float | None) -> Any:
    return None if number is None else decimal(round(number * 10**VALUE_DIGITS), VALUE_DIGITS)
