"""docs/data-dictionary.md, written from the declarations of tables and views.

`python -m metriccare.report.dictionary` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from metriccare import naming
from metriccare.query.views import SqlFile, checks, view_columns, views
from metriccare.report.written_page import write_or_check
from metriccare.tables import TABLES, Table
from metriccare.tables.types import trino_type

PAGE = Path("docs") / "data-dictionary.md"
_LAYER_MEANING = {
    naming.BRONZE: "what was received, exactly, and what was rejected",
    naming.SILVER: "the newest version of every resource, typed",
    naming.GOLD: "stays, episodes, the evidence of every measure, and unsuppressed results",
    naming.PUBLISH: "what may be seen: small cells are suppressed already",
}


def dictionary() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([*_head(), *_views(), *_tables(), *_checks()]) + "\n"


def _head() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Written from the declarations by `python -m metriccare.report.dictionary`; do not edit."
    yield "Types are those of Athena. Instants are UTC. Every table is partitioned by `tenant`."
    yield "Columns marked *identifying* could name a person; none of them is in `publish`."
    yield ""


def _views() -> Iterator[str]:
    yield "## Views"
    yield ""
    yield "In the publish database; `metriccare query` finds them without its name."
    for view in views().values():
        yield from _sql_file(view)
        yield "| column | type |"
        yield "|---|---|"
        yield from (f"| `{name}` | {kind} |" for name, kind in view_columns(view.name).items())


def _sql_file(file: SqlFile) -> Iterator[str]:
    yield ""
    yield f"### {file.name}"
    yield ""
    yield file.title
    yield ""
    yield from (f"- {name}: {text}" for name, text in file.header.items())
    yield ""


def _tables() -> Iterator[str]:
    for layer in naming.LAYERS:
        yield ""
        yield f"## {layer.capitalize()}: {_LAYER_MEANING[layer]}"
        for table in TABLES:
            if table.layer == layer:
                yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield ""
    yield f"### {table.full_name}"
    yield ""
    yield f"{table.meaning[0].upper()}{table.meaning[1:]}."
    yield f"Key: {', '.join(f'`{column}`' for column in table.key)}."
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in table.columns:
        mark = " *identifying*" if column.identifying else ""
        meaning = column.meaning.replace("|", "\\|")
        yield f"| `{column.name}` | {trino_type(column.type)} | {meaning}{mark} |"


def _checks() -> Iterator[str]:
    yield ""
    yield "## Health checks"
    yield ""
    yield "Named queries over the inner layers, for the operator; no rows means healthy."
    for check in checks().values():
        yield from _sql_file(check)


def main() -> int:
    """Write the page, or with --check compare it; exit code 1 when it is out of date."""
    return write_or_check(PAGE, dictionary(), "metriccare.report.dictionary")


if __name__ == "__main__":
    sys.exit(main())
