"""Which tenants a rebuild is for, and which of their files are read once more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.object_store import RawFiles
from metriccare.tracking.again import THROUGH
from metriccare.tracking.states import FileRecord, RunRecord
from metriccare.tracking.store import TrackingStore


@dataclass(frozen=True)
class Rebuild:
    """Whose silver and gold are derived again, and whether their uploads are read once more."""

    tenant: str = naming.EVERY_TENANT
    from_raw: bool = False

    def holds(self, file: FileRecord) -> bool:
        """Return whether a file is of a tenant that is rebuilt."""
        return self.tenant in (naming.EVERY_TENANT, file.tenant)

    def check(self, store: TrackingStore) -> None:
        """Raise UsageError when there is nothing of the tenant to rebuild."""
        if not any(self.holds(file) for file in store.files()):
            whose = "" if self.tenant == naming.EVERY_TENANT else f" of tenant {self.tenant}"
            raise UsageError(f"Nothing can be rebuilt: this lake has received no file{whose}.")

    def noted_in(self, run: RunRecord) -> RunRecord:
        """Return the run's record with the rebuild it was asked for."""
        return replace(run, rebuild=(self.tenant,))

    def files(self, store: TrackingStore, raw_files: RawFiles) -> list[FileRecord]:
        """Return the files to read once more: those whose upload is kept, when asked for."""
        if not self.from_raw:
            return []
        through = (file for file in store.files() if file.state in THROUGH and self.holds(file))
        return [file for file in through if raw_files.is_kept(file.location)]
