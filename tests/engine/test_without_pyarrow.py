"""The engine keeps its contract where pyarrow is not installed, as in a function on AWS Lambda."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_TESTS = ("test_engine_contract.py", "test_person_rules.py", "test_file_reading.py")


def test_the_contract_holds_without_pyarrow():
    path = os.pathsep.join([str(_HERE / "without_pyarrow"), *filter(None, sys.path)])
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-m", "not spark", "-p", "no:cacheprovider"),
            *(str(_HERE / name) for name in _TESTS),
        ],
        cwd=_HERE.parents[1],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
