"""Ratios to predicted events, and the rulebook that a user's own files make."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from metriccare.errors import UsageError
from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.predictions import load_predictions, ratio
from metriccare.marts.measures.results import ResultKey
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.marts.stays.history import Coding
from metriccare.marts.stays.planned import NONE, PROXY
from metriccare.settings import Lake, MeasureFiles, load_settings

RATE = "infection_hospital_acquired"
HEADER = {"name": "predictions", "version": "2024.1", "date": "2024-06-01", "source": "our model"}


def written(folder: Path, *entries: object, **more: object) -> Path:
    path = folder / "predictions.json"
    path.write_text(json.dumps({**HEADER, "predictions": list(entries), **more}))
    return path


@pytest.mark.parametrize(
    ("predicted", "expected"), [(10.0, 1.2), (1.0, 12.0), (0.99, None), (0.0, None), (None, None)]
)
def test_a_ratio_needs_at_least_one_predicted_event(predicted, expected) -> None:  # type: ignore[no-untyped-def]
    assert ratio(12, predicted) == expected


def test_predictions_are_found_by_group_and_a_tenants_own_come_first(tmp_path: Path) -> None:
    h1 = {"measure_id": RATE, "stratum_type": "hospital", "stratum_value": "H1"}
    month = {"measure_id": RATE, "grain": "month", "period_start": "2024-03-01", "predicted": 2}
    quarter = month | {"grain": "quarter", "period_start": "2024-04-01", "predicted": 6}
    own = {**h1, "predicted": 9, "tenant": "t2"}
    found = load_predictions(written(tmp_path, {**h1, "predicted": 4.5}, own, month, quarter))
    group = ResultKey(RATE, "all", None, "hospital", "H1")
    assert (found.of("t1", group), found.of("t2", group)) == (4.5, 9.0)
    assert found.of("t1", ResultKey(RATE, "month", date(2024, 3, 1), "overall", "all")) == 2.0
    assert found.of("t1", ResultKey(RATE, "quarter", date(2024, 4, 1), "overall", "all")) == 6.0
    assert found.of("t1", group._replace(stratum_value="H2")) is None


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"measure_id": "alos", "predicted": 3}, "measure_id wants"),
        ({"measure_id": RATE, "predicted": -1}, "number of events"),
        ({"measure_id": RATE, "predicted": True}, "number of events"),
        ({"measure_id": RATE, "predicted": 3, "grain": "month"}, "period_start"),
        ({"measure_id": RATE, "predicted": 3, "grain": "year", "period_start": "2024-02-01"},
         "period_start"),
        ({"measure_id": RATE, "predicted": 3, "grain": "quarter", "period_start": "2024-02-01"},
         "period_start"),
        ({"measure_id": RATE, "predicted": 3, "hospital": "H1"}, "unknown key 'hospital'"),
    ],
)  # fmt: skip
def test_an_odd_prediction_is_refused(tmp_path: Path, entry: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_predictions(written(tmp_path, entry))


def test_a_group_predicted_twice_and_a_file_without_a_source_are_refused(tmp_path: Path) -> None:
    one = {"measure_id": RATE, "predicted": 3}
    with pytest.raises(UsageError, match="predicted before"):
        load_predictions(written(tmp_path, one, one))
    with pytest.raises(UsageError, match="is missing source"):
        load_predictions(written(tmp_path, one, source=""))
    with pytest.raises(UsageError, match="No such file or directory"):
        load_predictions(tmp_path / "absent.json")


def test_settings_name_the_files_from_their_own_folder(tmp_path: Path) -> None:
    config = tmp_path / "metriccare.toml"
    config.write_text('[measures]\ncode_sets = "codes"\npredictions = "predictions.json"\n')
    found = load_settings(Lake(str(tmp_path / "lake")), config).measures
    assert found == MeasureFiles(tmp_path / "codes", None, tmp_path / "predictions.json")
    with pytest.raises(UsageError, match="does not exist"):
        load_rulebook(found)
    config.write_text('[measures]\ncode_set = "codes"\n')
    with pytest.raises(UsageError, match="unknown key 'code_set'"):
        load_settings(Lake(str(tmp_path / "lake")), config)


def test_own_codes_are_found_and_name_their_edition_in_every_version(tmp_path: Path) -> None:
    codes = tmp_path / "codes"
    codes.mkdir()
    own = {"value": "other", "system": "icd10cm", "code": "L08.9", "label": "skin infection"}
    header = {**HEADER, "name": "infections", "checked": "by us"}
    (codes / "infections.json").write_text(json.dumps({**header, "codes": [own]}))
    shipped, rules = load_rulebook(MeasureFiles()), load_rulebook(MeasureFiles(codes))
    coding = Coding("http://hl7.org/fhir/sid/icd-10-cm", "L089")
    assert shipped.codes["infections"].value([coding]) is None
    assert rules.codes["infections"].value([coding]) == "other"
    measure = BY_ID[RATE]
    assert shipped.version(measure) == measure.version
    assert rules.version(measure) == f"{measure.version}+{rules.edition}"
    (codes / "infections.json").write_text(
        json.dumps({**header, "codes": [own | {"code": "L08.1"}]})
    )
    assert load_rulebook(MeasureFiles(codes)).edition != rules.edition


def test_without_a_rule_for_planned_admissions_it_is_called_all_cause() -> None:
    readmission = BY_ID["readmission_30d"]
    assert readmission.title_by(NONE).startswith("All-cause")
    assert readmission.title_by(PROXY).startswith("Unplanned")
    assert BY_ID["alos"].title_by(None) == BY_ID["alos"].title
