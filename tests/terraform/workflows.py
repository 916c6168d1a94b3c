"""GitHub's workflow expressions evaluated as GitHub does, as far as these workflows use them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|&&|\|\||[!=]=|\d+|[A-Za-z_][\w-]*|[!().,\[\]*])")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_WORDS = {"true": True, "false": False, "null": None}


def load(path: Path) -> dict[str, Any]:
    """Return a workflow as written."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def filled(value: Any, contexts: Mapping[str, Any]) -> Any:
    """Return a part of a workflow with its expressions replaced by their values."""
    if isinstance(value, dict):
        return {key: filled(part, contexts) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, contexts) for part in value]
    if not isinstance(value, str):
        return value
    whole = _EXPRESSION.fullmatch(value.strip())
    if whole and "${{" not in whole[1]:
        return evaluate(whole[1], contexts)
    return _EXPRESSION.sub(lambda found: _text(evaluate(found[1], contexts)), value)


def holds(condition: str | None, contexts: Mapping[str, Any]) -> bool:
    """Return True if a job's `if` lets it run; without one it runs after jobs that succeeded."""
    text = (condition or "true").strip()
    whole = _EXPRESSION.fullmatch(text)
    expression = whole[1] if whole else text
    results = [need["result"] for need in contexts.get("needs", {}).values()]
    # A condition that asks for no status asks for success of what it needs.
    implied = "cancelled()" in expression or all(result == "success" for result in results)
    return implied and bool(evaluate(expression, contexts))


def evaluate(expression: str, contexts: Mapping[str, Any]) -> Any:
    """Return the value of an expression."""
    parser = _Parser(expression, contexts)
    value = parser.either()
    assert parser.done(), f"not understood: {expression}"
    return value


class _Parser:
    """Evaluates while it reads, both sides of `&&` and `||` too."""

    def __init__(self, expression: str, contexts: Mapping[str, Any]) -> None:
        self._tokens = _TOKEN.findall(expression)
        assert "".join(self._tokens) == re.sub(r"\s(?=(?:[^']*'[^']*')*[^']*$)", "", expression)
        self._contexts = contexts

    def done(self) -> bool:
        return not self._tokens

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = value and other
        return value

    def _compared(self) -> Any:
        value = self._negated()
        for sign, equal in (("==", True), ("!=", False)):
            if self._take(sign):
                return (value == self._negated()) is equal
        return value

    def _negated(self) -> Any:
        if self._take("!"):
            return not self._negated()
        return self._accessed(self._value())

    def _value(self) -> Any:
        token = self._tokens.pop(0)
        if token == "(":
            value = self.either()
            self._expect(")")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.isdigit():
            return int(token)
        if token in _WORDS:
            return _WORDS[token]
        if self._take("("):
            return self._called(token)
        return self._contexts.get(token, {})

    def _called(self, name: str) -> Any:
        arguments = [] if self._tokens[0] == ")" else [self.either()]
        self._expect(")")
        return _FUNCTIONS[name](*arguments)

    def _accessed(self, value: Any) -> Any:
        while self._tokens and self._tokens[0] in {".", "["}:
            if self._take("["):
                key = self.either()
                self._expect("]")
            else:
                self._expect(".")
                key = self._tokens.pop(0)
            if key == "*":
                value = _Filtered(value.values() if isinstance(value, dict) else value)
            elif isinstance(value, _Filtered):
                value = _Filtered(item[key] for item in value if key in item)
            else:
                value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _take(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, token: str) -> None:
        assert self._take(token), f"{token} expected before {self._tokens[:3]}"


class _Filtered(list[Any]):
    """What `.*` yields: a further name is taken of each item."""


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "fromJSON": json.loads,
    "toJSON": json.dumps,
    "cancelled": lambda: False,
}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
