"""Which files hold a table's newest rows, told by hudi-rs from the table's timeline.

A Hudi folder holds older versions of the same rows too, so a glob over it counts them again.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.errors import MetricCareError
from metriccare.settings import Lake
from metriccare.tables import Table

# hudi-rs has one error type; this is how it says that a folder holds no table.
_NO_TABLE = "hoodie.properties not found"


def newest_files(lake: Lake, table: Table, storage: Mapping[str, str]) -> tuple[str, ...]:
    """Return the places of the files of the newest commit, none where nothing was committed.

    A table that was never created, one created empty and one whose first load was killed all
    have none. `storage` are hudi-rs options, such as the credentials of a lake in S3.
    """
    from hudi import HudiTableBuilder  # a tenth of a second

    place = _absolute(lake, table)
    try:
        hudi_table = HudiTableBuilder.from_base_uri(place).with_options(dict(storage)).build()
        slices = hudi_table.get_file_slices()
    except Exception as error:
        if _NO_TABLE in str(error):
            return ()
        raise MetricCareError(
            f"{table.full_name} cannot be read at {place}: {error}."
            " `metriccare doctor` checks the lake."
        ) from error
    return tuple(f"{place}/{one.base_file_relative_path()}" for one in slices)


def _absolute(lake: Lake, table: Table) -> str:
    if lake.is_s3:
        return lake.path(table.path)
    return str((lake.folder / table.path).resolve())
