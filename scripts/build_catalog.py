"""Write what Terraform needs to know about the lake: tables, views, checks and Spark settings.

Everything is derived from the declarations in `src/metriccare/tables` and the files in `sql/`.
`--check` writes nothing and fails when a file is out of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from metriccare.engine.spark.session import CONFIGURATION
from metriccare.naming import LAYERS, PUBLISH
from metriccare.tables import TABLES, Table
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type, sqlglot_schema

REPOSITORY = Path(__file__).resolve().parents[1]
GENERATED = REPOSITORY / "generated"
VIEWS = REPOSITORY / "sql" / "athena"
CHECKS = REPOSITORY / "sql" / "checks"
# Hudi puts these in front of every row it writes.
HUDI_COLUMNS = (
    ("_hoodie_commit_time", "instant of the commit that wrote the row"),
    ("_hoodie_commit_seqno", "the row's number within that commit"),
    ("_hoodie_record_key", "the row's key, as Hudi knows it"),
    ("_hoodie_partition_path", "the partition the row lies in"),
    ("_hoodie_file_name", "the file the row lies in"),
)


def main() -> int:
    """Write the files, or with `--check` compare them; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail when a file is out of date")
    check = parser.parse_args().check
    stale = [path for path, text in documents().items() if not is_current(path, text)]
    if check and stale:
        names = ", ".join(str(path.relative_to(REPOSITORY)) for path in stale)
        sys.stderr.write(f"Out of date: {names}. Run `python scripts/build_catalog.py`.\n")
        return 1
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(documents()[path], encoding="utf-8")
        sys.stderr.write(f"Wrote {path.relative_to(REPOSITORY)}\n")
    return 0


def is_current(path: Path, text: str) -> bool:
    """Return True if the file has this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def documents() -> dict[Path, str]:
    """Return every generated file with its content."""
    content: dict[str, object] = {
        "tables.json": [catalog_table(table) for table in TABLES],
        "views.json": {path.stem: view(path) for path in sorted(VIEWS.glob("*.sql"))},
        "checks.json": {path.stem: health_check(path) for path in sorted(CHECKS.glob("*.sql"))},
        "spark.json": dict(CONFIGURATION),
    }
    return {
        GENERATED / name: json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        for name, value in content.items()
    }


def catalog_table(table: Table) -> dict[str, object]:
    """Return a table as the Glue catalog registers it: Hudi's columns first, then the declared."""
    declared = [
        {"name": c.name, "type": hive_type(c.type), "comment": c.meaning}
        for c in table.columns
        if c.name != PARTITION_COLUMN
    ]
    hudi = [{"name": name, "type": "string", "comment": meaning} for name, meaning in HUDI_COLUMNS]
    partition = table.column(PARTITION_COLUMN)
    return {
        "layer": table.layer,
        "name": table.name,
        "path": table.path,
        "description": table.meaning,
        "columns": hudi + declared,
        "partition": {
            "name": partition.name,
            "type": hive_type(partition.type),
            "comment": partition.meaning,
        },
    }


def view(path: Path) -> dict[str, object]:
    """Return a view: its SQL and its columns as the catalog (Hive) and Athena (Trino) type them."""
    sql = path.read_text(encoding="utf-8").strip()
    return {
        "description": first_comment(sql),
        "sql": sql,
        "columns": [
            {"name": name, "hive": hive_of(kind), "trino": trino_of(kind)}
            for name, kind in view_columns(sql)
        ],
    }


def view_columns(sql: str) -> list[tuple[str, exp.DataType]]:
    """Return the names and types a view's final select yields over the publish tables."""
    schema = {t.name: sqlglot_schema(t) for t in TABLES if t.layer == PUBLISH}
    query = qualify(sqlglot.parse_one(sql, read="trino"), schema=schema, dialect="trino")
    typed = annotate_types(query, schema=schema, dialect="trino")
    columns = [(select.alias_or_name, select.type) for select in typed.selects]
    unknown = [name for name, kind in columns if kind is None or kind.is_type("unknown")]
    if unknown:
        raise SystemExit(f"No type for {', '.join(unknown)}: give the final select a cast.")
    return [(name, kind) for name, kind in columns if kind is not None]


def hive_of(kind: exp.DataType) -> str:
    """Return a type as the catalog spells it; Hive's timestamp and varchar carry no length."""
    return kind.sql(dialect="hive").lower().replace("timestamp(3)", "timestamp")


def trino_of(kind: exp.DataType) -> str:
    """Return a type as Athena spells it in a view's definition."""
    return kind.sql(dialect="trino").lower()


def health_check(path: Path) -> dict[str, str]:
    """Return a health check; each `<layer>.` becomes `${layer}.`, which Terraform fills in."""
    sql = path.read_text(encoding="utf-8").strip()
    query = sqlglot.parse_one(sql, read="trino")
    for table in query.find_all(exp.Table):
        if table.db in LAYERS:
            sql = sql.replace(f"{table.db}.{table.name}", f"${{{table.db}}}.{table.name}")
    return {"description": first_comment(sql), "sql": sql}


def first_comment(sql: str) -> str:
    """Return the sentence a SQL file begins with."""
    return sql.splitlines()[0].removeprefix("--").strip()


if __name__ == "__main__":
    sys.exit(main())
