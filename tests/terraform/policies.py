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
_NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike"}
_IF_EXISTS = "IfExists"
# Such as `${aws:PrincipalTag/tenant}`; Glue's `_$folder$` is none.
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


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
    """Return True if identity policies allow an action: at least one Allow and no Deny."""
    effects = _effects(policies, action, resource, context or {})
    return "Allow" in effects and "Deny" not in effects


def denies(
    policies: Iterable[Mapping[str, Any]],
    action: str,
    resource: str,
    context: Mapping[str, str] | None = None,
) -> bool:
    """Return True if a policy denies an action, whatever another one allows."""
    return "Deny" in _effects(policies, action, resource, context or {})


def admits(trust: Mapping[str, Any], context: Mapping[str, str], caller: str | None = None) -> bool:
    """Return True if a trust policy lets a web identity with these claims take the role.

    With a `caller`, the ARN of a role, if it lets that role take it.
    """
    action = "sts:AssumeRole" if caller else "sts:AssumeRoleWithWebIdentity"
    return any(
        statement["Effect"] == "Allow"
        and action in statement["Action"]
        and (caller is None or caller in _list(statement["Principal"].get("AWS", [])))
        and _conditions_hold(statement, context)
        for statement in statements(trust)
    )


def _effects(
    policies: Iterable[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, str]
) -> set[str]:
    found = [statement for policy in policies for statement in statements(policy)]
    return {
        str(statement["Effect"])
        for statement in found
        if _applies(statement, action, resource, context)
    }


def _applies(
    statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    return (
        any(matches(pattern.lower(), action.lower()) for pattern in statement["Action"])
        and any(_names(pattern, resource, context) for pattern in statement["Resource"])
        and _conditions_hold(statement, context)
    )


def _names(pattern: str, resource: str, context: Mapping[str, str]) -> bool:
    """Compare with a pattern whose variables are taken from the context; a missing one is none."""
    filled = _filled(pattern, context)
    return filled is not None and matches(filled, resource)


def _filled(pattern: str, context: Mapping[str, str]) -> str | None:
    names = _VARIABLE.findall(pattern)
    if any(name not in context for name in names):
        return None
    return _VARIABLE.sub(lambda found: context[found[1]], pattern)


def _conditions_hold(statement: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    return all(
        _holds(
            test,
            [f for v in _list(values) if (f := _filled(v, context)) is not None],
            context.get(key),
        )
        for test, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _holds(test: str, values: list[str], found: str | None) -> bool:
    """Return True if one key meets one test; a key that is missing meets no positive test."""
    if test == "Null":
        return values == [str(found is None).lower()]
    if found is None and test.endswith(_IF_EXISTS):
        return True
    name = test.removesuffix(_IF_EXISTS)
    positive = _TESTS[_NEGATED.get(name, name)]
    met = found is not None and any(positive(value, found) for value in values)
    return not met if name in _NEGATED else met


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
