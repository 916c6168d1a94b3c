"""Fixtures of the report."""

from tests.query.lakes import published_lake, wide_lake

__all__ = ["published_lake", "wide_lake"]
