"""The built page: its files, and its one HTML for every page address."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from metriccare.api.exchange import exchange_of
from metriccare.api.problems import Problem

PAGE_PATH = "/{path:path}"
# Addresses of pages: lower-case words. Everything else is an error, and is audited as one.
_PAGE = re.compile(r"/(?:[a-z0-9][A-Za-z0-9_.:-]*(?:/[A-Za-z0-9][A-Za-z0-9_.:-]*)*/?)?")
_NOT_PAGES = ("v1", "auth", "health", "metrics", "problems", "fhir", "assets", "openapi.json")


class _Assets(StaticFiles):
    """Files whose names hold a hash of their content: a browser may keep them for ever."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def add_site(app: Starlette, folder: Path) -> None:
    """Serve the built page below every address that is no endpoint's."""
    assets = folder / "assets"
    if assets.is_dir():
        app.mount("/assets", _Assets(directory=assets))
    page = folder / "index.html"

    async def show_page(request: Request) -> Response:
        """Return the page, or one of the few files beside it."""
        path = request.url.path
        exchange_of(request.scope).route = "(page)"
        if not _PAGE.fullmatch(path) or path.split("/")[1].lower() in _NOT_PAGES:
            raise Problem("not-found")
        beside = folder / path[1:]
        is_file = "/" not in path[1:] and path != "/" and beside.is_file()
        return FileResponse(beside if is_file else page, headers={"Cache-Control": "no-cache"})

    app.add_route(PAGE_PATH, show_page, methods=["GET"])
