"""Alarms over alarms on the twin, whose server lacks them."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws
from moto.cloudwatch.models import Alarm
from moto.cloudwatch.responses import CloudWatchResponse

from tests.twin.server import gaps


@pytest.fixture
def with_the_gap_filled(monkeypatch: pytest.MonkeyPatch):
    gaps._alarms_can_be_made_of_alarms()
    yield
    del CloudWatchResponse.put_composite_alarm
    del Alarm.alarm_rule


@mock_aws
def test_an_alarm_of_alarms_is_kept_with_its_rule_and_tags(with_the_gap_filled):
    client = boto3.client("cloudwatch", region_name="us-east-1")
    rule = 'ALARM("a_dev") OR ALARM("b_dev")'
    tags = [{"Key": "workspace", "Value": "dev"}]
    client.put_composite_alarm(
        AlarmName="unhealthy_dev", AlarmRule=rule, AlarmDescription="x", Tags=tags
    )
    kinds = ["CompositeAlarm"]
    found = client.describe_alarms(AlarmNames=["unhealthy_dev"], AlarmTypes=kinds)
    (alarm,) = found["CompositeAlarms"]
    assert (alarm["AlarmRule"], alarm["AlarmDescription"]) == (rule, "x")
    assert alarm["ActionsEnabled"] is True
    assert found["MetricAlarms"] == []
    assert client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == tags
    client.delete_alarms(AlarmNames=["unhealthy_dev"])
    assert client.describe_alarms(AlarmTypes=kinds)["CompositeAlarms"] == []


def test_a_moto_that_makes_them_itself_is_noticed(with_the_gap_filled):
    with pytest.raises(SystemExit, match="itself now"):
        gaps._alarms_can_be_made_of_alarms()
