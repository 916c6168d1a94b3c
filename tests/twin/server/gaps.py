"""Differences of moto 5.2.5 from AWS that affect this stack. Each patch names what it fixes.

A patched name that is gone means another moto: this fails loudly instead of proving nothing.
"""

from __future__ import annotations

import json
import traceback
import uuid
from collections.abc import Callable
from typing import Any

import moto
from moto.athena.responses import AthenaResponse
from moto.awslambda.models import LambdaFunction
from moto.budgets.responses import BudgetsResponse
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import BaseResponse, EmptyResult
from moto.glue.responses import GlueResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3 import notifications
from moto.s3.models import FakeDeleteMarker, S3Backend
from moto.sqs.models import Queue

MOTO_VERSION = "5.2.5"
ACCOUNT = "123456789012"


def fill() -> None:
    """Apply every patch."""
    if moto.__version__ != MOTO_VERSION:
        raise SystemExit(f"The twin patches moto {MOTO_VERSION}; this is {moto.__version__}.")
    _deny_over_plain_http_is_for_others()
    _uploads_name_their_version()
    _access_logs_are_not_written()
    _delete_markers_can_be_deleted()
    _queue_attributes_are_set_one_by_one()
    _functions_return_what_they_were_given()
    _budgets_have_subscribers_and_tags()
    _named_queries_can_be_deleted()
    _connections_can_be_deleted()
    _alarms_can_be_made_of_alarms()
    _what_is_not_there_says_so()


