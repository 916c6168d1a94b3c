"""Where alerts go: an SNS topic, and a Slack channel where a secret names its address."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient

_SUBJECT_LIMIT = 100
_SLACK_SECONDS = 10


class SnsNotifier:
    """Publishes to the alert topic; the attribute `outcome` lets a subscriber filter."""

    def __init__(self, client: SNSClient, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def send(self, subject: str, body: str, outcome: str) -> None:
        """Send one message; SNS allows a subject of 100 ASCII characters."""
        self._client.publish(
            TopicArn=self._topic_arn,
            Subject=subject.encode("ascii", "replace").decode()[:_SUBJECT_LIMIT],
            Message=body,
            MessageAttributes={"outcome": {"DataType": "String", "StringValue": outcome}},
        )


class SlackNotifier:
    """Posts to the webhook whose address a secret holds; read anew for each message."""

    def __init__(self, client: SecretsManagerClient, secret_name: str) -> None:
        self._client = client
        self._secret_name = secret_name

    def send(self, subject: str, body: str, outcome: str) -> None:
        """Send one message."""
        address = self._client.get_secret_value(SecretId=self._secret_name)["SecretString"]
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            address.strip(),
            data=json.dumps({"text": f"*{subject}*\n```{body}```"}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_SLACK_SECONDS):  # noqa: S310
            return
