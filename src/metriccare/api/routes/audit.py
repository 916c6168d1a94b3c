"""The audit: who read what. Everybody sees their own rows, an auditor all of a tenant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from metriccare.access.rights import AUDIT_READ
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Open, Reply, Source
from metriccare.api.parameters import DATE, INTEGER, Parameter
from metriccare.api.problems import Problem

_ACTIONS = ("api", "explain", "export", "login", "logout", "override", "review")
_OUTCOMES = ("ok", "refused", "failed")
_MOST_ROWS = 1000
# A review looks back a quarter; what is older is asked for by its dates.
_DAYS = 90
_HIDDEN = {"session", "prev_hash", "hash"}


def rows(call: Call) -> Reply:
    """Return audit rows, the newest first."""
    shown = list(islice(_chosen(call), call.values["limit"]))
    call.exchange.object = "audit.access"
    return Reply({"data": shown, "meta": {"returned": len(shown)}}, facts=Facts(len(shown)))


def _chosen(call: Call) -> Iterator[dict[str, Any]]:
    values, since = call.values, call.values["since"]
    first = (since or call.services.clock().date() - timedelta(days=_DAYS)).isoformat()
    if call.services.audit_rows is None:
        raise Problem("not-found")
    for row in call.services.audit_rows.rows():
        if str(row["at"]) < first:
            # The rows of several chains of a day are not in one order.
            if str(row["at"])[:10] < first:
                return
            continue
        if _may_see(call, row) and _is_asked(row, values):
            yield {name: value for name, value in row.items() if name not in _HIDDEN}


def _may_see(call: Call, row: Mapping[str, Any]) -> bool:
    person = call.known.person
    if AUDIT_READ not in person.rights:
        return bool(row["principal"] == person.subject)
    # Sign-ins that failed name no tenant; who runs one tenant's audit sees those too.
    is_own = call.known.scope is not None and row["tenant"] == call.known.scope.tenant
    return is_own or (row["tenant"] is None and row["principal"] in ("unknown", person.subject))


def _is_asked(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    until = values["until"]
    if until is not None and str(row["at"]) >= until.isoformat():
        return False
    if values["object"] and values["object"] not in str(row["object"]):
        return False
    if values["patient_hash"] and values["patient_hash"] not in row["patient_hash"]:
        return False
    wanted = ("principal", "action", "outcome")
    return all(values[name] in (None, row[name]) for name in wanted)


ENDPOINTS = (
    Endpoint(
        "/v1/audit",
        rows,
        Open.SIGNED_IN,
        "Who read what: your own rows, or with audit:read those of your tenant",
        parameters=(
            Parameter("principal", "Who."),
            Parameter("action", "What they did.", choices=_ACTIONS),
            Parameter("object", "Part of the dataset or address."),
            Parameter("outcome", "How it ended.", choices=_OUTCOMES),
            Parameter("patient_hash", "Whose records, by their hash in the audit."),
            Parameter("since", "First day.", DATE),
            Parameter("until", "The day after the last.", DATE),
            Parameter("limit", "How many.", INTEGER, default=200, least=1, most=_MOST_ROWS),
        ),
        source=Source.AUDIT,
    ),
)
