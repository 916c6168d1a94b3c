"""The tenants of a rebuild, and their files that are read again."""

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
    """The tenants whose silver and gold are derived again; `from_raw` reads their uploads again."""

    tenant: str = naming.EVERY_TENANT
    from_raw: bool = False

    def holds(self, file: FileRecord) -> bool:
        """Return True if a file belongs to a tenant to rebuild."""
        return self.tenant in (naming.EVERY_TENANT, file.tenant)

    def check(self, store: TrackingStore) -> None:
        """Raise UsageError if the tenant has nothing to rebuild."""
        if not any(self.holds(file) for file in store.files()):
            whose = "" if self.tenant == naming.EVERY_TENANT else f" of tenant {self.tenant}"
            raise UsageError(f"Nothing can be rebuilt: this lake has received no file{whose}.")

    def noted_in(self, run: RunRecord) -> RunRecord:
        """Return the run's record with this rebuild."""
        return replace(run, rebuild=(self.tenant,))

    def files(self, store: TrackingStore, raw_files: RawFiles) -> list[FileRecord]:
        """Return the files to read again, if asked for: those still in the raw zone."""
        if not self.from_raw:
            return []
        through = (file for file in store.files() if file.state in THROUGH and self.holds(file))
        return [file for file in through if raw_files.is_kept(file.location)]
