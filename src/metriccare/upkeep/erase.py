"""Erases a person from a lake, the same way on a laptop and in a deployed job.

Each step can be repeated. The plan of what to remove is written first, so that the next run
finishes an erasure that crashed. Source: docs/adr/0032-erasure.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metriccare.engine.protocol import Engine
from metriccare.errors import UsageError
from metriccare.object_store import ObjectStore
from metriccare.pipeline.bronze import drift
from metriccare.pipeline.runs import Run, receiving
from metriccare.publishing.publish_marts import publish_marts
from metriccare.publishing.published_run import run_under_way
from metriccare.tracking.again import send_again
from metriccare.tracking.erased import load_erased, save_erased
from metriccare.tracking.pending import rebuilding
from metriccare.tracking.states import FileState
from metriccare.upkeep.erasure_plan import (
    Copies,
    Files,
    Plan,
    Receipt,
    Request,
    places_by_file,
    read_journal,
    receipt_of,
    remove_journal,
    write_journal,
    write_receipt,
)
from metriccare.upkeep.person_search import holdings
from metriccare.upkeep.row_erasure import (
    at_published_dates,
    erase_rows,
    remove_every_old_file,
)

FindPlan = Callable[[Engine[Any]], Plan]
ReportProgress = Callable[[str], None]


def erase(
    objects: ObjectStore,
    request: Request | None,
    remove: Callable[[FindPlan], Receipt],
    report_progress: ReportProgress,
) -> list[Receipt]:
    """Return the receipts of erasures: first of an interrupted one, then of the request.

    `remove` does one erasure in one run. Without a request only an interrupted one is finished.
    """
    unfinished = read_journal(objects)
    receipts = []
    if unfinished is not None:
        report_progress("Finishing an interrupted erasure")
        receipts.append(remove(lambda _: unfinished))
    if request and not (unfinished and unfinished.is_of(request.tenant, request.patient_id)):
        receipts.append(remove(lambda engine: _plan(engine, objects, request)))
    return receipts


def _plan(engine: Engine[Any], objects: ObjectStore, request: Request) -> Plan:
    plan = Plan(request.reason, holdings(engine, request.tenant, request.patient_id))
    write_journal(objects, plan)
    return plan


def remove_everywhere(
    engine: Engine[Any],
    run: Run,
    copies: Copies,
    find_plan: FindPlan,
    report_progress: ReportProgress,
) -> Receipt:
    """Return the receipt after removing a person everywhere.

    The order keeps anything from coming back: first the list of erased names, then files, then
    rows.
    """
    if rebuilding(run.store.runs()):
        raise UsageError(
            "A rebuild was interrupted or refused, and silver is incomplete. `metriccare run`"
            " continues it; erase when that run has published."
        )
    report_progress("Looking for the person's records")
    plan = find_plan(engine)
    objects = run.storage.objects
    save_erased(objects, plan.listed_in(load_erased(objects)))
    raw = _blank_raw(run, copies, plan, report_progress)
    report_progress("Removing rows and computing results again")
    rows = erase_rows(engine, run.context(), plan.held)
    dates = at_published_dates(engine, run.context())
    publish_marts(engine, objects, run_under_way(dates), erased=True)
    _recount_drift(engine, run, plan)
    report_progress("Removing older files")
    old = remove_every_old_file(engine)
    files = Files(raw, old, copies.drop_old(), copies.not_reached(run.record))
    receipt = receipt_of(plan, objects, run.record, rows, files)
    write_receipt(objects, receipt)
    remove_journal(objects)
    return receipt


def _blank_raw(run: Run, copies: Copies, plan: Plan, report_progress: ReportProgress) -> int:
    blanks = plan.held.blanks
    report_progress("Blanking them in the raw files")
    count = copies.blank(run.store.files(), blanks)
    # Files that are loaded and not published yet are processed again, with their new content.
    loaded = [file for file in run.store.files(FileState.LOADED) if blanks.holds(file)]
    send_again(run.store, run.lease, loaded)
    return count


def _recount_drift(engine: Engine[Any], run: Run, plan: Plan) -> None:
    places = {*places_by_file(plan.held.bronze), *plan.held.feeds.places}
    files = [file for file in run.store.files() if file.file_id in places]
    if files:
        drift.recount(engine, receiving(run), files)
