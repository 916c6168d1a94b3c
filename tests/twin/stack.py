"""The deployed stack on the twin: packages built, Terraform applied, clients to use it with."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3

from scripts.terraform_tool import GARBAGE_LIMIT, REPOSITORY, ROOT
from tests.twin.server.calls import ROLE_PREFIX

STATE_BUCKET = "metriccare-state-123456789012"
WORKSPACE = "dev"
# With own code sets and predictions, as a hospital has them.
SETTINGS = ROOT / "tests" / "fixtures" / "settings"
EMAIL = "quality@hospital.example"
GITHUB_REPOSITORY = "hospital/metriccare"
OWNER_ID, REPOSITORY_ID = "1111", "2222"
PLAN_ROLE = "metriccare_terraform_plan"
APPLY_ROLE = f"metriccare_terraform_apply_{WORKSPACE}"
BOOTSTRAP_STATE = "bootstrap.tfstate"
# How much longer than an idle machine this one may take: a busy one is not a broken stack.
PATIENCE = float(os.environ.get("METRICCARE_TWIN_PATIENCE", "1"))
T = TypeVar("T")


@dataclass
class Twin:
    """A running twin server; `folder` holds the output of its processes."""

    endpoint: str
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    deployments: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a client of the twin."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id="operator",
            aws_secret_access_key="twin",
        )

    def environment(self, role: str | None = None) -> dict[str, str]:
        """Return what Terraform, the command and Spark need to call the twin instead of AWS.

        Without a role: as the account's administrator.
        """
        own = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ROLE_PREFIX + role if role else "operator",
            "AWS_SECRET_ACCESS_KEY": "twin",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "DEPLOYMENTS": json.dumps(self.deployments),
            "TF_CLI_ARGS_init": "-backend-config=use_path_style=true",
            "TF_DATA_DIR": str(self.folder / "terraform"),
            "TF_IN_AUTOMATION": "1",
            "GOGC": GARBAGE_LIMIT,
            "TF_VAR_artifacts_folder": str(self.folder / "dist"),
            "TF_VAR_alert_email": EMAIL,
            "TF_VAR_settings_file": str(SETTINGS / "metriccare.toml"),
            "TF_VAR_measures_folder": str(SETTINGS),
            "TF_WORKSPACE": WORKSPACE,
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
        return kept | own

    def terraform(
        self, *words: str, expect: int = 0, role: str = APPLY_ROLE, **own: str
    ) -> subprocess.CompletedProcess[str]:
        """Run terraform as a role; fail with its message unless it ends as expected."""
        return self._run(["terraform", *words], expect, self.environment(role) | own)

    def plan_script(
        self, *words: str, expect: int = 0, role: str = PLAN_ROLE, **own: str
    ) -> subprocess.CompletedProcess[str]:
        """Run scripts/plan.py as the workflows do, with the plan in a folder of the twin."""
        script = ["scripts/plan.py", "--workspace", WORKSPACE, "--out", str(self.folder / "plan")]
        command = [sys.executable, *script, *words]
        return self._run(command, expect, self.environment(role) | own)

    def _run(
        self, command: list[str], expect: int, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT if command[0] == "terraform" else REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.seconds[" ".join(command[1:3])] = round(time.monotonic() - began, 1)
        assert done.returncode == expect, (done.stdout + done.stderr)[-4000:]
        return done

    def judged(self) -> list[dict[str, Any]]:
        """Return the calls of Terraform's roles, each with whether it was allowed."""
        lines = (self.folder / "judged.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def state(self) -> dict[str, Any]:
        """Return the applied state as JSON; an empty one after destroy."""
        return dict(json.loads(self.terraform("show", "-json").stdout).get("values", {}))


def wait_for(what: str, found: Callable[[], T], seconds: float = 120) -> T:
    """Return what `found` yields once it is true; fail with `what` when time is up."""
    seconds *= PATIENCE
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.5)
    raise AssertionError(f"Not within {seconds:.0f} s: {what}")


@contextmanager
def twin_server(folder: Path) -> Iterator[Twin]:
    """Serve a twin on a free port until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.twin.server", "--port", str(port), "--folder", folder],
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
        )
    twin = Twin(f"http://127.0.0.1:{port}", folder)
    try:
        wait_for("the twin's server answers", lambda: _answers(twin.endpoint, server), 60)
        yield twin
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(endpoint: str, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, "the twin's server ended; see server.log"
    try:
        with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=2):
            return True
    except OSError:
        return False


def prepare_account(twin: Twin, **options: str) -> None:
    """Run the bootstrap, as an administrator does once and for each option; keep its output."""
    own = options | {
        "TF_DATA_DIR": str(twin.folder / "bootstrap"),
        "TF_CLI_ARGS_init": "",
        "TF_CLI_ARGS_apply": f"-state={twin.folder / BOOTSTRAP_STATE}",
        "TF_CLI_ARGS_output": f"-state={twin.folder / BOOTSTRAP_STATE}",
        "TF_WORKSPACE": "",
    }
    numbers = ("--owner-id", OWNER_ID, "--repository-id", REPOSITORY_ID)
    words = ("scripts/bootstrap_account.py", "--repository", GITHUB_REPOSITORY, *numbers, "--yes")
    done = subprocess.run(
        [sys.executable, *words],
        cwd=REPOSITORY,
        env=twin.environment() | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    twin.deployments = json.loads(done.stdout.splitlines()[-1])


def deploy(twin: Twin) -> None:
    """Build the packages, plan under the plan role, apply that plan under the apply role."""
    dist = twin.folder / "dist"
    subprocess.run(
        [sys.executable, "scripts/build_packages.py", "--this-machine", "--out", dist],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    twin.plan_script()
    twin.plan_script("--apply", role=APPLY_ROLE)
    found = json.loads(twin.terraform("output", "-json").stdout)
    twin.outputs = {name: output["value"] for name, output in found.items()}
