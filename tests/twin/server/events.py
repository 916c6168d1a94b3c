"""EventBridge: events of services to the deployed rules' functions, where these admit the rule."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends

from tests.twin.server.functions import REGION, Functions, backend
from tests.twin.server.gaps import ACCOUNT


class Events:
    """Delivers events of AWS services."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        functions.destination = self.happened

    def happened(self, source: str, detail_type: str, detail: dict[str, Any]) -> None:
        """Give an event to every rule of the default bus that matches it."""
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [],
            "detail": detail,
        }
        bus = events_backends[ACCOUNT][REGION].event_buses["default"]
        for rule in list(bus.rules.values()):
            if not rule.scheduled_expression and rule.event_pattern.matches_event(event):
                self._deliver(rule, event)

    def _deliver(self, rule: Any, event: dict[str, Any]) -> None:
        for target in rule.targets:
            function = backend().get_function(target["Arn"])
            if not _admits(function, rule.arn):
                raise PermissionError(f"{function.function_name} does not admit {rule.name}.")
            self._functions.call_later(target["Arn"], event)


def _admits(function: Any, rule_arn: str) -> bool:
    return any(
        statement["Principal"] == {"Service": "events.amazonaws.com"}
        and statement["Condition"]["ArnLike"]["AWS:SourceArn"] == rule_arn
        for statement in function.policy.statements
    )
