"""Exports in the results bucket, made by a function of their own: an answer ends its function.

The request is kept in the table `serving`; the function is called with its key only. Files lie
below `tenants/<tenant>/exports/` and are fetched by an address that lasts five minutes.
"""

from __future__ import annotations

import json
import logging
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metriccare.access.scope import Scope
from metriccare.api.export_making import Made, make_file
from metriccare.api.exports import KEPT, MOST_KEPT, Export, Form, Wanted
from metriccare.api.published import PublishedReads
from metriccare.api.written_values import value_of, written
from metriccare.aws.serving.table import EXPIRES, ServingTable, hashed
from metriccare.aws.serving.tenants import TenantClients
from metriccare.aws.tracking_items import Item
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.registry import dataset
from metriccare.query.published.statements import Sort

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_log = logging.getLogger("metriccare.api")
# Of a reader's copy: long enough for a slow click, too short to pass on.
_ADDRESS_SECONDS = 300


@dataclass(frozen=True)
class ExportPlaces:
    """Where exports are kept: their records, their files, and the function that makes them."""

    table: ServingTable
    clients: TenantClients
    bucket: str
    calls: LambdaClient
    function: str


class BucketExports:
    """Begins exports and says how far they are."""

    def __init__(self, places: ExportPlaces, clock: Callable[[], datetime]) -> None:
        self._places, self._clock = places, clock

    def begin(self, owner: str, wanted: Wanted) -> Export:
        """Keep what is wanted and call the function that makes it."""
        export = Export(secrets.token_hex(16), owner, wanted, self._clock())
        tenant = wanted.scope.tenant
        for old in self.of(owner, tenant)[MOST_KEPT - 1 :]:
            self._places.table.remove(_kind(owner, tenant), old.id)
            self._delete(old)
        self._places.table.put(_item(export))
        call = json.dumps({"owner": owner, "tenant": tenant, "export": export.id})
        self._places.calls.invoke(
            FunctionName=self._places.function, InvocationType="Event", Payload=call.encode()
        )
        return export

    def get(self, owner: str, tenant: str, export_id: str) -> Export | None:
        """Return an export of a person in a tenant."""
        item = self._places.table.get(_kind(owner, tenant), export_id)
        export = None if item is None else _export(item)
        return export if export is not None and export.expires > self._clock() else None

    def of(self, owner: str, tenant: str) -> list[Export]:
        """Return the exports of a person in a tenant, the newest first."""
        found = map(_export, self._places.table.of(_kind(owner, tenant)))
        kept = [export for export in found if export.expires > self._clock()]
        return sorted(kept, key=lambda export: export.created, reverse=True)

    def file(self, export: Export, media_type: str) -> str:
        """Return an address from which the file can be fetched for five minutes."""
        client = self._places.clients.of(export.wanted.scope.tenant)
        return client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._places.bucket,
                "Key": _object_key(export),
                "ResponseContentType": media_type,
                "ResponseContentDisposition": f'attachment; filename="{export.file_name}"',
            },
            ExpiresIn=_ADDRESS_SECONDS,
        )

    def _delete(self, export: Export) -> None:
        client = self._places.clients.of(export.wanted.scope.tenant)
        client.delete_object(Bucket=self._places.bucket, Key=_object_key(export))


class ExportMaker:
    """Makes the exports that were begun."""

    def __init__(self, places: ExportPlaces, published: PublishedReads) -> None:
        self._places, self._published = places, published

    def make(self, call: Mapping[str, str]) -> None:
        """Make the export that a call names; what is gone or made already is left as it is."""
        item = self._places.table.get(_kind(call["owner"], call["tenant"]), call["export"])
        export = None if item is None else _export(item)
        if export is None or export.state != "waiting":
            return
        try:
            made = self._made(export)
            done = replace(export, state=made.state, rows=made.rows, hidden=made.hidden)
        except Exception as error:
            _log.error("export %s failed: %s", export.id, type(error).__name__)
            done = replace(export, state="failed")
        # Its owner may have asked for so many others that it was removed.
        self._places.table.put_if(_item(done), "attribute_exists(kind)", {})

    def _made(self, export: Export) -> Made:
        with tempfile.TemporaryDirectory(prefix="export") as folder:
            path = Path(folder, f"{export.id}.{export.wanted.form}")
            made = make_file(self._published, export.wanted, path)
            if made.path is not None:
                client = self._places.clients.of(export.wanted.scope.tenant)
                client.upload_file(str(made.path), self._places.bucket, _object_key(export))
            return made


def _kind(owner: str, tenant: str) -> str:
    return f"exports#{hashed(owner, tenant)}"


def _object_key(export: Export) -> str:
    wanted = export.wanted
    return f"tenants/{wanted.scope.tenant}/exports/{export.id}.{wanted.form}"


def _item(export: Export) -> Item:
    wanted = export.wanted
    content = {
        "scope": {**asdict(wanted.scope), "rights": sorted(wanted.scope.rights)},
        "dataset": wanted.dataset.name,
        "conditions": [
            [each.column, each.operator, [written(value) for value in each.values]]
            for each in wanted.conditions
        ],
        "sort": [[each.column, each.descending] for each in wanted.sort],
        "form": wanted.form,
        "publication": wanted.publication,
        "filters": wanted.filters,
    }
    item = {
        "kind": _kind(export.owner, wanted.scope.tenant),
        "id": export.id,
        "owner": export.owner,
        "created": export.created.isoformat(),
        "state": export.state,
        "content": json.dumps(content),
        "rows": export.rows,
        "hidden": export.hidden,
        EXPIRES: int((export.created + KEPT).timestamp()) + 1,
    }
    return {name: value for name, value in item.items() if value is not None}


def _export(item: Item) -> Export:
    content: dict[str, Any] = json.loads(item["content"])
    found = dataset(content["dataset"])
    if found is None:
        raise LookupError("an export of a dataset that no longer exists")
    scope = content["scope"]
    facilities = scope["facilities"]
    wanted = Wanted(
        scope=Scope(
            **{
                **scope,
                "rights": frozenset(scope["rights"]),
                "facilities": None if facilities is None else tuple(facilities),
            }
        ),
        dataset=found,
        conditions=tuple(
            Condition(column, operator, tuple(value_of(value) for value in values))
            for column, operator, values in content["conditions"]
        ),
        sort=tuple(Sort(column, descending) for column, descending in content["sort"]),
        form=Form(content["form"]),
        publication=content["publication"],
        filters=content["filters"],
    )
    rows, hidden = item.get("rows"), item.get("hidden")
    return Export(
        id=item["id"],
        owner=item["owner"],
        wanted=wanted,
        created=datetime.fromisoformat(item["created"]),
        state=item["state"],
        rows=None if rows is None else int(rows),
        hidden=None if hidden is None else int(hidden),
    )
