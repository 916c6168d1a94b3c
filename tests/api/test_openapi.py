"""The committed OpenAPI document: up to date, and never narrower than the last release."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metriccare.api.document import PAGE, openapi_text
from tests.api.openapi_changes import narrowings

_ROOT = Path(__file__).parents[2]
_RESULTS = "/v1/measures/{id}/results"


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi_text())
    return found


def test_the_committed_document_is_up_to_date() -> None:
    assert (_ROOT / PAGE).read_text("utf-8") == openapi_text()


def test_nothing_was_taken_away_since_the_last_release() -> None:
    tag = _git("describe", "--tags", "--abbrev=0").stdout.strip()
    released = _git("show", f"{tag}:{PAGE.as_posix()}")
    if not tag or released.returncode:
        pytest.skip("no release has an OpenAPI document yet")
    assert list(narrowings(json.loads(released.stdout), document())) == []


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False
    )


def _without_field(after: dict[str, Any]) -> None:
    del after["components"]["schemas"]["measure_results"]["properties"]["value"]


def _with_fewer_grains(after: dict[str, Any]) -> None:
    grain = next(p for p in _get(after)["parameters"] if p["name"] == "grain")
    grain["schema"]["items"]["enum"].remove("quarter")


def _with_required(after: dict[str, Any]) -> None:
    next(p for p in _get(after)["parameters"] if p["name"] == "from")["required"] = True


def _without_path(after: dict[str, Any]) -> None:
    del after["paths"][_RESULTS]


def _get(after: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = after["paths"][_RESULTS]["get"]
    return found


def _schema(after: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _get(after)["responses"]["200"]["content"]["application/json"]["schema"]
    return found


@pytest.mark.parametrize(
    "narrow", [_without_field, _with_fewer_grains, _with_required, _without_path]
)
def test_a_narrowing_is_noticed(narrow: Callable[[dict[str, Any]], None]) -> None:
    before = document()
    after = copy.deepcopy(before)
    narrow(after)

    assert list(narrowings(before, after))


def test_an_addition_is_no_narrowing() -> None:
    before = document()
    after = copy.deepcopy(before)
    _schema(after)["properties"]["more"] = {"type": "string"}
    after["paths"]["/v1/new"] = {"get": _get(after)}

    assert list(narrowings(before, after)) == []


def test_every_operation_names_the_right_it_needs() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert operation["x-right"], path
