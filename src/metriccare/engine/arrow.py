"""pyarrow without pandas: the first array made from a list would import it, for 0.3 s and 40 MB."""

from __future__ import annotations

from functools import cache
from typing import Any

from metriccare.hidden_pandas import hidden_pandas


@cache
def arrow() -> Any:
    """Return pyarrow, which looks for pandas only once; conversions to pandas look again."""
    import pyarrow as pa

    with hidden_pandas():
        pa.array([""])
    return pa


@cache
def has_arrow() -> bool:
    """Return True if pyarrow is installed: it is not in the package for AWS Lambda."""
    try:
        arrow()
    except ModuleNotFoundError as error:
        if error.name == "pyarrow":
            return False
        raise
    return True
