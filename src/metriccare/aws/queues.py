"""The queues of the upload path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# The most messages SQS gives at once.
_AT_ONCE = 10


class SqsDeadLetters:
    """A dead-letter queue and the queue its messages came from, by their addresses."""

    def __init__(self, client: SQSClient, dead_url: str, source_url: str) -> None:
        self._client = client
        self._dead_url = dead_url
        self._source_url = source_url

    def count(self) -> int:
        """Return about how many messages the dead-letter queue holds."""
        attributes = self._client.get_queue_attributes(
            QueueUrl=self._dead_url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def take(self) -> list[tuple[str, str]]:
        """Return some messages as (receipt, body)."""
        answer = self._client.receive_message(
            QueueUrl=self._dead_url, MaxNumberOfMessages=_AT_ONCE, WaitTimeSeconds=1
        )
        return [(m["ReceiptHandle"], m["Body"]) for m in answer.get("Messages", [])]

    def give_back(self, receipt: str, body: str) -> None:
        """Put a message on its queue, then remove it here: sent twice is better than lost."""
        self._client.send_message(QueueUrl=self._source_url, MessageBody=body)
        self._client.delete_message(QueueUrl=self._dead_url, ReceiptHandle=receipt)
