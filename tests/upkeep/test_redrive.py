"""Sending dead letters through their queue again."""

from __future__ import annotations

from metriccare.upkeep.redrive import redrive
from tests.monitoring.fakes import FakeLetters


def test_redrive_sends_every_message_again_and_counts_them():
    letters = FakeLetters(dead=["a", "b", "c"])
    assert redrive(letters, limit=100) == 3
    assert (letters.queue, letters.dead) == (["a", "b", "c"], [])


def test_redrive_stops_at_its_limit():
    class Circling(FakeLetters):
        def give_back(self, receipt: str, body: str) -> None:
            self.queue.append(body)

    letters = Circling(dead=["poison"])
    assert redrive(letters, limit=5) == 5
