"""Send the dead letters of the uploads to their queue again, after their cause is fixed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import boto3

from metriccare.aws.queues import SqsDeadLetters
from metriccare.upkeep.redrive import redrive
from scripts.deployed import outputs


def main() -> int:
    """Count and send the dead letters and print the number; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", required=True, help="dev or prod")
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are")
    arguments = parser.parse_args()
    queues = outputs(arguments.workspace)["queues"]
    letters = SqsDeadLetters(boto3.client("sqs"), queues["uploads_dead"], queues["uploads"])
    count = letters.count()
    if arguments.dry_run:
        sys.stdout.write(f"Would send {count} messages through again.\n")
        return 0
    moved = redrive(letters, limit=count)
    sys.stdout.write(f"Sent {moved} messages through again. Those that fail come back here.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
