"""The linter of view and check files: only SQL that gives equal rows on every engine.

Athena and Trino on one side and DuckDB on the other agree on less than it seems, and where they
differ they mostly do so in silence. Run it with `python -m metriccare.query.portable`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.query.column_types import column_type, reads_one_table
from metriccare.query.statement import parse_view, tables_of
from metriccare.query.views import SqlFile, checks, views
from metriccare.tables import BY_NAME

HEADER = (
    "Question",
    "Numerator",
    "Denominator",
    "Exclusions",
    "Grain",
    "Source",
    "Caveats",
)
# Functions seen to agree on both engines; to add one, show it in tests/trino first.
_ALLOWED = (
    exp.Cast,
    exp.Coalesce,
    exp.Nullif,
    exp.Case,
    exp.If,
    exp.And,
    exp.Or,
    exp.Count,
    exp.CountIf,
    exp.Sum,
    exp.Min,
    exp.Max,
    exp.ArgMax,
    exp.ArgMin,
    exp.Abs,
    exp.Year,
    exp.Month,
    exp.DateDiff,
    exp.Lower,
    exp.Upper,
    exp.RowNumber,
    exp.Exists,
)
_EXACT_DIVISION = (exp.DType.DOUBLE, exp.DType.DECIMAL)

Rule = Callable[[SqlFile, exp.Select], Iterator[str]]


def header_is_complete(file: SqlFile, _: exp.Select) -> Iterator[str]:
    """A header says what is asked, what is counted, and what to beware of."""
    missing = [field for field in HEADER if not file.header.get(field)]
    if missing:
        yield f"the header is missing {', '.join(missing)}"


def reads_publish_only(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """A view reads unqualified publish tables, so that one file serves every workspace."""
    for table in tables_of(query):
        if table.args.get("db") or f"{naming.PUBLISH}.{table.name}" not in BY_NAME:
            yield f"reads {table.sql()}; a view reads publish tables only, without a database"


def reads_declared_tables(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """A check names its tables with their layer, which deployment replaces by the database."""
    for table in tables_of(query):
        if f"{table.db}.{table.name}" not in BY_NAME:
            yield f"reads {table.sql()}, which is not a declared table such as gold.stay"


def ends_in_final(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """The last CTE is `final`, and the closing select takes everything from it.

    A view that only chooses rows and columns of one table is one select, without a CTE.
    """
    source = query.args.get("from_")
    last = query.ctes[-1].alias if query.ctes else "none"
    reads_final = last == "final" and source is not None and source.name == "final"
    if not reads_final and not reads_one_table(query):
        yield f"the last CTE is {last}; it must be `final`, and the closing select read it"
    if query.args.get("order") or query.args.get("limit"):
        yield "the closing select sorts or limits; that is the reader's choice"


def types_every_column(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """Every column of the closing select has a name and a type: the catalog needs both."""
    for item in query.expressions:
        if not item.alias_or_name or column_type(query, item) is None:
            yield f"the closing select does not cast and name {item.sql()}"


def names_every_column(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """No `*` but in count(*): a new column must not change what a view gives."""
    for star in query.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            yield "selects *; name the columns"


def divides_exactly(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """Integer division cuts in Athena and not in DuckDB; zero fails there and is inf here."""
    for division in query.find_all(exp.Div):
        divisor = division.expression.unnest()
        guarded = isinstance(divisor, exp.Nullif) and _is_exact(divisor.this)
        if not (_is_exact(division.this.unnest()) and guarded):
            yield (
                f"divides {division.sql()}; write"
                " cast(a as double) / nullif(cast(b as double), 0e0)"
            )


def counts_days_of_dates(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """`date_diff` counts complete units in Athena; only days between dates are the same."""
    for difference in query.find_all(exp.DateDiff):
        sides = (difference.this, difference.expression)
        if difference.text("unit").upper() != "DAY" or not all(_is_date_cast(s) for s in sides):
            yield f"{difference.sql('trino')}: only date_diff('day', cast(.. as date), ..)"


def keeps_to_known_functions(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """Only functions seen to agree; dates are not moved, arrays not indexed, nothing sampled."""
    for call in query.find_all(exp.Func):
        if not isinstance(call, _ALLOWED):
            yield f"uses {call.sql('trino')}, which is not in the portable subset"
    for kind in (exp.Interval, exp.Bracket, exp.TableSample, exp.TryCast, exp.ILike, exp.Mod):
        for found in query.find_all(kind):
            if not isinstance(found, exp.Func):
                yield f"uses {found.sql('trino')}, which is not in the portable subset"


def counts_one_thing(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """`count(distinct a, b)` is DuckDB's alone."""
    for distinct in query.find_all(exp.Distinct):
        if isinstance(distinct.parent, exp.Count) and len(distinct.expressions) > 1:
            yield f"{distinct.parent.sql('trino')} counts several columns"


def groups_by_columns(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """Athena refuses to group by a name given in the same select."""
    for select in query.find_all(exp.Select):
        given = {a.alias for a in select.expressions if isinstance(a, exp.Alias)}
        taken = {a.this.name for a in select.expressions if isinstance(a, exp.Alias)}
        for item in select.args["group"].expressions if select.args.get("group") else ():
            if isinstance(item, exp.Column) and not item.table and item.name in given - taken:
                yield f"groups by the new name {item.name}"


def has_whole_milliseconds(_: SqlFile, query: exp.Select) -> Iterator[str]:
    """Hudi gives nanoseconds, Athena's views carry milliseconds."""
    for cast in query.find_all(exp.Cast):
        if cast.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ) and (
            cast.to.sql("trino") != "TIMESTAMP(3)"
        ):
            yield f"casts to {cast.to.sql('trino')}; use timestamp(3)"


_PORTABLE: tuple[Rule, ...] = (
    header_is_complete,
    names_every_column,
    divides_exactly,
    counts_days_of_dates,
    keeps_to_known_functions,
    counts_one_thing,
    groups_by_columns,
    has_whole_milliseconds,
    ends_in_final,
    types_every_column,
)
VIEW_RULES: tuple[Rule, ...] = (*_PORTABLE, reads_publish_only)
CHECK_RULES: tuple[Rule, ...] = (*_PORTABLE, reads_declared_tables)


def problems(file: SqlFile, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return what is wrong with a file, each as one line that begins with its name."""
    try:
        query = parse_view(file)
    except UsageError as error:
        return (f"{file.name}: {error}",)
    return tuple(f"{file.name}: {found}" for rule in rules for found in rule(file, query))


def all_problems() -> tuple[str, ...]:
    """Return what is wrong with every view and check of the project."""
    return (
        *[line for view in views().values() for line in problems(view, VIEW_RULES)],
        *[line for check in checks().values() for line in problems(check, CHECK_RULES)],
    )


def _is_exact(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type(*_EXACT_DIVISION)


def _is_date_cast(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type(exp.DType.DATE)


def main() -> int:
    """Print every problem; exit code 1 when there is one."""
    found = all_problems()
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
