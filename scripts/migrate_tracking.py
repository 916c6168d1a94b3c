"""Copy the tracking table of earlier versions into this version's: see docs/upgrade.md.

python scripts/migrate_tracking.py dev
"""

from __future__ import annotations

import argparse
import sys

import boto3

from metriccare import naming
from metriccare.aws.clients import RETRIES
from metriccare.aws.tracking_migration import copy_tracking
from metriccare.errors import MetricCareError


def main(words: list[str]) -> int:
    """Copy the table of a workspace and print the counts; return 1 if it must not be copied."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workspace", choices=("dev", "prod"))
    workspace = parser.parse_args(words).workspace
    client = boto3.client("dynamodb", config=RETRIES)
    old, new = f"metriccare_tracking_{workspace}", naming.tracking_table(workspace)
    try:
        copied = copy_tracking(client, old, new, lambda line: print(line, file=sys.stderr))
    except client.exceptions.ResourceNotFoundException:
        print(f"There is no table {old} or {new} in this account and region.", file=sys.stderr)
        return 1
    except MetricCareError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{new} is complete: {copied.files:,} files copied, {copied.files_known:,} were there,"
        f" {copied.runs:,} runs."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
