"""A small gateway: requests go to the functions that the applied stack's routes name.

moto keeps an HTTP API's routes and forwards nothing. Functions are called with the events that the
gateway would send.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.api.served_on_aws import Answered, request_event
from tests.twin.stack import Twin

_FUNCTION = re.compile(r":function:([^:/]+):([^:/]+)/invocations$")


class Gateway:
    """Reads routes and their targets from the stack."""

    def __init__(self, twin: Twin) -> None:
        api = twin.client("apigatewayv2")
        (found,) = api.get_apis()["Items"]
        targets = {
            one["IntegrationId"]: one["IntegrationUri"]
            for one in api.get_integrations(ApiId=found["ApiId"])["Items"]
        }
        self.routes = {
            route["RouteKey"]: targets[route["Target"].rpartition("/")[2]]
            for route in api.get_routes(ApiId=found["ApiId"])["Items"]
        }
        self._functions = twin.client("lambda")

    def ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, body: Any = None
    ) -> Answered:
        """Return a function's answer; 404 of the gateway's own where no route takes the path."""
        uri = self._target(address.partition("?")[0])
        if uri is None:
            return Answered(404, {}, [], b'{"message":"Not Found"}')
        named = _FUNCTION.search(uri)
        assert named is not None, uri
        event = request_event(method, address, headers or {}, body, {})
        done = self._functions.invoke(
            FunctionName=named[1], Qualifier=named[2], Payload=json.dumps(event).encode()
        )
        found = json.loads(done["Payload"].read())
        assert "statusCode" in found, found
        content = found["body"].encode()
        content = base64.b64decode(content) if found["isBase64Encoded"] else content
        return Answered(found["statusCode"], found["headers"], found.get("cookies", []), content)

    def _target(self, path: str) -> str | None:
        for key, uri in self.routes.items():
            pattern = re.escape(key.removeprefix("ANY ")).replace(r"\{proxy\+\}", ".+")
            if re.fullmatch(pattern, path):
                return uri
        return None
