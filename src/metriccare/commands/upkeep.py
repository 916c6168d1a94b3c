"""`replay`, `rebuild`, `rollback`, `erase`: what went through, taken again, back or out."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from metriccare import naming
from metriccare.commands.options import (
    DEFAULT_LAKE,
    AsOfOption,
    ConfigOption,
    EngineOption,
    LakeOption,
    TenantOption,
    date_of,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.upkeep.replay import Window
from metriccare.wiring.storage import is_deployed

app = typer.Typer()


@app.command(epilog=example("metriccare replay --since 2024-05-01 --until 2024-05-03"))
def replay(
    since: Annotated[str, typer.Option(envvar="METRICCARE_SINCE", help="First day (UTC).")],
    until: Annotated[str, typer.Option(envvar="METRICCARE_UNTIL", help="Last day (UTC).")],
    as_of: AsOfOption = None,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Take the files that arrived in these days through again, as after a bug fix."""
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_upkeep import replay_local

    first, last = date_of(since, "--since"), date_of(until, "--until")
    if first is None or last is None:
        raise UsageError("replay wants --since and --until, dates such as 2024-12-31.")
    window, when = Window(first, last), date_of(as_of, "--as-of")
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            _replay_deployed(Lake(lake), window, when, progress)
            return
        here = local_lake(lake, config, engine)
        record = replay_local(here, window, when, progress.stage)
        if record is None:
            progress.say("Nothing to do: no file that went through arrived in these days.")
            return
        progress.say(f"{record.run_id}: {record.files:,} files went through again.")
        record.require_all_published()


def _replay_deployed(lake: Lake, window: Window, as_of: date | None, progress: Progress) -> None:
    from metriccare.wiring.operator import replay_deployed

    days = {"--since": f"{window.since}", "--until": f"{window.until}"}
    replay_deployed(lake, days | ({"--as-of": f"{as_of}"} if as_of else {}), progress.stage)
    progress.say("The files of these days went through again; the alert topic says how many.")


@app.command(epilog=example("metriccare rebuild --tenant north"))
def rebuild(
    tenant: Annotated[
        str | None, typer.Option(envvar="METRICCARE_TENANT", help="This tenant alone.")
    ] = None,
    from_raw: Annotated[
        bool, typer.Option("--from-raw", help="Read the uploads that are kept once more, too.")
    ] = False,
    as_of: AsOfOption = None,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Derive silver and gold again from bronze; only rows that are wrong are replaced."""
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_upkeep import rebuild_local

    wanted, when = Rebuild(tenant or naming.EVERY_TENANT, from_raw), date_of(as_of, "--as-of")
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            _rebuild_deployed(Lake(lake), wanted, when, progress)
            return
        record = rebuild_local(local_lake(lake, config, engine), wanted, when, progress.stage)
        progress.say(f"{record.run_id}: silver and gold agree with bronze again.")
        record.require_all_published()


def _rebuild_deployed(lake: Lake, wanted: Rebuild, as_of: date | None, progress: Progress) -> None:
    from metriccare.wiring.operator import rebuild_deployed

    choice = {"--read": "raw" if wanted.from_raw else "bronze"}
    if wanted.tenant != naming.EVERY_TENANT:
        choice["--tenant"] = wanted.tenant
    rebuild_deployed(lake, choice | ({"--as-of": f"{as_of}"} if as_of else {}), progress.stage)
    progress.say("Silver and gold agree with bronze again; the alert topic says how it ended.")


@app.command(epilog=example("metriccare rollback run-000012-20240503T041500Z"))
def rollback(
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The newest run.")],
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Return silver, gold and publish to the state before the newest run; its files wait again."""
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_upkeep import roll_back_local

    with Progress() as progress:
        if is_deployed(Lake(lake)):
            from metriccare.wiring.operator import roll_back_deployed

            roll_back_deployed(Lake(lake), run_id, progress.stage)
            progress.say(f"{run_id} is rolled back; the next run takes its files up.")
            return
        waiting = roll_back_local(local_lake(lake, config, engine), run_id, progress.stage)
        progress.say(
            f"{run_id} is rolled back; {waiting:,} files wait again."
            " `metriccare run` takes them up."
        )


@app.command(epilog=example('metriccare erase 4711 --reason "Article 17 request of 3 May"'))
def erase(
    patient: Annotated[str, typer.Argument(help="The id of one of the person's Patient records.")],
    reason: Annotated[str, typer.Option(envvar="METRICCARE_REASON", help="Why; kept.")] = "",
    tenant: TenantOption = naming.DEFAULT_TENANT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Remove a person from every layer and old file for good, and print a receipt (JSON)."""
    from metriccare.upkeep.erasure_plan import Request
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_upkeep import erase_local

    if not reason.strip():
        raise UsageError("erase wants --reason TEXT: the receipt says why a person was removed.")
    if not yes:
        typer.confirm(f"Remove this person from {lake} for good?", abort=True, err=True)
    request = Request(tenant, patient, reason)
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            from metriccare.wiring.operator import erase_deployed

            receipts = erase_deployed(Lake(lake), request, progress.stage)
        else:
            done = erase_local(local_lake(lake, config, engine), request, progress.stage)
            receipts = [receipt.document() for receipt in done]
        typer.echo(json.dumps(receipts, indent=2))
        progress.say(f"Receipts are kept in {lake}/{naming.ERASURES_FOLDER}.")
