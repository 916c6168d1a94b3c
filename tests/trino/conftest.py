"""Fixtures of the query side."""

from tests.query.lakes import published_lake

__all__ = ["published_lake"]
