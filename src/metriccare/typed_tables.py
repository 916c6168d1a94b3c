"""Tables that people write (TOML, JSON) as dataclasses, each key checked as its field declares it.

A field's type says what its key wants: `Annotated[int, wanted("a number of days", ge=0)]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Meta

from metriccare.errors import UsageError

_Table = TypeVar("_Table")


def wanted(words: str, **limits: Any) -> Meta:
    """Return what a key's type is annotated with: what it wants in words, and its limits.

    `holds` is a test that no limit of msgspec expresses.
    """
    holds = limits.pop("holds", None)
    return Meta(description=words, extra={"holds": holds} if holds else None, **limits)


def read_table(
    table: object, declared: type[_Table], where: Path | str, name: str = "", folder: Path = Path()
) -> _Table:
    """Return a table that a person wrote as its dataclass; relative paths begin at `folder`.

    Raises UsageError that says what the first wrong key wants. `where` and `name` are the file
    and the table it is in.
    """
    keys, inside = _keys(declared), f" in [{name}]" if name else ""
    if not isinstance(table, dict):
        what = f"[{name}] must be" if name else "wants"
        raise UsageError(f"{where}: {what} a table with keys such as {next(iter(keys))}.")
    for key in table:
        if key not in keys:
            known = ", ".join(sorted(keys))
            raise UsageError(f"{where}: unknown key {key!r}{inside}; known: {known}.")
    for required in fields(declared):  # type: ignore[arg-type]
        if required.default is MISSING and required.default_factory is MISSING:
            table = {required.name: None, **table}
    return declared(
        **{
            key: checked_value(value, keys[key], f"{where}: {key}{inside} ", folder)
            for key, value in table.items()
        }
    )


def _keys(declared: type) -> Mapping[str, Any]:
    return get_type_hints(declared, include_extras=True)


def checked_value(value: object, kind: Any, key: str = "", folder: Path = Path()) -> Any:
    """Return a key's value; UsageError, which begins with `key`, says what is wanted instead."""
    meta = next((m for part in (kind, *get_args(kind)) for m in _metas(part)), Meta())
    holds = (meta.extra or {}).get("holds") or (lambda _: True)
    try:
        checked = msgspec.convert(value, kind, dec_hook=lambda _, text: folder / text)
        is_wanted = checked is None or holds(checked)
    except (msgspec.ValidationError, TypeError):
        is_wanted = False
    if not is_wanted:
        raise UsageError(f"{key}wants {meta.description}, found {value!r}.")
    return checked


def _metas(kind: Any) -> list[Meta]:
    return [meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, Meta)]
