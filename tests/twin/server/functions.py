"""Lambda: the deployed zip in its own process, called by a queue or by an event."""

from __future__ import annotations

import io
import itertools
import json
import os
import threading
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.sqs.models import Queue, sqs_backends

from tests.twin.server.gaps import ACCOUNT
from tests.twin.server.processes import Surroundings

REGION = "us-east-1"
_POLL_SECONDS = 0.5
# Lambda tries an event it was sent, not a queue's message, three times; the pauses are shortened.
_TRIES = 3
_PAUSE_SECONDS = 1.0
_CALL = """
import importlib, json, sys, time
handler, function_name, aws_request_id, timeout = sys.argv[1:]
class Context:
    end = time.time() + float(timeout)
    def get_remaining_time_in_millis(self):
        return int(1000 * (self.end - time.time()))
Context.function_name, Context.aws_request_id = function_name, aws_request_id
module, _, name = handler.rpartition(".")
answer = getattr(importlib.import_module(module), name)(json.load(sys.stdin), Context())
print("\\n" + json.dumps(answer))
"""
# What Lambda does not bring and this machine has.
_NOT_THERE = Path(__file__).parents[2] / "engine" / "without_pyarrow"


class FunctionError(Exception):
    """A function raised or ran out of time."""


class Functions:
    """Calls deployed functions."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._numbers = itertools.count(1)
        self._at_once: dict[str, threading.Lock] = {}
        # Where the ends of calls go; Events sets it.
        self.destination: Callable[[str, str, dict[str, Any]], None] | None = None

    def call(self, function: LambdaFunction, event: Any, request_id: str = "") -> Any:
        """Run a function on an event and return its answer; FunctionError when it fails."""
        number = next(self._numbers)
        place = self._unpacked(function)
        log = self._surroundings.folder / "functions" / f"{number:04d}-{function.function_name}.log"
        path = os.pathsep.join([str(place), str(_NOT_THERE)])
        own = {**function.environment_vars, "PYTHONPATH": path}
        name, words = function.function_name, request_id or str(uuid.uuid4())
        done = self._surroundings.run(
            ["-c", _CALL, function.handler, name, words, str(function.timeout)],
            self._surroundings.environment(function.role, own),
            place,
            log,
            text=json.dumps(event),
            timeout=float(function.timeout),
        )
        if done.returncode != 0:
            raise FunctionError(f"{function.function_name} failed; see {log}")
        return json.loads(done.stdout.splitlines()[-1])

    def call_later(self, function_arn: str, event: Any) -> None:
        """Call a function as an event does: later, with three tries, then to its dead letters."""
        threading.Thread(target=self._try, args=(function_arn, event), daemon=True).start()

    def _try(self, function_arn: str, event: Any) -> None:
        function = backend().get_function(function_arn)
        if function.event_invoke_config:
            self._try_once(function, event)
            return
        for _ in range(_TRIES):
            try:
                self.call(function, event)
            except Exception:
                time.sleep(_PAUSE_SECONDS)
            else:
                return
        queue = function.kept_settings["DeadLetterConfig"]["TargetArn"].rpartition(":")[2]
        sqs_backends[ACCOUNT][REGION].send_message(queue, json.dumps(event))

    def _try_once(self, function: LambdaFunction, event: Any) -> None:
        """Call a function that has a destination for the ends of its calls, one call at a time."""
        request_id = str(uuid.uuid4())
        context = {"requestId": request_id, "functionArn": f"{function.function_arn}:$LATEST"}
        with self._at_once.setdefault(function.function_arn, threading.Lock()):
            try:
                word, answer = "Success", self.call(function, event, request_id)
            except Exception:
                word, answer = "Failure", {"errorType": "Runtime.ExitError"}
        detail = {"requestContext": context, "requestPayload": event, "responsePayload": answer}
        assert self.destination is not None
        self.destination("lambda", f"Lambda Function Invocation Result - {word}", detail)

    def poll_queues(self) -> None:
        """Serve the event source mappings from now on, instead of moto."""

        def poll() -> None:
            while True:
                for mapping in list(backend()._event_source_mappings.values()):
                    if mapping.enabled:
                        self._serve(mapping)
                time.sleep(_POLL_SECONDS)

        add = Queue.add_message

        def add_message(queue: Any, message: Any) -> None:
            mappings, queue.lambda_event_source_mappings = queue.lambda_event_source_mappings, {}
            add(queue, message)
            queue.lambda_event_source_mappings = mappings

        Queue.add_message = add_message
        original = LambdaFunction.invoke

        def invoke(function: LambdaFunction, body: str, request: Any, response: Any) -> Any:
            if request.get("X-Amz-Invocation-Type") == "Event":
                self.call_later(function.function_arn, json.loads(body or "{}"))
                return b""
            try:
                answer = self.call(function, json.loads(body or "{}"))
            except FunctionError as error:
                response["x-amz-function-error"] = "Unhandled"
                answer = {"errorMessage": str(error)}
            return json.dumps(answer).encode()

        LambdaFunction.invoke = invoke
        del original
        threading.Thread(target=poll, daemon=True).start()

    def _serve(self, mapping: Any) -> None:
        queues = sqs_backends[ACCOUNT][REGION]
        name = mapping.event_source_arn.rpartition(":")[2]
        queue = queues.queues.get(name)
        if queue is None or not queue.messages:
            return
        messages = queues.receive_message(name, mapping.batch_size, 0, queue.visibility_timeout)
        if not messages:
            return
        event = {"Records": [_record(message, mapping.event_source_arn) for message in messages]}
        try:
            answer = self.call(backend().get_function(mapping.function_arn), event)
        except Exception:
            failed = {message.id for message in messages}
        else:
            failed = {one["itemIdentifier"] for one in (answer or {}).get("batchItemFailures", [])}
        for message in messages:
            if message.id in failed:
                # The deployed wait is minutes; the twin lets a failed message come again at once.
                queues.change_message_visibility(name, message.receipt_handle, 0)
            else:
                queues.delete_message(name, message.receipt_handle)

    def _unpacked(self, function: LambdaFunction) -> Path:
        place = self._surroundings.folder / "code" / function.code_sha_256.replace("/", "_")
        if not place.is_dir():
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as package:
                package.extractall(place)
        return place


def backend() -> Any:
    """Return moto's Lambda of the twin's account and region."""
    return lambda_backends[ACCOUNT][REGION]


def _record(message: Any, queue_arn: str) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.approximate_receive_count)},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
