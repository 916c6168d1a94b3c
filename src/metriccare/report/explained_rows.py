"""The rows of silver and gold behind a stay's verdict, each with the file and line it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from metriccare.marts.measures.definition import PATIENT_DAYS, LooksAt, Measure
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.history import Coding, Codings
from metriccare.query.engine import SqlEngine

Record = dict[str, Any]
COLUMNS = ("part", "id", "says", "source_file", "source_line")
# Of every row that is said; claims and encounters are wide, and reading all takes most of the time.
_EACH = "id, source_file, source_line"
_CLAIMS = {"claim": "silver.claim", "explanation of benefit": "silver.explanation_of_benefit"}


class Said(NamedTuple):
    """One line of the explanation; source is where the row it speaks of came from."""

    part: str
    id: str | None
    says: str
    source_file: str | None = None
    source_line: int | None = None


class Asked(NamedTuple):
    """The rows a stay is made of: its tenant, encounters and patient records."""

    engine: SqlEngine
    tenant: str
    encounter_ids: tuple[str, ...]
    patient_ids: tuple[str, ...]

    def rows(self, table: str, columns: str, where: str) -> list[Record]:
        """Return the tenant's undeleted rows of a silver table, with the columns named."""
        sql = (
            f"SELECT {_EACH}, {columns} FROM {table}"  # noqa: S608 - names of ours
            f" WHERE tenant = {_texts([self.tenant])} AND NOT deleted AND {where} ORDER BY id"
        )
        return list(self.engine.query(sql).records())

    def of_encounters(self, table: str, columns: str) -> list[Record]:
        """Return the rows that name one of the encounters."""
        return self.rows(table, columns, f"encounter_id IN ({_texts(self.encounter_ids)})")

    def of_patients(self, table: str, columns: str) -> list[Record]:
        """Return the rows that name one of the patient records."""
        return self.rows(table, columns, f"patient_id IN ({_texts(self.patient_ids)})")


def rows_behind(
    engine: SqlEngine, codes: CodeSets, measure: Measure, stay: Record
) -> Iterator[Said]:
    """Yield the encounters that make up the stay, then what else the measure looked at."""
    encounters = _encounters(engine, stay)
    patients = tuple(sorted({e["patient_id"] for e in encounters if e["patient_id"]}))
    ids = tuple(stay["encounter_ids"])
    asked = Asked(engine, stay["tenant"], ids, (*patients, stay["person_id"]))
    yield from (_said("encounter", e, _of_encounter(e)) for e in encounters)
    if LooksAt.DEATHS in measure.looks_at:
        yield from _deaths(asked)
    events = list(_events(engine, measure, stay))
    yield from (_of_event(event) for event in events)
    if measure.denominator_unit == PATIENT_DAYS:
        yield from _days(engine, stay)
    if LooksAt.LAB_RESULTS in measure.looks_at:
        yield from _results(asked, codes)
    if LooksAt.DIAGNOSES not in measure.looks_at:
        return
    named = {d["condition_id"] for e in encounters for d in e["diagnoses"] or ()}
    named |= {id_ for event in events for id_ in event["condition_ids"] or ()}
    yield from _conditions(asked, codes, stay, named - {None})
    yield from _procedures(asked, codes)
    yield from _claims(asked, codes)


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _texts(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in values)


def _said(part: str, row: Record, text: str) -> Said:
    return Said(part, row["id"], text, row["source_file"], row["source_line"])


def _encounters(engine: SqlEngine, stay: Record) -> list[Record]:
    sql = (
        f"SELECT {_EACH}, patient_id, status, class_code, period_start, period_end, part_of_id,"  # noqa: S608
        " last_updated, discharge_disposition_codings, diagnoses"
        f" FROM silver.encounter WHERE tenant = {_texts([stay['tenant']])}"
        f" AND id IN ({_texts(stay['encounter_ids'])}) ORDER BY id"
    )
    return list(engine.query(sql).records())


def _of_encounter(row: Record) -> str:
    going = ", ".join(str(c["code"]) for c in row["discharge_disposition_codings"] or ())
    part = f"; part of {row['part_of_id']}" if row["part_of_id"] else ""
    dates = f"{row['period_start']} to {row['period_end'] or 'open'}"
    return (
        f"{row['status']}, class {row['class_code']}, {dates},"
        f" disposition {going or 'not recorded'}{part};"
        f" version of {row['last_updated']:%Y-%m-%d %H:%M}"
    )


def _deaths(asked: Asked) -> Iterator[Said]:
    for row in asked.rows(
        "silver.patient", "deceased_date, deceased", f"id IN ({_texts(asked.patient_ids)})"
    ):
        if row["deceased_date"] or row["deceased"]:
            when = row["deceased_date"] or "date not recorded"
            yield _said("patient", row, f"deceased: {when}")


