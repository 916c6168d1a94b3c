"""Why a stay is in or out of a measure, in words, from the evidence that made the number.

It reads what the last run stored and computes nothing, so that what it says is what was
counted. It reads the inner layers: it is for operators and quality officers, never published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.errors import UsageError
from metriccare.marts.measures import BY_ID, meaning_of_reasons
from metriccare.marts.measures.definition import MEAN, PROPORTION, LooksAt, Measure
from metriccare.marts.measures.readmission import WINDOW_DAYS
from metriccare.marts.periods import QUARTER
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.disposition import UNKNOWN
from metriccare.marts.stays.partial_date import days_after
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.explained_rows import COLUMNS, Said, literal, rows_behind
from metriccare.report.figures import period_text

Record = dict[str, Any]
PAGE = "docs/measures.md"


@dataclass(frozen=True)
class Case:
    """One measure's verdict on one stay, with the stay and its episode."""

    measure: Measure
    stay: Record
    evidence: Record | None
    episode: Record | None
    # The stay the yearly draw of the measure kept instead, if it drew.
    drawn: str | None


def explain(
    engine: SqlEngine, codes: CodeSets, measure_id: str, stay_id: str, tenant: str | None = None
) -> Rows:
    """Return what decided a measure's verdict on a stay: columns part, id, says, source.

    Raises UsageError when there is no such measure or stay, or several tenants have the stay.
    """
    measure = BY_ID.get(measure_id)
    if measure is None:
        raise UsageError(f"There is no measure {measure_id!r}; known: {', '.join(BY_ID)}.")
    stay = _stay(engine, stay_id, tenant)
    case = _case(engine, measure, stay)
    said = [*_verdict(case), *_about(case), *rows_behind(engine, codes, measure, stay)]
    if LooksAt.NEXT_ADMISSIONS in measure.looks_at:
        said += _next_admissions(engine, stay)
    return Rows(COLUMNS, tuple(tuple(one) for one in said))


def _records(engine: SqlEngine, sql: str) -> list[Record]:
    return list(engine.query(sql).records())


def _stay(engine: SqlEngine, stay_id: str, tenant: str | None) -> Record:
    wanted = f"SELECT * FROM gold.stay WHERE stay_id = {literal(stay_id)}"  # noqa: S608
    found = [s for s in _records(engine, wanted) if tenant in (None, s["tenant"])]
    if len(found) > 1:
        tenants = ", ".join(sorted(s["tenant"] for s in found))
        raise UsageError(f"Several tenants have a stay {stay_id}: say --tenant, one of {tenants}.")
    if not found:
        raise UsageError(f"There is no stay {stay_id}.{_nearest_stay(engine, stay_id)}")
    return found[0]


def _nearest_stay(engine: SqlEngine, encounter_id: str) -> str:
    """Return a hint where an encounter's id was given that was folded into a stay."""
    found = _records(
        engine,
        "SELECT stay_id FROM gold.stay"  # noqa: S608
        f" WHERE contains(encounter_ids, {literal(encounter_id)})",
    )
    if not found:
        return " `metriccare query 'SELECT stay_id FROM gold.stay'` lists them."
    return f" It is an encounter of the stay {found[0]['stay_id']}."


def _case(engine: SqlEngine, measure: Measure, stay: Record) -> Case:
    mine = f"tenant = {literal(stay['tenant'])}"
    # The words are literals made above, never what was typed.
    evidence = _records(
        engine,
        f"SELECT * FROM gold.measure_stay WHERE {mine} AND measure_id = {literal(measure.id)}"  # noqa: S608
        f" AND person_id = {literal(stay['person_id'])}",
    )
    episodes = _records(
        engine,
        f"SELECT * FROM gold.episode WHERE {mine}"  # noqa: S608
        f" AND episode_id = {literal(stay['episode_id'] or '')}",
    )
    own = next((e for e in evidence if e["stay_id"] == stay["stay_id"]), None)
    return Case(measure, stay, own, next(iter(episodes), None), _drawn(own, evidence))


