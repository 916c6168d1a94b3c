"""A workspace that is not prod is destroyed in one step."""

from __future__ import annotations

import pytest

from tests.twin.stack import Twin

pytestmark = [pytest.mark.twin, pytest.mark.timeout(2400)]


def test_destroy_by_the_apply_role_completes_and_leaves_nothing(twin: Twin):
    before = len(twin.judged())
    done = twin.terraform("destroy", "-auto-approve", "-input=false", "-no-color")
    assert "Destroy complete!" in done.stdout
    assert twin.state() == {}
    assert [call for call in twin.judged()[before:] if not call["allowed"]] == []
