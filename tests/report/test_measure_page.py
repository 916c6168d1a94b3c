"""The page of measures says what the code does: current, complete, and right by hand."""

from __future__ import annotations

import pytest

from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.stays.codesets import load_code_sets
from metriccare.report.measure_page import PAGE, page, worked


def test_the_page_of_measures_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m metriccare.report.measure_page"


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_the_examples_equal_the_results_by_hand(measure) -> None:  # type: ignore[no-untyped-def]
    found = [worked(measure, example, load_code_sets()) for example in measure.examples]
    assert found
    assert [(w.numerator, w.denominator) for w in found] == [w.example.by_hand for w in found]


def test_an_event_in_five_patient_days_is_200_per_1000_and_2000_per_10000() -> None:
    text = page()
    assert "1 events in 5 patient days: 200.00 per 1,000 patient days" in text
    assert "1 events in 5 patient days: 2,000.00 per 10,000 patient days" in text


def test_every_measure_and_every_reason_it_may_give_has_words() -> None:
    text = page()
    for measure in MEASURES:
        assert f"\n## {measure.id}\n" in text
        for exclusion in measure.exclusions:
            assert f"| `{exclusion.reason}` | {exclusion.meaning} |" in text


def test_measures_give_no_reason_they_do_not_declare() -> None:
    from metriccare.marts.measures.compute import compute

    for measure in MEASURES:
        for example in measure.examples:
            for id_, evidence in compute(example.history, load_code_sets()).evidence:
                assert set(evidence.exclusion_reasons) <= set(BY_ID[id_].reasons)
