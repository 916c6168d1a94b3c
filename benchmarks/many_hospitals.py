"""Charts over 2,000,000 published rows: `python -m benchmarks.many_hospitals`.

The mart is written by the code that publishes, into a folder of its own: 1,000 hospitals, 15 years
of months, quarters and years, every measure. No pipeline runs, so that it takes a minute.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.served import Read, Reader, serving
from benchmarks.serving import every_day, print_case, print_start, signed_in
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.local.folder_store import FolderStore
from metriccare.marts.measures import BY_ID
from metriccare.publishing.mart_files import MartFiles
from metriccare.publishing.published_rows import MartRows
from metriccare.publishing.published_run import PublishedRun
from metriccare.publishing.tenant_marts import TenantMarts
from metriccare.query.published.marts import mart
from metriccare.tables import Column

HOSPITALS, MONTHS = 1000, 180
TENANT = "default"
_RUN = PublishedRun("run-1", date(2024, 12, 31), datetime(2025, 1, 2, tzinfo=UTC))
_MEASURE = "/v1/measures/readmission_30d"
_ROW = ("grain", "period_start", "period_end", "stratum_type", "stratum_value", "stratum_label",
        "measure_id", "denominator")  # fmt: skip
_ROWS = """
select grain, period_start, period_end, stratum_type, stratum_value, stratum_label, measure_id,
 cast(denominator as bigint) as denominator,
 cast(denominator / 10 + n / 9 as bigint) as numerator
 from periods cross join units cross join measures
"""


def write_mart(folder: Path) -> None:
    """Write the rows as the published mart `measure` of a lake."""
    objects, declared = FolderStore(folder), mart("measure")
    with DuckDbEngine(objects, lambda: None) as engine:
        columns = {column.name: column for column in declared.columns}
        number = Column("n", "int", "the number of a period")
        rows = engine.sql(
            _ROWS,
            None,
            periods=engine.from_rows(
                (*(columns[name] for name in ("grain", "period_start", "period_end")), number),
                list(periods()),
            ),
            units=engine.from_rows(
                tuple(columns[name] for name in (*_ROW[3:6], "denominator")), list(units())
            ),
            measures=engine.from_rows((columns["measure_id"],), [(each,) for each in BY_ID]),
        )
        made = engine.sql(_columns(), None, made=rows)
        with tempfile.TemporaryDirectory() as scratch:
            tenant: TenantMarts[object] = TenantMarts(objects, TENANT)
            files = MartFiles(engine, Path(scratch))
            tenant.publish(
                tenant.write([MartRows(declared, made, frozenset({TENANT}))], files, _RUN)
            )  # type: ignore[arg-type]


def periods() -> Iterator[tuple[str, date, date, int]]:
    """Yield every month, quarter and year: grain, first day, the day after, number."""
    for grain, length in (("month", 1), ("quarter", 3), ("year", 12)):
        for number in range(MONTHS // length):
            yield grain, _first(number * length), _first((number + 1) * length), number


def _first(month: int) -> date:
    return date(2010 + month // 12, month % 12 + 1, 1)


def units() -> Iterator[tuple[str, str, str, int]]:
    """Yield everybody, and every hospital: type, id, name, stays in a period."""
    yield "overall", "all", "All", 700_000
    for number in range(HOSPITALS):
        yield "hospital", f"org-{number}", f"Hospital {number}", 200 + number


def _columns() -> str:
    given = {
        "tenant": f"'{TENANT}'",
        "value": "numerator / denominator",
        "suppressed": "false",
        "as_of": f"date '{_RUN.as_of}'",
        "measure_title": "measure_id",
    }
    items = [
        column.name
        if column.name in (*_ROW, "numerator")
        else f"cast({given.get(column.name, 'null')} as {column.type}) as {column.name}"
        for column in mart("measure").columns
    ]
    return f"select {', '.join(items)} from made"


def main() -> None:
    """Write the mart, serve it, and print what charts over it take."""
    with tempfile.TemporaryDirectory() as folder:
        write_mart(Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        sys.stdout.write(f"{size / 2**20:.0f} MB of Parquet\n")
        with serving(folder, "quality_officer", TENANT) as server:
            print_start(server)
            readers = signed_in(server)
            first = readers[0].get(f"{_MEASURE}/funnel?grain=all")
            sys.stdout.write(f"the first read: {first.status}, {first.seconds:.1f} s\n")
            days, months = every_day(), iter(range(MONTHS))

            def chart(reader: Reader) -> Read:
                return reader.get(
                    f"{_MEASURE}/control-chart?grain=month&hospital=org-7&from={next(days)}"
                )

            def funnel(reader: Reader) -> Read:
                start = _first(next(months))
                return reader.get(f"{_MEASURE}/funnel?grain=month&period_start={start}")

            print_case("control chart of 180 months", server, readers, [chart] * 40)
            print_case("funnel of 1,000 hospitals", server, readers, [funnel] * 40)
            sys.stdout.write(f"the server holds {server.megabytes():.0f} MB\n")


if __name__ == "__main__":
    main()
