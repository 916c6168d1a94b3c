"""Saved views in the table `serving`, those of a tenant under one key."""

from __future__ import annotations

from dataclasses import asdict, fields

from metriccare.api.saved_views import SavedView
from metriccare.aws.serving.table import ServingTable
from metriccare.aws.tracking_items import Item


class TableViews:
    """Views of every tenant; each call reads or writes those of one."""

    def __init__(self, table: ServingTable) -> None:
        self._table = table

    def of(self, tenant: str, reader: str) -> list[SavedView]:
        """Return the views a person may open."""
        found = map(_view, self._table.of(_kind(tenant)))
        mine = [view for view in found if _may_open(view, reader)]
        return sorted(mine, key=lambda view: (view.name, view.id))

    def get(self, tenant: str, reader: str, view_id: str) -> SavedView | None:
        """Return a view a person may open."""
        item = self._table.get(_kind(tenant), view_id)
        view = None if item is None else _view(item)
        return view if view is not None and _may_open(view, reader) else None

    def put(self, view: SavedView) -> None:
        """Keep a new or changed view."""
        own = {name: value for name, value in asdict(view).items() if value is not None}
        self._table.put({**own, "kind": _kind(view.tenant)})

    def remove(self, view: SavedView) -> None:
        """Remove a view."""
        self._table.remove(_kind(view.tenant), view.id)


def _kind(tenant: str) -> str:
    return f"views#{tenant}"


def _may_open(view: SavedView, reader: str) -> bool:
    return view.is_shared or view.owner == reader


def _view(item: Item) -> SavedView:
    return SavedView(**{field.name: item.get(field.name) for field in fields(SavedView)})  # type: ignore[arg-type]
