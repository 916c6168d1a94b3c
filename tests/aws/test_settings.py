"""A job finds the settings Terraform deployed, and by relative paths what their measures name."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from metriccare.errors import SetupError
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.marts.stays.history import Coding
from metriccare.settings import Settings
from metriccare.wiring.glue import job_arguments, settings_of
from tests.aws.buckets import put, versioned_bucket

DEPLOYED = Path(__file__).parents[2] / "terraform" / "tests" / "fixtures" / "settings"
BUCKET, PREFIX = "artifacts", "settings/0a1b2c3d4e5f"
WORDS = (
    *("--lake", "s3://lake", "--workspace", "dev", "--tracking-table", "t"),
    *("--JOB_NAME", "gold", "--JOB_RUN_ID", "jr_1"),
)


@pytest.fixture
def settings(aws: str) -> Settings:
    versioned_bucket(BUCKET)
    for path in (path for path in DEPLOYED.rglob("*") if path.is_file()):
        put(BUCKET, f"{PREFIX}/{path.relative_to(DEPLOYED).as_posix()}", path.read_bytes())
    put(BUCKET, "settings/ffffffffffff/codes/infections.json", b"of another edition")
    place = f"s3://{BUCKET}/{PREFIX}/metriccare.toml"
    return settings_of(job_arguments([*WORDS, "--settings", place]))


def test_tenants_and_the_files_of_measures_are_those_of_the_folder(settings):
    assert settings.time_zone("south") == "America/Chicago"
    rules = load_rulebook(settings.measures)
    assert rules.edition
    own = Coding("http://hl7.org/fhir/sid/icd-10-cm", "L089")
    assert rules.codes["infections"].value([own]) == "other"
    assert rules.predictions.version == "2024.1"


def test_without_settings_a_job_works_by_the_defaults(aws, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings_of(job_arguments(WORDS)) == Settings()


def test_settings_that_are_gone_stop_the_job_with_a_sentence(aws):
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    with pytest.raises(SetupError, match="terraform apply"):
        settings_of(job_arguments([*WORDS, "--settings", f"s3://{BUCKET}/{PREFIX}/m.toml"]))
