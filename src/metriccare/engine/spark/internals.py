"""Every use of private API of Spark 3.5 and Hudi 0.15, behind functions with a plain meaning.

A newer Spark or Hudi may change what is in here without notice. No other module of this package
uses names that begin with an underscore, py4j, or pyspark's serializers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from subprocess import Popen
from typing import TYPE_CHECKING, Any

from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JJavaError as JavaError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql.types import DataType, StructType, _parse_datatype_string

from metriccare.settings import Lake
from metriccare.tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JavaError", "JavaObject"]

# The Java names that column expressions ask for.
_JAVA_NAMES = ("functions", "Column", "PythonSQLUtils", "PythonUtils", "SQLUtils", "java", "org")


def type_from_ddl(ddl: str) -> DataType:
    """Return a type, or the schema of several columns, from Spark's text; needs a session."""
    return _parse_datatype_string(ddl)


def java_process(spark: SparkSession) -> Popen[bytes] | None:
    """Return the process of the session's JVM; None if this process did not start it."""
    context: Any = spark.sparkContext
    return getattr(context._gateway, "proc", None)


def ignore_accumulator_errors(spark: SparkSession) -> None:
    """Stop the accumulator thread from printing a traceback when the JVM ends during an answer."""
    context: Any = spark.sparkContext
    context._accumulatorServer.handle_error = lambda *_: None


def pin_java_names(spark: SparkSession) -> None:
    """Keep the Java names that every column expression asks for.

    The gateway otherwise looks a name up each time, in every package and jar it could be in.
    """
    java: Any = spark._jvm
    for name in _JAVA_NAMES:
        setattr(java, name, getattr(java, name))


def text_list(spark: SparkSession, values: Sequence[str]) -> Column:
    """Return texts as one literal; an array of literals would be an expression."""
    jvm: Any = spark._jvm
    gateway: Any = spark.sparkContext._gateway
    texts = gateway.new_array(jvm.java.lang.String, len(values))
    for position, value in enumerate(values):
        texts[position] = value
    return Column(jvm.functions.lit(texts))


def collect_arrow(frame: DataFrame) -> list[pa.RecordBatch]:
    """Return a frame's rows, in order."""
    batches: list[pa.RecordBatch] = frame._collect_as_arrow()
    return batches


def frame_of_batches(
    spark: SparkSession, schema: StructType, batches: Sequence[pa.RecordBatch]
) -> DataFrame:
    """Return batches as a frame, passed to the JVM as pyspark passes those it makes of pandas."""
    from pyspark.sql.pandas.serializers import ArrowStreamSerializer

    jvm: Any = spark._jvm
    context: Any = spark.sparkContext
    java_batches = context._serialize_to_jvm(
        batches,
        ArrowStreamSerializer(),
        jvm.PythonSQLUtils.readArrowStreamFromFile,
        jvm.ArrowIteratorServer,
    )
    frame = jvm.PythonSQLUtils.toDataFrame(java_batches, schema.json(), spark._jsparkSession)
    return DataFrame(frame, spark)


def with_new_column_ids(frame: DataFrame) -> DataFrame:
    """Return the frame under column ids of its own, so that it can be joined with itself.

    Spark gives one side of such a join new ids by itself, but not below every plan.
    """
    return DataFrame(frame._jdf.toDF(frame._jdf.columns()), frame.sparkSession)


def java_texts(spark: SparkSession, texts: Sequence[str]) -> JavaObject:
    """Return texts as a Scala sequence, for `select_expressions`."""
    jvm: Any = spark._jvm
    return jvm.PythonUtils.toSeq(list(texts))


def select_expressions(frame: DataFrame, expressions: JavaObject) -> DataFrame:
    """Return a frame's expressions; passing them one by one costs a call into Java for each."""
    return DataFrame(frame._jdf.selectExpr(expressions), frame.sparkSession)


def free(frame: DataFrame) -> None:
    """Free the memory or the files of a checkpointed frame; it cannot be read again.

    Spark would find out by itself, but only when the heap is full, and it leaves files.
    """
    rows = _checkpointed(frame)
    rows.unpersist(False)
    folder = rows.getCheckpointFile()
    if folder.isDefined():
        delete_folder(frame.sparkSession, folder.get())


