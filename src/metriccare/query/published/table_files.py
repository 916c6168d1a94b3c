"""Which files SQL over the published tables reads: those of published marts, of some tenants only.

It is for people who write SQL (`query --role`) and for the report: views are answered over the
marts of the tables they read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from metriccare import naming
from metriccare.access.scope import NotAllowed, Scope
from metriccare.query.datasets.registry import datasets
from metriccare.query.published.file_list import FileList
from metriccare.query.published.publication import Publication
from metriccare.tables import Table

# Of a table: the places of the files that hold its rows.
TableFiles = Callable[[Table], Sequence[str]]


def published_files(files: FileList, tenants: Collection[str]) -> TableFiles:
    """Return what finds the files of published tables of some tenants; all may be read."""
    publications = [found for tenant in tenants if (found := files.current(tenant))]
    return lambda table: _places(files, publications, table)


def files_of_scope(files: FileList, scope: Scope) -> TableFiles:
    """Return what finds the files that a scope may read; NotAllowed for every other table."""
    if scope.facilities is not None or scope.provider is not None:
        raise NotAllowed("SQL shows all of a tenant; this sign-in sees a part of it.")
    readable = {each.mart for each in datasets() if each.right in scope.rights}
    found = published_files(files, [scope.tenant])

    def of_table(table: Table) -> Sequence[str]:
        if table.layer != naming.PUBLISH or table.name not in readable:
            raise NotAllowed(f"The role {scope.role} may not read {table.full_name}.")
        return found(table)

    return of_table


def _places(files: FileList, publications: Sequence[Publication], table: Table) -> Sequence[str]:
    if table.layer != naming.PUBLISH:
        raise NotAllowed(f"{table.full_name} is not published.")
    return [
        str(files.local_file(file))
        for publication in publications
        if table.name in publication.manifests
        for file in publication.manifests[table.name].files
    ]
