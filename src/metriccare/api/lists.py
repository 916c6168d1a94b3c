"""Lists of rows: one way for every dataset, as JSON in an envelope or as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from metriccare.access.scope import Scope
from metriccare.api import csv_text, export_files
from metriccare.api.components import list_schema
from metriccare.api.cursors import Asked
from metriccare.api.dataset_parameters import conditions_of, parameters_of
from metriccare.api.encoding import Facts, instant
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.parameters import FLAG, Parameter
from metriccare.api.problems import Problem
from metriccare.api.written_filters import canonical
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import EQ, IN, Dataset
from metriccare.query.published.engine import Answer
from metriccare.query.published.statements import Page, sort_of

_NOTES = Parameter("notes", "Begin with lines that say what the rows are.", FLAG, default=False)
_NOT_A_FILTER = {"sort", "limit", "cursor", "publication", "notes"}


@dataclass(frozen=True)
class ListOf:
    """A list at an address: the dataset, and parts of the path that decide a column.

    `fixed` are columns with a value that the address always has. `known` are the values of a part
    of the path that exist. `aliases` are parameters with another name than their column. `unit` is
    a parameter that stands for values of a column together with other columns' values.
    """

    path: str
    dataset: Dataset
    summary: str
    in_path: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    unit: tuple[str, str, Mapping[str, str]] | None = None

    def endpoints(self) -> tuple[Endpoint, Endpoint, Endpoint]:
        """Return the list as JSON, as CSV and as a workbook."""
        decided = [*self.in_path.values(), *self.fixed]
        parameters = (
            *(Parameter(name, f"The {name}.", is_in_path=True) for name in self.in_path),
            *(
                replace(each, name=self.aliases.get(each.name, each.name))
                for each in parameters_of(self.dataset, decided)
            ),
            *self._unit_parameter(),
        )
        as_json = Endpoint(
            path=self.path,
            handler=self.as_json,
            right=self.dataset.right,
            summary=self.summary,
            parameters=parameters,
            schema=list_schema(self.dataset),
            media_types=("application/json", "text/csv"),
            is_cached=True,
            pointer=self.dataset.pointer,
        )
        as_csv = replace(
            as_json,
            path=f"{self.path}.csv",
            handler=self.as_csv,
            summary=f"{self.summary}, as CSV",
            parameters=(*parameters, _NOTES),
            media_types=("text/csv",),
        )
        as_workbook = replace(
            as_json,
            path=f"{self.path}.xlsx",
            handler=self.as_workbook,
            summary=f"{self.summary}, as a workbook",
            media_types=(export_files.XLSX,),
        )
        return as_json, as_csv, as_workbook

    def as_json(self, call: Call) -> Reply:
        """Return a page in its envelope; as CSV if the caller asks for that form."""
        if "text/csv" in call.request.headers.get("accept", ""):
            return self.as_csv(call)
        answer = self.answer(call)
        return Reply(
            {"data": records(answer), "meta": self._meta(call, answer)}, facts=facts_of(answer)
        )

    def as_csv(self, call: Call) -> Reply:
        """Return a page as CSV; a link to the next page is in the header Link."""
        answer = self.answer(call)
        notes = notes_of(self.dataset, answer) if call.values.get("notes") else ()
        text = csv_text.csv_text(answer.columns, answer.rows, notes)
        name = f'attachment; filename="{self.dataset.name}-{answer.publication}.csv"'
        headers = (("content-disposition", name), *self._next_link(call, answer))
        return Reply(text, csv_text.MEDIA_TYPE, headers=headers, facts=facts_of(answer))

    def as_workbook(self, call: Call) -> Reply:
        """Return a page as a workbook with a sheet that says what it is."""
        answer = self.answer(call)
        words = zip(
            ("Meaning", "Publication", "Hidden"), notes_of(self.dataset, answer), strict=True
        )
        filters = {k: v for k, v in _given(call.values).items() if k not in _NOT_A_FILTER}
        about = {
            "Title": self.dataset.title,
            **dict(words),
            "Filters": canonical(filters) or "none",
        }
        content = export_files.workbook(answer.columns, answer.rows, about)
        name = f'attachment; filename="{self.dataset.name}-{answer.publication}.xlsx"'
        headers = (("content-disposition", name), *self._next_link(call, answer))
        return Reply(content, export_files.XLSX, headers=headers, facts=facts_of(answer))

    def _next_link(self, call: Call, answer: Answer) -> tuple[tuple[str, str], ...]:
        following = self._link(call, answer, self._next(call, answer))
        return (("link", f'<{following}>; rel="next"'),) if following is not None else ()

    def answer(self, call: Call) -> Answer:
        """Return the page that was asked for."""
        values, scope = call.values, call.scope
        self._check_known(values)
        call.exchange.object = f"{self.dataset.name} {call.exchange.route}"
        decided = {column: values[name] for name, column in self.in_path.items()}
        named = {**values, **{column: values[name] for column, name in self.aliases.items()}}
        conditions = (
            *conditions_of(self.dataset, named, {**decided, **self.fixed}),
            *self._unit_conditions(values),
        )
        sort = sort_of(self.dataset, values["sort"].split(",") if values["sort"] else ())
        publication = call.exchange.publication or ""
        after = None
        if values["cursor"]:
            first_page = _address(call, {**_given(values), "cursor": None, "publication": None})
            asked = self._asked(call, scope)
            after = call.services.cursors.read(asked, values["cursor"], first_page)
        page = Page(sort, values["limit"], after)
        return call.services.published.rows(scope, self.dataset, conditions, page, publication)

    def _check_known(self, values: Mapping[str, Any]) -> None:
        if any(values[name] not in known for name, known in self.known.items()):
            raise Problem("not-found")

    def _unit_parameter(self) -> tuple[Parameter, ...]:
        if self.unit is None:
            return ()
        return (Parameter(self.unit[0], f"Ids of: {self.unit[0]}.", is_many=True),)

    def _unit_conditions(self, values: Mapping[str, Any]) -> tuple[Condition, ...]:
        if self.unit is None or not values[self.unit[0]]:
            return ()
        name, column, others = self.unit
        also = (Condition(other, EQ, (value,)) for other, value in others.items())
        return (Condition(column, IN, values[name]), *also)

    def _asked(self, call: Call, scope: Scope) -> Asked:
        question = {k: v for k, v in call.values.items() if k not in {"cursor", "publication"}}
        seen = f"{scope.role} {sorted(scope.rights)} {scope.facilities} {scope.provider}"
        publication = call.exchange.publication or ""
        return Asked(publication, scope.tenant, seen, self.dataset.name, question)

    def _next(self, call: Call, answer: Answer) -> str | None:
        if answer.next is None:
            return None
        return call.services.cursors.write(self._asked(call, call.scope), answer.next)

    def _link(self, call: Call, answer: Answer, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        return _address(call, {**_given(call.values), "cursor": cursor})

    def _meta(self, call: Call, answer: Answer) -> dict[str, Any]:
        cursor = self._next(call, answer)
        given = _given(call.values)
        filters = {k: v for k, v in given.items() if k not in _NOT_A_FILTER}
        csv_address = _address(call, {**given, "cursor": None}, ".csv")
        return {
            **meta_of(answer),
            "filters": filters,
            "next": cursor,
            "links": {
                "self": _address(call, given),
                "next": self._link(call, answer, cursor),
                "csv": csv_address,
                "xlsx": _address(call, {**given, "cursor": None}, ".xlsx"),
                "definition": f"/v1/datasets/{self.dataset.name}",
            },
        }


def records(answer: Answer) -> list[dict[str, Any]]:
    """Return rows as column name -> value."""
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def facts_of(answer: Answer) -> Facts:
    """Return what the audit row says of an answer."""
    return Facts(answer.returned, answer.hidden, answer.columns)


def meta_of(answer: Answer) -> dict[str, Any]:
    """Return what an envelope says of the publication and of the number of rows."""
    return {
        "publication": answer.publication,
        "run_id": answer.run_id,
        "as_of": answer.as_of,
        "published_at": instant(answer.published_at),
        "dataset": answer.dataset,
        "returned": answer.returned,
        "total": answer.total,
        "hidden": answer.hidden,
    }


def notes_of(dataset: Dataset, answer: Answer) -> tuple[str, ...]:
    """Return the lines that say what a file holds."""
    hidden = f"{answer.hidden} of these rows are hidden: a count could identify people"
    return (
        f"{dataset.title}. {dataset.meaning}",
        f"Publication {answer.publication}, run {answer.run_id}, complete to {answer.as_of}",
        hidden,
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, (), False)}


def _address(call: Call, values: Mapping[str, Any], suffix: str = "") -> str:
    """Return the request's path with these parameters."""
    path = call.request.url.path.removesuffix(suffix) + suffix if suffix else call.request.url.path
    in_path = call.request.path_params
    pairs: list[tuple[str, str]] = []
    for name, value in sorted(values.items()):
        if value in (None, ()) or name in in_path:
            continue
        many = value if isinstance(value, tuple) else (value,)
        pairs += [(name, "true" if one is True else str(one)) for one in many]
    return f"{path}?{urlencode(pairs)}" if pairs else path
