"""Wiring of storage: a folder of this machine, or a bucket. No other module distinguishes them.

Functions on AWS use `deployed_stages` instead: their package has no code for laptops.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.object_store import Storage
from metriccare.settings import Lake


def is_deployed(lake: Lake) -> bool:
    """Return True for a lake on AWS, where jobs do the work of commands."""
    return naming.is_in_bucket(lake.root)


def workspace_of(lake: Lake) -> str:
    """Return the workspace of a deployed lake; UsageError for another lake."""
    workspace = naming.deployed_workspace(lake.root)
    if workspace is None:
        raise UsageError(
            f"{lake.root} is no deployed lake: wanted s3://metriccare-lake-<account>-<workspace>,"
            " Terraform's output `lake`."
        )
    return workspace


def storage_of(lake: Lake) -> Storage:
    """Return the storage of a lake."""
    return bucket_storage(lake) if is_deployed(lake) else folder_storage(lake)


def folder_storage(lake: Lake) -> Storage:
    """Return the storage of a lake on this machine."""
    from metriccare.local.folder_store import FolderStore, LocalRawFiles

    return Storage(lake, FolderStore(lake.folder), LocalRawFiles())


def bucket_storage(lake: Lake) -> Storage:
    """Return the storage of a lake in S3, for commands: they fetch no data file through it."""
    from metriccare.wiring.deployed_stages import deployed_storage

    return deployed_storage(lake, Path(tempfile.gettempdir()) / "metriccare-objects")
