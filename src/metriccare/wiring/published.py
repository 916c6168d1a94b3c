"""Wiring of what is published: the marts of a lake, or its published tables until it has marts."""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.access.rights import FINANCE_EVIDENCE, QUALITY_EVIDENCE, RIGHTS
from metriccare.access.roles import BY_NAME, Masking
from metriccare.access.scope import (
    NotAllowed,
    Scope,
    VerifiedSession,
    operator_scope,
    scope_of,
)
from metriccare.errors import UsageError
from metriccare.naming import DEFAULT_TENANT
from metriccare.query.published.engine import PublishedEngine
from metriccare.query.published.file_list import FileList, PointerFiles
from metriccare.query.published.publication import OPERATIONS
from metriccare.query.published.store import PublishedStore
from metriccare.report.metrics_answers import Reader
from metriccare.settings import Lake
from metriccare.wiring.storage import storage_of


def published_files_of(lake: Lake) -> FileList:
    """Return the files a lake has published; UsageError if there is no lake."""
    objects = storage_of(lake).objects
    marts = PointerFiles(objects)
    if marts.tenants():
        return marts
    # Imported late: half a second, and only for a lake without marts.
    from metriccare.query.duckdb.timeline_files import TimelineFiles
    from metriccare.wiring.queries import files_of

    return TimelineFiles(files_of(lake), objects)


def marts_of_lake(lake: Lake, tenant: str | None) -> tuple[Sequence[PointerFiles], tuple[str, ...]]:
    """Return the marts of a lake, of figures and of operations, and whose they are.

    UsageError if there are none.
    """
    objects = storage_of(lake).objects
    files = PointerFiles(objects)
    tenants = tuple(each for each in files.tenants() if tenant in (None, each))
    if not tenants:
        raise UsageError(
            f"There are no published marts in {lake.root}. `metriccare run` writes them when it"
            " publishes, `metriccare marts build` for a lake that an earlier version published."
        )
    return (files, PointerFiles(objects, OPERATIONS)), tenants


def open_reader(lake: Lake, role: str | None, tenant: str | None, marts: Sequence[str]) -> Reader:
    """Return who reads some marts: a role in one tenant, or the operator of the lake.

    The operator reads every tenant unless one is named. UsageError for a role that does not exist.
    """
    files = published_files_of(lake)
    engine = PublishedEngine(PublishedStore(files, marts))
    if role is not None:
        return Reader(engine, (scope_of_role(role, tenant or DEFAULT_TENANT),))
    known = files.tenants()
    chosen = known if tenant is None else tuple(each for each in known if each == tenant)
    return Reader(engine, tuple(operator_scope(each, RIGHTS) for each in chosen))


def scope_of_role(role: str, tenant: str) -> Scope:
    """Return the scope of a role in a tenant; UsageError if there is no such role."""
    if role not in BY_NAME:
        raise UsageError(f"There is no role {role!r}; known: {', '.join(BY_NAME)}.")
    session = VerifiedSession((tenant,), role, BY_NAME[role].rights)
    return scope_of(session, tenant)


def tenant_of_evidence(role: str, tenant: str | None, *, is_account: bool) -> str:
    """Return the tenant of which a role may read a stay's or an account's evidence on a terminal.

    NotAllowed without the right. Roles that see persons as pseudonyms read it through the API.
    """
    scope = scope_of_role(role, tenant or DEFAULT_TENANT)
    scope.require(FINANCE_EVIDENCE if is_account else QUALITY_EVIDENCE)
    if BY_NAME[role].masking is not Masking.CLEAR:
        raise NotAllowed(
            f"The role {role} sees persons as pseudonyms, which only `metriccare serve` gives."
        )
    return scope.tenant
