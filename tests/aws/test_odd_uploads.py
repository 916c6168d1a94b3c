"""An upload that S3 does not hand out is one unreadable file; a missing right stops the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from moto import mock_aws

from metriccare.aws.raw_files import S3RawFiles
from metriccare.errors import UnreadableFile
from metriccare.sources.fhir.raw_files import open_raw
from tests.aws.buckets import put, versioned_bucket

BUCKET = "metriccare-raw-123456789012-test"
OURS = "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"
FOREIGN = "arn:aws:kms:us-east-1:999999999999:key/22222222-2222-2222-2222-222222222222"
# S3's own sentence about a key that the reader may not use.
DENIED = (
    "<Error><Code>AccessDenied</Code><Message>User is not authorized to perform: kms:Decrypt on the"
    " resource associated with this ciphertext because the resource does not exist in this Region,"
    " no resource-based policies allow access, or a resource-based policy explicitly denies access"
    "</Message></Error>"
)
SSE_C = (
    "<Error><Code>InvalidRequest</Code><Message>The object was stored using a form of Server Side"
    " Encryption. The correct parameters must be provided to retrieve the object."
    "</Message></Error>"
)
EXPIRED = (
    "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.setup_default_session()
        versioned_bucket(BUCKET)
        client = boto3.client("s3")
        rule = {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": OURS,
            }
        }
        client.put_bucket_encryption(
            Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
        yield client
        boto3.setup_default_session()


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._content


def answer(operation: str, status: int, body: str = "") -> None:
    """Have the double answer an operation as S3 does: moto checks no key of an object."""

    def answered(request: Any, **_: object) -> AWSResponse:
        return AWSResponse(request.url, status, {}, _Body(body.encode()))

    session = boto3.DEFAULT_SESSION
    assert session is not None
    session.events.register_first(f"before-send.s3.{operation}", answered)


def upload(s3: Any, **named: str) -> str:
    found = s3.put_object(Bucket=BUCKET, Key="north/a.ndjson", Body=b"{}\n", **named)
    return f"s3://{BUCKET}/north/a.ndjson?versionId={found['VersionId']}"


def read(location: str) -> bytes:
    with open_raw(S3RawFiles(), location) as stream:
        return stream.read()


def test_an_archived_upload_is_unreadable_and_the_reason_is_reported(s3):
    location = upload(s3, StorageClass="GLACIER")
    with pytest.raises(UnreadableFile, match="archive class of S3; restore it"):
        read(location)
    assert S3RawFiles().is_kept(location)


def test_an_upload_under_a_foreign_key_is_unreadable(s3):
    location = upload(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=FOREIGN)
    answer("GetObject", 403, DENIED)
    with pytest.raises(UnreadableFile, match="another KMS key than its bucket"):
        read(location)


def refuse_sse_c() -> None:
    answer("HeadObject", 400)
    answer("GetObject", 400, SSE_C)


def test_an_upload_under_a_key_of_its_sender_is_unreadable_and_kept(s3):
    location = put(BUCKET, "north/b.ndjson", b"{}\n")
    refuse_sse_c()
    with pytest.raises(UnreadableFile, match="encrypted with a key of its sender"):
        read(location)
    assert S3RawFiles().is_kept(location)


def lose_the_right_to_the_key() -> None:
    answer("GetObject", 403, DENIED)


def lose_every_right() -> None:
    answer("HeadObject", 403)
    answer("GetObject", 403, "<Error><Code>AccessDenied</Code></Error>")


def let_credentials_end() -> None:
    answer("HeadObject", 400)
    answer("GetObject", 400, EXPIRED)


@pytest.mark.parametrize(
    "fault", [lose_the_right_to_the_key, lose_every_right, let_credentials_end]
)
def test_an_error_that_affects_every_file_stops_the_run(s3, fault: Callable[[], None]):
    location = upload(s3, ServerSideEncryption="aws:kms", SSEKMSKeyId=OURS)
    assert read(location) == b"{}\n"
    fault()
    with pytest.raises(ClientError):
        read(location)
