"""The built page: its files, and its one HTML for every page address."""

from __future__ import annotations

import gzip
import re
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from metriccare.api.exchange import exchange_of
from metriccare.api.problems import Problem

PAGE_PATH = "/{path:path}"
# Addresses of pages: lower-case words. Everything else is an error, and is audited as one.
_PAGE = re.compile(r"/(?:[a-z0-9][A-Za-z0-9_.:-]*(?:/[A-Za-z0-9][A-Za-z0-9_.:-]*)*/?)?")
_NOT_PAGES = ("v1", "auth", "health", "metrics", "problems", "fhir", "assets", "openapi.json")


# Fonts and pictures are compressed already.
_COMPRESSED = {".css", ".js", ".json", ".svg", ".txt"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class _Assets(StaticFiles):
    """Files whose names hold a hash of their content: a browser may keep them for ever.

    Scripts and styles are sent compressed, a third of their bytes.
    """

    def file_response(
        self, full_path: object, stat_result: object, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(str(full_path))
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if path.suffix in _COMPRESSED and takes_gzip:
            headers = {**_FOR_EVER, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            media_type = guess_type(path.name)[0]
            return Response(_gzipped(path), status_code, headers, media_type)
        response: Response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        response.headers.update(_FOR_EVER)
        return response


@cache
def _gzipped(path: Path) -> bytes:
    """Return a file's content compressed, kept for the next reader: a few hundred kB in all."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


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