def _events(engine: SqlEngine, measure: Measure, stay: Record) -> Iterator[Record]:
    if not measure.event_methods:
        return
    sql = (
        f"SELECT * FROM gold.infection_event WHERE tenant = {_texts([stay['tenant']])}"  # noqa: S608
        f" AND stay_id = {_texts([stay['stay_id']])} ORDER BY event_id"
    )
    for event in engine.query(sql).records():
        own_type = measure.event_type in (None, event["infection_type"])
        if event["method"] in measure.event_methods and own_type:
            yield event | {"counts": measure.id in (event["measure_ids"] or ())}


def _of_event(event: Record) -> Said:
    when = f"{event['event_date']}, hospital day {event['hospital_day']}"
    facts = when if event["event_date"] else "no date of its own: it belongs to the discharge"
    counted = "it counts" if event["counts"] else "it does not count"
    text = (
        f"{event['infection_type']} by {event['method']}, {facts};"
        f" {str(event['origin']).replace('_', ' ')}: {counted}"
    )
    return Said("event", event["event_id"], text)


def _days(engine: SqlEngine, stay: Record) -> Iterator[Said]:
    sql = (
        f"SELECT * FROM gold.stay_day WHERE tenant = {_texts([stay['tenant']])}"  # noqa: S608
        f" AND stay_id = {_texts([stay['stay_id']])} ORDER BY month, department"
    )
    for row in engine.query(sql).records():
        days = (
            "1 patient day" if row["patient_days"] == 1 else f"{row['patient_days']} patient days"
        )
        yield Said("patient days", row["department"], f"{days} in {row['month']:%Y-%m}")


def codings_of(rows: Iterable[Record] | None) -> Codings:
    """Return codings of silver as the code sets ask for them."""
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in rows or ())


def _codes(codings: Codings) -> str:
    return ", ".join(str(c.code) for c in codings if c.code) or "no code"


def _roles(codes: CodeSets, codings: Codings, names: Iterable[str]) -> list[str]:
    found = ((name, codes[name].value(codings)) for name in names)
    return [f"{name.replace('_', ' ')}: {value}" for name, value in found if value]


def _conditions(asked: Asked, codes: CodeSets, stay: Record, named: set[str]) -> Iterator[Said]:
    listed = _texts(sorted(named)) or "''"
    where = f"(encounter_id IN ({_texts(asked.encounter_ids)}) OR id IN ({listed}))"
    for row in asked.rows("silver.condition", "code_codings, onset, verification_status", where):
        codings = codings_of(row["code_codings"])
        roles = _roles(codes, codings, ("infections", "index_exclusions", "planned_diagnoses"))
        if stay["principal_diagnosis_code"] in {c.code for c in codings}:
            roles.insert(0, "principal diagnosis")
        onset = f"onset {row['onset']}" if row["onset"] else "no onset"
        status = row["verification_status"] or "verification not recorded"
        text = "; ".join([_codes(codings), onset, status, *roles])
        yield _said("condition", row, text)


def _procedures(asked: Asked, codes: CodeSets) -> Iterator[Said]:
    """Yield the procedures the code sets know: others decide nothing."""
    for row in asked.of_encounters("silver.procedure", "code_codings, performed_start"):
        codings = codings_of(row["code_codings"])
        roles = _roles(codes, codings, ("procedures",))
        if roles:
            text = "; ".join([_codes(codings), str(row["performed_start"]), *roles])
            yield _said("procedure", row, text)


def _claims(asked: Asked, codes: CodeSets) -> Iterator[Said]:
    """Yield the claims whose lines name an encounter of the stay."""
    for part, table in _CLAIMS.items():
        for row in asked.of_patients(table, "status, created, encounters, diagnoses"):
            named = {e["encounter_id"] for e in row["encounters"] or ()}
            if named & set(asked.encounter_ids):
                yield _said(part, row, _of_claim(row, codes))


def _of_claim(row: Record, codes: CodeSets) -> str:
    diagnoses = sorted(row["diagnoses"] or (), key=lambda d: d["sequence"] or 0)
    letters = sum(1 for d in diagnoses if (d["on_admission"] or "").strip())
    facts = [f"{row['status']}, made {row['created']}"]
    facts.append(f"present-on-admission indicator on {letters} of {len(diagnoses)} diagnoses")
    for entry in diagnoses:
        codings = codings_of(entry["codings"])
        kind = codes["infections"].value(codings)
        words = ["principal"] if "principal" in (entry["type_codes"] or ()) else []
        words += [kind] if kind else []
        if words:
            letter = entry["on_admission"] or "blank"
            facts.append(f"{_codes(codings)} ({', '.join([*words, f'on admission {letter}'])})")
    return "; ".join(facts)


def _results(asked: Asked, codes: CodeSets) -> Iterator[Said]:
    """Yield the results of the tests that the laboratory measures watch, of the whole person."""
    for row in asked.of_patients(
        "silver.observation", "code_codings, status, effective, value_codings, value_text"
    ):
        codings = codings_of(row["code_codings"])
        if codes["lab_tests"].value(codings) is None:
            continue
        value = _codes(codings_of(row["value_codings"]))
        words = row["value_text"] or value
        text = f"{_codes(codings)}, {row['status']}, {row['effective']}, result {words}"
        yield _said("result", row, text)
