"""What the deployed stack serves: the real zip behind the stack's routes, tenants parted by IAM."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from benchmarks.served import free_pair
from metriccare.local.issuer.keys import KeyFile
from metriccare.local.issuer.pages import issuer_app
from metriccare.local.issuer.provider import AUDIENCE, CLIENT, Provider
from metriccare.local.issuer.users import users_of
from tests.api.running import serving
from tests.publishing.mart_lake import MartLake, measure
from tests.twin.gateway import Gateway
from tests.twin.server.calls import ROLE_PREFIX
from tests.twin.stack import APPLY_ROLE, PLAN_ROLE, Twin, prepare_account, wait_for
from tests.twin.test_rights import all_resources, calls_of, may, resources, role_policies
from tests.twin.test_roles_of_terraform import granted

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]
__all__ = ["resources", "role_policies"]

ASKED = {"TF_VAR_serving": "true", "TF_VAR_web_acl": "true"}
READER = "arn:aws:iam::123456789012:role/metriccare_published_reader_dev"
ANSWERS = "metriccare_serve_published_dev"
# Granted for a plan and not called here: the provider asks for them only after a fault.
NOT_CALLED: set[str] = set()


@dataclass(frozen=True)
class Served:
    """The stack, its gateway, and an issuer that signs people in."""

    twin: Twin
    gateway: Gateway
    provider: Provider

    def program(self, subject: str) -> dict[str, str]:
        """Return the headers of a program with a token."""
        token = self.provider.access_token(self.provider.users[subject])
        return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def applied(twin: Twin) -> Twin:
    """Return the stack that serves, planned and applied by the roles for it."""
    prepare_account(twin, TF_VAR_options='["serving"]')
    page = twin.folder / "dist" / "site" / "index.html"
    if not page.is_file():  # a machine without Node builds no page
        page.write_text("<!doctype html><title>MetricCare</title>\n", encoding="utf-8")
    before = len(twin.judged())
    twin.plan_script(**ASKED)
    twin.plan_script("--apply", role=APPLY_ROLE, **ASKED)
    assert [call for call in twin.judged()[before:] if not call["allowed"]] == []
    found = json.loads(twin.terraform("output", "-json", **ASKED).stdout)
    twin.outputs = {name: output["value"] for name, output in found.items()}
    return twin


@pytest.fixture(scope="module")
def served(applied: Twin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return the stack with marts of two tenants, and people who sign in."""
    _publish(applied, tmp_path_factory.mktemp("marts"))
    with _issuer(applied, tmp_path_factory.mktemp("issuer")) as provider:
        yield Served(applied, Gateway(applied), provider)


def _publish(twin: Twin, folder: Path) -> None:
    lake = MartLake(folder)
    for tenant, more in (("north", 0), ("south", 100)):
        row = measure(tenant, grain="all", numerator=74 + more, denominator=720, value=0.1)
        lake.write("publish.measure", {**row, "period_start": None})
    lake.publish()
    s3 = twin.client("s3")
    for file in folder.glob("marts/**/*"):
        if file.is_file():
            key = file.relative_to(folder).as_posix()
            s3.put_object(Bucket=twin.outputs["buckets"]["lake"], Key=key, Body=file.read_bytes())


@contextmanager
def _issuer(twin: Twin, folder: Path) -> Iterator[Provider]:
    """Sign people in at an issuer of this machine: moto's pools have no addresses for it."""
    port = free_pair()
    issuer = f"http://127.0.0.1:{port}"
    provider = Provider(issuer, KeyFile(folder), users_of((), ("north", "south")), frozenset())
    functions = twin.client("lambda")
    deployed = functions.get_function_configuration(FunctionName=ANSWERS)["Environment"]
    oidc = {"issuer": issuer, "client_id": CLIENT, "audience": AUDIENCE}
    own = {**deployed["Variables"], "METRICCARE_OIDC": json.dumps(oidc)}
    functions.update_function_configuration(FunctionName=ANSWERS, Environment={"Variables": own})
    version = functions.publish_version(FunctionName=ANSWERS)["Version"]
    functions.update_alias(FunctionName=ANSWERS, Name="live", FunctionVersion=version)
    with serving(issuer_app(provider, frozenset({f"127.0.0.1:{port}"})), port):
        yield provider


def test_a_second_plan_that_serves_changes_nothing(applied: Twin):
    words = ("plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert "No changes." in applied.terraform(*words, role=PLAN_ROLE, **ASKED).stdout


def test_the_plan_role_is_granted_for_it_only_what_a_plan_calls(applied: Twin):
    iam = applied.client("iam")
    attached = iam.list_attached_role_policies(RoleName=PLAN_ROLE)["AttachedPolicies"]
    (arn,) = [one["PolicyArn"] for one in attached if "_serving_" in one["PolicyArn"]]
    place = {"VersionId": iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]}
    policy = iam.get_policy_version(PolicyArn=arn, **place)["PolicyVersion"]["Document"]
    called = {call["action"] for call in applied.judged() if call["role"] == PLAN_ROLE}
    assert granted(policy) - called == NOT_CALLED


def test_people_find_address_issuer_and_client(applied: Twin):
    found = applied.outputs["serving"]
    pools = applied.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert found["address"].endswith(".cloudfront.net")
    assert found["issuer"].endswith(pools[0]["Id"])
    groups = applied.client("cognito-idp").list_groups(UserPoolId=found["user_pool"])["Groups"]
    assert {"analyst", "quality_officer"} <= {group["GroupName"] for group in groups}


