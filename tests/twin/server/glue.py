"""Glue: follows a workflow's deployed triggers, and runs a job's script on local Spark.

Nothing of the order, the names or the arguments is known here; all of it is read from what
Terraform deployed. What Glue itself brings (Spark, Hudi, S3 access) comes from this machine.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
import threading
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.glue.exceptions import ConcurrentRunsExceededException
from moto.glue.models import FakeJobRun, FakeWorkflow, FakeWorkflowRun, GlueBackend
from moto.moto_api import state_manager
from moto.s3.models import s3_backends

from tests.twin.server.events import Events
from tests.twin.server.gaps import ACCOUNT, _wrap
from tests.twin.server.processes import Surroundings

_ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT"}
# Glue keeps a workflow running for a while after its last job.
_LETTING_GO_SECONDS = 2.0
_INSTALL = threading.Lock()
# What StartJobRun may override and a trigger of this stack does not.
_NOTHING_ELSE = (
    "allocated_capacity",
    "max_capacity",
    "timeout",
    "worker_type",
    "security_configuration",
    "number_of_workers",
    "notification_property",
    "previous_run_id",
)


def run_jobs_for_real(surroundings: Surroundings, events: Events) -> None:
    """Make StartJobRun and StartWorkflowRun run the job and the workflow."""
    state_manager.set_transition("glue::job_run", {"progression": "manual", "times": 10**9})
    jobs = _Jobs(surroundings, events)

    def start_job(original: Any) -> Any:
        def start(backend: Any, name: str, *arguments: Any, **named: Any) -> str:
            run_id: str = original(backend, name, *arguments, **named)
            run = backend.get_job(name).get_job_run(run_id)
            threading.Thread(target=jobs.run, args=(backend, run, {}), daemon=True).start()
            return run_id

        return start

    def start_workflow(original: Any) -> Any:
        def start(workflow: Any, properties: Any) -> str:
            running = [run for run in workflow.runs.values() if run.status == "RUNNING"]
            if workflow.max_concurrent_runs and len(running) >= workflow.max_concurrent_runs:
                raise ConcurrentRunsExceededException("Concurrent runs exceeded for workflow")
            run_id: str = original(workflow, properties)
            run = workflow.runs[run_id]
            threading.Thread(target=jobs.walk, args=(workflow, run), daemon=True).start()
            return run_id

        return start

    _wrap(GlueBackend, "start_job_run", start_job)
    _wrap(FakeWorkflow, "start_run", start_workflow)
    _wrap(FakeWorkflowRun, "as_dict", lambda original: lambda run: original(run) | _statistics(run))
    _wrap(FakeJobRun, "as_dict", lambda original: lambda run: original(run) | _facts(run))


def _statistics(run: Any) -> dict[str, Any]:
    states = [job.status for job in getattr(run, "job_runs", [])]
    return {
        "Statistics": {
            "TotalActions": len(states),
            "RunningActions": sum(state not in _ENDED for state in states),
            "SucceededActions": states.count("SUCCEEDED"),
            "FailedActions": states.count("FAILED"),
            "TimeoutActions": states.count("TIMEOUT"),
            "StoppedActions": states.count("STOPPED"),
        }
    }


def _facts(run: Any) -> dict[str, Any]:
    return {"ErrorMessage": run.error_message} if getattr(run, "error_message", None) else {}


class _Jobs:
    def __init__(self, surroundings: Surroundings, events: Events) -> None:
        self._surroundings = surroundings
        self._events = events

    def walk(self, workflow: Any, run: Any) -> None:
        """Fire the workflow's triggers until none is left to fire."""
        backend = _backend()
        run.job_runs, states, fired = [], {}, set()
        while trigger := _next_trigger(backend, workflow.name, states, fired):
            fired.add(trigger.name)
            for action in trigger.actions:
                job = backend.get_job(action.job_name)
                started = job.start_job_run(**dict.fromkeys(_NOTHING_ELSE), arguments={})
                job_run = job.get_job_run(started)
                run.job_runs.append(job_run)
                place = {"--WORKFLOW_NAME": workflow.name, "--WORKFLOW_RUN_ID": run.run_id}
                self.run(backend, job_run, place)
                states[action.job_name] = job_run.status
        time.sleep(_LETTING_GO_SECONDS)
        run.completed_on, run.status = datetime.now(UTC), "COMPLETED"

    def run(self, backend: Any, job_run: Any, place: dict[str, str]) -> None:
        """Run a job's script with its deployed arguments and return how it ended."""
        job = backend.get_job(job_run.job_name)
        job_run.status = "RUNNING"
        try:
            code = self._script(job, job_run, place)
        except Exception as error:
            job_run.error_message, code = type(error).__name__, 1
        job_run.completed_on = datetime.now(UTC)
        job_run.status = "SUCCEEDED" if code == 0 else "FAILED"
        detail = {
            "jobName": job.name,
            "severity": "INFO" if code == 0 else "ERROR",
            "state": job_run.status,
            "jobRunId": job_run.job_run_id,
            "message": getattr(job_run, "error_message", ""),
        }
        self._events.happened("aws.glue", "Glue Job State Change", detail)

    def _script(self, job: Any, job_run: Any, place: dict[str, str]) -> int:
        arguments = (
            dict(job_run.arguments)
            | place
            | {
                "--JOB_NAME": job.name,
                "--JOB_RUN_ID": job_run.job_run_id,
            }
        )
        folder = self._surroundings.folder / "jobs" / job_run.job_run_id[:12]
        folder.mkdir(parents=True)
        script = folder / "script.py"
        script.write_bytes(_object(job.command["ScriptLocation"]))
        for extra in filter(None, arguments.get("--extra-files", "").split(",")):
            (folder / Path(extra).name).write_bytes(_object(extra))
        words = [word for pair in arguments.items() for word in pair]
        own = {
            "PYTHONPATH": str(self._installed(arguments)),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_SUBMIT_ARGS": _submit_arguments(arguments, self._surroundings.endpoint),
        }
        environment = self._surroundings.environment(job.role, own)
        done = self._surroundings.run(
            [str(script), *words], environment, folder, folder / "output.log"
        )
        return done.returncode

    def _installed(self, arguments: dict[str, str]) -> Path:
        """Install the bundle of wheels as Glue does, once for each bundle."""
        bundle = arguments["--additional-python-modules"]
        target = self._surroundings.folder / "installed" / Path(bundle).name
        with _INSTALL:
            if not target.is_dir():
                unpacked = target.with_suffix(".wheels")
                with zipfile.ZipFile(io.BytesIO(_object(bundle))) as archive:
                    archive.extractall(unpacked)
                subprocess.run(
                    [
                        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"),
                        *shlex.split(arguments["--python-modules-installer-option"]),
                        *("--find-links", unpacked / "wheels"),
                        *("--target", target, "-r", unpacked / "wheels" / "requirements.txt"),
                    ],
                    check=True,
                    capture_output=True,
                )
        return target


