"""Audit rows into a Firehose stream: one chain for each instance of a function.

An instance answers one request at a time, so its chain has one writer; it begins anew with each
instance, because an instance's end is not announced.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from metriccare.access import audit
from metriccare.access.audit import FIRST_HASH, AuditEntry, AuditFailed, Head

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient

# A row that was taken since then shows that rows are taken.
_FRESH_SECONDS = 60.0


class AuditStream:
    """Puts each row into the stream before its answer leaves."""

    def __init__(self, client: FirehoseClient, stream: str, chain: str) -> None:
        self._client, self._stream, self._chain = client, stream, chain
        self._lock, self._head = threading.Lock(), Head(0, FIRST_HASH)
        self._taken_at = float("-inf")

    def write(self, entry: AuditEntry) -> None:
        """Append a row; raises AuditFailed, and then the chain goes on from the row before."""
        with self._lock:
            line, head = audit.chained(entry, self._chain, self._head)
            try:
                self._client.put_record(DeliveryStreamName=self._stream, Record={"Data": line})
            except (BotoCoreError, ClientError) as error:
                raise AuditFailed(
                    f"The stream took no audit row: {type(error).__name__}"
                ) from error
            self._head, self._taken_at = head, time.monotonic()

    def check(self) -> None:
        """Raise AuditFailed if the stream takes no rows."""
        if time.monotonic() - self._taken_at < _FRESH_SECONDS:
            return
        try:
            found = self._client.describe_delivery_stream(DeliveryStreamName=self._stream)
        except (BotoCoreError, ClientError) as error:
            raise AuditFailed(f"The stream does not answer: {type(error).__name__}") from error
        status = found["DeliveryStreamDescription"]["DeliveryStreamStatus"]
        if status != "ACTIVE":
            raise AuditFailed(f"The stream is {status}.")
