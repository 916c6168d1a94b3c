"""Fakes of the workflow, the notifier and queues, which keep the calls they received."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class FakeWorkflow:
    """A workflow with at most one run at a time."""

    running: bool = False
    ending_for: int = 0
    started: list[str] = field(default_factory=list)

    def start(self) -> bool:
        return self._start("workflow")

    def start_daily(self) -> bool:
        return self._start("daily")

    def is_ending(self) -> bool:
        if self.ending_for == 0:
            return False
        self.ending_for -= 1
        self.running = self.ending_for > 0
        return True

    def _start(self, what: str) -> bool:
        if self.running:
            return False
        self.started.append(what)
        self.running = True
        return True


@dataclass
class FakeNotifier:
    """Keeps messages; fails while `broken` is set."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, subject: str, body: str, outcome: str) -> None:
        if self.broken:
            raise ConnectionError("no connection")
        self.sent.append((subject, body, outcome))


class FakeReported:
    """Keeps what was reported."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def claim(self, key: str) -> bool:
        fresh = key not in self.keys
        self.keys.add(key)
        return fresh

    def forget(self, key: str) -> None:
        self.keys.discard(key)


@dataclass
class FakeLetters:
    """A dead-letter queue and the queue behind it."""

    dead: list[str]
    queue: list[str] = field(default_factory=list)

    def take(self) -> list[tuple[str, str]]:
        return [(body, body) for body in self.dead[:2]]

    def give_back(self, receipt: str, body: str) -> None:
        self.queue.append(body)
        self.dead.remove(receipt)
