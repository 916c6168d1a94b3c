"""Exports, events and saved views: their owner's, and nobody else's."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from tests.api.conftest import FORMULA
from tests.api.running import Browser, Running

_PURPOSE = {"metriccare-purpose": "operations"}
_WANTED = {"dataset": "measure_results", "filters": {"grain": ["all"]}}


def _exported(program: Browser, form: str) -> tuple[dict[str, Any], bytes]:
    begun = program.post("/v1/exports", json={**_WANTED, "format": form}, headers=_PURPOSE)
    assert begun.status_code == 202, begun.text
    for _ in range(300):
        export = program.get(begun.headers["location"]).json()
        if export["state"] != "waiting":
            break
        time.sleep(0.1)
    assert export["state"] == "ready"
    return export, program.get(export["links"]["file"]).content


def test_an_export_as_csv_is_the_rows(api: Running) -> None:
    export, content = _exported(api.program("analyst"), "csv")
    lines = content.decode().split("\r\n")

    assert (export["rows"], export["hidden"]) == (5, 1)
    assert len(lines) == 1 + 5 + 1
    assert "'=HYPERLINK" in content.decode()


def test_an_export_as_parquet_has_types_and_names_its_publication(api: Running) -> None:
    export, content = _exported(api.program("analyst"), "parquet")
    table = pq.read_table(io.BytesIO(content))

    assert table.num_rows == 5
    assert str(table.schema.field("period_end").type) == "date32[day]"
    assert sorted(row["suppressed"] for row in table.to_pylist()) == [False] * 4 + [True]
    assert FORMULA in table.column("stratum_label").to_pylist()
    metadata = pq.ParquetFile(io.BytesIO(content)).metadata.metadata
    assert metadata[b"publication"].decode() == export["publication"]


def test_an_export_as_workbook_holds_no_formula(api: Running) -> None:
    _, content = _exported(api.program("analyst"), "xlsx")
    parts = zipfile.ZipFile(io.BytesIO(content))
    sheets = b"".join(parts.read(n) for n in parts.namelist() if "worksheets/sheet" in n)

    assert b"<f>" not in sheets
    assert b"<autoFilter" in sheets
    assert b'name="About"' in parts.read("xl/workbook.xml")


def test_an_export_of_somebody_else_does_not_exist(api: Running) -> None:
    export, _ = _exported(api.program("analyst"), "csv")
    for subject in ("executive", "other_quality"):
        program = api.program(subject)
        assert program.get(export["links"]["self"]).status_code == 404
        assert program.get(export["links"]["file"]).status_code == 404
        assert export["id"] not in program.get("/v1/exports").text


def test_after_sign_out_no_export_is_given(api: Running) -> None:
    export, _ = _exported(api.program("analyst"), "csv")
    browser = api.signed_in("analyst")
    csrf = browser.get("/v1/me").json()["csrf_token"]
    assert browser.get(export["links"]["file"]).status_code == 200
    stolen = dict(browser.cookies)
    browser.post("/auth/logout", headers={"x-csrf": csrf})
    browser.cookies = stolen

    assert browser.get(export["links"]["file"]).status_code == 401


def test_an_export_needs_a_purpose_and_the_datasets_right(api: Running) -> None:
    program = api.program("executive")
    finance = {"dataset": "kpi_results"}

    assert program.post("/v1/exports", json=_WANTED).status_code == 403
    assert program.post("/v1/exports", json=finance, headers=_PURPOSE).status_code == 422
    unknown = {"dataset": "measure_results", "filters": {"nope": "x"}}
    assert program.post("/v1/exports", json=unknown, headers=_PURPOSE).status_code == 422


def test_an_export_and_its_download_are_audited_as_exports(api: Running) -> None:
    before = len(api.audit())
    _exported(api.program("analyst"), "csv")
    rows = [row for row in api.audit()[before:] if row["action"] == "export"]

    assert [row["status"] for row in rows] == [202, 200]
    assert (rows[1]["row_count"], rows[1]["hidden_returned"]) == (5, 1)
    assert rows[1]["object"].startswith("measure_results ")


def test_ten_exports_an_hour(api: Running) -> None:
    program = api.program("analyst")
    limiter = api.served.services.limiter
    limiter._windows["exports", "analyst"] = (limiter._clock(), 10)

    assert program.post("/v1/exports", json=_WANTED, headers=_PURPOSE).status_code == 429


def test_the_newest_publication_is_an_event(api: Running) -> None:
    program = api.program("analyst")
    (event,) = program.get("/v1/events").json()["data"]

    assert event["publication"] == program.get("/v1/publication").json()["publication"]
    assert program.get(f"/v1/events?after={event['id']}").json()["data"] == []


def test_a_stream_begins_with_what_the_reader_has_not_seen(api: Running) -> None:
    program = api.program("analyst")
    (event,) = program.get("/v1/events").json()["data"]

    assert f"id: {event['id']}" in program.first_lines("/v1/events/stream", 3)
    again = program.first_lines("/v1/events/stream", 1, {"last-event-id": str(event["id"])})
    assert again == ["retry: 5000"]


def test_a_person_has_at_most_five_streams(api: Running) -> None:
    streams = api.served.services.streams
    # More than the limit: the end of an earlier stream may be counted late.
    streams._open["finance"] = 9
    finance = api.program("finance")

    assert finance.status("GET", "/v1/events/stream") == 429
    assert api.program("executive").status("GET", "/v1/events/stream") == 200


def _saved(program: Browser, **changes: Any) -> dict[str, Any]:
    view = {"name": "March", "page": "/measures/alos", "state": "grain=month", **changes}
    answer = program.post("/v1/views", json=view)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_view_is_its_owners_until_it_is_shared(api: Running) -> None:
    owner, other = api.program("analyst"), api.program("finance")
    view = _saved(owner)
    address = f"/v1/views/{view['id']}"

    assert other.get(address).status_code == 404
    assert owner.request("PATCH", address, json={"shared": True}).json()["shared"] is True
    assert other.get(address).json()["own"] is False
    assert other.request("DELETE", address).status_code == 403
    assert api.program("other_quality").get(address).status_code == 404
    assert owner.request("DELETE", address).status_code == 204
    assert owner.get(address).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"page": "https://evil.example"},
        {"page": "javascript:alert(1)"},
        {"name": ""},
        {"name": "x" * 101},
        {"owner": "finance"},
        {"publication": "../other"},
    ],
    ids=["address elsewhere", "script", "no name", "long name", "other owner", "no publication"],
)
def test_a_view_that_is_none_is_refused(api: Running, changes: dict[str, Any]) -> None:
    view = {"name": "March", "page": "/measures", **changes}

    assert api.program("analyst").post("/v1/views", json=view).status_code == 422


def _cells(workbook: bytes) -> list[dict[str, str]]:
    """Return the rows of the first sheet by column: numbers, flags and texts as text."""
    parts = zipfile.ZipFile(io.BytesIO(workbook))
    sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    rows = [
        {
            "".join(filter(str.isalpha, cell.get("r", ""))): "".join(cell.itertext())
            for cell in row.findall("x:c", space)
        }
        for row in sheet.findall(".//x:row", space)
    ]
    header, *data = rows
    return [{name: row[at] for at, name in header.items() if at in row} for row in data]


def test_a_page_as_workbook_has_the_same_rows_and_no_figure_of_a_hidden_one(api: Running) -> None:
    program = api.program("analyst")
    address = "/v1/measures/readmission_30d/results"
    page = program.get(address, params={"by": "hospital"}).json()
    answer = program.get(page["meta"]["links"]["xlsx"])
    cells = _cells(answer.content)

    assert answer.headers["content-disposition"].endswith('.xlsx"')
    assert [row["stratum_value"] for row in cells] == [r["stratum_value"] for r in page["data"]]
    for row, shown in zip(cells, page["data"], strict=True):
        assert ("numerator" in row) == (shown["numerator"] is not None)
        assert float(row.get("numerator", 0)) == (shown["numerator"] or 0)
    (small,) = [row for row in cells if row["suppressed"] == "1"]
    assert not {"numerator", "denominator", "value", "ci_low", "ci_high"} & set(small)
    assert program.get(f"{address}.xlsx?nope=1").status_code == 422


def test_an_export_has_the_rows_of_the_page_and_hides_what_it_hides(api: Running) -> None:
    program = api.program("analyst")
    page = program.get("/v1/datasets/measure_results/rows", params={"grain": "all"}).json()
    _, content = _exported(program, "parquet")
    rows = pq.read_table(io.BytesIO(content)).to_pylist()

    for name in ("numerator", "denominator", "value", "suppressed"):
        assert [row[name] for row in rows] == [row[name] for row in page["data"]]
