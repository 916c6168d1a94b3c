"""What may be said of an error, and what may not."""

from __future__ import annotations

import json

from metriccare.aws.log import sanitized
from metriccare.errors import GateRefused


def test_our_own_error_ends_a_job_as_it_is():
    refused = GateRefused("Too few stays: 40 of 100.")
    assert sanitized(refused) is refused


def test_a_foreign_error_ends_a_job_by_its_kind_and_place_alone(capsys):
    try:
        int("Jane Doe")
    except ValueError as error:
        ended = sanitized(error)
    said = capsys.readouterr().out
    assert "Jane" not in str(ended) + said
    assert "ValueError" in str(ended)
    assert "test_log.py" in json.loads(said)["places"][0]