def _wrap(
    owner: Any, name: str, around: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    if not hasattr(owner, name):
        raise SystemExit(f"moto has no {owner.__name__}.{name} any more; fix tests/twin/server.")
    setattr(owner, name, around(getattr(owner, name)))


def _deny_over_plain_http_is_for_others() -> None:
    """moto applies a Deny although its condition is not met."""

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def permitted(statement: Any, *arguments: Any, **named: Any) -> Any:
            found = original(statement, *arguments, **named)
            rule = statement._statement
            if rule["Effect"] == "Deny" and "Condition" in rule:
                return PermissionResult.NEUTRAL
            return found

        return permitted

    _wrap(IAMPolicyStatement, "is_action_permitted", around)


def _uploads_name_their_version() -> None:
    """moto's upload events carry neither version nor sequencer."""

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def event(name: str, bucket: Any, key: Any, notification_id: str) -> Any:
            found = original(name, bucket, key, notification_id)
            for record in found["Records"]:
                record["s3"]["object"]["sequencer"] = uuid.uuid4().hex[:16].upper()
                if bucket.versioning_status == "Enabled":
                    record["s3"]["object"]["versionId"] = key.version_id
            return found

        return event

    _wrap(notifications, "_get_s3_event", around)


def _access_logs_are_not_written() -> None:
    """moto writes an object for every request to a logged bucket, tens of thousands of them."""
    _wrap(S3Backend, "log_incoming_request", lambda _: lambda *_: None)


def _delete_markers_can_be_deleted() -> None:
    """moto fails on the last version of an object when that is a delete marker."""
    if hasattr(FakeDeleteMarker, "dispose"):
        raise SystemExit("moto disposes of delete markers itself now; fix tests/twin/server.")
    FakeDeleteMarker.dispose = lambda _: None


def _queue_attributes_are_set_one_by_one() -> None:
    """moto removes a queue's policy with any other attribute, respells its redrive policy, and
    knows no redrive allow policy.
    """

    def setting(original: Callable[..., Any]) -> Callable[..., Any]:
        def set_attributes(queue: Any, attributes: Any, now: Any = None) -> None:
            kept = getattr(queue, "policy", None)
            original(queue, attributes, now)
            if "Policy" not in attributes:
                queue.policy = kept

        return set_attributes

    def returning(original: Any) -> Any:
        def attributes(queue: Any) -> Any:
            allowed = queue.redrive_allow_policy
            compact = queue.redrive_policy and json.dumps(
                queue.redrive_policy, separators=(",", ":")
            )
            attributes_now = original.fget(queue) | {
                "RedriveAllowPolicy": allowed,
                "RedrivePolicy": compact,
            }
            unset = [n for n in ("RedriveAllowPolicy", "RedrivePolicy") if not attributes_now[n]]
            return {name: value for name, value in attributes_now.items() if name not in unset}

        return property(attributes)

    _wrap(Queue, "_set_attributes", setting)
    _wrap(Queue, "attributes", returning)
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue.redrive_allow_policy = None


def _functions_return_what_they_were_given() -> None:
    """moto forgets dead letters, log and snapshots: every second plan would set them again."""

    def keeping(original: Callable[..., Any]) -> Callable[..., Any]:
        def init(function: Any, **named: Any) -> None:
            spec = named["spec"]
            function.kept_settings = {
                k: spec[k] for k in ("DeadLetterConfig", "LoggingConfig", "SnapStart") if k in spec
            }
            original(function, **named)

        return init

    def returning(original: Callable[..., Any]) -> Callable[..., Any]:
        def configuration(function: Any, *arguments: Any, **named: Any) -> Any:
            return original(function, *arguments, **named) | function.kept_settings

        return configuration

    _wrap(LambdaFunction, "__init__", keeping)
    _wrap(LambdaFunction, "get_configuration", returning)


def _budgets_have_subscribers_and_tags() -> None:
    """moto keeps a notification's subscribers, but has no call that returns them; it drops tags."""
    tags: dict[str, list[dict[str, str]]] = {}

    def subscribers(response: Any) -> str:
        account, name = response._get_param("AccountId"), response._get_param("BudgetName")
        wanted = response._get_param("Notification")
        budget = response.backend.budgets[account][name]
        found = next(n for n in budget.notifications if _same(n.details, wanted))
        return json.dumps({"Subscribers": found.subscribers})

    def creating(original: Callable[..., Any]) -> Callable[..., Any]:
        def create_budget(response: Any) -> str:
            name = response._get_param("Budget")["BudgetName"]
            tags[name] = response._get_param("ResourceTags") or []
            return str(original(response))

        return create_budget

    def list_tags(response: Any) -> str:
        name = response._get_param("ResourceARN").rpartition("/")[2]
        return json.dumps({"ResourceTags": tags.get(name, [])})

    BudgetsResponse.describe_subscribers_for_notification = subscribers
    BudgetsResponse.list_tags_for_resource = list_tags
    _wrap(BudgetsResponse, "create_budget", creating)


def _same(details: dict[str, Any], wanted: dict[str, Any]) -> bool:
    names = ("NotificationType", "ComparisonOperator", "Threshold")
    return all(details[name] == wanted[name] for name in names)


def _named_queries_can_be_deleted() -> None:
    """moto cannot delete a named query."""

    def delete(response: Any) -> str:
        response.athena_backend.named_queries.pop(response._get_param("NamedQueryId"), None)
        return "{}"

    AthenaResponse.delete_named_query = delete


def _connections_can_be_deleted() -> None:
    """moto cannot delete a connection of Glue."""
    if hasattr(GlueResponse, "delete_connection"):
        raise SystemExit("moto deletes connections itself now; correct tests/twin/server.")

    def delete(response: Any) -> str:
        response.glue_backend.connections.pop(response._get_param("ConnectionName"), None)
        return "{}"

    GlueResponse.delete_connection = delete


def _alarms_can_be_made_of_alarms() -> None:
    """moto keeps and describes alarms with a rule, and has no call that makes one."""
    if hasattr(CloudWatchResponse, "put_composite_alarm"):
        raise SystemExit("moto makes composite alarms itself now; correct tests/twin/server.")
    CloudWatchResponse.put_composite_alarm = put_composite_alarm
    # The response tells an alarm's rule by the name that the API has for it.
    Alarm.alarm_rule = property(lambda alarm: alarm.rule)


def put_composite_alarm(response: Any) -> Any:
    """Make an alarm whose rule names others."""
    texts = ("AlarmName", "AlarmRule", "AlarmDescription")
    lists = ("AlarmActions", "OKActions", "InsufficientDataActions", "Tags")
    name, rule, description = (response._get_param(text) for text in texts)
    alarm, ok, no_data, tags = (response._get_param(each, []) for each in lists)
    # What only an alarm over a metric has.
    measured = ("namespace", "metric_name", "statistic", "period", "evaluation_periods")
    of_metrics = dict.fromkeys((*measured, "threshold", "comparison_operator"))
    response.cloudwatch_backend.put_metric_alarm(
        **of_metrics,
        name=name,
        rule=rule,
        description=description,
        dimensions=[],
        alarm_actions=alarm,
        ok_actions=ok,
        insufficient_data_actions=no_data,
        actions_enabled=response._get_bool_param("ActionsEnabled", True),
        tags=tags,
    )
    return EmptyResult()


def _what_is_not_there_says_so() -> None:
    """A call that moto fails on returns 500, which clients repeat for minutes; 501 they do not."""

    def around(original: Callable[..., Any]) -> Callable[..., Any]:
        def call_action(response: Any) -> Any:
            try:
                return original(response)
            except Exception as error:
                traceback.print_exc()
                return 501, {}, json.dumps({"__type": "NotImplemented", "message": str(error)})

        return call_action

    _wrap(BaseResponse, "call_action", around)
