"""One description of datasets: what the API says of them is what programs find in generated/."""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.running import Running

_WRITTEN = Path(__file__).parents[2] / "generated" / "datasets.json"


def test_the_api_describes_a_dataset_as_the_generated_list_does(api: Running) -> None:
    written = json.loads(_WRITTEN.read_text(encoding="utf-8"))["datasets"]
    program = api.program("analyst")
    rights = set(program.get("/v1/me").json()["rights"])

    listed = program.get("/v1/datasets").json()["data"]

    assert listed == [each for each in written if each["right"] in rights]
    assert program.get("/v1/datasets/measure_results").json() == listed[0]


def test_closed_sets_and_the_default_order_are_described(api: Running) -> None:
    found = api.program("analyst").get("/v1/datasets/measure_results").json()
    values = {each["column"]: each["values"] for each in found["filters"]}

    assert "readmission_30d" in values["measure_id"]
    assert values["stratum_value"] == []
    assert found["order"] == found["key"]


def test_a_dataset_of_another_right_does_not_exist(api: Running) -> None:
    program = api.program("executive")
    unknown, others = (program.get(f"/v1/datasets/{name}") for name in ("no_such", "kpi_results"))

    assert unknown.status_code == others.status_code == 404
