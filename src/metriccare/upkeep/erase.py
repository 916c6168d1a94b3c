"""Erasure, the same on a laptop and in a deployed job.

Each step can be repeated. What is to be removed is written down first, so that the next run
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
from metriccare.upkeep.row_erasure import erase_rows, remove_every_old_file

Find = Callable[[Engine[Any]], Plan]
Tell = Callable[[str], None]


def erase(
    objects: ObjectStore, request: Request | None, remove: Callable[[Find], Receipt], tell: Tell
) -> list[Receipt]:
    """Erase whom the request names, after finishing an erasure that broke off.

    `remove` makes one run of it. Without a request only what broke off is finished.
    """
    left = read_journal(objects)
    receipts = []
    if left is not None:
        tell("Finishing an erasure that broke off")
        receipts.append(remove(lambda _: left))
    if request and not (left and left.is_of(request.tenant, request.patient_id)):
        receipts.append(remove(lambda engine: _plan(engine, objects, request)))
    return receipts


def _plan(engine: Engine[Any], objects: ObjectStore, request: Request) -> Plan:
    plan = Plan(request.reason, holdings(engine, request.tenant, request.patient_id))
    write_journal(objects, plan)
    return plan


def remove_everywhere(
    engine: Engine[Any], run: Run, copies: Copies, find: Find, tell: Tell
) -> Receipt:
    """Remove in an order that lets nothing come back: first the list, then files, then rows."""
    if rebuilding(run.store.runs()):
        raise UsageError(
            "A rebuild broke off or was refused, and silver is not whole. `metriccare run` takes it"
            " on; erase when that has published."
        )
    tell("Looking for the person's records")
    plan = find(engine)
    objects = run.storage.objects
    save_erased(objects, plan.listed_in(load_erased(objects)))
    raw = _blank_raw(run, copies, plan, tell)
    tell("Removing rows and computing results anew")
    rows = erase_rows(engine, run.context(), plan.held)
    _recount_drift(engine, run, plan)
    tell("Removing older files")
    old = remove_every_old_file(engine)
    files = Files(raw, old, copies.drop_old(), copies.not_reached(run.record))
    receipt = receipt_of(plan, objects, run.record, rows, files)
    write_receipt(objects, receipt)
    remove_journal(objects)
    return receipt


def _blank_raw(run: Run, copies: Copies, plan: Plan, tell: Tell) -> int:
    places = places_by_file([*plan.held.bronze, *plan.held.quarantine])
    tell("Blanking them in the raw files")
    count = copies.blank(run.store.files(), places)
    # What is loaded and not published yet is counted anew, from what its files hold now.
    loaded = [file for file in run.store.files(FileState.LOADED) if file.file_id in places]
    send_again(run.store, run.lease, loaded)
    return count


def _recount_drift(engine: Engine[Any], run: Run, plan: Plan) -> None:
    places = places_by_file(plan.held.bronze)
    files = [file for file in run.store.files() if file.file_id in places]
    if files:
        drift.recount(engine, receiving(run), files)
