"""A plan as a comment: counts first, then the destroyed resources, then the folded diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

# GitHub refuses comments above 65,536 characters.
_LIMIT = 60_000
_KINDS = {
    ("create",): "add",
    ("update",): "change",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
}
_WORDS = ("add", "change", "replace", "destroy")


def counts(plan: Mapping[str, Any]) -> dict[str, int]:
    """Return how many resources a plan (`terraform show -json`) adds, changes and so on."""
    found = Counter(kind for _, kind in _changes(plan))
    return {word: found[word] for word in _WORDS}


def comment(workspace: str, plan: Mapping[str, Any], diff: str) -> str:
    """Return the comment; by its first line the next comment finds and replaces it."""
    found = counts(plan)
    lines = [f"<!-- metriccare plan {workspace} -->", f"### Plan for `{workspace}`", ""]
    if not any(found.values()):
        return "\n".join([*lines, "No changes.", ""])
    lines.append(", ".join(f"**{found[word]}** to {word}" for word in _WORDS))
    lines += _named(plan, "replace", "Replaced, with what they hold:")
    lines += _named(plan, "destroy", "Destroyed, with what they hold:")
    lines += ["", "<details><summary>Diff</summary>", "", "```diff", _cut(_as_diff(diff)), "```"]
    return "\n".join([*lines, "", "</details>", ""])


def _changes(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (change["address"], _KINDS[tuple(change["change"]["actions"])])
        for change in plan.get("resource_changes", [])
        if tuple(change["change"]["actions"]) in _KINDS
    ]


def _named(plan: Mapping[str, Any], kind: str, words: str) -> list[str]:
    addresses = [address for address, found in _changes(plan) if found == kind]
    return ["", words, *(f"- `{address}`" for address in addresses)] if addresses else []


def _as_diff(text: str) -> str:
    """Move Terraform's marks to the beginning of the line, where GitHub colours them."""
    return "\n".join(_marked(line) for line in text.strip().splitlines()).replace("```", "'''")


def _marked(line: str) -> str:
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    for mark, shown in (("-/+", "-"), ("+/-", "-"), ("+", "+"), ("-", "-"), ("~", "!")):
        if indent and body.startswith(mark + " "):
            return f"{shown}{indent}{body[len(mark) :].lstrip()}"
    return line


def _cut(text: str) -> str:
    if len(text) <= _LIMIT:
        return text
    return text[:_LIMIT].rpartition("\n")[0] + "\n... cut here; the whole plan is in the run's log"
