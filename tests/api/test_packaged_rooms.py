"""What is deployed: no function carries the development issuer."""

from __future__ import annotations

from scripts.build_packages import NOT_SMALL, lambda_contents


def test_no_package_holds_the_development_issuer() -> None:
    assert not [name for name in lambda_contents() if "issuer" in name or "/api/" in name]
    assert {"api", "local"} <= set(NOT_SMALL)
