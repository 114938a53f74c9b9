"""The Planner page, and what is private to it: sites and drafts, kept on this node alone."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, UploadFile
from fastapi.responses import HTMLResponse

from overflight.api.desk import TheDesk
from overflight.api.pages import show
from overflight.errors import BadFile, BadInput
from overflight.terms.words import say
from overflight.web import planner

router = APIRouter(include_in_schema=False)
DRAFT = "planner"
Day = Annotated[str | None, Query(max_length=20)]
Code = Annotated[str, Query(max_length=20)]


@router.get("/planner", response_class=HTMLResponse)
def planner_page(request: Request, desk: TheDesk, on: Day = None) -> HTMLResponse:
    """Draw or find a path, drag a waypoint, see the findings at once."""
    day = desk.day(on)
    regime = desk.regime(day)
    node = desk.maybe_node
    draft = json.loads(node.drafts.get(DRAFT) or b"{}") if node else {}
    return show(
        request,
        "planner.html",
        "planner",
        as_of=day,
        choices=planner.choices(regime, own=node.party if node else None, observed=planner.last_observed(node)),
        draft=draft,
        has_node=node is not None,
    )


@router.post("/planner/sites")
def sites_from_file(file: UploadFile) -> list[dict[str, Any]]:
    """Read a CSV or GeoJSON file of sites; it is answered to the page and kept nowhere."""
    from overflight.planning.sites import read_sites

    name = re.sub(r"[^\w .()-]", "_", Path(file.filename or "sites.csv").name)[-80:]  # a problem names the file as sent
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".json", ".geojson"):
        raise BadFile(say("{name} is no site file: send .csv or .geojson", name=name), field="file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(file.file.read())
        return planner.site_rows(read_sites(path))


@router.get("/planner/example-sites")
def example_sites(
    desk: TheDesk, observed: Annotated[str, Query(max_length=20)], on: Day = None
) -> list[dict[str, Any]]:
    """The observed Party's airports as example sites."""
    return planner.site_rows(planner.example_sites(desk.regime(desk.day(on)), observed.upper()))


@router.post("/planner/draft")
def keep_draft(desk: TheDesk, draft: Annotated[dict[str, Any], Body()]) -> dict[str, bool]:
    """Keep form, sites and path as this node's private draft."""
    if set(draft) - {"form", "sites", "points"}:
        raise BadInput(say("a draft holds form, sites and points"), field="draft")
    planner.sites_from(draft.get("sites") or [])
    desk.node.drafts.put(DRAFT, json.dumps(draft, ensure_ascii=False).encode())
    return {"kept": True}
