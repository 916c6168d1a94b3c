"""The measures' rules over one person, as a run applies them to a row of histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.incremental.context import RunContext
from metriccare.marts.measures.compute import compute
from metriccare.marts.measures.person_history import history_of
from metriccare.marts.measures.person_rows import rows_of
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.disposition import DEATHS, disposition_word
from metriccare.marts.stays.facilities import facilities_of
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import Coding
from metriccare.settings import Settings


@dataclass(frozen=True)
class MeasuresRule:
    """The rules in force, with the dates and places of each tenant."""

    rules: Rulebook
    settings: Settings
    places: Mapping[str, Facilities]
    as_of: date
    as_of_by_tenant: Mapping[str, date]

    @classmethod
    def of(
        cls, context: RunContext, rules: Rulebook, places: Mapping[str, Facilities]
    ) -> MeasuresRule:
        """Return the rules of a run."""
        by_tenant = dict(context.as_of_by_tenant)
        return cls(rules, context.settings, places, context.as_of, by_tenant)

    def __call__(self, row: Row) -> dict[str, list[dict[str, Any]]]:
        """Return a person's rows by table."""
        tenant, rules = row["tenant"], self.rules
        as_of = self.as_of_by_tenant.get(tenant, self.as_of)
        history = history_of(row, as_of, facilities_of(self.places, self.settings, tenant))
        return rows_of(compute(history, rules.codes, rules.planned, rules.ages))

    def has_outcome(self, row: Row) -> bool:
        """Return True if a death or an infection may be among a person's rows."""
        return has_outcome(row, self.rules.codes)


def has_outcome(row: Row, codes: CodeSets) -> bool:
    """Return True if a death or an infection may be among a person's rows.

    What cannot be looked at may be one.
    """
    try:
        return _may_be_dead(row, codes) or _may_be_infected(row, codes)
    except Exception:
        return True


def _may_be_dead(row: Row, codes: CodeSets) -> bool:
    left = (e["discharge_disposition_codings"] for e in row["encounters"] or ())
    return any(p["deceased"] or p["deceased_date"] for p in row["patients"] or ()) or any(
        disposition_word(_codings(codings), codes) in DEATHS for codings in left
    )


def _may_be_infected(row: Row, codes: CodeSets) -> bool:
    # Only results of tests that LabID events watch are among the rows.
    if row["results"]:
        return True
    diagnoses = [d["codings"] for c in row["claims"] or () for d in c["diagnoses"] or ()]
    conditions = [c["code_codings"] for c in row["conditions"] or ()]
    infections = codes["infections"]
    return any(infections.value(_codings(some)) is not None for some in (*conditions, *diagnoses))


def _codings(rows: Iterable[Row] | None) -> tuple[Coding, ...]:
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in rows or ())