def _next_trigger(backend: Any, workflow: str, states: dict[str, str], fired: set[str]) -> Any:
    for trigger in backend.triggers.values():
        if trigger.workflow_name == workflow and trigger.name not in fired:
            if trigger.trigger_type == "ON_DEMAND" and not fired:
                return trigger
            if trigger.trigger_type == "CONDITIONAL" and trigger.state == "ACTIVATED":
                conditions = trigger.predicate.as_dict()["Conditions"]
                if all(states.get(one["JobName"]) == one["State"] for one in conditions):
                    return trigger
    return None


def _submit_arguments(arguments: dict[str, str], endpoint: str) -> str:
    """Return the settings that replace Glue's own Spark, followed by the job's."""
    from metriccare.engine.spark import jvm
    from metriccare.engine.spark.jars import jars

    stand_in = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A job's few rows are not worth compiling code for.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraClassPath": os.pathsep.join(str(jar) for jar in jars()),
        "spark.driver.extraJavaOptions": jvm.options(input_bytes=0),
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
        "spark.hadoop.fs.s3a.aws.credentials.provider": (
            "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"
        ),
    }
    # Glue takes several settings in one argument, chained: a=b --conf c=d.
    given = [word for word in arguments["--conf"].split() if word != "--conf"]
    settings = [f"{name}={value}" for name, value in stand_in.items()] + given
    # Two cores do not want eight tasks for each core of a cluster.
    settings.append("spark.sql.shuffle.partitions=2")
    chained = " ".join(f"--conf {shlex.quote(setting)}" for setting in settings)
    return f"--master local[2] --driver-memory 2g {chained} pyspark-shell"


def _object(location: str) -> bytes:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bytes(s3_backends[ACCOUNT]["aws"].get_object(bucket, key).value)


def _backend() -> Any:
    from moto.glue.models import glue_backends

    return glue_backends[ACCOUNT]["us-east-1"]