def bytes_on_executors(frame: DataFrame) -> int:
    """Return how many bytes of a checkpointed frame are in the executors' memory and disks."""
    jvm: Any = frame.sparkSession._jvm
    spark = jvm.org.apache.spark
    blocks, rows = spark.SparkEnv.get().blockManager().master(), _checkpointed(frame)
    total = 0
    for partition in range(rows.getNumPartitions()):
        block = spark.storage.RDDBlockId(rows.id(), partition)
        found = blocks.getLocationsAndStatus(block, "")
        if found.isDefined():
            total += found.get().status().memSize() + found.get().status().diskSize()
    return total


def set_checkpoint_folder(spark: SparkSession, folder: str) -> str:
    """Let Spark write checkpoints below a folder; return the folder it makes there for this job."""
    context: Any = spark.sparkContext
    context.setCheckpointDir(folder)
    return str(context.getCheckpointDir())


def _checkpointed(frame: DataFrame) -> Any:
    """Return the rows below a checkpointed frame as Spark's RDD."""
    leaves: Any = frame._jdf.queryExecution().analyzed().collectLeaves()
    return leaves.apply(0).rdd()


def names_in(spark: SparkSession, folder: str) -> list[str]:
    """Return the names of a folder's files and folders; none if it does not exist."""
    path, file_system = _hadoop(spark, folder)
    if not file_system.exists(path):
        return []
    return [status.getPath().getName() for status in file_system.listStatus(path)]


def read_text(spark: SparkSession, location: str) -> str:
    """Return a file's text."""
    jvm: Any = spark._jvm
    path, file_system = _hadoop(spark, location)
    stream = file_system.open(path)
    try:
        return str(jvm.org.apache.commons.io.IOUtils.toString(stream, "UTF-8"))
    finally:
        stream.close()


def bytes_below(spark: SparkSession, folder: str) -> int:
    """Return how many bytes the files below a folder have."""
    path, file_system = _hadoop(spark, folder)
    if not file_system.exists(path):
        return 0
    return int(file_system.getContentSummary(path).getLength())


def any_matches(spark: SparkSession, pattern: str) -> bool:
    """Return True if a file's location matches a glob pattern."""
    path, file_system = _hadoop(spark, pattern)
    matches = file_system.globStatus(path)
    return matches is not None and len(matches) > 0


def delete_folder(spark: SparkSession, folder: str) -> None:
    """Delete a folder and everything below it."""
    path, file_system = _hadoop(spark, folder)
    file_system.delete(path, True)


def _hadoop(spark: SparkSession, location: str) -> tuple[Any, Any]:
    """Return a location as Hadoop's path, and the file system it is in."""
    jvm: Any = spark._jvm
    path = jvm.org.apache.hadoop.fs.Path(location)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())


def roll_back(
    spark: SparkSession, lake: Lake, table: Table, instant: str, options: Mapping[str, str]
) -> None:
    """Remove a table's newest commit and the files it wrote."""
    with _write_client(spark, lake, table, options) as client:
        if not client.rollback(instant):
            raise RuntimeError(f"Hudi did not roll back {instant}.")


def clean(spark: SparkSession, lake: Lake, table: Table, options: Mapping[str, str]) -> int:
    """Remove what failed writes left and what the options say is old; return how many files."""
    with _write_client(spark, lake, table, options) as client:
        client.rollbackFailedWrites()
        cleaned = client.clean()
    return int(cleaned.getTotalFilesDeleted()) if cleaned is not None else 0


@contextmanager
def _write_client(
    spark: SparkSession, lake: Lake, table: Table, options: Mapping[str, str]
) -> Iterator[Any]:
    """Open Hudi's own client of a table: it does what the Spark data source does not offer."""
    jvm: Any = spark._jvm
    properties = jvm.org.apache.hudi.common.config.TypedProperties()
    for name, value in options.items():
        properties.setProperty(name, value)
    builder = jvm.org.apache.hudi.config.HoodieWriteConfig.newBuilder()
    config = builder.withPath(lake.path(table.path)).forTable(table.name)
    context = jvm.org.apache.hudi.client.common.HoodieSparkEngineContext(spark._jsc)
    client = jvm.org.apache.hudi.client.SparkRDDWriteClient(
        context, config.withProperties(properties).build()
    )
    try:
        yield client
    finally:
        client.close()
