"""Pages on what is contested: disputes under each reading, and where news reports differ from the record."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from overflight.api.desk import TheDesk
from overflight.api.pages import show
from overflight.app import claims, disputes
from overflight.treaty.events import timeline

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/treaty/disputes")
def disputes_page(request: Request, desk: TheDesk) -> HTMLResponse:
    """Every dossier, with its question."""
    return show(request, "disputes.html", "treaty", dossiers=disputes.names(desk.regime()))


@router.get("/treaty/disputes/{name}")
def dispute_page(request: Request, desk: TheDesk, name: Annotated[str, Path(max_length=60)]) -> HTMLResponse:
    """One dispute: facts, who says what, and the findings under each reading."""
    return show(request, "dispute.html", "treaty", dispute=disputes.run(desk.regime(), name))


@router.get("/treaty/reports")
def reports_page(request: Request, desk: TheDesk) -> HTMLResponse:
    """Where two news reports of January 2021 differ from each other and from the record; the events since 2014."""
    events = timeline(date(2014, 1, 1), None, None)
    return show(request, "reports.html", "treaty", rows=claims.differences(desk.regime()), events=events)
