"""The canary: when one is due, and how late the last published one is."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from metriccare.monitoring.canary import CanarySeen, look, upload
from metriccare.naming import CANARY_TENANT, TENANT_NAME
from metriccare.tracking.states import FileRecord, FileState

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CANARY_TF = Path(__file__).parents[2] / "terraform" / "canary.tf"


def sent(hours_ago: float, state: FileState, tenant: str = CANARY_TENANT) -> FileRecord:
    at = NOW - timedelta(hours=hours_ago)
    return FileRecord(str(hours_ago), tenant, "Patient.ndjson", "s3://raw/a", 1, at, state)


def test_without_an_upload_one_is_due_and_nothing_is_late():
    assert look([], NOW) == CanarySeen(is_due=True, hours_since_published=0)


def test_files_of_tenants_are_no_canary():
    other = sent(1, FileState.PUBLISHED, tenant="north")
    assert look([other], NOW) == CanarySeen(is_due=True, hours_since_published=0)


def test_an_upload_of_today_is_enough_for_today():
    assert look([sent(25, FileState.PUBLISHED), sent(1, FileState.PUBLISHED)], NOW) == CanarySeen(
        is_due=False, hours_since_published=1
    )


def test_hours_count_from_the_newest_that_was_published():
    files = [sent(26, FileState.PUBLISHED), sent(2, FileState.LOADED)]
    assert look(files, NOW) == CanarySeen(is_due=False, hours_since_published=26)


def test_hours_count_from_the_first_while_none_was_published():
    files = [sent(30, FileState.REGISTERED), sent(2, FileState.REGISTERED)]
    assert look(files, NOW).hours_since_published == 30


def test_an_upload_is_one_patient_in_the_folder_of_the_canary():
    key, content = upload(NOW)
    assert key == f"{CANARY_TENANT}/2026-03-02/Patient.ndjson"
    assert json.loads(content)["resourceType"] == "Patient"
    assert TENANT_NAME.fullmatch(CANARY_TENANT)


def test_terraform_lets_the_function_write_into_that_folder():
    found = re.search(r'canary_tenant = "(.*?)"', CANARY_TF.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == CANARY_TENANT
