"""What the functions meet: tracking table, topic with a listener, workflow and job, in moto."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import boto3

from metriccare.aws.dynamodb import DynamoTracking
from tests.aws.tracking_table import TABLE

WORKFLOW = "metriccare_pipeline_workflow_test"
JOBS = tuple(f"metriccare_{layer}_job_dev" for layer in ("bronze", "silver", "gold"))
UPKEEP = "metriccare_upkeep_job_dev"


@dataclass
class Stack:
    """The functions' surroundings and their environment."""

    dynamodb: Any
    environment: dict[str, str]
    listener: str

    @property
    def store(self) -> DynamoTracking:
        return DynamoTracking(self.dynamodb, TABLE)

    def messages(self) -> list[dict[str, Any]]:
        """Return what a subscriber of the topic has received."""
        sqs = boto3.client("sqs")
        found = sqs.receive_message(QueueUrl=self.listener, MaxNumberOfMessages=10)
        return [json.loads(one["Body"]) for one in found.get("Messages", [])]

    def workflow_runs(self) -> list[dict[str, Any]]:
        return boto3.client("glue").get_workflow_runs(Name=WORKFLOW)["Runs"]


def create(dynamodb: Any) -> Stack:
    """Create topic, listener, workflow and jobs."""
    topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
    sqs = boto3.client("sqs")
    listener = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=listener, AttributeNames=["QueueArn"])
    boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"]
    )
    glue = boto3.client("glue")
    glue.create_workflow(Name=WORKFLOW)
    for job in (*JOBS, UPKEEP):
        glue.create_job(
            Name=job, Role="role", Command={"Name": "glueetl", "ScriptLocation": "s3://a/b.py"}
        )
    environment = {
        "METRICCARE_WORKSPACE": "dev",
        "METRICCARE_TRACKING_TABLE": TABLE,
        "METRICCARE_WORKFLOW": WORKFLOW,
        "METRICCARE_JOBS": ",".join(JOBS),
        "METRICCARE_UPKEEP_JOB": UPKEEP,
        "METRICCARE_TOPIC_ARN": topic,
        "METRICCARE_DAILY_RUN_HOUR_UTC": "9",
    }
    return Stack(dynamodb, environment, listener)
