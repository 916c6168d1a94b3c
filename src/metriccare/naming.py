"""Every name that two places must agree on: layers, databases, keys, environment variables."""

from __future__ import annotations

import hashlib
import re

BRONZE, SILVER, GOLD, PUBLISH = "bronze", "silver", "gold", "publish"
LAYERS = (BRONZE, SILVER, GOLD, PUBLISH)

DEFAULT_TENANT = "default"
# A tenant's name is a folder of the raw zone and a partition of every table.
TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
DEFAULT_TIME_ZONE = "America/New_York"

# Set to anything: tracebacks and the logs of Spark are shown.
DEBUG_VARIABLE = "METRICCARE_DEBUG"

RAW_FOLDER = "raw"
# Of a lake on one machine: what does not fit into memory while a run computes.
SCRATCH_FOLDER = ".scratch"
TRACKING_FILE = "tracking.db"
REPORT_FILE = "report.html"
SETTINGS_FILE = "metriccare.toml"
ERASURES_FOLDER = "erasures"
ERASED_FILE = ERASURES_FOLDER + "/erased_names.json"
ERASURE_JOURNAL = ERASURES_FOLDER + "/unfinished.json"
ERASURE_REQUESTS = ERASURES_FOLDER + "/requests"
# No tenant's folder: what lies below it is no upload.
CLEARED_FOLDER = ".cleared"
# Where a rebuild derives silver before it is compared with the tables; below silver, so that
# whoever may write those may write here.
REBUILD_FOLDER = f"{SILVER}/.rebuild"
# Stands for all tenants where some can be named.
EVERY_TENANT = "*"

# Hudi commit metadata keys carry this prefix, so that a timeline tells which run wrote it.
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


def cleared_location(location: str) -> str:
    """Return where an upload's bytes are once an erasure has blanked records out of it."""
    bucket, _ = bucket_and_key(location)
    return f"s3://{bucket}/{CLEARED_FOLDER}/{hashlib.sha256(location.encode()).hexdigest()[:32]}"


def upkeep_job(lake_root: str) -> str | None:
    """Return the deployed job that does a lake's upkeep; None for a lake that is not deployed.

    Terraform names a lake's bucket and its jobs by the same workspace.
    """
    workspace = _workspace(lake_root)
    return f"metriccare_upkeep_job_{workspace}" if workspace else None


def tracking_table(lake_root: str) -> str | None:
    """Return the DynamoDB table of a deployed lake's files and runs; None for another lake."""
    workspace = _workspace(lake_root)
    return f"metriccare_tracking_2_{workspace}" if workspace else None


def _workspace(lake_root: str) -> str | None:
    found = re.fullmatch(r"s3://metriccare-lake-\d{12}-(?P<workspace>[a-z]+)/?", lake_root)
    return found["workspace"] if found else None
