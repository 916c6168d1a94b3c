"""KPIs that are summed together: of one relation, placed by the same date, with the same strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metriccare.marts.revenue.definition import RUN_OUT, Kpi, KpiStratum, Relation
from metriccare.marts.revenue.kpis import KPIS


@dataclass(frozen=True)
class Population:
    """Rows that count for the same KPIs; conditions are SQL over the relation."""

    candidates: str
    reasons: tuple[str, ...]
    run_out: str | None

    @property
    def is_candidate(self) -> str:
        """Return the condition of rows that could count; nothing of a void account does."""
        return f"not is_void and coalesce({self.candidates}, false)"

    @property
    def counts(self) -> str:
        """Return the condition of rows that count."""
        none = "".join(f" and not coalesce({reason}, false)" for reason in self.reasons)
        return self.is_candidate + none


@dataclass(frozen=True)
class Family:
    """KPIs summed by one model; `places` gives each KPI's population by its number."""

    relation: Relation
    placed_by: str
    strata: tuple[KpiStratum, ...]
    kpis: tuple[Kpi, ...]
    populations: tuple[Population, ...]
    places: tuple[int, ...]

    @property
    def is_stock(self) -> bool:
        """Return True if its rows are of a date, not summed over time."""
        return self.kpis[0].is_stock


def families() -> tuple[Family, ...]:
    """Return every family, in the order of the registry."""
    groups: dict[tuple[Relation, str, tuple[KpiStratum, ...]], list[Kpi]] = {}
    for kpi in (kpi for kpi in KPIS if kpi.relation is not Relation.COST):
        groups.setdefault((kpi.relation, kpi.placed_by, kpi.strata), []).append(kpi)
    return tuple(
        _family(relation, placed_by, strata, kpis)
        for (relation, placed_by, strata), kpis in groups.items()
    )


def _family(
    relation: Relation, placed_by: str, strata: tuple[KpiStratum, ...], kpis: Sequence[Kpi]
) -> Family:
    of_kpis = [_population(kpi) for kpi in kpis]
    populations = tuple(dict.fromkeys(of_kpis))
    places = tuple(populations.index(population) for population in of_kpis)
    return Family(relation, placed_by, strata, tuple(kpis), populations, places)


def _population(kpi: Kpi) -> Population:
    words = {reason.word: reason.condition for reason in kpi.reasons}
    return Population(kpi.candidates, tuple(words.values()), words.get(RUN_OUT))


FAMILIES = families()
