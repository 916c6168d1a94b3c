"""The names a query may use: layers, tables, views, and their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.query.engine import Rows
from metriccare.query.statement import Show
from metriccare.query.views import view_columns, views
from metriccare.tables import BY_NAME, TABLES
from metriccare.tables.types import trino_type

_ATHENA_CATALOG = "awsdatacatalog"


def resolve(name: str) -> str:
    """Return a table's or view's full name, such as `gold.stay` or `publish.metric_alos`.

    Publish tables and views need no layer. Raises UsageError with the nearest name.
    """
    wanted = name.lower().removeprefix(f"{_ATHENA_CATALOG}.")
    full = wanted if "." in wanted else f"{naming.PUBLISH}.{wanted}"
    if full in BY_NAME or is_view(full):
        return full
    if wanted.startswith("information_schema."):
        raise UsageError(
            "information_schema is not kept here: `SHOW TABLES` lists tables and views, `DESCRIBE"
            " gold.stay` the columns of one."
        )
    raise UsageError(f"There is no table or view {name}.{_nearest(wanted)}")


def is_view(full_name: str) -> bool:
    """Return True if a full name is a view's."""
    layer, _, name = full_name.partition(".")
    return layer == naming.PUBLISH and name in views()


def view_name(full_name: str) -> str:
    """Return the name of a view's file."""
    return full_name.partition(".")[2]


def columns_of(full_name: str) -> Mapping[str, str]:
    """Return column name -> Trino type of a table or view."""
    if is_view(full_name):
        return view_columns(view_name(full_name))
    return {column.name: trino_type(column.type) for column in BY_NAME[full_name].columns}


def answer(show: Show) -> Rows:
    """Answer SHOW and DESCRIBE from the declarations."""
    if show.what == "columns":
        columns = columns_of(resolve(show.of or ""))
        return Rows(("column", "type"), tuple(columns.items()))
    if show.what == "schemas":
        return Rows(("database",), tuple((layer,) for layer in naming.LAYERS))
    return _names(show)


def nearest_columns(wanted: str, full_names: Iterable[str]) -> str:
    """Return a sentence naming the columns most like one that does not exist, or nothing."""
    known = sorted({column for name in full_names for column in columns_of(name)})
    close = get_close_matches(wanted.lower(), known, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def _names(show: Show) -> Rows:
    if show.of is not None and show.of not in naming.LAYERS:
        raise UsageError(f"There is no database {show.of}; known: {', '.join(naming.LAYERS)}.")
    layers = naming.LAYERS if show.of is None else (show.of,)
    kinds = [(naming.PUBLISH, name, "view") for name in views()]
    if show.what == "tables":
        kinds += [(table.layer, table.name, "table") for table in TABLES]
    found = sorted(kind for kind in kinds if kind[0] in layers)
    return Rows(("database", "name", "kind"), tuple(found))


def _nearest(wanted: str) -> str:
    bare = wanted.rpartition(".")[2]
    names = {table.full_name.partition(".")[2]: table.full_name for table in TABLES}
    names |= {name: name for name in views()}
    close = get_close_matches(bare, names, n=3, cutoff=0.6)
    if not close:
        return " `SHOW TABLES` lists them all."
    return f" Did you mean {' or '.join(names[name] for name in close)}?"
