"""Sessions of roles that are taken: who may take one, and what its tags let it reach in S3.

A role is given to whom its trust policy and the caller's own policies admit. Calls of S3 under its
keys, also by signed addresses, are judged by the role's policies with the session's tags.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.terraform.policies import admits, allows
from tests.twin.server.calls import ROLE_PREFIX, body, s3_call
from tests.twin.server.gaps import ACCOUNT
from tests.twin.server.judge import policies_of, trust_of

_SIGNED = re.compile(r"(?:Credential=|X-Amz-Credential=)([^/%&]+)(?:/|%2F)")
_KEY = re.compile(r"<AccessKeyId>([^<]+)</AccessKeyId>")
_DENIED = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
_TAG = re.compile(r"Tags\.member\.(\d+)\.Key")


@dataclass(frozen=True)
class _Session:
    role: str
    tags: dict[str, str]


class Sessions:
    """A WSGI application that gives and judges sessions, and passes on all other calls."""

    def __init__(self, application: Callable[..., Iterable[bytes]], file: Path) -> None:
        self._application, self._file = application, file
        self._lock, self._sessions = threading.Lock(), dict[str, _Session]()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        signed = f"{environ.get('HTTP_AUTHORIZATION', '')}&{environ.get('QUERY_STRING', '')}"
        found = _SIGNED.search(signed)
        key = unquote(found[1]) if found else ""
        if "/sts/aws4_request" in signed:
            return self._given(key, environ, start_response)
        if key not in self._sessions:
            return self._application(environ, start_response)
        session, call = self._sessions[key], s3_call(environ)
        facts = {f"aws:PrincipalTag/{name}": value for name, value in session.tags.items()}
        facts["s3:prefix"] = call.get("prefix", "")
        is_allowed = allows(policies_of(session.role), call["action"], call["resource"], facts)
        self._note({"role": session.role, "tags": session.tags, "allowed": is_allowed, **call})
        if not is_allowed:
            return _refused(start_response)
        return self._application(environ, start_response)

    def _given(self, key: str, environ: dict[str, Any], start_response: Any) -> Any:
        sent = {n: v[0] for n, v in parse_qs(body(environ).decode()).items()}
        if sent.get("Action") != "AssumeRole" or not key.startswith(ROLE_PREFIX):
            return self._application(environ, start_response)
        tags = {sent[n]: sent[n.replace(".Key", ".Value")] for n in sent if _TAG.fullmatch(n)}
        caller, role = key.removeprefix(ROLE_PREFIX), sent["RoleArn"].rpartition("/")[2]
        facts = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        facts |= {"aws:TagKeys": next(iter(tags))} if len(tags) == 1 else {}
        own = policies_of(caller)
        arn = f"arn:aws:iam::{ACCOUNT}:role/{caller}"
        is_given = all(
            allows(own, f"sts:{a}", sent["RoleArn"]) for a in ("AssumeRole", "TagSession")
        )
        is_given = is_given and admits(trust_of(role), facts, arn)
        self._note({"role": caller, "takes": role, "tags": tags, "allowed": is_given})
        if not is_given:
            start_response("403 Forbidden", [("Content-Type", "text/xml")])
            return [f"<ErrorResponse>{_DENIED}</ErrorResponse>".encode()]
        answer = b"".join(self._application(environ, start_response))
        made = _KEY.search(answer.decode())
        assert made is not None
        self._sessions[made[1]] = _Session(role, tags)
        return [answer]

    def _note(self, line: dict[str, Any]) -> None:
        with self._lock, self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def _refused(start_response: Any) -> list[bytes]:
    start_response("403 Forbidden", [("Content-Type", "text/xml")])
    return [_DENIED.encode()]
