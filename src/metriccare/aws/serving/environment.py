"""What Terraform tells the functions that serve: names of things, never secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from metriccare.errors import SetupError, UsageError
from metriccare.serve_settings import OidcSettings, read_serve

LAKE = "METRICCARE_DEPLOYED_LAKE"
TABLE = "METRICCARE_SERVING_TABLE"
READER_ROLE = "METRICCARE_READER_ROLE"
RESULTS_BUCKET = "METRICCARE_RESULTS_BUCKET"
EXPORT_FUNCTION = "METRICCARE_EXPORT_FUNCTION"
AUDIT_STREAM = "METRICCARE_AUDIT_STREAM"
DATA_KEY = "METRICCARE_DATA_KEY"
PUBLIC_HOST = "METRICCARE_PUBLIC_HOST"
OIDC = "METRICCARE_OIDC"
_OF_BOTH = (LAKE, TABLE, READER_ROLE, RESULTS_BUCKET, EXPORT_FUNCTION)
_OF_ANSWERS = (AUDIT_STREAM, DATA_KEY, PUBLIC_HOST, OIDC)


@dataclass(frozen=True)
class ServingNames:
    """What both functions use: the lake, the table, the reader's role, and places of exports."""

    lake: str
    table: str
    reader_role: str
    results_bucket: str
    export_function: str


@dataclass(frozen=True)
class AnsweringNames:
    """What the answering function uses besides: audit, key, its public name, and the issuer."""

    audit_stream: str
    data_key: str
    public_host: str
    oidc: OidcSettings


def serving_names(environment: Mapping[str, str]) -> ServingNames:
    """Read what both functions use; SetupError says what is missing."""
    return ServingNames(*_texts(environment, _OF_BOTH))


def answering_names(environment: Mapping[str, str]) -> AnsweringNames:
    """Read what the answering function uses; SetupError says what is missing or wrong."""
    stream, key, host, oidc = _texts(environment, _OF_ANSWERS)
    try:
        found = read_serve({"oidc": json.loads(oidc)}, Path(OIDC)).oidc
    except (ValueError, UsageError) as error:
        raise SetupError(f"{OIDC} does not describe an issuer: {error}") from error
    if found is None:
        raise SetupError(f"{OIDC} does not describe an issuer.")
    return AnsweringNames(stream, key, host.lower(), found)


def _texts(environment: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    missing = [name for name in names if not environment.get(name)]
    if missing:
        raise SetupError(
            f"The environment has no {', '.join(missing)}; terraform/serving.tf sets them."
        )
    return [environment[name] for name in names]
