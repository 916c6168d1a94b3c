"""pyarrow, without pandas: the first array made of a list would import it, for 0.3 s and 40 MB."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any


class _NoPandas:
    """Says that there is no pandas."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Raise for pandas, let the next finder answer for everything else."""
        if name == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


@cache
def arrow() -> Any:
    """Return pyarrow. It looks for pandas once; conversions to pandas look for it again."""
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
