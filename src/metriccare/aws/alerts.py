"""Where alerts go: an SNS topic, and a Slack channel if a secret holds its address."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metriccare.aws.log import log
from metriccare.causes import cause_of
from metriccare.monitoring.notify import Notifier

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
    """Posts to the webhook whose address a secret holds; read again for each message."""

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


class EveryNotifier:
    """Sends to the topic first: a Slack that is down must not keep the alert from going out."""

    def __init__(self, notifiers: Sequence[Notifier]) -> None:
        self._notifiers = notifiers

    def send(self, subject: str, body: str, outcome: str) -> None:
        """Send one message everywhere; raise only if the first notifier fails."""
        first, *others = self._notifiers
        first.send(subject, body, outcome)
        for notifier in others:
            try:
                notifier.send(subject, body, outcome)
            except Exception as error:
                log("could not be sent everywhere", error=cause_of(error))
