"""Lists of the rows behind published figures: stays of a cell, denials to work.

They read the inner layers, of one tenant, and compute nothing. Every value is a literal made here
from a checked word; names come from declarations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from metriccare.marts.periods import ALL, period_end
from metriccare.query.engine import SqlEngine
from metriccare.report.explained_rows import literal
from metriccare.tables.silver import BY_RESOURCE
from metriccare.tables.strata import OVERALL, STRATA

Record = dict[str, Any]
IN, OUT, OUTCOME = "in", "out", "outcome"
COUNTED = (IN, OUT, OUTCOME)
# A cell of a published result has at most the stays of a month or year of one hospital.
MOST_ROWS = 1000
_COUNTED: Mapping[str, str] = {
    IN: "m.in_denominator",
    OUT: "NOT m.in_denominator",
    OUTCOME: "m.in_denominator AND m.numerator > 0",
}
_STRATUM_COLUMNS: Mapping[str, str] = {each.name: each.column.name for each in STRATA}
STRATUM_TYPES = (OVERALL, *_STRATUM_COLUMNS)


@dataclass(frozen=True)
class Cell:
    """One cell of a measure's results: measure, period and stratum."""

    measure_id: str
    grain: str
    period_start: date | None
    stratum_type: str = OVERALL
    stratum_value: str | None = None


@dataclass(frozen=True)
class Choice:
    """Which of a cell's stays: counted, left out or with the outcome; and for which reason."""

    counted: str | None = None
    reason: str | None = None
    limit: int = MOST_ROWS


def stays_of_cell(engine: SqlEngine, tenant: str, cell: Cell, choice: Choice) -> list[Record]:
    """Return the stays of a cell with their verdicts, the newest first."""
    conditions = [
        f"m.tenant = {literal(tenant)}",
        f"m.measure_id = {literal(cell.measure_id)}",
        *_period(cell),
        *_stratum(cell),
    ]
    if choice.counted:
        conditions.append(_COUNTED[choice.counted])
    if choice.reason:
        conditions.append(f"contains(m.exclusion_reasons, {literal(choice.reason)})")
    sql = (
        "SELECT m.stay_id, m.person_id, m.hospital_id, s.hospital_name, s.department,"  # noqa: S608
        " s.admit_date, s.discharge_date, s.los_days, m.age_band, m.sex, m.payer, m.period_date,"
        " m.in_denominator, m.numerator, m.exclusion_reasons, m.outcome_stay_id, m.outcome_date"
        " FROM gold.measure_stay AS m INNER JOIN gold.stay AS s"
        " ON m.tenant = s.tenant AND m.stay_id = s.stay_id"
        f" WHERE {' AND '.join(conditions)}"
        f" ORDER BY m.period_date DESC, m.stay_id LIMIT {choice.limit:d}"
    )
    return list(engine.query(sql).records())


def _period(cell: Cell) -> list[str]:
    if cell.grain == ALL or cell.period_start is None:
        return []
    end = period_end(cell.grain, cell.period_start)
    return [f"m.period_date >= DATE '{cell.period_start}'", f"m.period_date < DATE '{end}'"]


def _stratum(cell: Cell) -> list[str]:
    column = _STRATUM_COLUMNS.get(cell.stratum_type)
    if column is None or cell.stratum_value is None:
        return []
    return [f"m.{column} = {literal(cell.stratum_value)}"]


def denials(
    engine: SqlEngine, tenant: str, where: Mapping[str, Sequence[str]], limit: int
) -> list[Record]:
    """Return denials with their accounts, the largest amount first.

    `where` are values of status, category, carc, payer and facility_id.
    """
    conditions = [f"d.tenant = {literal(tenant)}"]
    for name, values in where.items():
        table = "a" if name in _OF_ACCOUNT else "d"
        listed = ", ".join(literal(value) for value in values)
        conditions.append(f"{table}.{name} IN ({listed})")
    sql = (
        "SELECT d.denial_id, d.account_id, d.claim_id, d.person_id, a.facility_id, a.payer,"  # noqa: S608
        " a.payer_id, d.category, d.group_code, d.carc, d.amount, a.currency, d.denial_date,"
        " d.status, d.resolved_date, d.days_to_resolution, d.recovered_amount, a.state"
        " FROM gold.denial AS d INNER JOIN gold.account AS a"
        " ON d.tenant = a.tenant AND d.account_id = a.account_id"
        f" WHERE {' AND '.join(conditions)}"
        f" ORDER BY d.amount DESC, d.denial_id LIMIT {limit:d}"
    )
    return list(engine.query(sql).records())


