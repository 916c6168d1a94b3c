"""IAM policy documents evaluated as IAM does, as far as this stack uses the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def matches(pattern: str, text: str) -> bool:
    """Compare with IAM's wildcards."""
    parts = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text) is not None


def _equals(wanted: str, found: str) -> bool:
    return wanted == found


_TESTS = {
    "StringEquals": _equals,
    "Bool": _equals,
    "StringLike": matches,
    # For calls that name one value, as all of ours do.
    "ForAllValues:StringEquals": _equals,
    "ForAllValues:StringLike": matches,
    "ArnLike": matches,
    "ArnEquals": matches,
}


def statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a policy's statements, each with lists where it may have one word."""
    found = policy["Statement"]
    return [
        {
            **statement,
            "Action": _list(statement.get("Action", [])),
            "Resource": _list(statement.get("Resource", [])),
        }
        for statement in (found if isinstance(found, list) else [found])
    ]


def allows(
    policies: Iterable[Mapping[str, Any]],
    action: str,
    resource: str,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Tell whether identity policies allow an action: one Allow and no Deny."""
    found = [one for policy in policies for one in statements(policy)]
    applying = [one for one in found if _applies(one, action, resource, context or {})]
    effects = {one["Effect"] for one in applying}
    return "Allow" in effects and "Deny" not in effects


def _applies(
    statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    return (
        any(matches(one.lower(), action.lower()) for one in statement["Action"])
        and any(matches(one, resource) for one in statement["Resource"])
        and all(
            _holds(test, _list(values), context.get(key))
            for test, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(test: str, values: list[str], found: str | None) -> bool:
    """Return whether one condition holds for what a request names, None for nothing."""
    if test == "Null":
        return any((found is None) == (value == "true") for value in values)
    if test == "StringNotEquals":
        # As in IAM, it holds for a request that names nothing.
        return found not in values
    return any(_TESTS[test](value, found or "") for value in values)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
