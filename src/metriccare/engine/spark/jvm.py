"""The options of a laptop's JVM: which compiler and which garbage collector.

A run over a few thousand records takes less than a minute, mostly in code that runs a few times.
So it must not load, compile or collect more than needed. The measurements are in
docs/performance.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from metriccare import naming

# 17: what Spark 3.5 and AWS Glue 5.0 run on, and what the equality tests were made with.
JAVA_VERSIONS = (17,)
JAVA_ADVICE = (
    "Install a Java 17 runtime (Debian: openjdk-17-jre-headless) or point JAVA_HOME to it."
)

# From 400 MB of input on, the optimising compiler and the parallel collector are faster.
BULK_BYTES = 400 * 2**20

_ALWAYS = (
    "-Duser.timezone=UTC",
    # `upper` and `lower` follow the JVM's language: Turkish has another capital of `i`.
    "-Duser.language=en",
    "-XX:-UsePerfData",
    # With the default the heap is searched several times while classes are still being loaded.
    "-XX:MetaspaceSize=256m",
    # Object size estimates attach to the JVM itself; the serviceability agent cannot.
    "-Djdk.attach.allowAttachSelf=true",
    "-Djol.skipHotspotSAAttach=true",
)
_BULK = (
    "-XX:+UseParallelGC",
    # By default the optimising compiler takes a third of all processor time, mostly for methods
    # that run too seldom to repay it. Methods called for every row soon reach these limits.
    "-XX:Tier4InvocationThreshold=40000",
    "-XX:Tier4MinInvocationThreshold=8000",
    "-XX:Tier4CompileThreshold=160000",
    "-XX:Tier4BackEdgeThreshold=400000",
)
_SMALL = (
    "-XX:+UseSerialGC",
    "-Xms768m",
    "-Xmn256m",
    "-XX:TieredStopAtLevel=1",
    # With one compiler the default is a fifth of what Spark and Hudi need: methods would be
    # dropped and compiled again.
    "-XX:ReservedCodeCacheSize=256m",
)


def java_version() -> int | None:
    """Return the major version of the Java that Spark would start; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not command or not Path(command).exists():
        return None
    version = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', version.stderr)
    return int(match.group(1)) if match else None


def options(input_bytes: int) -> str:
    """Return the JVM's options for about this much input, as Spark wants them: one text."""
    by_size = _BULK if input_bytes >= BULK_BYTES else _SMALL
    return " ".join((*_ALWAYS, *by_size, *_log_options()))


def _log_options() -> tuple[str, ...]:
    """Return the option that shows errors of Spark and Hudi, which quote values of records."""
    return ("-Dmetriccare.log=error",) if os.environ.get(naming.DEBUG_VARIABLE) else ()
