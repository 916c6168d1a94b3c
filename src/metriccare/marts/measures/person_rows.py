"""From what the measures make of a person to rows of gold's tables."""

from __future__ import annotations

from typing import Any

from metriccare.marts.measures.compute import PersonResult
from metriccare.marts.measures.definition import Evidence
from metriccare.marts.measures.infection_event import InfectionEvent
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.patient_days import StayDays
from metriccare.marts.stays.person import band
from metriccare.marts.stays.stay import Stay
from metriccare.tables import gold as tables
from metriccare.tables.rows import RowBuilder
from metriccare.tables.strata import AGE_BAND, DEPARTMENT, PAYER, SEX

# Added to rows of evidence: the tenant once the rows of a person are complete.
_OF_PERSON = ("tenant", "person_id", "as_of")
# A stay's department, and what else it counts under.
_STRATA = tuple(stratum.column.name for stratum in (DEPARTMENT, AGE_BAND, SEX, PAYER))


def _principal(part: str) -> Any:
    def value(stay: Stay) -> str | None:
        return getattr(stay.principal.coding, part) if stay.principal else None

    return value


_stay_row = RowBuilder[Stay](
    tables.STAY,
    given={
        "encounter_ids": lambda stay: list(stay.encounter_ids),
        "dq_flags": lambda stay: sorted(stay.dq_flags),
        AGE_BAND.column.name: lambda stay: band(stay.ages),
        **{
            f"principal_diagnosis_{part}": _principal(part)
            for part in ("system", "code", "display")
        },
    },
    paths={"class": "class_code", "age_at_admission": "age", "time_zone": "zone.key"},
    added=("tenant", "episode_id"),
)
_episode_row = RowBuilder[Episode](
    tables.EPISODE,
    given={
        "stay_ids": lambda episode: [stay.stay_id for stay in episode.stays],
        "hospital_ids": lambda episode: [s.hospital_id for s in episode.stays if s.hospital_id],
    },
    paths={
        "episode_id": "id",
        "first_stay_id": "first.stay_id",
        "last_stay_id": "last.stay_id",
    },
    added=("tenant", "person_id"),
)
_evidence_row = RowBuilder[Evidence](
    tables.MEASURE_STAY,
    given={"exclusion_reasons": lambda evidence: list(evidence.exclusion_reasons)},
    added=(*_OF_PERSON, *_STRATA, "measure_id"),
)
_event_row = RowBuilder[InfectionEvent](
    tables.INFECTION_EVENT,
    given={"condition_ids": lambda event: list(event.condition_ids)},
    paths={
        "stay_id": "stay.stay_id",
        "hospital_id": "stay.hospital_id",
        "discharge_date": "stay.discharge_date",
        "code_system": "coding.system",
        "code": "coding.code",
        "display": "coding.display",
    },
    added=("tenant", "person_id", *_STRATA, "measure_ids"),
)
# Patient days are of the department of the day, not of the stay's.
_days_row = RowBuilder[StayDays](
    tables.STAY_DAY,
    added=(*_OF_PERSON, *(name for name in _STRATA if name != DEPARTMENT.column.name)),
)


def rows_of(result: PersonResult) -> dict[str, list[dict[str, Any]]]:
    """Return what gold holds of a person, by table, without tenant and what a run stamps."""
    record = result.record
    episode_ids = {s.stay_id: e.id for e in record.episodes for s in e.stays}
    person = {"person_id": record.person_id}
    stays = [{**_stay_row(s), "episode_id": episode_ids[s.stay_id]} for s in record.stays]
    strata = {row["stay_id"]: {name: row[name] for name in _STRATA} | person for row in stays}
    dated = {stay_id: {**row, "as_of": record.as_of} for stay_id, row in strata.items()}
    return {
        tables.STAY.name: stays,
        tables.EPISODE.name: [{**_episode_row(e), **person} for e in record.episodes],
        tables.MEASURE_STAY.name: [
            {**_evidence_row(e), **dated[e.stay_id], "measure_id": measure_id}
            for measure_id, e in result.evidence
        ],
        tables.INFECTION_EVENT.name: [
            {
                **_event_row(e),
                **strata[e.stay.stay_id],
                "measure_ids": sorted(result.counted_by(e)),
            }
            for e in record.events
        ],
        tables.STAY_DAY.name: [{**dated[d.stay_id], **_days_row(d)} for d in result.days],
    }
