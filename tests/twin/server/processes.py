"""The process of a deployed function or job, with its own environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.twin.server.calls import ROLE_PREFIX

# What a machine gives every process; nothing of the deployment may come from here.
_FROM_MACHINE = ("PATH", "HOME", "JAVA_HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Surroundings:
    """The address of the twin, and the folder for the output of its processes."""

    endpoint: str
    folder: Path

    def environment(self, role: str, own: Mapping[str, str]) -> dict[str, str]:
        """Return a process's environment: its own, and credentials that name its role."""
        machine = {name: os.environ[name] for name in _FROM_MACHINE if name in os.environ}
        return machine | {
            "AWS_ACCESS_KEY_ID": ROLE_PREFIX + role.rpartition("/")[2],
            "AWS_SECRET_ACCESS_KEY": "twin",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            **own,
        }

    def run(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        working_folder: Path,
        log: Path,
        text: str = "",
        timeout: float | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with these arguments; its log also goes to a file."""
        log.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-s", *words],
            env=dict(environment),
            cwd=working_folder,
            input=text,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        return done
