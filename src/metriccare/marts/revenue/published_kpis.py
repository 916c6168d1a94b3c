"""The published figures: gold's results with their strata in words, small cells hidden.

A model joins the few words and the hidden keys: figures need not travel through Python again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.revenue.figures import KpiKey
from metriccare.tables import Column
from metriccare.tables import revenue as tables
from metriccare.tables.declaration import TENANT

# Tenant, stratum type and value -> the name people know it by.
Labels = Mapping[tuple[str, str, str], str]
# What a hidden row keeps: its name and how it was made.
KEPT = frozenset(
    {
        *("tenant", *KpiKey._fields, "period_end", "stratum_label", "unit", "payer"),
        "suppressed",
        *("kpi_version", "as_of", "close_version", "closed_at"),
        *tables.AR_AGING.key,
        *tables.DENIAL_MONTH.key,
        "category",
    }
)
_KEY = (TENANT.name, *KpiKey._fields)
_TYPES = {column.name: column for column in tables.PUBLISHED_KPI.columns}
_HIDDEN = tuple(_TYPES[name] for name in _KEY)
_LABELS = (
    *(_TYPES[name] for name in ("tenant", "stratum_type", "stratum_value")),
    Column("label", "string", "the name people know it by"),
)
_PAYERS = (
    TENANT,
    Column("payer_id", "string", "the payer"),
    Column("payer", "string", "its word"),
)
# Columns that gold's results do not have.
_WORDS = {
    "stratum_label": "coalesce(l.label, replace(r.stratum_value, '_', ' '))",
    "suppressed": "h.kpi_id is not null",
    "payer": "p.payer",
}


@dataclass(frozen=True)
class Shown:
    """What is said of figures beside their numbers: words, and which of them are hidden.

    `hidden` are tenants and keys, `payers` the payer word of a tenant's payer_id.
    """

    hidden: Collection[tuple[str, KpiKey]]
    labels: Labels
    payers: Mapping[tuple[str, str], str]


def published_kpis(engine: Engine[RelationT], results: RelationT, shown: Shown) -> RelationT:
    """Return rows of publish.kpi from those of gold.kpi_result."""
    return engine.sql(
        _MODEL,
        kpi_result=results,
        hidden=engine.from_rows(_HIDDEN, ((tenant, *key) for tenant, key in shown.hidden)),
        labels=engine.from_rows(_LABELS, ((*name, label) for name, label in shown.labels.items())),
        payers=engine.from_rows(_PAYERS, ((*name, word) for name, word in shown.payers.items())),
    )


def _item(name: str) -> str:
    value = _WORDS.get(name, f"r.{name}")
    return (
        f"{value} as {name}"
        if name in KEPT
        else f"case when h.kpi_id is null then {value} end as {name}"
    )


_ITEMS = ",\n  ".join(_item(column.name) for column in tables.PUBLISHED_KPI.computed_columns)
_SAME_KEY = " and ".join(f"r.{name} <=> h.{name}" for name in _KEY)
_MODEL = f"""
select
  {_ITEMS}
from kpi_result r
left join hidden h on {_SAME_KEY}
left join labels l
  on r.tenant = l.tenant and r.stratum_type = l.stratum_type and r.stratum_value = l.stratum_value
left join payers p
  on r.tenant = p.tenant and r.stratum_type = 'payer_id' and r.stratum_value = p.payer_id
"""
