"""What the gates of revenue look at: violations of conservation, by gate and tenant.

Each is zero in a sound lake; a fault refuses publication. Source: claims specification, 7.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.revenue.closed import fingerprint
from metriccare.marts.revenue.definition import BUCKET, Relation
from metriccare.marts.revenue.figures import Figure, KpiKey
from metriccare.marts.revenue.inputs import Tables
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.marts.revenue.results import Results
from metriccare.quality.measured import Counted, Subject
from metriccare.tables.strata import OVERALL, WHOLE

# What each model of a gate reads: gold tables and dates.
_MODELS: Mapping[str, tuple[str, ...]] = {
    "money_conservation": ("account",),
    "line_conservation": ("claim", "claim_line", "remit", "remit_line"),
    "ar_rollforward": ("account", "account_entry", "account_balance", "stock_dates", "dates"),
    "entry_once": ("account_entry",),
}
KPI_TOTALS, CLOSE_UNCHANGED = "kpi_totals", "close_unchanged"
GATES = (*_MODELS, KPI_TOTALS, CLOSE_UNCHANGED)


def violations(
    engine: Engine[RelationT],
    tables: Tables[RelationT],
    results: Results[RelationT],
    closed: Sequence[Row] = (),
) -> dict[str, dict[Subject, Counted]]:
    """Return, by gate, the violations wanted (0) and found of each tenant that has any.

    `tables` are gold's claims tables by their name, `closed` the rows of gold.kpi_close.
    """
    inputs = results.inputs
    given = {**tables, "dates": inputs.dates, "stock_dates": inputs.stock_dates}
    found = {
        gate: _of_model(engine, gate, {name: given[name] for name in names})
        for gate, names in _MODELS.items()
        if set(names) <= set(given)
    }
    found[KPI_TOTALS] = Counter(tenant for tenant, _ in wrong_totals(results.figures))
    found[CLOSE_UNCHANGED] = Counter(row["tenant"] for row in changed_closes(closed))
    return {
        gate: {
            Subject(tenant, gate): Counted(0, count)
            for tenant, count in sorted(by_tenant.items())
            if count
        }
        for gate, by_tenant in found.items()
    }


def _of_model(
    engine: Engine[RelationT], gate: str, given: Mapping[str, RelationT]
) -> dict[str, int]:
    rows = engine.rows(engine.sql(model(f"{__package__}.conservation", gate), None, **given))
    return {row["tenant"]: int(row["violations"]) for row in rows}


class _Amounts(NamedTuple):
    numerator: int
    denominator: int


def wrong_totals(figures: Iterable[Figure]) -> Iterator[tuple[str, KpiKey]]:
    """Yield the figures of everything whose strata of one type do not add up to them."""
    wholes: dict[tuple[str, KpiKey], _Amounts] = {}
    parts: dict[tuple[str, KpiKey, str], _Amounts] = {}
    for figure in figures:
        key = figure.key
        whole = key._replace(stratum_type=OVERALL, stratum_value=WHOLE)
        own = _Amounts(figure.sums.numerator, figure.sums.denominator)
        if BY_ID[key.kpi_id].relation is Relation.COST:
            # Facilities whose costs nobody gives have cash and no figure.
            own = own._replace(denominator=0)
        if key.stratum_type == OVERALL:
            wholes[figure.tenant, key] = own
            continue
        place = (figure.tenant, whole, key.stratum_type)
        before = parts.get(place, _Amounts(0, 0))
        if key.stratum_type == BUCKET:
            # Every bucket is divided by the whole.
            parts[place] = _Amounts(before.numerator + own.numerator, own.denominator)
        else:
            parts[place] = _Amounts(
                before.numerator + own.numerator, before.denominator + own.denominator
            )
    for (tenant, whole, _), total in parts.items():
        if wholes.get((tenant, whole)) != total:
            yield tenant, whole


def changed_closes(closed: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows of gold.kpi_close whose figures are not those of their fingerprint."""
    return (row for row in closed if row["figures_sha256"] != fingerprint(row))
