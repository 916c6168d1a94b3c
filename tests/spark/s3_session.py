"""The tests' session pointed at moto's server: its JVM began before the server did."""

from __future__ import annotations

import os
from typing import Any

_FROM_ENVIRONMENT = (
    "AWS_ENDPOINT_URL",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
)


def point_at_server(spark: Any, address: str) -> None:
    """Let the JVM and the Python workers of a session find S3 at an address."""
    settings = {
        "fs.s3a.endpoint": address,
        "fs.s3a.endpoint.region": "us-east-1",
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": "false",
        "fs.s3a.aws.credentials.provider": (
            "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"
        ),
        "fs.s3a.access.key": "testing",
        "fs.s3a.secret.key": "testing",
    }
    for name, value in settings.items():
        spark._jsc.hadoopConfiguration().set(name, value)
    spark.sparkContext.environment.update({name: os.environ[name] for name in _FROM_ENVIRONMENT})
