"""The Planner page, and what is private to it: sites and drafts, kept on this node alone."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, UploadFile
from fastapi.responses import HTMLResponse

from overflight.api.desk import Desk, TheDesk
from overflight.api.pages import show
from overflight.errors import BadFile
from overflight.terms.words import say
from overflight.web import planner, planner_tools
from overflight.web.planner_request import regions_of

router = APIRouter(include_in_schema=False)
Day = Annotated[str | None, Query(max_length=20)]
Code = Annotated[str, Query(max_length=20)]  # of the observed Party


@router.get("/planner", response_class=HTMLResponse)
def planner_page(request: Request, desk: TheDesk, on: Day = None) -> HTMLResponse:
    """Draw or find a path, drag a waypoint, see the findings at once."""
    day = desk.day(on)
    regime = desk.regime(day)
    node = desk.maybe_node
    return show(
        request,
        "planner.html",
        "planner",
        as_of=day,
        choices=planner.choices(regime, own=node.party if node else None, observed=planner.last_observed(node)),
        draft=planner.draft_of(node),
        has_node=node is not None,
    )


@router.get("/planner/negotiate", response_class=HTMLResponse)
def negotiate_page(request: Request, desk: TheDesk, on: Day = None) -> HTMLResponse:
    """Weigh a proposed change: may it be proposed, what it does, what to offer instead."""
    day = desk.day(on)
    return show(
        request,
        "planner_negotiate.html",
        "planner",
        as_of=day,
        grounds=planner_tools.grounds(),
        given=_given(desk, day),
    )


@router.get("/planner/owners", response_class=HTMLResponse)
def owners_page(request: Request, desk: TheDesk, on: Day = None) -> HTMLResponse:
    """Tell owners of sites on the ground what comes into view, from when to when."""
    day = desk.day(on)
    return show(request, "planner_owners.html", "planner", as_of=day, given=_given(desk, day))


def _given(desk: Desk, day: date) -> dict[str, Any]:
    """What both pages start from: the plans of this node, the planner's draft, and the day."""
    node = desk.maybe_node
    return {
        "plans": planner_tools.known_plans(node),
        "draft": planner.draft_of(node),
        "regions": planner.regions(),
        "day": day.isoformat(),
        "own": node.party if node else None,
    }


@router.post("/planner/sites")
def sites_from_file(desk: TheDesk, file: UploadFile, observed: Code = "", on: Day = None) -> list[dict[str, Any]]:
    """Read a CSV or GeoJSON file of sites; it is answered to the page and kept nowhere.

    With `observed`, a file whose coordinates are all swapped is refused.
    """
    from overflight.planning.sites import read_sites

    name, data = _sent(file, say("site file"), (".csv", ".json", ".geojson"))
    party = observed.strip().upper()
    if party:
        desk.regime(desk.day(on)).state(party)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        borders = planner.ground().borders
        return planner.site_rows(
            read_sites(path, observed=party, borders=borders) if party in borders.codes() else read_sites(path)
        )


@router.post("/planner/regions")
def regions_from_file(desk: TheDesk, file: UploadFile, observed: Code, on: Day = None) -> dict[str, Any]:
    """Read a GeoJSON file of sub-limits and closed areas; what can be used comes back as it was, kept nowhere."""
    name, data = _sent(file, say("file of regions"), (".json", ".geojson"))
    try:
        given = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadFile(say("{name}: this is no JSON in UTF-8", name=name), field="file") from None
    if not isinstance(given, dict) or not given:
        raise BadFile(say("{name}: this is no GeoJSON FeatureCollection", name=name), field="file")
    found = regions_of({"regions": given}, observed.strip().upper(), desk.regime(desk.day(on)))
    return {
        "regions": given,
        "sub_limits": [{"name": one.name, "most_km": one.most_km} for one in found.sub_limits],
        "closed": [one.name for one in found.closed],
    }


def _sent(file: UploadFile, what: str, suffixes: tuple[str, ...]) -> tuple[str, bytes]:
    """A plain name, for a problem names the file as it was sent, and the bytes."""
    name = re.sub(r"[^\w .()-]", "_", Path(file.filename or "file").name)[-80:]
    if Path(name).suffix.lower() not in suffixes:
        raise BadFile(
            say("{name} is no {what}: send {ends}", name=name, what=what, ends=", ".join(suffixes)), field="file"
        )
    return name, file.file.read()


@router.get("/planner/example-sites")
def example_sites(desk: TheDesk, observed: Code, on: Day = None) -> list[dict[str, Any]]:
    """The observed Party's airports as example sites."""
    return planner.site_rows(planner.example_sites(desk.regime(desk.day(on)), observed.upper()))


@router.post("/planner/draft")
def keep_draft(desk: TheDesk, draft: Annotated[dict[str, Any], Body()]) -> dict[str, bool]:
    """Keep form, sites and path as this node's private draft."""
    planner.keep_draft(desk.node, draft)
    return {"kept": True}
