"""/static: the built pages' files. Names in `app/` hold a digest, and so do addresses with ?v=: cached for ever."""

from __future__ import annotations

import mimetypes

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from overflight.web.render import STATIC

router = APIRouter(include_in_schema=False)
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{name:path}")
def static(request: Request, name: str) -> FileResponse:
    """One file below `overflight/web/static`."""
    file = (STATIC / name).resolve()
    if not file.is_relative_to(STATIC.resolve()) or not file.is_file() or file.name.startswith("."):
        raise HTTPException(404)
    kind = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    dated = name.startswith("app/assets/") or "v" in request.query_params
    return FileResponse(file, media_type=kind, headers={"cache-control": FOR_EVER if dated else "no-cache"})


@router.get("/favicon.ico")
def favicon() -> FileResponse:
    """The favicon under the name that some programs ask for."""
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml")
