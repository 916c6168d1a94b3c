"""Acknowledgements in the table `serving`, those of a tenant under one key; they are only added."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields

from metriccare.api.acknowledgements import Acknowledgement
from metriccare.aws.serving.table import ServingTable


class TableAcknowledgements:
    """Acknowledgements of every tenant; each call reads or writes those of one."""

    def __init__(self, table: ServingTable) -> None:
        self._table = table

    def of(self, tenant: str) -> list[Acknowledgement]:
        """Return those of a tenant's alerts, in order."""
        names = [field.name for field in fields(Acknowledgement)]
        items = self._table.of(_kind(tenant))
        return [Acknowledgement(**{name: item[name] for name in names}) for item in items]

    def add(self, acknowledgement: Acknowledgement) -> None:
        """Keep one; ids begin with the time, so that the table keeps them in order."""
        own = {
            "kind": _kind(acknowledgement.tenant),
            "id": f"{acknowledgement.at}#{secrets.token_hex(4)}",
        }
        # Never in place of another one.
        self._table.put_if({**asdict(acknowledgement), **own}, "attribute_not_exists(kind)", {})


def _kind(tenant: str) -> str:
    return f"acknowledgements#{tenant}"
