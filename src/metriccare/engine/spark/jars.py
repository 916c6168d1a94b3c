"""The jars a laptop's Spark needs, fetched once by `make spark` and never at run time.

Glue brings its own (`--datalake-formats hudi`); vendor and open-source Hudi jars are never mixed.
Run `python -m metriccare.engine.spark.jars` to fetch them: Spark's own resolver asks the Maven
repository this machine is set up for, into a folder of the project.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from metriccare.engine.spark.descriptors import redirected
from metriccare.errors import SetupError

HUDI_VERSION = "0.15.0"
_AWS_SDK = "1.12.262"
# hadoop-aws asks for a 281 MB bundle of every AWS client; S3A uses these five.
ARTIFACTS = (
    f"org.apache.hudi:hudi-spark3.5-bundle_2.12:{HUDI_VERSION}",
    "org.apache.hadoop:hadoop-aws:3.3.4",
    f"com.amazonaws:aws-java-sdk-core:{_AWS_SDK}",
    f"com.amazonaws:aws-java-sdk-s3:{_AWS_SDK}",
    f"com.amazonaws:aws-java-sdk-kms:{_AWS_SDK}",
    f"com.amazonaws:aws-java-sdk-dynamodb:{_AWS_SDK}",
    f"com.amazonaws:aws-java-sdk-sts:{_AWS_SDK}",
    f"com.amazonaws:jmespath-java:{_AWS_SDK}",
    "software.amazon.ion:ion-java:1.0.2",
    "joda-time:joda-time:2.8.1",
)
# Dependencies that Spark already has in newer versions.
_EXCLUDES = (
    "com.amazonaws:aws-java-sdk-bundle",
    "com.fasterxml.jackson.core:*",
    "com.fasterxml.jackson.dataformat:*",
    "commons-codec:*",
    "commons-logging:*",
    "org.apache.hive:*",
    "org.apache.httpcomponents:*",
    "org.wildfly.openssl:*",
)
JARS_VARIABLE = "METRICCARE_JARS"


def jar_folder() -> Path:
    """Return the folder of the jars: `METRICCARE_JARS`, else `.cache/jars` of the project."""
    named = os.environ.get(JARS_VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parents[4] / ".cache" / "jars"


def expected_jars() -> tuple[str, ...]:
    """Return the file names the folder must hold."""
    return tuple("{}_{}-{}.jar".format(*artifact.split(":")) for artifact in ARTIFACTS)


def jars() -> tuple[Path, ...]:
    """Return the jars in class path order; SetupError names the missing ones."""
    folder = jar_folder()
    expected = tuple(folder / name for name in expected_jars())
    missing = [path.name for path in expected if not path.is_file()]
    if missing:
        raise SetupError(
            f"{len(missing)} of {len(expected)} Spark jars are missing in {folder}"
            f" (first: {missing[0]}). Run `make spark`."
        )
    return expected


def fetch() -> Path:
    """Fetch the jars that are missing and return their folder; idempotent.

    Ivy also reads `~/.m2`, and fails on a pom without its jar there, so it gets its own home.
    """
    folder = jar_folder()
    if all((folder / name).is_file() for name in expected_jars()):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        _resolve_quietly(Path(home))
        for name in expected_jars():
            shutil.copy(Path(home) / "ivy" / "jars" / name, folder / f".{name}.part")
            (folder / f".{name}.part").replace(folder / name)
    return folder


def _resolve_quietly(home: Path) -> None:
    """Resolve the artifacts; Ivy's own output is shown only after an error."""
    log = home / "ivy.log"
    try:
        with log.open("wb") as out, redirected(out, 1, 2):
            _resolve_into(home)
    except BaseException:
        sys.stderr.write(log.read_text(encoding="utf-8", errors="replace"))
        raise


def _resolve_into(home: Path) -> None:
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.extraJavaOptions", f"-Duser.home={home}")
        .config("spark.jars.ivy", str(home / "ivy"))
        .config("spark.jars.packages", ",".join(ARTIFACTS))
        .config("spark.jars.excludes", ",".join(_EXCLUDES))
        .getOrCreate()
    )
    session.stop()


if __name__ == "__main__":
    sys.stderr.write("Spark's jars: fetching what is missing (113 MB the first time)\n")
    sys.stderr.write(f"Spark's jars are in {fetch()}\n")
