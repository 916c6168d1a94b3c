"""What readers of a served lake wait for, and the processor time it costs the server.

`metriccare demo --lake LAKE`, then `python -m benchmarks.serving LAKE`. The lake is only read, but
for its audit. Processor time is the server's alone; times by the clock include the reader's own
work on the same machine.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from benchmarks.measure import processor_seconds
from benchmarks.served import Read, Reader, Server, serving, wait_until_ready

_ROWS = "/v1/datasets/measure_results/rows"
_MEASURE = "/v1/measures/readmission_30d"
_EVIDENCE = "/v1/evidence/measures/readmission_30d/stays"
_PURPOSE = "operations; benchmark"
_CONNECTIONS, _EACH = 50, 20
_STARTS = 3

Ask = Callable[[Reader], Read]


def main(lake: str, tenant: str = "default") -> None:
    """Print a table of all cases."""
    for number in range(_STARTS):
        with serving(lake, "quality_officer", tenant) as server:
            print_start(server)
            if number == _STARTS - 1:
                print_reads(server)
    command = [sys.executable, "-c", "from metriccare.cli import main; main()", "metrics"]
    took = [processor_seconds([*command, "--lake", lake]) for _ in range(_STARTS)]
    print(f"`metriccare metrics`: {min(took):.2f} to {max(took):.2f} processor seconds")


def print_start(server: Server) -> None:
    """Print what a start took."""
    wait_until_ready(server)
    wall = time.perf_counter() - server.began
    print(
        f"ready after {server.processor_seconds():.2f} processor seconds, {wall:.2f} s by the"
        f" clock, with {server.megabytes():.0f} MB",
        flush=True,
    )


def print_reads(server: Server) -> None:
    """Print what each kind of read takes."""
    readers = signed_in(server)
    first = f"{_ROWS}?limit=200"
    etag = readers[0].get(first).headers["etag"]
    # Numbers and dates that were not asked before are not in the cache.
    limits, days = iter(range(201, 1000)), every_day()
    print(f"{'':44} {'n':>5} {'CPU ms':>8} {'p50 ms':>8} {'p95 ms':>8}")
    cases: tuple[tuple[str, int, Ask], ...] = (
        ("304 of 200 rows", 1000, lambda r: r.get(first, if_none_match=etag)),
        ("200 rows, cached", 1000, lambda r: r.get(first)),
        ("200 rows and more, first time", 100, lambda r: r.get(f"{_ROWS}?limit={next(limits)}")),
        (
            "control chart of months, first time",
            50,
            lambda r: r.get(f"{_MEASURE}/control-chart?grain=month&from={next(days)}"),
        ),
    )
    for name, number, ask in cases:
        print_case(name, server, readers, [ask] * number)
    print_case("funnel of hospitals, first time", server, readers, funnels())
    print_case("explanation of a stay", server, readers, explanations(readers[0]))
    print_together(server, readers, lambda r: r.get(first, if_none_match=etag))
    print(f"after all this the server holds {server.megabytes():.0f} MB")


def signed_in(server: Server) -> list[Reader]:
    """Return one reader for each connection, each as a user of its own."""
    readers = [server.reader() for _ in range(_CONNECTIONS)]
    for number, reader in enumerate(readers):
        reader.sign_in(f"reader-{number}")
    return readers


def every_day() -> Iterator[date]:
    """Yield days before the first figures, each once."""
    for number in range(10_000):
        yield date(1990, 1, 1) + timedelta(days=number)


def funnels() -> list[Ask]:
    """Return requests for the funnel of every month of three years."""
    months = [date(2022 + n // 12, n % 12 + 1, 1) for n in range(36)]
    return [_get(f"{_MEASURE}/funnel?grain=month&period_start={month}") for month in months]


def explanations(reader: Reader) -> list[Ask]:
    """Return requests for the explanations of 50 stays."""
    found = reader.get(f"{_EVIDENCE}?limit=50", metriccare_purpose=_PURPOSE)
    stays = [row["stay_id"] for row in json.loads(found.body)["data"]]
    paths = [f"/v1/evidence/stays/{stay}/explanation?measure=readmission_30d" for stay in stays]
    return [_get(path) for path in paths]


def _get(path: str) -> Ask:
    return lambda reader: reader.get(path, metriccare_purpose=_PURPOSE)


def print_case(name: str, server: Server, readers: Sequence[Reader], asks: Sequence[Ask]) -> None:
    """Ask one after the other, in turn as each reader, and print what it took."""
    began = server.processor_seconds()
    found = [ask(readers[number % len(readers)]) for number, ask in enumerate(asks)]
    cpu = (server.processor_seconds() - began) / len(asks) * 1000
    failed = [read.status for read in found if read.status >= 400]
    print(f"{name:44} {len(asks):5} {cpu:8.2f} {_quantiles(found)}", failed or "", flush=True)


def print_together(server: Server, readers: Sequence[Reader], ask: Ask) -> None:
    """Ask on every connection at the same time, and print what it took."""
    found: list[Read] = []

    def work(reader: Reader) -> None:
        found.extend(ask(reader) for _ in range(_EACH))

    threads = [threading.Thread(target=work, args=(reader,)) for reader in readers]
    began, cpu = time.perf_counter(), server.processor_seconds()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    each = (server.processor_seconds() - cpu) / len(found) * 1000
    print(f"{f'304 on {len(readers)} connections':44} {len(found):5} {each:8.2f}"
          f" {_quantiles(found)}  {len(found) / wall:.0f} a second")  # fmt: skip


def _quantiles(found: Sequence[Read]) -> str:
    cuts = statistics.quantiles([read.seconds * 1000 for read in found], n=20)
    return f"{cuts[9]:8.1f} {cuts[18]:8.1f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
