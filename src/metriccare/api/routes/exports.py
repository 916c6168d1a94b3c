"""Exports: ask for a file, see how far it is, fetch it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from metriccare.access.rights import EXPORT
from metriccare.api import csv_text, limits
from metriccare.api.dataset_parameters import conditions_of, parameters_of
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.export_files import XLSX
from metriccare.api.exports import Export, Form, Wanted
from metriccare.api.parameters import Parameter, parse
from metriccare.api.problems import Problem, invalid
from metriccare.api.written_filters import canonical
from metriccare.query.datasets.registry import dataset
from metriccare.query.published.statements import sort_of

_MEDIA_TYPES = {
    Form.CSV: csv_text.MEDIA_TYPE,
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.XLSX: XLSX,
}
_ID = Parameter("id", "The export.", is_in_path=True)
_NOT_FILTERS = {"sort", "limit", "cursor", "publication"}


class ExportRequest(BaseModel):
    """What to export; filters are those of the dataset's rows."""

    model_config = ConfigDict(extra="forbid")

    dataset: str = Field(max_length=100)
    filters: dict[str, str | list[str]] = Field(default_factory=dict, max_length=50)
    sort: str | None = Field(default=None, max_length=200)
    format: Literal["csv", "parquet", "xlsx"] = "csv"


def begin(call: Call) -> Reply:
    """Begin an export; the answer says where to look for it."""
    asked: ExportRequest = call.body
    found = dataset(asked.dataset)
    if found is None or found.right not in call.scope.rights:
        raise invalid("body", "dataset", "there is no such dataset, or you may not read it")
    declared = [each for each in parameters_of(found) if each.name not in _NOT_FILTERS]
    pairs = [
        (name, value)
        for name, values in asked.filters.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    values = parse(declared, pairs, {})
    wanted = Wanted(
        scope=call.scope,
        dataset=found,
        conditions=conditions_of(found, values),
        sort=sort_of(found, asked.sort.split(",") if asked.sort else ()),
        form=Form(asked.format),
        publication=call.services.published.publication(call.scope, None, found.pointer).id,
        filters=canonical(values),
    )
    call.exchange.object = f"{found.name} {call.exchange.route}"
    call.exchange.statement, call.exchange.publication = wanted.filters, wanted.publication
    export = call.services.exports.begin(call.known.person.subject, wanted)
    where = f"/v1/exports/{export.id}"
    return Reply(export.described(), status=202, headers=(("location", where),))


def listed(call: Call) -> Reply:
    """Return the caller's exports."""
    found = call.services.exports.of(call.known.person.subject, call.scope.tenant)
    return Reply({"data": [export.described() for export in found]})


def one(call: Call) -> Reply:
    """Return one export of the caller."""
    return Reply(_own(call).described())


def file(call: Call) -> Reply:
    """Return the file of an export."""
    export = _own(call)
    if not export.is_ready:
        raise Problem("conflict", f"The export is {export.state}: there is no file to fetch.")
    call.exchange.object = f"{export.wanted.dataset.name} {call.exchange.route}"
    call.exchange.statement = export.wanted.filters
    call.exchange.publication = export.wanted.publication
    media_type = _MEDIA_TYPES[export.wanted.form]
    facts = Facts(export.rows, export.hidden, export.wanted.dataset.column_names)
    place = call.services.exports.file(export, media_type)
    if isinstance(place, str):
        return Reply(b"", "text/plain", 303, (("location", place),), facts)
    named = ("content-disposition", f'attachment; filename="{export.file_name}"')
    return Reply(place, media_type, headers=(named,), facts=facts)


def _own(call: Call) -> Export:
    found = call.services.exports.get(
        call.known.person.subject, call.scope.tenant, call.values["id"]
    )
    if found is None:
        raise Problem("not-found")
    return found


ENDPOINTS = (
    Endpoint(
        "/v1/exports",
        begin,
        EXPORT,
        "Begin an export of up to a million rows",
        method="POST",
        body=ExportRequest,
        action="export",
        limit=limits.EXPORTS,
        needs_purpose=True,
        status=202,
    ),
    Endpoint("/v1/exports", listed, EXPORT, "Your exports"),
    Endpoint("/v1/exports/{id}", one, EXPORT, "How far an export is", parameters=(_ID,)),
    Endpoint(
        "/v1/exports/{id}/file",
        file,
        EXPORT,
        "The file of an export",
        parameters=(_ID,),
        media_types=tuple(_MEDIA_TYPES.values()),
        action="export",
        sends_file=True,
    ),
)
