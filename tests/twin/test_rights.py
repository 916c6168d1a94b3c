"""Who may do what: the rendered policies, and the calls that were really made under them."""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from metriccare.naming import CHECKPOINTS_FOLDER
from tests.terraform.policies import allows, matches, statements
from tests.twin.stack import Twin

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]

ACCOUNT, REGION = "123456789012", "us-east-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/metriccare_terraform_boundary_dev"
# Actions without a resource to name: AWS accepts nothing but "*" for them.
WITHOUT_RESOURCE = {
    "athena:ListDataCatalogs",
    "athena:ListWorkGroups",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


@pytest.fixture(scope="module")
def resources(twin: Twin) -> list[dict[str, Any]]:
    """Return every applied resource."""
    return list(all_resources(twin.state()["root_module"]))


def all_resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the resources of a module of the state and of those within it."""
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from all_resources(child)


@pytest.fixture(scope="module")
def role_policies(resources: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rendered policies of each role."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in resources:
        if one["type"] == "aws_iam_role_policy":
            found[one["values"]["role"]].append(json.loads(one["values"]["policy"]))
    return found


def arn_of(action: str, named: str) -> str:
    """Return the resource a recorded call is judged by."""
    service = action.partition(":")[0]
    if named.startswith("arn:"):
        return named
    if service == "glue":
        kind = {"glue:GetJobRun": "job", "glue:GetJobRuns": "job", "glue:StartJobRun": "job"}
        kind |= {f"glue:{verb}": "workflow" for verb in WORKFLOW_CALLS}
        name = named if named.startswith("table/") else f"{kind.get(action, '?')}/{named}"
        return f"arn:aws:glue:{REGION}:{ACCOUNT}:{name}"
    if service == "dynamodb":
        name = named or "metriccare_tracking_2_dev"
        return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    return named


WORKFLOW_CALLS = ("GetWorkflowRun", "GetWorkflowRuns", "StartWorkflowRun")


def calls_of(twin: Twin) -> set[tuple[str, str, str, str, str]]:
    """Return the calls of functions and jobs: role, action, resource, prefix, hash key."""
    lines = (twin.folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        (c["role"], c["action"], c["resource"], c.get("prefix", ""), c.get("leading_key", ""))
        for c in map(json.loads, lines)
    }


def refused_calls(twin: Twin, policies: dict[str, list[dict[str, Any]]]) -> list[tuple[str, ...]]:
    """Return the calls that their role does not allow."""
    return sorted(
        (role, action, resource, prefix, key)
        for role, action, resource, prefix, key in calls_of(twin)
        if not may(
            twin,
            policies[role],
            action,
            arn_of(action, resource),
            {"s3:prefix": prefix, "dynamodb:LeadingKeys": key},
        )
    )


def may(
    twin: Twin,
    policies: list[dict[str, Any]],
    action: str,
    resource: str,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Return True if a role's own policies and the boundary both allow a call."""
    facts = {"aws:ResourceTag/workspace": "dev", **(context or {})}
    return all(allows(found, action, resource, facts) for found in (policies, [boundary(twin)]))


@functools.cache
def _boundary(endpoint: str, version: str) -> dict[str, Any]:
    iam = Twin(endpoint, Path()).client("iam")
    place = {"PolicyArn": BOUNDARY, "VersionId": version}
    return dict(iam.get_policy_version(**place)["PolicyVersion"]["Document"])


def boundary(twin: Twin) -> dict[str, Any]:
    """Return the most that a role of the workspace can do."""
    policy = twin.client("iam").get_policy(PolicyArn=BOUNDARY)["Policy"]
    return _boundary(twin.endpoint, policy["DefaultVersionId"])


def test_every_call_of_a_function_or_job_is_one_its_role_allows(twin, role_policies):
    assert {role for role, *_ in calls_of(twin)} >= {
        "metriccare_bronze_job_dev",
        "metriccare_silver_job_dev",
        "metriccare_gold_job_dev",
        "metriccare_register_files_dev",
        "metriccare_notify_dev",
        "metriccare_sweep_dev",
        "metriccare_upkeep_job_dev",
    }
    assert refused_calls(twin, role_policies) == []


def test_every_role_of_the_stack_is_under_the_boundary(resources):
    roles = [r["values"] for r in resources if r["type"] == "aws_iam_role"]
    assert len(roles) >= 8
    assert {role["permissions_boundary"] for role in roles} == {BOUNDARY}


def test_the_boundary_leaves_each_role_all_that_its_policy_grants(twin, role_policies):
    secrets = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    context = {"aws:ResourceTag/workspace": "dev", **secrets}
    cut = [
        (role, action, resource)
        for role, policies in role_policies.items()
        for policy in policies
        for statement in statements(policy)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if not allows([boundary(twin)], action, resource, context)
    ]
    assert cut == []


def test_the_boundary_ends_at_the_workspace(twin):
    limit = [boundary(twin)]
    prod = f"arn:aws:s3:::metriccare-raw-{ACCOUNT}-prod/a"
    assert not allows(limit, "s3:GetObject", prod)
    assert not allows(limit, "s3:GetObject", f"arn:aws:s3:::metriccare-state-{ACCOUNT}/a")
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
    assert allows(limit, "kms:Decrypt", key, {"aws:ResourceTag/workspace": "dev"})
    assert not allows(limit, "kms:Decrypt", key, {"aws:ResourceTag/workspace": "prod"})
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
    assert allows(limit, "secretsmanager:GetSecretValue", f"{secret}metriccare/slack-abc")
    assert not allows(limit, "secretsmanager:GetSecretValue", f"{secret}payroll")
    for action in ("iam:PutRolePolicy", "sts:AssumeRole", "s3:PutBucketPolicy", "kms:PutKeyPolicy"):
        assert not allows(limit, action, key), action


def test_no_identity_policy_has_a_wildcard_action(role_policies):
    found = [
        (role, action)
        for role, policies in role_policies.items()
        for policy in policies
        for statement in statements(policy)
        for action in statement["Action"]
        if "*" in action
    ]
    assert found == []


def test_every_resource_is_named_unless_the_service_knows_none(role_policies):
    found = [
        (role, action)
        for role, policies in role_policies.items()
        for policy in policies
        for statement in statements(policy)
        if "*" in statement["Resource"]
        for action in statement["Action"]
        if action not in WITHOUT_RESOURCE
    ]
    assert found == []


@pytest.mark.parametrize(
    ("job", "reads", "writes"),
    [
        ("bronze", {"bronze"}, {"bronze"}),
        ("silver", {"bronze", "silver"}, {"bronze/quarantine", "silver"}),
        ("gold", {"bronze", "silver", "gold", "publish"}, {"gold", "publish"}),
        (
            "upkeep",
            {"bronze", "silver", "gold", "publish"},
            {"bronze", "silver", "gold", "publish"},
        ),
    ],
)
def test_each_job_reads_and_writes_its_places_only(twin, role_policies, job, reads, writes):
    policies = role_policies[f"metriccare_{job}_job_dev"]
    lake = twin.outputs["lake"].removeprefix("s3://")
    places = {"bronze/resource", "bronze/quarantine", "silver/patient", "gold/stay", "publish/m"}
    for place in places:
        file = f"arn:aws:s3:::{lake}/{place}/tenant=a/f.parquet"
        wanted_read = any(place.startswith(one) for one in reads)
        wanted_write = any(place.startswith(one) for one in writes)
        assert allows(policies, "s3:GetObject", file) is wanted_read, place
        assert allows(policies, "s3:PutObject", file) is wanted_write, place
        assert allows(policies, "s3:DeleteObject", file) is wanted_write, place


def test_only_spark_jobs_reach_the_rows_of_large_jobs(twin, role_policies):
    lake = twin.outputs["lake"].removeprefix("s3://")
    file = f"arn:aws:s3:::{lake}/{CHECKPOINTS_FOLDER}/a-job/rdd-1/part-00000"
    marker = f"arn:aws:s3:::{lake}/{CHECKPOINTS_FOLDER}_$folder$"
    for role, policies in role_policies.items():
        is_job = re.fullmatch(r"metriccare_\w+_job_dev", role) is not None
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert allows(policies, action, file) is is_job, role
            assert allows(policies, action, marker) is is_job, role
        erases = role == "metriccare_upkeep_job_dev"
        assert allows(policies, "s3:DeleteObjectVersion", file) is erases, role


def test_nobody_may_change_what_was_uploaded(twin, role_policies):
    file = f"arn:aws:s3:::{twin.outputs['raw_bucket']}/north/a.ndjson"
    for role, policies in role_policies.items():
        assert not allows(policies, "s3:DeleteObject", file), role
        assert not allows(policies, "s3:PutObject", file), role
        erases = role == "metriccare_upkeep_job_dev"
        assert allows(policies, "s3:DeleteObjectVersion", file) is erases, role


def test_only_the_upkeep_role_removes_versions_and_writes_the_list_of_erased(twin, role_policies):
    lake = twin.outputs["lake"].removeprefix("s3://")
    listed = f"arn:aws:s3:::{lake}/erasures/erased_names.json"
    old = f"arn:aws:s3:::{lake}/silver/patient/tenant=a/f.parquet"
    for role, policies in role_policies.items():
        upkeep = role == "metriccare_upkeep_job_dev"
        reads = upkeep or role == "metriccare_bronze_job_dev"
        assert allows(policies, "s3:GetObject", listed) is reads, role
        assert allows(policies, "s3:PutObject", listed) is upkeep, role
        assert allows(policies, "s3:DeleteObjectVersion", old) is upkeep, role
    results = f"arn:aws:s3:::{twin.outputs['buckets']['results']}"
    policies = role_policies["metriccare_upkeep_job_dev"]
    assert allows(policies, "s3:DeleteObjectVersion", f"{results}/operators/q.csv")
    assert not allows(policies, "s3:DeleteObjectVersion", f"{results}/bi/q.csv")


def test_the_bi_role_reads_the_published_layer_and_nothing_else(twin, role_policies):
    policies = role_policies["metriccare_bi_reader_dev"]
    lake, results = (twin.outputs["buckets"][name] for name in ("lake", "results"))
    glue = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    for layer, may in (("publish", True), ("gold", False), ("silver", False), ("bronze", False)):
        database = twin.outputs["databases"][layer]
        assert allows(policies, "s3:GetObject", f"arn:aws:s3:::{lake}/{layer}/t/f") is may
        assert allows(policies, "glue:GetTable", f"{glue}:table/{database}/t") is may
        listing = {"s3:prefix": f"{layer}/"}
        assert allows(policies, "s3:ListBucket", f"arn:aws:s3:::{lake}", listing) is may
    assert allows(policies, "s3:GetObject", f"arn:aws:s3:::{results}/bi/a.csv")
    assert not allows(policies, "s3:GetObject", f"arn:aws:s3:::{results}/operators/a.csv")
    assert not allows(policies, "s3:PutObject", f"arn:aws:s3:::{lake}/publish/t/f")
    workgroup = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/"
    assert allows(policies, "athena:StartQueryExecution", workgroup + twin.outputs["bi_workgroup"])
    operators = workgroup + twin.outputs["operators_workgroup"]
    assert not allows(policies, "athena:StartQueryExecution", operators)


# What the ODBC and JDBC drivers for Athena call, by their documentation: connect, browse, query.
DRIVER_CALLS = {
    "athena:GetWorkGroup": "workgroup/metriccare_bi_dev",
    "athena:StartQueryExecution": "workgroup/metriccare_bi_dev",
    "athena:GetQueryExecution": "workgroup/metriccare_bi_dev",
    "athena:GetQueryResults": "workgroup/metriccare_bi_dev",
    "athena:GetQueryResultsStream": "workgroup/metriccare_bi_dev",
    "athena:StopQueryExecution": "workgroup/metriccare_bi_dev",
    "athena:ListDatabases": "datacatalog/AwsDataCatalog",
    "athena:GetDatabase": "datacatalog/AwsDataCatalog",
    "athena:ListTableMetadata": "datacatalog/AwsDataCatalog",
    "athena:GetTableMetadata": "datacatalog/AwsDataCatalog",
    "athena:GetDataCatalog": "datacatalog/AwsDataCatalog",
    "athena:ListDataCatalogs": "*",
    "athena:ListWorkGroups": "*",
}


def test_a_bi_tool_may_make_every_call_of_its_driver(twin, role_policies):
    for action, named in DRIVER_CALLS.items():
        resource = named if named == "*" else f"arn:aws:athena:{REGION}:{ACCOUNT}:{named}"
        assert may(twin, role_policies["metriccare_bi_reader_dev"], action, resource), action


def test_an_operator_reads_every_layer_and_changes_nothing(twin, resources):
    policies = [policy_named("metriccare_operator_reader_dev", resources)]
    assert len(json.dumps(policies[0], separators=(",", ":"))) <= 6_144, "the limit of IAM"
    lake, results = (twin.outputs["buckets"][name] for name in ("lake", "results"))
    athena = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/"
    operators, bi = (athena + twin.outputs[f"{name}_workgroup"] for name in ("operators", "bi"))
    assert allows(policies, "athena:StartQueryExecution", operators)
    assert not allows(policies, "athena:StartQueryExecution", bi)
    for layer, database in twin.outputs["databases"].items():
        file = f"arn:aws:s3:::{lake}/{layer}/t/f.parquet"
        table = f"arn:aws:glue:{REGION}:{ACCOUNT}:table/{database}/t"
        assert allows(policies, "s3:GetObject", file)
        assert allows(policies, "glue:GetTable", table)
        for action in ("s3:PutObject", "s3:DeleteObject"):
            assert not allows(policies, action, file), action
        assert not allows(policies, "glue:UpdateTable", table)
    assert allows(policies, "s3:PutObject", f"arn:aws:s3:::{results}/operators/q.csv")
    assert not allows(policies, "s3:GetObject", f"arn:aws:s3:::{results}/bi/q.csv")
    assert not allows(policies, "s3:GetObject", f"arn:aws:s3:::{lake}/erasures/erased_names.json")
    raw = f"arn:aws:s3:::{twin.outputs['raw_bucket']}/north/Patient.ndjson"
    assert not allows(policies, "s3:GetObject", raw)


def test_a_sender_adds_to_its_own_folder_and_sees_nothing(twin, resources):
    policy = policy_named("metriccare_sender_dev", resources)
    mine = json.loads(json.dumps(policy).replace("${aws:PrincipalTag/tenant}", "north"))
    raw = f"arn:aws:s3:::{twin.outputs['raw_bucket']}"
    assert allows([mine], "s3:PutObject", f"{raw}/north/Patient.ndjson")
    assert not allows([mine], "s3:PutObject", f"{raw}/south/Patient.ndjson")
    assert not allows([mine], "s3:GetObject", f"{raw}/north/Patient.ndjson")


def test_an_upkeep_operator_asks_and_reads_receipts_and_sees_no_record(twin, resources):
    policies = [policy_named("metriccare_upkeep_operator_dev", resources)]
    lake = f"arn:aws:s3:::{twin.outputs['lake'].removeprefix('s3://')}"
    job = f"arn:aws:glue:{REGION}:{ACCOUNT}:job/{twin.outputs['upkeep_job']}"
    assert allows(policies, "glue:StartJobRun", job)
    assert allows(policies, "s3:PutObject", f"{lake}/erasures/requests/a.json")
    assert allows(policies, "s3:GetObject", f"{lake}/erasures/run-000001.json")
    for name in ("requests/a.json", "unfinished.json", "erased_names.json"):
        assert not allows(policies, "s3:GetObject", f"{lake}/erasures/{name}"), name
    assert not allows(policies, "s3:GetObject", f"{lake}/silver/patient/f.parquet")
    assert not allows(policies, "glue:StartJobRun", job.replace("upkeep", "gold"))


def policy_named(name: str, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a policy that is attached to people."""
    (found,) = (
        r["values"]["policy"]
        for r in resources
        if r["type"] == "aws_iam_policy" and r["values"]["name"] == name
    )
    return dict(json.loads(found))


def test_keys_admit_the_services_that_need_them_for_this_account_only(resources):
    keys = {
        r["values"]["description"].split()[0]: json.loads(r["values"]["policy"])
        for r in resources
        if r["type"] == "aws_kms_key"
    }
    (use,) = (s for s in statements(keys["Queues"]) if s["Sid"] == "ServicesSendMessages")
    assert {"s3", "cloudwatch", "budgets", "sns"} == {
        name.partition(".")[0] for name in use["Principal"]["Service"]
    }
    assert set(use["Action"]) == {"kms:GenerateDataKey*", "kms:Decrypt"}
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    # Without a condition that EventBridge may not meet; the queue's policy names the rules.
    (events,) = (s for s in statements(keys["Queues"]) if s["Sid"] == "EventsLeaveDeadLetters")
    assert events["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in events
    (dead,) = (
        json.loads(r["values"]["policy"])
        for r in resources
        if r["address"] == "aws_sqs_queue_policy.events_dead"
    )
    (left,) = (s for s in statements(dead) if s["Effect"] == "Allow")
    named = left["Condition"]["ArnEquals"]["aws:SourceArn"]
    rules = {r["values"]["arn"] for r in resources if r["type"] == "aws_cloudwatch_event_rule"}
    assert rules <= set(named)
    assert all(
        arn.startswith(f"arn:aws:events:{REGION}:{ACCOUNT}:rule/metriccare_") for arn in named
    )
    (logs,) = (s for s in statements(keys["CloudWatch"]) if s["Sid"] == "LogsOfThisAccount")
    context = logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert matches(context, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/x")
    services = [s for s in statements(keys["Buckets,"]) if "Service" in s.get("Principal", {})]
    assert services == []


def test_every_bucket_refuses_plain_http_and_public_access(resources):
    buckets = {r["values"]["bucket"] for r in resources if r["type"] == "aws_s3_bucket"}
    assert len(buckets) == 5
    for one in (r["values"] for r in resources if r["type"] == "aws_s3_bucket_policy"):
        denied = [s for s in statements(json.loads(one["policy"])) if s["Effect"] == "Deny"]
        assert {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in denied]
        buckets.discard(one["bucket"])
    assert buckets == set()
    blocks = [r["values"] for r in resources if r["type"] == "aws_s3_bucket_public_access_block"]
    assert all(b["block_public_policy"] and b["restrict_public_buckets"] for b in blocks)


def test_every_queue_and_the_topic_refuse_plain_http(resources):
    kinds = ("aws_sqs_queue_policy", "aws_sns_topic_policy")
    policies = [r["values"]["policy"] for r in resources if r["type"] in kinds]
    assert len(policies) == 1 + sum(r["type"] == "aws_sqs_queue" for r in resources)
    for policy in policies:
        denied = [s for s in statements(json.loads(policy)) if s["Effect"] == "Deny"]
        assert [s["Condition"] for s in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_no_rule_expires_current_files_of_the_lake_or_the_uploads(resources, twin):
    for one in resources:
        if one["type"] == "aws_s3_bucket_lifecycle_configuration":
            rules = one["values"]["rule"]
            assert all(rule["abort_incomplete_multipart_upload"] for rule in rules)
            if one["values"]["bucket"] in {twin.outputs["buckets"][b] for b in ("lake", "raw")}:
                kept = [rule for rule in rules if prefix_of(rule) != f"{CHECKPOINTS_FOLDER}/"]
                found = [one for rule in kept for one in rule["expiration"]]
                assert not any(one["days"] or one["date"] for one in found)
                assert any(one["expired_object_delete_marker"] for one in found)


def test_rows_that_a_killed_job_left_go_after_a_day(resources, twin):
    (lake,) = (
        one["values"]["rule"]
        for one in resources
        if one["type"] == "aws_s3_bucket_lifecycle_configuration"
        and one["values"]["bucket"] == twin.outputs["buckets"]["lake"]
    )
    (rule,) = (rule for rule in lake if prefix_of(rule) == f"{CHECKPOINTS_FOLDER}/")
    assert (rule["status"], rule["expiration"][0]["days"]) == ("Enabled", 1)
    assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] == 1


def prefix_of(rule) -> str:
    return "".join(one["prefix"] or "" for one in rule["filter"])


def test_no_function_hides_its_environment_from_the_plan_role(resources):
    functions = [r["values"] for r in resources if r["type"] == "aws_lambda_function"]
    assert functions
    # Under a key of ours Lambda would answer an error instead of the variables.
    assert {function["kms_key_arn"] for function in functions} == {""}


def test_everything_that_can_be_tagged_carries_its_workspace_and_no_commit(resources):
    tagged = [r for r in resources if r["values"].get("tags_all") is not None]
    # A tag that changes with each deploy would make each plan a change of everything.
    assert not [r["address"] for r in tagged if "commit" in r["values"]["tags_all"]]
    bare = [r["address"] for r in tagged if r["values"]["tags_all"].get("workspace") != "dev"]
    assert len(tagged) > 50
    assert bare == []
