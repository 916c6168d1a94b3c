"""The digital twin: moto's server, plus what the deployed stack needs and moto does not have.

`python -m tests.twin.server --port P --folder F` serves on 127.0.0.1 until it is stopped. What
functions and jobs print, and the calls they make, are kept in the folder.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from werkzeug.serving import run_simple

ADDRESS = "127.0.0.1"


def main() -> None:
    """Read the arguments, patch moto, serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_PORT"] = str(arguments.port)
    _serve(arguments.port, arguments.folder)


def _serve(port: int, folder: Path) -> None:
    # moto reads its environment when it is imported.
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )

    from tests.twin.server import athena, events, functions, gaps, glue
    from tests.twin.server.calls import Recorded
    from tests.twin.server.cloudfront import CloudFront
    from tests.twin.server.judge import JUDGED, Judged
    from tests.twin.server.processes import Surroundings
    from tests.twin.server.sessions import Sessions

    surroundings = Surroundings(f"http://{ADDRESS}:{port}", folder)
    gaps.fill()
    runner = functions.Functions(surroundings)
    glue.run_jobs_for_real(surroundings, events.Events(runner))
    runner.poll_queues()
    athena.answer_queries(surroundings)
    moto = DomainDispatcherApplication(create_backend_app)
    recorded = Recorded(CloudFront(moto), folder / "calls.jsonl", but=JUDGED)
    sessions = Sessions(recorded, folder / "sessions.jsonl")
    application = Judged(sessions, folder / "judged.jsonl")
    run_simple(ADDRESS, port, application, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
