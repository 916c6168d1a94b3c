"""Which files hold a table's newest rows: hudi-rs reads it from the table's timeline.

A Hudi folder holds older versions of the same rows too, so a glob over it counts them again.
"""

from __future__ import annotations

from metriccare.errors import MetricCareError
from metriccare.query.duckdb.lake_files import LakeFiles
from metriccare.tables import Table

# hudi-rs has one error type; this is how it says that a folder holds no table.
_NO_TABLE = "hoodie.properties not found"


def newest_files(files: LakeFiles, table: Table) -> tuple[str, ...]:
    """Return the locations of the files of the newest commit; none if nothing was committed.

    A table that was never created, one created empty and one whose first load was killed all
    have none.
    """
    from hudi import HudiTableBuilder  # a tenth of a second

    folder, options = files.location(table.path), dict(files.hudi_options)
    try:
        hudi_table = HudiTableBuilder.from_base_uri(folder).with_options(options).build()
        slices = hudi_table.get_file_slices()
    except Exception as error:
        if _NO_TABLE in str(error):
            return ()
        raise MetricCareError(
            f"{table.full_name} cannot be read at {folder}: {error}."
            " `metriccare doctor` checks the lake."
        ) from error
    return tuple(f"{folder}/{each.base_file_relative_path()}" for each in slices)
