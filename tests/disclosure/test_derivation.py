"""What follows from sums far away from the few quantities that are asked about."""

from __future__ import annotations

import pytest

from metriccare.disclosure.derivation import Sums, determined

# More than are looked at around a quantity: only all lines together say what follows.
WARDS = 1500


@pytest.mark.parametrize("are_last_ones_shown", [True, False])
def test_a_count_follows_through_thousands_of_others_or_not_at_all(are_last_ones_shown: bool):
    first, shown = 0, 1 + 3 * WARDS
    near, next_, last = (range(1 + k * WARDS, 1 + (k + 1) * WARDS) for k in range(3))
    lines: list[tuple[int, tuple[int, ...]]] = [(shown, (first, *near))]
    lines += [(shown, pair) for pair in zip(near, next_, strict=True)]
    lines += [(shown, pair) for pair in zip(next_, last, strict=True)]
    if are_last_ones_shown:
        lines += [(shown, (quantity,)) for quantity in last]
    sums = Sums.of(lines, shown + 1)
    found = determined(sums, range(shown), {first})
    assert found == ([first] if are_last_ones_shown else [])


def test_a_count_that_can_change_with_one_beside_it_does_not_follow():
    sums = Sums.of([(3, (0, 1)), (3, (2,))], 4)
    assert determined(sums, [0, 1, 2], {0, 2}) == [2]