def _drawn(own: Record | None, evidence: list[Record]) -> str | None:
    if own is None or "not_sampled" not in own["exclusion_reasons"]:
        return None
    year = own["period_date"].year
    same_year = (
        e
        for e in evidence
        if e["in_denominator"] and e["period_date"] and e["period_date"].year == year
    )
    return next((e["stay_id"] for e in same_year), None)


def _verdict(case: Case) -> Iterator[Said]:
    measure, evidence = case.measure, case.evidence
    source = measure.source.partition("; section")[0]
    yield Said("measure", measure.id, f"{measure.title}. {measure.question}")
    yield Said("rule", measure.version, f"Counts {measure.numerator}, among {measure.denominator}."
               f" Periods are by {measure.period}. Source: {source};"
               f" {PAGE}#{measure.id}.")  # fmt: skip
    if evidence is None:
        yield Said("verdict", "no candidate", "The stay began after the data was complete, so no"
                   " measure looks at it yet.")  # fmt: skip
        return
    yield Said("evidence", evidence["run_id"], f"Written by this run; data complete up to"
               f" {evidence['as_of']}.")  # fmt: skip
    yield _counted(measure, evidence)
    for reason in evidence["exclusion_reasons"]:
        yield Said("reason", reason, _sentence(reason, case))
    if evidence["outcome_date"] or evidence["outcome_stay_id"]:
        yield Said("outcome", evidence["outcome_stay_id"], _outcome(evidence))


def _counted(measure: Measure, evidence: Record) -> Said:
    if not evidence["in_denominator"]:
        return Said("verdict", "out", "The stay does not count, for every reason below.")
    number = evidence["numerator"]
    when = evidence["period_date"]
    placed = f" It belongs to {_periods(when)}." if when and measure.shape != MEAN else ""
    if measure.shape == MEAN:
        text = f"The stay counts with {number} days, in {_periods(when)}."
    elif measure.shape == PROPORTION:
        text = f"The stay counts and {'has' if number else 'does not have'} the outcome." + placed
    else:
        events = "1 event" if number == 1 else f"{number} events"
        text = f"The stay counts, with {events}; its patient days are below."
    method = evidence["method"]
    said = f" Planned admissions were decided by {method}." if method else ""
    return Said("verdict", "in", text + said)


def _periods(day: date) -> str:
    """Return the month and quarter a date counts in."""
    return f"{day:%Y-%m} ({period_text(QUARTER, day)})"


def _outcome(evidence: Record) -> str:
    if evidence["outcome_stay_id"] in (None, evidence["stay_id"]):
        return f"The outcome is dated {evidence['outcome_date']}."
    return f"The outcome is this stay, dated {evidence['outcome_date']}."


def _sentence(reason: str, case: Case) -> str:
    meaning = meaning_of_reasons().get(reason, reason.replace("_", " "))
    fact = _fact(reason, case)
    return f"{meaning[0].upper()}{meaning[1:]}" + (f": {fact}." if fact else ".")


def _fact(reason: str, case: Case) -> str | None:
    """Return the facts of the stay that gave the reason."""
    stay, episode = case.stay, case.episode or {}
    if reason == "censored":
        return _window(case)
    if reason == "not_acute":
        return f"class {stay['class']}, facility {stay['facility_type']}"
    if reason == "transferred_out":
        return _handed_on(stay, episode)
    if reason == "died" and stay["disposition"] == UNKNOWN:
        return "without a disposition, and the recorded death lies inside it"
    facts: dict[str, Any] = {
        "under_age": ("age", stay["age_at_admission"]),
        "over_age": ("age", stay["age_at_admission"]),
        "died": ("disposition", stay["disposition"]),
        "against_medical_advice": ("disposition", stay["disposition"]),
        "unknown_disposition": ("disposition", stay["disposition"]),
        "psychiatric": ("principal diagnosis", stay["principal_diagnosis_code"]),
        "rehabilitation": ("principal diagnosis", stay["principal_diagnosis_code"]),
        "cancer_treatment": ("principal diagnosis", stay["principal_diagnosis_code"]),
        "stay_too_long": ("nights", stay["los_midnights"]),
        "not_first_in_episode": ("it began with the stay", episode.get("first_stay_id")),
        "not_sampled": ("the draw kept", case.drawn),
        "invalid_dates": ("flags", ", ".join(stay["dq_flags"])),
        "open_stay_too_long": ("admitted", stay["admit_date"]),
        "age_indeterminate": ("flags", ", ".join(f for f in stay["dq_flags"] if "age" in f)),
    }
    name, value = facts.get(reason, ("", None))
    return f"{name} {value}" if value not in (None, "") else None