def test_each_tenant_reads_its_own_results_through_the_gateway(served: Served):
    address = "/v1/measures/readmission_30d/results?grain=all"
    own = served.gateway.ask("GET", address, served.program("analyst"))
    other = served.gateway.ask("GET", address, served.program("other_quality"))

    assert own.status == other.status == 200, own.content
    assert own.json()["data"][0]["numerator"] == 74
    assert other.json()["data"][0]["numerator"] == 174
    assert (
        served.gateway.ask("GET", "/v1/evidence/denials", served.program("finance")).status == 404
    )
    assert served.gateway.ask("GET", "/metrics").status == 404


def test_every_read_is_audited_in_the_bucket_of_the_stack(served: Served):
    before = len(_audited(served.twin))
    assert served.gateway.ask("GET", "/v1/measures", served.program("analyst")).status == 200
    rows = _audited(served.twin)[before:]
    assert [(row["principal"], row["tenant"], row["seq"]) for row in rows] == [
        ("analyst", "north", 1)
    ]


def _audited(twin: Twin) -> list[dict[str, Any]]:
    s3, bucket = twin.client("s3"), twin.outputs["buckets"]["audit"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="access/").get("Contents", [])
    bodies = [s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed]
    rows = [json.loads(line) for content in bodies for line in content.splitlines()]
    return sorted(rows, key=lambda row: row["at"])


def test_an_export_is_made_and_fetched_by_its_address(served: Served):
    analyst = {**served.program("analyst"), "metriccare-purpose": "operations"}
    wanted = {"dataset": "measure_results", "filters": {"grain": ["all"]}}
    begun = served.gateway.ask("POST", "/v1/exports", analyst, wanted)
    assert begun.status == 202, begun.content

    def ready() -> bool:
        export = served.gateway.ask("GET", begun.headers["location"], analyst).json()
        assert export["state"] in ("waiting", "ready")
        return bool(export["state"] == "ready")

    wait_for("the export is made", ready, 120)
    fetched = served.gateway.ask("GET", f"{begun.headers['location']}/file", analyst)
    assert fetched.status == 303
    with urllib.request.urlopen(fetched.headers["location"], timeout=30) as answer:
        assert b"readmission_30d" in answer.read()


def _taken(twin: Twin, caller: str, *tags: str) -> Any:
    sts = boto3.client(
        "sts",
        endpoint_url=twin.endpoint,
        region_name="us-east-1",
        aws_access_key_id=ROLE_PREFIX + caller,
        aws_secret_access_key="twin",
    )
    named = [{"Key": "tenant", "Value": tag} for tag in tags]
    found = sts.assume_role(RoleArn=READER, RoleSessionName="test", Tags=named)["Credentials"]
    return boto3.client(
        "s3",
        endpoint_url=twin.endpoint,
        region_name="us-east-1",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def test_a_session_of_one_tenant_is_refused_another_tenants_object(served: Served):
    twin, lake = served.twin, served.twin.outputs["buckets"]["lake"]
    north = _taken(twin, ANSWERS, "north")
    assert north.get_object(Bucket=lake, Key="marts/north/current.json")["Body"].read()
    for key in ("marts/south/current.json", "gold/stay/a.parquet"):
        with pytest.raises(ClientError, match="AccessDenied"):
            north.get_object(Bucket=lake, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        north.list_objects_v2(Bucket=lake, Prefix="marts/")


@pytest.mark.parametrize(
    ("caller", "tags"),
    [(ANSWERS, ()), (ANSWERS, ("north/measure",)), ("metriccare_notify_dev", ("north",))],
)
def test_the_role_is_given_for_one_tenant_and_to_what_serves_only(
    served: Served, caller: str, tags: tuple[str, ...]
):
    with pytest.raises(ClientError, match="AccessDenied"):
        _taken(served.twin, caller, *tags)


def test_every_call_of_what_serves_is_one_its_role_allows(served: Served, role_policies: Any):
    twin = served.twin
    calls = {c for c in calls_of(twin) if c[0] in (ANSWERS, "metriccare_make_export_dev")}
    actions = {action for _, action, *_ in calls}
    assert {"dynamodb:PutItem", "firehose:PutRecord", "lambda:InvokeFunction"} <= actions
    refused = [
        (role, action, named)
        for role, action, named, *_ in sorted(calls)
        if not may(twin, role_policies[role], action, _arn_of(twin, action, named))
    ]
    assert refused == []
    lines = (twin.folder / "sessions.jsonl").read_text(encoding="utf-8").splitlines()
    own = [json.loads(line) for line in lines]
    read = {line["resource"] for line in own if line["allowed"] and "resource" in line}
    assert not [name for name in read if "/marts/" not in name and "/exports/" not in name
                and not name.endswith(twin.outputs["buckets"]["lake"])]  # fmt: skip


def _arn_of(twin: Twin, action: str, named: str) -> str:
    """Return the resource that a recorded call is judged by."""
    service = action.partition(":")[0]
    if service == "kms":
        aliases = twin.client("kms").list_aliases()["Aliases"]
        (key,) = [a for a in aliases if a["AliasName"] == "alias/metriccare_data_dev"]
        return f"arn:aws:kms:us-east-1:123456789012:key/{key['TargetKeyId']}"
    places = {"dynamodb": f"table/{named}", "firehose": f"deliverystream/{named}"}
    if named.startswith("arn:") or service not in places:
        return named
    return f"arn:aws:{service}:us-east-1:123456789012:{places[service]}"


def test_what_served_is_taken_back_without_a_trace(served: Served):
    twin = served.twin
    before = len(twin.judged())
    twin.terraform("apply", "-auto-approve", "-input=false", "-no-color")
    assert [call for call in twin.judged()[before:] if not call["allowed"]] == []
    kinds = {one["type"] for one in all_resources(twin.state()["root_module"])}
    services = ("cloudfront", "apigatewayv2", "cognito", "firehose", "wafv2")
    left = sorted(kind for kind in kinds if any(service in kind for service in services))
    assert left == []
