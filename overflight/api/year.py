"""/api/treaty/calendar and its page: a year's flights by quarter, the dates of its round, and clashes (Annex H)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from overflight.api.desk import Desk, TheDesk
from overflight.api.pages import show
from overflight.app import year_calendar as use
from overflight.errors import BadInput
from overflight.terms.words import say

router = APIRouter(tags=["treaty"])
Year = Annotated[int | None, Query(description="The year of the flights; default the year of the node's day.")]
CALENDAR = "text/calendar; charset=utf-8"


@router.get("/api/treaty/calendar")
def calendar(desk: TheDesk, year: Year = None) -> dict[str, Any]:
    """A year's flights that this node knows, by quarter, and the dates of the yearly round."""
    return _found(desk, year)


@router.post("/api/treaty/calendar")
def calendar_of_plans(desk: TheDesk, sent: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """The same with planned flights: ``year``, and ``plans`` as the text of a CSV file; nothing is stored."""
    year, plans = sent.get("year"), sent.get("plans")
    if isinstance(year, bool) or not isinstance(year, int | None):
        raise BadInput(say("year must be a whole number"), field="year")
    if not isinstance(plans, str | None):
        raise BadInput(say("plans must be the text of a CSV file"), field="plans")
    return _found(desk, year, plans.encode() if plans else None)


@router.get("/api/treaty/calendar.ics")
def calendar_file(desk: TheDesk, year: Year = None) -> Response:
    """The dates of the year and the flights that this node knows, as iCalendar."""
    return _as_file(_found(desk, year))


@router.get("/treaty/calendar", response_class=HTMLResponse, include_in_schema=False)
def calendar_page(request: Request, desk: TheDesk, year: Year = None) -> HTMLResponse:
    """The year's calendar."""
    return show(request, "calendar.html", "treaty", found=_found(desk, year), file="")


@router.post("/treaty/calendar", response_class=HTMLResponse, response_model=None, include_in_schema=False)
def calendar_page_of_plans(
    request: Request,
    desk: TheDesk,
    year: Annotated[int, Form()],
    file: Annotated[UploadFile | None, File()] = None,
    kind: Annotated[str, Form(alias="as", max_length=4)] = "",
) -> Response:
    """The year's calendar with the planned flights of a file, as a page or as iCalendar; nothing is stored."""
    plans = file.file.read() if file is not None and file.filename else None
    found = _found(desk, year, plans)
    named = file.filename if file is not None and plans is not None else ""
    return _as_file(found) if kind == "ics" else show(request, "calendar.html", "treaty", found=found, file=named)


def _found(desk: Desk, year: int | None, plans: bytes | None = None) -> dict[str, Any]:
    day = desk.day()
    wanted = day.year if year is None else year
    return use.calendar(desk.regime(day), wanted, plans=plans, node=desk.maybe_node, at=desk.now())


def _as_file(found: dict[str, Any]) -> Response:
    named = {"content-disposition": f'attachment; filename="open-skies-{found["year"]}.ics"'}
    return Response(found["calendar"], media_type=CALENDAR, headers=named)
