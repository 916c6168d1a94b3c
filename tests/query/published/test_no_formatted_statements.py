"""No statement of the reading side is a formatted string: values are bound, names are declared."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import metriccare

ROOT = Path(metriccare.__file__).parent
# They run people's own SQL after it was parsed and translated, in a closed session, and make views
# of declared names before it is closed.
TRANSLATED = {"query/duckdb/engine.py", "query/duckdb/session.py", "query/duckdb/result_values.py"}


def formatted_statements(source: str) -> Iterator[int]:
    """Yield the lines of calls of `execute` with text that is put together."""
    for node in ast.walk(ast.parse(source)):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr in {"execute", "executemany", "sql", "query"}:
            for argument in node.args[:1]:
                if _is_formatted(argument):
                    yield node.lineno


def _is_formatted(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp | ast.JoinedStr):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "format"
    )


def test_a_formatted_statement_is_seen():
    for text in ('s.execute(f"select {x}")', 's.execute("a" + x)', 's.execute("%s" % x)'):
        assert list(formatted_statements(text)) == [1]
    assert list(formatted_statements('s.execute("{}".format(x))')) == [1]
    assert list(formatted_statements('s.execute("select ?", [x])')) == []


def test_nothing_that_answers_readers_formats_a_statement():
    files = [file for room in ("query", "api", "access") for file in (ROOT / room).rglob("*.py")]
    found = {
        f"{name}:{line}"
        for file in files
        if (name := str(file.relative_to(ROOT))) not in TRANSLATED
        for line in formatted_statements(file.read_text(encoding="utf-8"))
    }
    assert len(files) > 20
    assert found == set()
