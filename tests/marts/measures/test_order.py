"""Results depend on what is known, not on the order in which it is read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.compute import PersonResult, compute
from tests.marts.measures.people import (
    claim,
    coded,
    codes,
    diagnosis,
    elective,
    encounter,
    infection,
    nubc,
    person,
    principal,
    specimen,
)

START = date(2024, 1, 1)
WORDS = ["01", "02", "03", "07", "20", None]


def _day(n: int) -> str:
    return (START + timedelta(days=n)).isoformat()


@st.composite
def encounters(draw: Any) -> list[Any]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 40))
        length = draw(st.one_of(st.none(), st.integers(-1, 9)))
        code = draw(st.sampled_from(WORDS))
        found.append(
            encounter(
                f"e{number}",
                _day(start),
                None if length is None else _day(start + length),
                draw(st.sampled_from(["H1", "H2"])),
                to=nubc(code) if code else (),
                class_code=draw(st.sampled_from(["IMP", "IMP", "IMP", "NONAC", "EMER"])),
                part_of_id=draw(st.sampled_from([None, None, "e0", "e1"])),
                priorities=draw(st.sampled_from([(), elective()])),
                updated=f"2024-03-{draw(st.integers(1, 28)):02d}T00:00:00+00:00",
                diagnoses=(
                    principal(draw(st.sampled_from(["J18.9", "I50.9"]))),
                    diagnosis("c0", draw(st.sampled_from([None, "Y", "N"]))),
                ),
            )
        )
    return found


conditions = st.lists(
    st.tuples(st.integers(0, 45), st.sampled_from(["T83.511A", "A04.72"])), max_size=5
)


def _plain(result: PersonResult) -> tuple[Any, ...]:
    return (
        [(s.stay_id, s.encounter_ids, s.disposition, s.dq_flags) for s in result.record.stays],
        sorted((e.event_id, e.origin, e.condition_ids) for e in result.record.events),
        sorted(result.evidence, key=str),
        sorted(result.days, key=str),
    )


@settings(max_examples=150, deadline=None)
@given(encounters(), conditions, st.integers(0, 60), st.randoms())
def test_the_order_of_rows_changes_nothing(stays, sick, as_of, random) -> None:  # type: ignore[no-untyped-def]
    found = [
        infection(f"c{n}", _day(day), code, encounter_id=f"e{n}")
        for n, (day, code) in enumerate(sick)
    ]
    tests = [specimen(f"o{n}", _day(day)) for n, (day, _) in enumerate(sick)]
    bills = [claim(coded("J18.9", "Y"), coded("T83.511A"))]
    results = []
    for _ in range(2):
        history = person(
            *stays,
            as_of=START + timedelta(days=as_of),
            conditions=tuple(found),
            results=tuple(tests),
            claims=tuple(bills),
        )
        results.append(_plain(compute(history, codes())))
        for rows in (stays, found, tests):
            random.shuffle(rows)
    assert results[0] == results[1]


@settings(max_examples=100, deadline=None)
@given(encounters(), st.integers(0, 60))
def test_every_candidate_has_one_verdict_of_every_measure(stays, as_of) -> None:  # type: ignore[no-untyped-def]
    result = compute(person(*stays, as_of=START + timedelta(days=as_of)), codes())
    expected = {(m.id, s.stay_id) for m in MEASURES for s in result.record.candidates}
    verdicts = [(id, e.stay_id) for id, e in result.evidence]
    assert sorted(verdicts) == sorted(expected)
    for _, evidence in result.evidence:
        assert (evidence.numerator is None) == (not evidence.in_denominator)
        assert evidence.period_date is None or evidence.period_date <= result.record.as_of


@settings(max_examples=100, deadline=None)
@given(encounters(), st.integers(0, 60))
def test_patient_days_are_those_of_the_calendar(stays, as_of) -> None:  # type: ignore[no-untyped-def]
    end = START + timedelta(days=as_of)
    result = compute(person(*stays, as_of=end), codes())
    usable = [s for s in result.record.candidates if s.is_acute and s.is_usable]
    for stay in result.record.candidates:
        own = sum(d.patient_days for d in result.days if d.stay_id == stay.stay_id)
        if stay not in usable:
            assert own == 0
            continue
        last = stay.discharge_date or end + timedelta(days=1)
        every = {stay.admit_date + timedelta(days=n) for n in range((last - stay.admit_date).days)}
        later = [s for s in usable if s.hospital_id == stay.hospital_id and s.order > stay.order]
        nights = every - {night for s in later for night in nights_of(s, end)}
        assert own == (len(nights) if every else 1)


def nights_of(stay, end):  # type: ignore[no-untyped-def]
    last = stay.discharge_date or end + timedelta(days=1)
    length = max(1, (last - stay.admit_date).days)
    return {stay.admit_date + timedelta(days=n) for n in range(length)}
