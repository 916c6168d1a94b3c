"""Lists: envelope, filters, pages, pins, conditions, CSV, and what nobody published yet."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.api.conftest import FORMULA
from tests.api.running import Running
from tests.publishing.mart_lake import MartLake, measure

_ROWS = "/v1/datasets/measure_results/rows"


def test_the_envelope_says_what_the_rows_are(api: Running) -> None:
    answer = api.program("analyst").get(_ROWS, params={"grain": "all", "limit": 2}).json()

    meta = answer["meta"]
    assert (len(answer["data"]), meta["returned"], meta["total"]) == (2, 2, 5)
    assert meta["filters"] == {"grain": ["all"]}
    assert (meta["run_id"], meta["as_of"]) == ("run-1", "2024-12-31")
    assert meta["published_at"].endswith("Z")
    assert meta["links"]["definition"] == "/v1/datasets/measure_results"


def test_pages_together_are_the_whole_list(api: Running) -> None:
    program = api.program("analyst")
    whole = program.get(_ROWS).json()["data"]
    pages, address = [], f"{_ROWS}?limit=7&sort=-value"
    while address:
        page = program.get(address).json()
        pages += page["data"]
        address = page["meta"]["links"]["next"]

    key = json.dumps
    assert sorted(map(key, pages)) == sorted(map(key, whole))
    values = [row["value"] for row in pages if row["value"] is not None]
    assert values == sorted(values, reverse=True)


def test_repeating_a_filter_means_one_of(api: Running) -> None:
    answer = api.program("analyst").get(
        "/v1/measures/readmission_30d/results?hospital=h1&hospital=h3&grain=all"
    )

    assert [row["stratum_value"] for row in answer.json()["data"]] == ["h1", "h3"]


def test_periods_are_half_open(api: Running) -> None:
    answer = api.program("analyst").get(
        _ROWS, params={"grain": "month", "from": "2024-02-01", "to": "2024-04-01"}
    )

    assert [row["period_start"] for row in answer.json()["data"]] == ["2024-02-01", "2024-03-01"]


def test_money_is_a_decimal_text_and_rates_are_fractions(api: Running) -> None:
    row = api.program("finance").get("/v1/kpis/gross_charges/results?grain=month").json()["data"][0]

    assert row["numerator"] == "1000.00"
    assert row["currency"] == "USD"


def test_a_long_answer_is_compressed_and_a_head_has_no_body(api: Running) -> None:
    program = api.program("analyst")
    answer = program.get(_ROWS, headers={"accept-encoding": "gzip"})
    head = program.request("HEAD", _ROWS)

    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content) / 5
    assert (head.status_code, head.content) == (200, b"")
    assert gzip.decompress(gzip.compress(answer.content)) == answer.content


def test_csv_has_a_header_crlf_and_says_what_it_holds(api: Running) -> None:
    answer = api.program("analyst").get(
        f"{_ROWS}.csv", params={"grain": "all", "stratum_value": ["h1", "h4"], "notes": "true"}
    )
    lines = answer.text.split("\r\n")

    assert answer.headers["content-type"].startswith("text/csv")
    assert lines[0].startswith("# Measure results.")
    assert lines[3].startswith("tenant,measure_id,")
    assert "\"'" + FORMULA.replace('"', '""') + '"' in lines[4]
    assert answer.text.endswith("\r\n")


def test_the_list_itself_gives_csv_to_those_who_accept_it(api: Running) -> None:
    program = api.program("analyst")
    as_csv = program.get(_ROWS, headers={"accept": "text/csv"})
    as_json = program.get(_ROWS, headers={"accept": "application/json"})

    assert as_csv.headers["content-type"].startswith("text/csv")
    assert as_json.headers["content-type"] == "application/json"
    assert as_csv.headers["etag"] != as_json.headers["etag"]


def test_nothing_published_is_a_state_of_its_own(empty: Running) -> None:
    answer = empty.program("analyst").get(_ROWS)

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-published")
    assert empty.browser().get("/health/ready").json()["status"] == "healthy"


@pytest.fixture
def changing(tmp_path_factory: pytest.TempPathFactory) -> MartLake:
    lake = MartLake(tmp_path_factory.mktemp("changing"))
    lake.write("publish.measure", *(measure("default", stratum_value=f"v{n}") for n in range(4)))
    lake.publish("run-1")
    return lake


def test_a_new_publication_ends_a_cursor_and_keeps_a_pin(changing: MartLake) -> None:
    from tests.api.running import running

    with running(changing.folder) as served:
        program = served.program("analyst")
        first = program.get(_ROWS, params={"limit": 2}).json()["meta"]
        changing.write("publish.measure", measure("default", stratum_value="v9", numerator=99))
        changing.publish("run-2")
        now = _after_change(served, first["publication"])

        paged = program.get(_ROWS, params={"limit": 2, "cursor": first["next"]})
        pinned = program.get(_ROWS, params={"publication": first["publication"]})
        gone = program.get(_ROWS, params={"publication": "0" * 16})
        kept = program.get("/v1/publications").json()["data"]
        changes = program.get(f"/v1/publications/{first['publication']}/changes/{now}").json()

    assert now != first["publication"]
    assert [each["publication"] for each in kept] == [now, first["publication"]]
    assert [(row["stratum_value"], row["change"]) for row in changes["data"]] == [("v9", "added")]
    assert changes["data"][0]["after"]["numerator"] == 99
    assert (paged.status_code, paged.json()["type"]) == (409, "/problems/publication-changed")
    assert paged.json()["first_page"].startswith(_ROWS)
    assert pinned.json()["meta"]["total"] == 4
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/publication-gone")


def _after_change(served: Running, before: str) -> str:
    """Return the new publication once the server has seen it; it looks every 5 seconds."""
    import time

    for _ in range(200):
        found: str = served.program("analyst").get("/v1/publication").json()["publication"]
        if found != before:
            return found
        time.sleep(0.1)
    return before
