"""What is deployed: no function carries the development issuer."""

from __future__ import annotations

import re

from scripts.build_packages import (
    NOT_SMALL,
    SERVING_LOCK,
    lambda_contents,
    own_serving_contents,
)


def test_no_package_holds_the_development_issuer() -> None:
    assert not [name for name in lambda_contents() if "issuer" in name or "/api/" in name]
    assert {"api", "local"} <= set(NOT_SMALL)
    served = own_serving_contents()
    assert "metriccare/wiring/serving_published.py" in served
    assert not [name for name in served if "local/" in name or b"local.issuer" in served[name]]


def test_what_serves_carries_no_engine_and_no_page() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", SERVING_LOCK.read_text(encoding="utf-8"), re.M))
    assert locked.isdisjoint({"hudi", "numpy", "pandas", "pyarrow", "pyspark", "uvicorn"})
    left_out = ("engine/", "pipeline/", "query/duckdb/", "web/")
    assert not [
        n
        for n in own_serving_contents()
        if n.startswith(tuple(f"metriccare/{r}" for r in left_out))
    ]
