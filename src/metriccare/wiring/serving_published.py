"""Wiring of the functions that serve published results on AWS.

This module reaches no inner layer, no engine of the pipeline and no development issuer. Clients,
keys and ids are made with the first request, after a snapshot was restored: two instances of one
snapshot must share none.
"""

from __future__ import annotations

import logging
import secrets
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from mangum import Mangum

from metriccare import naming
from metriccare.access.issuer_client import HttpIssuerClient
from metriccare.access.issuer_keys import IssuerKeys
from metriccare.access.pseudonyms import Pseudonyms
from metriccare.api.app import create_app
from metriccare.api.body_cache import BodyCache
from metriccare.api.cursors import Cursors
from metriccare.api.endpoint import Source
from metriccare.api.gate import Gate
from metriccare.api.metrics import Metrics
from metriccare.api.published import PublishedReads
from metriccare.api.readiness import Check, Readiness
from metriccare.api.registry import endpoints_of
from metriccare.api.services import Services
from metriccare.api.sessions import Lifetimes, SessionKeeper
from metriccare.api.sign_in import SignIn
from metriccare.aws.clients import RETRIES
from metriccare.aws.object_store import S3Store
from metriccare.aws.serving.acknowledgements import TableAcknowledgements
from metriccare.aws.serving.audit_stream import AuditStream
from metriccare.aws.serving.environment import (
    AnsweringNames,
    ServingNames,
    answering_names,
    serving_names,
)
from metriccare.aws.serving.exports import BucketExports, ExportMaker, ExportPlaces
from metriccare.aws.serving.gateway import Event, as_asked
from metriccare.aws.serving.limiter import TableLimiter
from metriccare.aws.serving.saved_views import TableViews
from metriccare.aws.serving.sessions import TableSessions
from metriccare.aws.serving.shared_key import shared_key
from metriccare.aws.serving.table import ServingTable
from metriccare.aws.serving.tenants import TenantClients, TenantFiles
from metriccare.object_store import read_if_there
from metriccare.query.published.publication import OPERATIONS
from metriccare.settings import Lake
from metriccare.wiring.api_checks import checks_of
from metriccare.wiring.api_published import PublishedFigures

SERVED = endpoints_of({Source.PUBLISHED})
# Lambda takes 6 MB, of which text in base 64 leaves three quarters.
_MOST_BYTES = 4_500_000
_CHAIN = "serve_published"


class _Places:
    """What both functions read and write."""

    def __init__(self, names: ServingNames) -> None:
        self.table = ServingTable(boto3.client("dynamodb", config=RETRIES), names.table)
        clients = TenantClients(boto3.client("sts", config=RETRIES), names.reader_role, _now)
        scratch = Path(tempfile.gettempdir()) / "marts"
        lake = Lake(names.lake)
        self.figures = PublishedFigures(
            TenantFiles(clients, lake, scratch), TenantFiles(clients, lake, scratch, OPERATIONS)
        )
        # The one object that every tenant's pages look at: it names none of them.
        self.open = S3Store(boto3.client("s3", config=RETRIES), lake, scratch)
        self.published = PublishedReads(self.figures.engine, self.figures.files)
        self.exports = ExportPlaces(
            table=self.table,
            clients=clients,
            bucket=names.results_bucket,
            calls=boto3.client("lambda", config=RETRIES),
            function=names.export_function,
        )


class PublishedFunction:
    """Answers requests of the gateway."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        _show_requests()
        names = answering_names(environment)
        self._host = names.public_host
        services = _services(_Places(serving_names(environment)), names)
        self._answer = Mangum(create_app(services, SERVED), lifespan="off")

    def answer(self, event: Event, context: Any) -> dict[str, Any]:
        """Return the answer to one request."""
        return self._answer(as_asked(event, self._host), context)


class ExportFunction:
    """Makes the exports that the answering function began."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        places = _Places(serving_names(environment))
        self._maker = ExportMaker(places.exports, places.published)

    def make(self, call: Mapping[str, str]) -> None:
        """Make one export."""
        self._maker.make(call)


def _services(places: _Places, names: AnsweringNames) -> Services:
    key = shared_key(boto3.client("kms", config=RETRIES), names.data_key, places.table)
    limiter, cache, oidc = TableLimiter(places.table), BodyCache(), names.oidc
    chain = f"{_CHAIN}-{secrets.token_hex(8)}"
    firehose = boto3.client("firehose", config=RETRIES)
    audit = AuditStream(firehose, names.audit_stream, chain)
    client = HttpIssuerClient()
    sign_in = SignIn(
        oidc,
        _secret(oidc.client_secret) if oidc.client_secret else None,
        client,
        IssuerKeys(oidc.issuer, client),
        SessionKeeper(TableSessions(places.table), Lifetimes()),
        key.of("sign-in"),
    )
    checks: dict[str, Check] = {
        **checks_of(sign_in, audit, cache),
        "publication": places.figures.check,
    }
    return Services(
        published=places.published,
        cursors=Cursors(key.of("cursors")),
        gate=Gate(sign_in, limiter, is_tls=True),
        sign_in=sign_in,
        audit=audit,
        audit_rows=None,
        limiter=limiter,
        metrics=Metrics(),
        cache=cache,
        readiness=Readiness(checks, _now),
        operations=None,
        evidence=None,
        exports=BucketExports(places.exports, _now),
        views=TableViews(places.table),
        acknowledgements=TableAcknowledgements(places.table),
        beacon=lambda: read_if_there(places.open, naming.BEACON_FILE),
        streams=None,
        pseudonyms=Pseudonyms(key.of("pseudonyms")),
        clock=_now,
        hosts=frozenset({names.public_host}),
        issuer=oidc.issuer,
        is_tls=True,
        is_development=False,
        most_bytes=_MOST_BYTES,
    )


def _secret(name: str) -> str:
    client = boto3.client("secretsmanager", config=RETRIES)
    return client.get_secret_value(SecretId=name)["SecretString"]


def _show_requests() -> None:
    """Write one line of JSON for each request, as it is, to the function's log."""
    log = logging.getLogger("metriccare.requests")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [logging.StreamHandler(sys.stdout)]


def _now() -> datetime:
    return datetime.now(UTC)
