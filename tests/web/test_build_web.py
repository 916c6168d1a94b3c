"""Which Node may build the page."""

from __future__ import annotations

import pytest

from scripts.build_web import is_new_enough


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.1.0", "v24.19.0"])
def test_a_node_of_these_ages_builds_the_page(version: str) -> None:
    assert is_new_enough(version)


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.3", "", "not a version"])
def test_an_older_node_is_not_used(version: str) -> None:
    assert not is_new_enough(version)
