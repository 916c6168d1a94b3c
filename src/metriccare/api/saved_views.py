"""Saved views: a page with its filters under a name, a person's own or for the whole tenant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class SavedView:
    """One view. `state` is the part of the page's address after `?`; it opens with the opener's
    rights. `publication` is None for the newest figures.
    """

    id: str
    tenant: str
    owner: str
    name: str
    page: str
    state: str
    publication: str | None
    is_shared: bool
    changed_at: str

    def described(self, reader: str) -> dict[str, Any]:
        """Return the view as JSON for one reader."""
        return {
            "id": self.id,
            "name": self.name,
            "page": self.page,
            "state": self.state,
            "publication": self.publication,
            "shared": self.is_shared,
            "own": self.owner == reader,
            "changed_at": self.changed_at,
        }


class SavedViews(Protocol):
    """Where views are kept."""

    def of(self, tenant: str, reader: str) -> list[SavedView]:
        """Return the views a person may open: their own and shared ones, by name."""
        ...

    def get(self, tenant: str, reader: str, view_id: str) -> SavedView | None:
        """Return a view a person may open."""
        ...

    def put(self, view: SavedView) -> None:
        """Keep a new or changed view."""
        ...

    def remove(self, view: SavedView) -> None:
        """Remove a view."""
        ...
