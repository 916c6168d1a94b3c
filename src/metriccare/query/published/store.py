"""The publications that readers see: opened once, kept in memory, changed when the pointer does."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock, Thread

from metriccare.errors import MetricCareError
from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import Publication, PublicationRefused
from metriccare.query.published.refusals import NotPublished, PublicationGone
from metriccare.query.published.session import PublishedSession

# 5 s: a new publication is seen within 10 s, and a page of many requests reads the pointer once.
_CHECK_SECONDS = 5.0
# 32 tenants, and 4 older publications that somebody pinned (serving specification, 1.4).
_MOST_TENANTS, _MOST_PINNED = 32, 4


@dataclass
class _Tenant:
    """A tenant's open publication, when its pointer was read last, and the build under way."""

    session: PublishedSession
    checked_at: float
    lock: Lock = field(default_factory=Lock)
    build: Thread | None = None


class PublishedStore:
    """Opens the publications of tenants, for any number of threads.

    A request keeps the session it began with. A new publication is built in the background and
    then takes the place of the old one. `on_refused` is called with the tenant and the reason when
    a pointer or a file is not what a run published: readers keep what they had.
    """

    def __init__(
        self,
        files: FileList,
        marts: Sequence[str],
        *,
        clock: Callable[[], float] = time.monotonic,
        on_refused: Callable[[str, MetricCareError], None] = lambda tenant, error: None,
    ) -> None:
        self._files, self._marts = files, tuple(marts)
        self._clock, self._on_refused = clock, on_refused
        self._lock = Lock()
        self._tenants: OrderedDict[str, _Tenant] = OrderedDict()
        self._pinned: OrderedDict[tuple[str, str], PublishedSession] = OrderedDict()

    def session(self, tenant: str, publication: str | None = None) -> PublishedSession:
        """Return the session of a tenant's current publication, or of an earlier one by its id.

        Raises NotPublished, PublicationGone, or PublicationRefused if there is no older one to
        keep.
        """
        current = self._current(tenant)
        if publication is None or publication == current.publication.id:
            return current
        return self._earlier(tenant, publication)

    def _current(self, tenant: str) -> PublishedSession:
        with self._lock:
            known = self._tenants.get(tenant)
            if known is not None:
                self._tenants.move_to_end(tenant)
        if known is None:
            return self._opened(tenant)
        with known.lock:
            if self._clock() - known.checked_at >= _CHECK_SECONDS:
                known.checked_at = self._clock()
                self._check(tenant, known)
            return known.session

    def _opened(self, tenant: str) -> PublishedSession:
        """Open a tenant for the first time; the thread that asks waits for it."""
        found = self._files.current(tenant)
        if found is None:
            raise NotPublished
        session = PublishedSession(found, self._files, self._marts)
        with self._lock:
            kept = self._tenants.setdefault(tenant, _Tenant(session, self._clock()))
            while len(self._tenants) > _MOST_TENANTS:
                self._tenants.popitem(last=False)
        return kept.session

    def _check(self, tenant: str, known: _Tenant) -> None:
        """Look at the pointer, and begin to build what it names if that is new."""
        newest = self._files.current_id(tenant)
        if newest is None:
            with self._lock:
                self._tenants.pop(tenant, None)
            raise NotPublished
        is_building = known.build is not None and known.build.is_alive()
        if newest != known.session.publication.id and not is_building:
            known.build = Thread(target=self._rebuild, args=(tenant, known), daemon=True)
            known.build.start()

    def _rebuild(self, tenant: str, known: _Tenant) -> None:
        try:
            found = self._files.current(tenant)
            if found is None:
                return
            _check_sequence(known.session.publication, found)
            session = PublishedSession(found, self._files, self._marts)
        except MetricCareError as error:
            self._on_refused(tenant, error)
            return
        with known.lock:
            known.session = session

    def _earlier(self, tenant: str, publication: str) -> PublishedSession:
        key = (tenant, publication)
        with self._lock:
            known = self._pinned.get(key)
        if known is not None:
            return known
        found = self._files.kept(tenant, publication)
        if found is None:
            raise PublicationGone
        session = PublishedSession(found, self._files, self._marts)
        with self._lock:
            self._pinned[key] = session
            while len(self._pinned) > _MOST_PINNED:
                self._pinned.popitem(last=False)
        return session


def _check_sequence(held: Publication, found: Publication) -> None:
    """Raise PublicationRefused if a pointer is older than one that was seen."""
    if found.pointer.sequence < held.pointer.sequence:
        raise PublicationRefused("The pointer of a tenant's marts is an older one.")
