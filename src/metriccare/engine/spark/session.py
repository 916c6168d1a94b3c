"""The one Spark session of a process on this machine; on Glue the session is Glue's own."""

from __future__ import annotations

import importlib.resources
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare.engine.spark import jvm
from metriccare.engine.spark.descriptors import redirected
from metriccare.engine.spark.jars import jars
from metriccare.errors import SetupError
from metriccare.interruption import before_interrupting
from metriccare.machine import memory_bytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What a session must have wherever it runs; on Glue the same pairs go into `--conf`.
CONFIGURATION: Mapping[str, str] = {
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.kryo.registrator": "org.apache.spark.HoodieSparkKryoRegistrar",
    "spark.sql.session.timeZone": "UTC",
    # An upsert after a bulk insert fails on arrays with null elements in the old list layout.
    "spark.hadoop.parquet.avro.write-old-list-structure": "false",
    # A declared field of another JSON type leaves the rest of its resource readable.
    "spark.sql.json.enablePartialResults": "true",
    # A checkpoint keeps constraints on its columns. Spark combines those of columns that depend on
    # each other without limit: one join took minutes to plan.
    "spark.sql.constraintPropagation.enabled": "false",
    # What large jobs keep in the bucket (checkpoints.py) are whole rows with much repeated text.
    "spark.checkpoint.compress": "true",
    # Dates are written and read unchanged. The default refuses days before 1582 and instants before
    # 1900 in the middle of a row, and Hudi's row writer continues with the next one.
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.avro.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.avro.datetimeRebaseModeInRead": "CORRECTED",
}
_LOCAL: Mapping[str, str] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Descriptions of plans are for the user interface, which is off.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "1000",
    # Every hash table, sort and broadcast begins with a whole page. At the default of 64 MB that
    # would be most of the memory a small run allocates.
    "spark.buffer.pageSize": "1m",
    "spark.python.daemon.module": "metriccare.engine.spark.python_daemon",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
}

# 15 seconds: the JVM removes its temporary files at its end, which takes about one.
_END_SECONDS = 15

# Below 2 GB of input, generating and compiling code, and planning again after each stage of a
# query, would take longer than the work itself (docs/performance.md).
GENERATED_CODE_BYTES = 2 * 2**30
_PLAIN: Mapping[str, str] = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


def session_under_way() -> SparkSession:
    """Return the session that this process was started with: on Glue, that of the job."""
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def local_session(input_bytes: int = 0, memory: str | None = None) -> SparkSession:
    """Return the session of this process, started quietly on the first call.

    `input_bytes` is about how much it will read, `memory` the JVM's heap (default: a third of the
    machine's memory, 1 to 4 GiB).
    """
    from pyspark.sql import SparkSession

    from metriccare.engine.spark import internals

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    # Spark's own script would print its complaint before our sentence.
    if jvm.java_version() is None:
        raise _no_java(None)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    cores = os.cpu_count() or 1
    builder = SparkSession.builder.appName("metriccare").master(f"local[{cores}]")
    for key, value in _local_configuration(input_bytes, memory, cores).items():
        builder = builder.config(key, value)
    # Our stdout is for data. A library in the JVM (JOL) prints there, even much later: the JVM
    # keeps the descriptor it inherits. Its errors go to stderr.
    with open(os.devnull, "wb") as nowhere, redirected(nowhere, 1), _own_interrupt():
        session = _start(builder)
    before_interrupting(lambda: end_java(session))
    internals.pin_java_names(session)
    return session


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Keep our handler of Ctrl-C: pyspark's calls the JVM in the middle of another call."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _start(builder: SparkSession.Builder) -> SparkSession:
    """Start the session; SetupError if there is no Java that can run it."""
    from pyspark.errors import PySparkRuntimeError

    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        if error.getErrorClass() != "JAVA_GATEWAY_EXITED":
            raise
        raise _no_java(jvm.java_version()) from error


def _no_java(version: int | None) -> SetupError:
    cause = "no Java was found" if version is None else f"it is Java {version} that was found"
    return SetupError(f"Java did not start; {cause}. {jvm.JAVA_ADVICE}")


def end_java(session: SparkSession) -> None:
    """End the JVM of a session and wait for it: what it was writing must not appear later.

    This may happen during a call to the JVM, so only the process is signalled.
    """
    from metriccare.engine.spark import internals

    process = internals.java_process(session)
    if process is None:
        return
    internals.ignore_accumulator_errors(session)
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _local_configuration(input_bytes: int, memory: str | None, cores: int) -> dict[str, str]:
    log4j = importlib.resources.files("metriccare.engine.spark") / "log4j2.properties"
    return {
        **CONFIGURATION,
        **_LOCAL,
        **(_PLAIN if input_bytes < GENERATED_CODE_BYTES else {}),
        **_s3a_configuration(),
        "spark.driver.memory": memory or _default_memory(),
        # Spark creates this folder, by default `spark-warehouse` in the working folder. No table of
        # ours is in it, so with a folder that exists nothing is left behind.
        "spark.sql.warehouse.dir": Path(tempfile.gettempdir()).as_uri(),
        "spark.driver.extraClassPath": os.pathsep.join(str(jar) for jar in jars()),
        "spark.driver.extraJavaOptions": (
            f"-Dlog4j2.configurationFile=file:{log4j} {jvm.options(input_bytes)}"
        ),
        "spark.sql.shuffle.partitions": str(max(2, cores)),
        "spark.default.parallelism": str(max(2, cores)),
    }


def _s3a_configuration() -> dict[str, str]:
    """Point S3A at the endpoint the AWS tools of this environment use, if one is named."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is None:
        return {}
    return {
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": os.environ.get("AWS_REGION", "us-east-1"),
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
        "spark.hadoop.fs.s3a.aws.credentials.provider": (
            "com.amazonaws.auth.EnvironmentVariableCredentialsProvider"
        ),
    }


def _default_memory() -> str:
    gibibytes = max(1, min(4, memory_bytes() // 3 // 2**30))
    return f"{gibibytes}g"
