"""What a deployed function or job runs in: a process of its own, with an environment of its own."""

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
    """Where the twin serves, and the folder for what its processes leave."""

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
        """Run Python with these words; what it prints as log goes to a file too."""
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
