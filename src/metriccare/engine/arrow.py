"""pyarrow without pandas: the first array made from a list would import it, for 0.3 s and 40 MB."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


class _NoPandas:
    """An import finder that reports pandas as not installed."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Raise ModuleNotFoundError for pandas; other finders answer for other names."""
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


@cache
def arrow() -> Any:
    """Return pyarrow, which looks for pandas only once; conversions to pandas look again."""
    import pyarrow as pa

    if "pandas" in sys.modules:
        return pa
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(finder)
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
