"""Every name that two places must agree on: layers, databases, keys, environment variables."""

from __future__ import annotations

import hashlib
import re

BRONZE, SILVER, GOLD, PUBLISH = "bronze", "silver", "gold", "publish"
LAYERS = (BRONZE, SILVER, GOLD, PUBLISH)

DEFAULT_TENANT = "default"
# A tenant's name is a folder of the raw zone and a partition of every table.
TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
# The stack itself sends its files, to see that uploads are published; no published row is of it.
CANARY_TENANT = "metriccare-canary"
DEFAULT_TIME_ZONE = "America/New_York"

# Set to anything: tracebacks and the logs of Spark are shown.
DEBUG_VARIABLE = "METRICCARE_DEBUG"

RAW_FOLDER = "raw"
# Of a lake on one machine: what does not fit into memory while a run computes.
SCRATCH_FOLDER = ".scratch"
# Published marts of each tenant, for everybody who reads results.
MARTS_FOLDER = "marts"
BEACON_FILE = f"{MARTS_FOLDER}/beacon.json"
# Of a lake in S3: rows that a large job needs again before it ends.
CHECKPOINTS_FOLDER = "_checkpoints"
TRACKING_FILE = "tracking.db"
REPORT_FILE = "report.html"
SETTINGS_FILE = "metriccare.toml"
FEEDS_FILE = "feeds.toml"
ERASURES_FOLDER = "erasures"
ERASED_FILE = ERASURES_FOLDER + "/erased_names.json"
ERASURE_JOURNAL = ERASURES_FOLDER + "/unfinished.json"
ERASURE_REQUESTS = ERASURES_FOLDER + "/requests"
# No tenant's folder: the objects in it are no uploads.
CLEARED_FOLDER = ".cleared"
# A rebuild derives silver in this folder before comparing it with the tables. It is below silver,
# so that the rights to write silver are enough.
REBUILD_FOLDER = f"{SILVER}/.rebuild"
# Means all tenants where some can be named.
EVERY_TENANT = "*"

# Hudi commit metadata keys carry this prefix, so that a timeline names the run that wrote it.
COMMIT_METADATA_PREFIX = "metriccare."
COMMIT_RUN_ID = COMMIT_METADATA_PREFIX + "run_id"
COMMIT_STEP = COMMIT_METADATA_PREFIX + "step"
COMMIT_FILES = COMMIT_METADATA_PREFIX + "files"


def database(layer: str, workspace: str | None = None) -> str:
    """Return the database of a layer: its own name locally, the account-unique one on AWS."""
    return layer if workspace is None else f"metriccare_{layer}_{workspace}"


def table_path(layer: str, table: str) -> str:
    """Return a table's place below the lake's root."""
    return f"{layer}/{table}"


def bucket_and_key(location: str) -> tuple[str, str]:
    """Return the bucket and the key of `s3://bucket/key`; the key may be empty."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key


def is_in_bucket(location: str) -> bool:
    """Return True for `s3://bucket/key`: a lake's root, an upload, what a person names."""
    return location.startswith("s3://")


def cleared_location(location: str) -> str:
    """Return where an upload's bytes are once an erasure has blanked records out of it."""
    bucket, _ = bucket_and_key(location)
    return f"s3://{bucket}/{CLEARED_FOLDER}/{hashlib.sha256(location.encode()).hexdigest()[:32]}"


def deployed_workspace(lake_root: str) -> str | None:
    """Return the Terraform workspace of a deployed lake; None for another lake.

    Terraform names a lake's bucket, jobs, tables and workgroups by the same workspace.
    """
    found = re.fullmatch(r"s3://metriccare-lake-\d{12}-(?P<workspace>[a-z]+)/?", lake_root)
    return found["workspace"] if found else None


def upkeep_job(workspace: str) -> str:
    """Return the deployed job that does a lake's upkeep."""
    return f"metriccare_upkeep_job_{workspace}"


def tracking_table(workspace: str) -> str:
    """Return the DynamoDB table of a deployed lake's files and runs."""
    return f"metriccare_tracking_2_{workspace}"


def operators_workgroup(workspace: str) -> str:
    """Return the Athena workgroup whose members read every layer."""
    return f"metriccare_operators_{workspace}"