def _window(case: Case) -> str | None:
    """Return the end of the 30 days: after discharge, or of mortality after admission."""
    start: date | None = case.evidence["period_date"] if case.evidence else None
    if start is None or case.evidence is None:
        return None
    end = days_after(start, WINDOW_DAYS)
    return f"they end {end}, and the data is complete up to {case.evidence['as_of']}"


def _handed_on(stay: Record, episode: Record) -> str | None:
    chain = episode.get("stay_ids") or []
    if stay["stay_id"] in chain[:-1]:
        return f"the stay {chain[chain.index(stay['stay_id']) + 1]} followed"
    return f"disposition {stay['disposition']}, and the stay that followed is not in the data"


def _about(case: Case) -> Iterator[Said]:
    stay, episode = case.stay, case.episode
    dates = f"{stay['admit_date']} to {stay['discharge_date'] or 'open'} ({stay['time_zone']})"
    known = {
        "hospital": stay["hospital_name"] or stay["hospital_id"],
        "class": stay["class"],
        "facility": stay["facility_type"],
        "disposition": stay["disposition"],
        "age": stay["age_at_admission"],
        "days": stay["los_days"],
        "principal diagnosis": stay["principal_diagnosis_code"],
        "planned": f"{'yes' if stay['planned'] else 'no'} ({stay['planned_method']})",
        "flags": ", ".join(stay["dq_flags"]),
    }
    words = "; ".join(f"{name} {value}" for name, value in known.items() if value not in (None, ""))
    place = (stay["source_file"], stay["source_line"])
    yield Said("stay", stay["stay_id"], f"{dates}; {words}.", *place)
    if episode is not None and len(episode["stay_ids"]) > 1:
        chain = " -> ".join(episode["stay_ids"])
        yield Said("episode", episode["episode_id"], f"Joined by transfers: {chain}.")


def _next_admissions(engine: SqlEngine, stay: Record) -> Iterator[Said]:
    """Yield the person's acute admissions in the 30 days: only the first of them decides."""
    if stay["discharge_date"] is None:
        return
    last = days_after(stay["discharge_date"], WINDOW_DAYS)
    sql = (
        f"SELECT * FROM gold.stay WHERE tenant = {literal(stay['tenant'])}"  # noqa: S608
        f" AND person_id = {literal(stay['person_id'])} AND facility_type = 'acute'"
        f" AND stay_id <> {literal(stay['stay_id'])}"
        f" AND admit_date >= DATE '{stay['discharge_date']}' AND admit_date <= DATE '{last}'"
        " ORDER BY admit_date, admit_at"
    )
    for place, other in enumerate(engine.query(sql).records()):
        days = (other["admit_date"] - stay["discharge_date"]).days
        kind = "planned" if other["planned"] else "unplanned"
        text = (
            f"{'First' if place == 0 else 'Later'} admission, {days} dates after discharge,"
            f" at {other['hospital_name'] or other['hospital_id']}: {kind}"
            f" ({other['planned_method']}), principal diagnosis {other['principal_diagnosis_code']}"
        )
        yield Said("next", other["stay_id"], text, other["source_file"], other["source_line"])
