"""A native write in its own process, which is killed before or during one of its steps.

    python -m tests.engine.killed_write LAKE STEP

Steps are the changes to the store, counted from 0; a data file counts twice, before and after its
bytes are there. Prints the steps taken when STEP is greater than all of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from tests.engine.lakes import NativeTable, row

KILLED = 9
ROWS = [row("k1", 10_000, big=1), row("killed", tenant="c")]


class DyingStore(FolderStore):
    """A folder whose process ends at a step."""

    def __init__(self, root: Path, last: int) -> None:
        super().__init__(root)
        self.last, self.steps = last, 0

    def _step(self) -> None:
        if self.steps == self.last:
            os._exit(KILLED)
        self.steps += 1

    def put_new(self, path: str, content: bytes) -> None:
        self._step()
        super().put_new(path, content)

    def delete(self, path: str) -> None:
        self._step()
        super().delete(path)

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        self._step()
        with super().writing(path) as place:
            yield place
            if self.steps == self.last:
                # As if killed while the bytes were written.
                os.truncate(place, place.stat().st_size // 2)
            self._step()

    def finish_writing(self) -> None:
        self._step()
        super().finish_writing()


def main() -> None:
    lake = Lake(sys.argv[1])
    store = DyingStore(lake.folder, int(sys.argv[2]))
    NativeTable(lake, store=store).upsert(ROWS, "killed-run")
    print(store.steps)


if __name__ == "__main__":
    main()
