"""Published marts and exports of one tenant at a time, with credentials that reach no other.

The function's own role reads no bucket. For each tenant it assumes the reader's role with the
session tag `tenant`, so that S3 itself refuses another tenant's objects.
Source: governance specification, 2.3.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from metriccare import naming
from metriccare.aws.clients import RETRIES
from metriccare.aws.object_store import S3Store
from metriccare.errors import MetricCareError
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import (
    FIGURES,
    MartFile,
    Publication,
    PublicationRefused,
)
from metriccare.settings import Lake

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

# The longest that a role assumed by a role lasts.
_SECONDS = 3600
# An address made with them must last as long as it says.
_LEFT = timedelta(minutes=5)
# Addresses are else signed in the old way, which S3 refuses of objects under a key.
_SIGNED = RETRIES.merge(Config(signature_version="s3v4"))


class TenantRefused(MetricCareError):
    """The role that reads a tenant's marts could not be assumed."""

    retryable = True


@dataclass(frozen=True)
class _Assumed:
    client: S3Client
    ends: datetime


class TenantClients:
    """Clients of S3 by tenant, each with a session of the reader's role, kept until it ends."""

    def __init__(self, sts: STSClient, role_arn: str, clock: Callable[[], datetime]) -> None:
        self._sts, self._role_arn, self._clock = sts, role_arn, clock
        self._lock, self._assumed = threading.Lock(), dict[str, _Assumed]()

    def of(self, tenant: str) -> S3Client:
        """Return the client of a tenant; TenantRefused if the role cannot be assumed."""
        with self._lock:
            known = self._assumed.get(tenant)
            if known is None or known.ends - self._clock() <= _LEFT:
                known = self._assumed[tenant] = self._assume(tenant)
        return known.client

    def _assume(self, tenant: str) -> _Assumed:
        # A tag with a slash would open a part of another tenant's folder.
        if not naming.TENANT_NAME.fullmatch(tenant):
            raise TenantRefused("That is no tenant's name.")
        try:
            found = self._sts.assume_role(
                RoleArn=self._role_arn,
                RoleSessionName=f"serving-{tenant}"[:64],
                DurationSeconds=_SECONDS,
                Tags=[{"Key": "tenant", "Value": tenant}],
                TransitiveTagKeys=["tenant"],
            )["Credentials"]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise TenantRefused(f"The reader's role was not given: {code}.") from error
        client = boto3.client(
            "s3",
            config=_SIGNED,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found["SessionToken"],
        )
        return _Assumed(client, found["Expiration"])


class TenantFiles:
    """The published files of a lake in S3, each tenant's read with that tenant's credentials.

    `pointer` says which: of figures, or of operations.
    """

    def __init__(
        self, clients: TenantClients, lake: Lake, scratch: Path, pointer: str = FIGURES
    ) -> None:
        self._clients, self._lake, self._scratch = clients, lake, scratch
        self._pointer = pointer
        self._seen: dict[str, None] = {}

    def tenants(self) -> tuple[str, ...]:
        """Return the tenants that were read: no credentials list them all."""
        return tuple(sorted(self._seen))

    def current_id(self, tenant: str) -> str | None:
        """Return the id of what is published now."""
        return self._of(tenant).current_id(tenant)

    def current(self, tenant: str) -> Publication | None:
        """Return what is published now."""
        return self._of(tenant).current(tenant)

    def kept(self, tenant: str, publication: str) -> Publication | None:
        """Return an earlier publication."""
        return self._of(tenant).kept(tenant, publication)

    def kept_ids(self, tenant: str) -> tuple[str, ...]:
        """Return the ids of the publications that are kept."""
        return self._of(tenant).kept_ids(tenant)

    def local_file(self, file: MartFile) -> Path:
        """Return a file in the scratch folder, checked."""
        room, _, rest = file.path.partition("/")
        tenant = rest.partition("/")[0]
        if room != naming.MARTS_FOLDER or not tenant:
            raise PublicationRefused("A file of a published mart lies elsewhere.")
        return self._of(tenant).local_file(file)

    def _of(self, tenant: str) -> PointerFiles:
        # Its client may be a new one: sessions end.
        store = S3Store(self._clients.of(tenant), self._lake, self._scratch)
        self._seen[tenant] = None
        return PointerFiles(store, self._pointer)
