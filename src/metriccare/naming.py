"""Every name that two places must agree on: layers, databases, keys, environment variables."""

from __future__ import annotations

BRONZE, SILVER, GOLD, PUBLISH = "bronze", "silver", "gold", "publish"
LAYERS = (BRONZE, SILVER, GOLD, PUBLISH)

DEFAULT_TENANT = "default"
DEFAULT_TIME_ZONE = "America/New_York"

RAW_FOLDER = "raw"
TRACKING_FILE = "tracking.db"
REPORT_FILE = "report.html"
SETTINGS_FILE = "metriccare.toml"
ERASURES_FOLDER = "erasures"
ERASED_FILE = ERASURES_FOLDER + "/erased_names.json"

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
