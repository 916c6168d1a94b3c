"""Headline figures of the revenue cycle: one row a period and unit, and the whole from sums.

A rate of several months is the sum of its numerators over the sum of its denominators, never a
mean of rates. A stock is that of the last period. One hidden part hides the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from metriccare.access.rights import FINANCE_READ
from metriccare.api.endpoint import Call, Reply
from metriccare.api.kpi_charts import FACILITY, KPI_RESULTS
from metriccare.api.named_datasets import named
from metriccare.api.problems import invalid
from metriccare.api.reads import Reader, Record, between, equal, of_stratum, one_of
from metriccare.marts.revenue.definition import MONEY
from metriccare.marts.revenue.kpis import BY_ID
from metriccare.query.datasets.conditions import Condition
from metriccare.tables.grains import MONTH
from metriccare.tables.strata import WHOLE

# The columns of the view revenue_cycle_kpis, by their KPI.
_FINANCIAL: Mapping[str, str] = {
    "total_charges": "gross_charges",
    "total_collections": "total_collections",
    "net_collection_rate": "net_collection_rate",
    "net_collection_rate_post": "net_collection_rate_post",
    "gross_collection_rate": "gross_collection_rate",
    "days_in_ar": "days_in_ar",
    "ar_over_90": "ar_over_90",
    "clean_claim_rate": "clean_claim_rate",
    "first_pass_success_rate": "first_pass_resolution_rate",
    "denial_rate": "initial_denial_rate",
}
_DENIALS: Mapping[str, str] = {
    "initial_denial_rate": "initial_denial_rate",
    "initial_denial_rate_amount": "initial_denial_rate_amount",
    "total_denied_amount": "total_denied_amount",
    "denial_overturn_rate": "denial_overturn_rate",
    "final_denial_rate": "final_denial_rate",
    "denial_days_to_resolution": "denial_days_to_resolution",
}
STRATA = ("overall", "facility", "payer", "category", "carc")
_PAYER = "payer"
_HEADLINE = named("headline_kpis")


def financial(call: Call) -> Reply:
    """Return headline figures by period and facility, or of a payer, and of the whole time."""
    values, reader = call.values, Reader(call)
    if values["payer"] and values["facility_ids"]:
        raise invalid("query", "payer", "cannot be combined with facility_ids")
    if FINANCE_READ not in call.scope.rights:
        return _headline(call, reader)
    conditions = _units(values["payer"], values["facility_ids"])
    found = _rows(
        reader,
        _FINANCIAL,
        [*conditions, equal("grain", values["grain"])],
        (values["start_date"], values["end_date"]),
    )
    return reader.reply(
        {
            "data": _pivoted(found, _FINANCIAL),
            "whole": _wholes(found, _FINANCIAL),
        }
    )


def _headline(call: Call, reader: Reader) -> Reply:
    """Return the published months for a role without the right to KPIs: the eight figures only."""
    values = call.values
    if values["payer"] or values["grain"] != MONTH:
        raise invalid("query", "grain", f"needs {FINANCE_READ}; without it there are months only")
    ids = values["facility_ids"] or (WHOLE,)
    conditions = [
        one_of("facility_id", ids),
        *between("month_year", values["start_date"], values["end_date"]),
    ]
    rows = reader.rows(_HEADLINE, conditions, ("month_year", "facility_id"))
    return reader.reply({"data": rows, "whole": None})


def denial_summary(call: Call) -> Reply:
    """Return the denial KPIs by month, and of the whole time."""
    values, reader = call.values, Reader(call)
    kinds = [equal("stratum_type", values["by"]), equal("grain", MONTH)]
    found = _rows(reader, _DENIALS, kinds, (values["from"], values["to"]))
    return reader.reply({"data": _pivoted(found, _DENIALS), "whole": _wholes(found, _DENIALS)})


def _units(payer: str | None, facilities: Sequence[str]) -> list[Condition]:
    if facilities:
        return [equal("stratum_type", FACILITY), one_of("stratum_value", facilities)]
    return of_stratum(_PAYER, payer)


def _rows(
    reader: Reader,
    columns: Mapping[str, str],
    conditions: Sequence[Condition],
    period: tuple[date | None, date | None],
) -> list[Record]:
    kpis = one_of("kpi_id", tuple(columns.values()))
    wanted = [kpis, *conditions, *between("period_start", *period)]
    return reader.rows(KPI_RESULTS, wanted, ("period_start", "stratum_value"))


def _pivoted(rows: Iterable[Record], columns: Mapping[str, str]) -> list[Record]:
    """Return one row for each period, unit and currency, with a column for each KPI."""
    names = {kpi: name for name, kpi in columns.items()}
    found: dict[tuple[Any, ...], Record] = {}
    for row in rows:
        key = (row["period_start"], row["stratum_value"], row["currency"])
        line = found.setdefault(key, _line(row, columns))
        line[names[row["kpi_id"]]] = row["value"]
        line["provisional"] = line["provisional"] or bool(row["provisional"])
        line["suppressed"] = line["suppressed"] or bool(row["suppressed"])
        if row["suppressed"]:
            line["hidden"].append(names[row["kpi_id"]])
    return list(found.values())


def _line(row: Record, columns: Mapping[str, str]) -> Record:
    kept = ("period_start", "period_end", "stratum_type", "stratum_value", "stratum_label")
    return {
        **{name: row[name] for name in kept},
        "currency": row["currency"],
        **dict.fromkeys(columns),
        "provisional": False,
        "suppressed": False,
        "hidden": [],
    }


def _wholes(rows: Sequence[Record], columns: Mapping[str, str]) -> list[Record]:
    """Return the whole time of each unit and currency, from sums."""
    units = dict.fromkeys((row["stratum_value"], row["currency"]) for row in rows)
    return [
        {
            "stratum_value": value,
            "currency": currency,
            **{
                name: _whole(
                    kpi,
                    [
                        row
                        for row in rows
                        if (row["stratum_value"], row["currency"], row["kpi_id"])
                        == (value, currency, kpi)
                    ],
                )
                for name, kpi in columns.items()
            },
        }
        for value, currency in units
    ]


def _whole(kpi_id: str, rows: Sequence[Record]) -> Decimal | None:
    """Return the value of several periods; None if one is hidden or nothing can be divided."""
    kpi = BY_ID[kpi_id]
    if not rows or any(row["suppressed"] for row in rows):
        return None
    if kpi.is_stock:
        last: Decimal | None = rows[-1]["value"]
        return last
    numerator = sum((row["numerator"] or Decimal(0) for row in rows), Decimal(0))
    if kpi.unit == MONEY or all(row["denominator"] is None for row in rows):
        return numerator
    denominator = sum((row["denominator"] or Decimal(0) for row in rows), Decimal(0))
    return round(numerator / denominator, 6) if denominator else None
