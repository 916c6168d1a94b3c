"""How the JVM of a laptop's session is started: which compiler and which collector.

A run over a few thousand records lives for less than a minute, most of it in code that runs a
few times: what counts then is not to load, compile or collect more than needed. The figures are
in docs/performance.md.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from metriccare import naming

JAVA_VERSIONS = (17,)
JAVA_ADVICE = (
    "Install a Java 17 runtime (Debian: openjdk-17-jre-headless) or point JAVA_HOME to it."
)

# From this much input on, the optimising compiler and parallel collection pay.
BULK_BYTES = 400 * 2**20

_ALWAYS = (
    "-Duser.timezone=UTC",
    "-XX:-UsePerfData",
    # The default makes the heap be searched several times while classes are still coming in.
    "-XX:MetaspaceSize=256m",
    # Object size estimates attach to the JVM itself; say no to the part that cannot.
    "-Djdk.attach.allowAttachSelf=true",
    "-Djol.skipHotspotSAAttach=true",
)
_BULK = (
    "-XX:+UseParallelGC",
    # By default the optimising compiler is busy from start to end, a third of all processor time,
    # mostly with methods that never make up for it; those of every row get this hot soon enough.
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
    # With one compiler the default is a fifth of what Spark and Hudi fill; the rest is compiled
    # again and again.
    "-XX:ReservedCodeCacheSize=256m",
)


def java_version() -> int | None:
    """Return the major version of the Java that Spark would start; None without one."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not command or not Path(command).exists():
        return None
    told = subprocess.run([command, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', told.stderr)
    return int(match.group(1)) if match else None


def options(input_bytes: int) -> str:
    """Return the JVM's options for about this much input, as Spark wants them: one text."""
    by_size = _BULK if input_bytes >= BULK_BYTES else _SMALL
    return " ".join((*_ALWAYS, *by_size, *_log_options()))


def _log_options() -> tuple[str, ...]:
    """Let Spark and Hudi say their errors only to who debugs: they quote values of records."""
    return ("-Dmetriccare.log=error",) if os.environ.get(naming.DEBUG_VARIABLE) else ()
