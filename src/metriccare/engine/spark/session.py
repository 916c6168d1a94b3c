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
from typing import TYPE_CHECKING, Any

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
    # What is settled remembers how each column was made, as constraints. Spark combines those of
    # columns that depend on each other without end: a join took minutes to plan.
    "spark.sql.constraintPropagation.enabled": "false",
    # Dates are written and read as they are. The default refuses days before 1582 and instants
    # before 1900, in the middle of a row: Hudi's row writer then goes on with the next one.
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
    # Plans are described for an interface that is off.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "1000",
    # Every hash table, sort and broadcast begins with a whole page, 64 MB of this heap by default,
    # however few its rows: most of what a run would allocate.
    "spark.buffer.pageSize": "1m",
    "spark.python.daemon.module": "metriccare.engine.spark.python_daemon",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
}

# The JVM removes its temporary files on its way out, which takes it about a second.
_END_SECONDS = 15

# Below this much input, most of a run's time would go into generating and compiling code that runs
# a few hundred thousand times at most, and into planning a query anew after each of its stages.
GENERATED_CODE_BYTES = 2 * 2**30
_PLAIN: Mapping[str, str] = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}


def session_under_way() -> SparkSession:
    """Return the session this process was started with: on Glue, the job's own."""
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def local_session(input_bytes: int = 0, memory: str | None = None) -> SparkSession:
    """Return the session of this process, started quietly on the first call.

    `input_bytes` is about how much it will read; `memory` the JVM's heap (default: a third of
    the machine, 1 to 4 GiB).
    """
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    cores = os.cpu_count() or 1
    builder = SparkSession.builder.appName("metriccare").master(f"local[{cores}]")
    for key, value in _local_configuration(input_bytes, memory, cores).items():
        builder = builder.config(key, value)
    # Our stdout is for data. What a library in the JVM (JOL) prints there goes nowhere, even much
    # later: the JVM keeps the descriptor it inherits; its errors go to stderr.
    with open(os.devnull, "wb") as nowhere, redirected(nowhere, 1), _own_interrupt():
        session = _started(builder)
    before_interrupting(lambda: end_java(session))
    _pin_names(session)
    return session


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Keep our answer to Ctrl-C: pyspark's asks the JVM in the midst of another question."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _started(builder: SparkSession.Builder) -> SparkSession:
    """Start the session; SetupError where there is no Java that can."""
    from pyspark.errors import PySparkRuntimeError

    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        if error.getErrorClass() != "JAVA_GATEWAY_EXITED":
            raise
        version = jvm.java_version()
        found = "no Java was found" if version is None else f"it is Java {version} that was found"
        raise SetupError(f"Java did not start; {found}. {jvm.JAVA_ADVICE}") from error


def end_java(session: SparkSession) -> None:
    """End the JVM of a session, and wait for it: what it was writing must not appear later.

    It may be asked in the midst of a call to the JVM, so it speaks to the process alone.
    """
    context: Any = session.sparkContext
    process = getattr(context._gateway, "proc", None)
    if process is None:
        return
    # Its thread would print a traceback for a JVM that goes away in the middle of an answer.
    context._accumulatorServer.handle_error = lambda *_: None
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pin_names(session: SparkSession) -> None:
    """Keep the Java names every column expression asks for.

    The gateway looks a name up anew each time, in every package and jar it could be in.
    """
    java: Any = session._jvm
    for name in ("functions", "Column", "PythonSQLUtils", "PythonUtils", "SQLUtils", "java", "org"):
        setattr(java, name, getattr(java, name))


def _local_configuration(input_bytes: int, memory: str | None, cores: int) -> dict[str, str]:
    log4j = importlib.resources.files("metriccare.engine.spark") / "log4j2.properties"
    return {
        **CONFIGURATION,
        **_LOCAL,
        **(_PLAIN if input_bytes < GENERATED_CODE_BYTES else {}),
        **_s3a_configuration(),
        "spark.driver.memory": memory or _default_memory(),
        # Spark creates this folder, `spark-warehouse` in the working folder by default. No table
        # of ours lies in it, so one that exists already leaves nothing behind.
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
