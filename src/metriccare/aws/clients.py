"""How clients of AWS are set up, and what other readers of S3 need to know."""

from __future__ import annotations

import os

import boto3
from botocore.config import Config

from metriccare.errors import SetupError

# Throttling is waited out by the client; everything else is decided by the steps.
RETRIES = Config(retries={"mode": "adaptive", "max_attempts": 8})
# Where S3 is reached if nothing names a region: the one region that needs no name.
_DEFAULT_REGION = "us-east-1"


def has_credentials() -> bool:
    """Return True if boto3 finds credentials on this machine."""
    return boto3.Session().get_credentials() is not None


def reader_options() -> dict[str, str]:
    """Return how readers that are not boto3 reach S3: its credentials, region and address.

    The keys are those of hudi-rs. Raises SetupError if there are no credentials.
    """
    session = boto3.Session()
    found = session.get_credentials()
    if found is None:
        raise SetupError("A lake in S3 needs AWS credentials; `aws sts get-caller-identity` tests.")
    keys = found.get_frozen_credentials()
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    options = {
        "aws_access_key_id": keys.access_key,
        "aws_secret_access_key": keys.secret_key,
        "aws_session_token": keys.token,
        "aws_region": session.region_name or _DEFAULT_REGION,
        "aws_endpoint": endpoint,
        "aws_allow_http": "true" if endpoint and endpoint.startswith("http:") else None,
    }
    return {name: text for name, text in options.items() if text}
