"""A signal ends a process as interrupted, even if C code loses the exception of its handler."""

from __future__ import annotations

import subprocess
import sys

import pytest

_START = """
import os, signal, sys, threading, time
from metriccare import interruption
interruption.raise_on_signals()

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

def report(work):
    try:
        with interruption.not_replaced():
            work()
            interruption.check()
        print("done")
    except interruption.Interrupted as stopped:
        print(stopped.exit_code)
"""
# DuckDB would compute for hours. It raises a RuntimeError when a signal stops it, and closing the
# session waits for its threads.
_QUERY = """
import duckdb

def compute():
    with duckdb.connect() as session:
        interruption.stop_queries_of(session)
        session.execute("SELECT sum(hash(range) % 7) FROM range(1000000000000)")

threading.Timer(0.5, interrupt).start()
report(compute)
"""
# DuckDB calls a Python function, and raises an error of its own for every error of it.
_FUNCTION = """
import duckdb
session = duckdb.connect()
session.create_function("interrupted", lambda x: interrupt() or x, ["BIGINT"], "BIGINT")
report(lambda: session.execute("SELECT interrupted(1)").fetchall())
"""
# Python prints an error of a finalizer, and goes on.
_FINALIZER = """
class Finalized:
    def __del__(self):
        interrupt()
        for _ in range(10): pass
report(Finalized)
"""


@pytest.mark.parametrize("work", [_QUERY, _FUNCTION, _FINALIZER])
def test_an_interrupt_that_c_code_loses_is_raised_again(work: str) -> None:
    command = [sys.executable, "-c", _START + work]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("130\n", "")


def test_without_a_signal_an_error_stays_itself() -> None:
    work = "report(lambda: 1 / 0)"
    command = [sys.executable, "-c", _START + work]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
