"""Acknowledgements of alerts: who has seen one, and what they wrote. They are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Acknowledgement:
    """One person's word on one alert; `by` is their subject, `name` what people call them."""

    tenant: str
    alert_id: str
    by: str
    name: str
    note: str
    at: str

    def described(self) -> dict[str, Any]:
        """Return the acknowledgement as JSON."""
        return {"by": self.name, "note": self.note, "at": self.at}


class Acknowledgements(Protocol):
    """Where acknowledgements are kept; none is changed or removed."""

    def of(self, tenant: str) -> list[Acknowledgement]:
        """Return those of a tenant's alerts, in the order in which they were made."""
        ...

    def add(self, acknowledgement: Acknowledgement) -> None:
        """Keep one."""
        ...