_OF_ACCOUNT = ("payer", "facility_id")
DENIAL_FILTERS = ("status", "category", "carc", *_OF_ACCOUNT)


class Owner(NamedTuple):
    """Whose a row is, and the facility it is of; None where that is not known."""

    person_id: str
    facility_id: str | None


def owner_of_stay(engine: SqlEngine, tenant: str, stay_id: str) -> Owner | None:
    """Return whose a stay is; None if the tenant has no such stay."""
    return _owner(engine, tenant, "person_id, hospital_id FROM gold.stay", "stay_id", stay_id)


def owner_of_account(engine: SqlEngine, tenant: str, account_id: str) -> Owner | None:
    """Return whose an account is; None if the tenant has no such account."""
    columns = "person_id, facility_id FROM gold.account"
    return _owner(engine, tenant, columns, "account_id", account_id)


def _owner(engine: SqlEngine, tenant: str, columns: str, key: str, value: str) -> Owner | None:
    sql = f"SELECT {columns} WHERE tenant = {literal(tenant)} AND {key} = {literal(value)}"
    rows = engine.query(sql).rows
    return Owner(str(rows[0][0]), rows[0][1]) if rows else None


def source_records(
    engine: SqlEngine, tenant: str, resource_type: str, record_id: str
) -> list[Record]:
    """Return the versions of a resource as they were received, the newest first."""
    sql = (
        "SELECT raw, deleted, source_file, source_line, last_updated FROM bronze.resource"  # noqa: S608
        f" WHERE tenant = {literal(tenant)} AND resource_type = {literal(resource_type)}"
        f" AND resource_id = {literal(record_id)} ORDER BY ingest_sequence DESC"
    )
    return list(engine.query(sql).records())


def unsuppressed_results(engine: SqlEngine, tenant: str, measure_id: str) -> list[Record]:
    """Return every result of a measure as it was before suppression, in the columns published.

    `small` is True where the published row is hidden.
    """
    same = " AND ".join(f"r.{name} = p.{name}" for name in _RESULT_KEY)
    sql = (
        "SELECT r.tenant, r.measure_id, p.measure_title, r.grain, r.period_start, r.period_end,"  # noqa: S608
        " r.stratum_type, r.stratum_value, p.stratum_label, r.numerator, r.denominator, r.value,"
        " r.ci_low, r.ci_high, FALSE AS suppressed, r.predicted, r.sir, r.median,"
        " r.percentile_90, r.geometric_mean, r.method, r.ci_method, r.measure_version, r.as_of,"
        " p.suppressed AS small"
        f" FROM gold.measure_result AS r INNER JOIN publish.measure AS p ON {same}"
        " AND coalesce(r.period_start, DATE '1900-01-01')"
        " = coalesce(p.period_start, DATE '1900-01-01')"
        f" WHERE r.tenant = {literal(tenant)} AND r.measure_id = {literal(measure_id)}"
    )
    return list(engine.query(sql).records())


_RESULT_KEY = ("tenant", "measure_id", "grain", "stratum_type", "stratum_value")


def persons_of_record(
    engine: SqlEngine, tenant: str, resource_type: str, record_id: str
) -> list[str]:
    """Return whose a resource is: the patient record, and the persons it was merged into."""
    table = BY_RESOURCE[resource_type]
    column = "id" if resource_type == "Patient" else "patient_id"
    if column not in table.column_names:
        return []
    of_record = (
        f"SELECT {column} AS patient_id FROM {table.full_name}"  # noqa: S608 - declared names
        f" WHERE tenant = {literal(tenant)} AND id = {literal(record_id)} AND {column} IS NOT NULL"
    )
    stays = (
        "SELECT s.person_id AS patient_id FROM gold.stay AS s"  # noqa: S608
        " INNER JOIN silver.encounter AS e"
        " ON s.tenant = e.tenant AND contains(s.encounter_ids, e.id)"
        f" WHERE s.tenant = {literal(tenant)} AND e.patient_id IN ({of_record})"
    )
    rows = engine.query(f"{of_record} UNION {stays}").rows
    return sorted(str(row[0]) for row in rows)


def account_of_claim(engine: SqlEngine, tenant: str, claim_id: str) -> str | None:
    """Return the account of a claim; None if the tenant has no such claim."""
    sql = (
        f"SELECT account_id FROM gold.claim WHERE tenant = {literal(tenant)}"  # noqa: S608
        f" AND claim_id = {literal(claim_id)}"
    )
    rows = engine.query(sql).rows
    return str(rows[0][0]) if rows else None
