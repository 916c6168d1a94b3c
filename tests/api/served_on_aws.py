"""The functions that serve, in a moto of this process: their account, and events of the gateway."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import httpx
import pytest
from moto import mock_aws

from benchmarks.served import free_pair
from metriccare.local.issuer.keys import KeyFile
from metriccare.local.issuer.pages import issuer_app
from metriccare.local.issuer.provider import AUDIENCE, CLIENT, Provider
from metriccare.local.issuer.users import users_of
from metriccare.wiring.serving_published import ExportFunction, PublishedFunction
from tests.api.running import serving
from tests.aws.tracking_table import create_keyed_table

HOST, READER = "figures.hospital.example", "203.0.113.7"
LAKE_BUCKET, RESULTS, TABLE, STREAM = "lake", "results", "serving", "audit"
EXPORT_FUNCTION = "make_export"
# As CloudFront and the gateway send it; the address of the reader is that before CloudFront's.
EVENT = json.loads(
    (Path(__file__).parents[1] / "aws" / "events" / "gateway_request.json").read_text("utf-8")
)


@dataclass
class Answered:
    """An answer of the function as a browser sees it."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    content: bytes

    def json(self) -> Any:
        is_small = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.content) if is_small else self.content)


@dataclass
class Deployed:
    """The functions and the account they run in."""

    environment: dict[str, str]
    provider: Provider
    function: PublishedFunction = field(init=False)

    def __post_init__(self) -> None:
        self.new_instance()

    def new_instance(self) -> None:
        """Take another instance of the answering function, as Lambda does at any time."""
        self.function = PublishedFunction(self.environment)

    def ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        cookies: Mapping[str, str] | None = None,
    ) -> Answered:
        event = request_event(method, address, headers or {}, body, cookies or {})
        found = self.function.answer(event, None)
        content = found["body"].encode() if not found["isBase64Encoded"] else b""
        if found["isBase64Encoded"]:
            content = base64.b64decode(found["body"])
        return Answered(found["statusCode"], found["headers"], found.get("cookies", []), content)

    def program(self, subject: str) -> dict[str, str]:
        """Return the headers of a client with a bearer token."""
        token = self.provider.access_token(self.provider.users[subject])
        return {"authorization": f"Bearer {token}"}

    def signed_in(self, subject: str) -> dict[str, str]:
        """Return the cookies of a browser that went the whole way through the issuer."""
        begun = self.ask("GET", "/auth/login?return_to=/measures")
        assert begun.status == 303, begun.content
        jar = _kept(begun.cookies)
        with httpx.Client(trust_env=False) as client:
            picked = client.get(begun.headers["location"] + f"&user={subject}")
        back = urlsplit(picked.headers["location"])
        assert (back.scheme, back.netloc) == ("https", HOST)
        # Another instance than the one that began it.
        self.new_instance()
        ended = self.ask("GET", f"{back.path}?{back.query}", cookies=jar)
        assert ended.status == 303, ended.content
        assert ended.headers["location"] == "/measures"
        return _kept(ended.cookies)

    def make_exports(self) -> None:
        """Call the export function for each export that waits, as its calls ask."""
        table = boto3.client("dynamodb")
        for item in table.scan(TableName=TABLE)["Items"]:
            if item["kind"]["S"].startswith("exports#") and item["state"]["S"] == "waiting":
                scope = json.loads(item["content"]["S"])["scope"]
                call = {
                    "owner": item["owner"]["S"],
                    "tenant": scope["tenant"],
                    "export": item["id"]["S"],
                }
                ExportFunction(self.environment).make(call)


def request_event(
    method: str, address: str, headers: Mapping[str, str], body: object, cookies: Mapping[str, str]
) -> dict[str, Any]:
    """Return the recorded event, of another request."""
    parts = urlsplit(address)
    text = None if body is None else json.dumps(body)
    own = {"content-type": "application/json", "content-length": str(len(text))} if text else {}
    http = {**EVENT["requestContext"]["http"], "method": method, "path": parts.path}
    return {
        **EVENT,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "queryStringParameters": dict(parse_qsl(parts.query)),
        "headers": {**EVENT["headers"], **own, **headers},
        "cookies": [f"{name}={value}" for name, value in cookies.items()],
        "requestContext": {**EVENT["requestContext"], "http": http},
        "body": text,
        "isBase64Encoded": False,
    }


def _kept(cookies: list[str]) -> dict[str, str]:
    pairs = [cookie.partition(";")[0].partition("=") for cookie in cookies]
    return {name: value for name, _, value in pairs if value}


@contextmanager
def deployed(lake: Path, folder: Path) -> Iterator[Deployed]:
    """Serve a lake's marts from a bucket until the block ends."""
    port = free_pair()
    issuer = f"http://127.0.0.1:{port}"
    redirects = frozenset({f"https://{HOST}/auth/callback"})
    provider = Provider(issuer, KeyFile(folder), users_of((), ("default", "second")), redirects)
    with (
        pytest.MonkeyPatch.context() as environment,
        mock_aws(config={"lambda": {"use_docker": False}}),
        serving(issuer_app(provider, frozenset({f"127.0.0.1:{port}"})), port),
    ):
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield Deployed(_account(lake, issuer), provider)


def _account(lake: Path, issuer: str) -> dict[str, str]:
    s3 = boto3.client("s3")
    for bucket in (LAKE_BUCKET, RESULTS):
        s3.create_bucket(Bucket=bucket)
    for file in sorted(lake.glob("marts/**/*")):
        if file.is_file():
            s3.put_object(
                Bucket=LAKE_BUCKET, Key=file.relative_to(lake).as_posix(), Body=file.read_bytes()
            )
    create_keyed_table(boto3.client("dynamodb"), TABLE)
    role = role_with_tag()
    boto3.client("firehose").create_delivery_stream(
        DeliveryStreamName=STREAM,
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{RESULTS}",
            "Prefix": "audit/",
        },
    )
    boto3.client("lambda").create_function(
        FunctionName=EXPORT_FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="lambda_functions.make_export.handler.handler",
        Code={"ZipFile": b"called by the test"},
    )
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    return {
        "METRICCARE_DEPLOYED_LAKE": f"s3://{LAKE_BUCKET}",
        "METRICCARE_SERVING_TABLE": TABLE,
        "METRICCARE_READER_ROLE": role,
        "METRICCARE_RESULTS_BUCKET": RESULTS,
        "METRICCARE_EXPORT_FUNCTION": EXPORT_FUNCTION,
        "METRICCARE_AUDIT_STREAM": STREAM,
        "METRICCARE_DATA_KEY": key,
        "METRICCARE_PUBLIC_HOST": HOST,
        "METRICCARE_OIDC": json.dumps(
            {"issuer": issuer, "client_id": CLIENT, "audience": AUDIENCE}
        ),
    }


def role_with_tag() -> str:
    """Return the role that reads a tenant's marts; moto judges no call in this process."""
    trust = {"Version": "2012-10-17", "Statement": []}
    made = boto3.client("iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust)
    )
    arn: str = made["Role"]["Arn"]
    return arn


def audit_rows() -> list[dict[str, Any]]:
    """Return the rows that the stream delivered, in the order in which they were written."""
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket=RESULTS, Prefix="audit/").get("Contents", [])
    bodies = [s3.get_object(Bucket=RESULTS, Key=e["Key"])["Body"].read() for e in listed]
    rows = [json.loads(line) for body in bodies for line in body.splitlines()]
    return sorted(rows, key=lambda row: (row["at"], row["seq"]))
