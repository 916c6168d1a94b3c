"""Say in one line when the Java that Spark needs is missing."""

import sys

from metriccare.engine.spark.jvm import JAVA_VERSIONS, java_version

found = java_version()
if found not in JAVA_VERSIONS:
    sys.exit(
        f"Spark needs Java 17, found {found or 'none'}. Install it"
        " (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME."
    )
