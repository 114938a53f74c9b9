"""/api/records and the Records page: list, one record, verify, deliver, bundles, peers."""

from __future__ import annotations

import io
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from overflight.api.desk import TheDesk
from overflight.api.pages import show
from overflight.app import exchange
from overflight.app.delivery import deliver
from overflight.web import records as view
from overflight.web import render

router = APIRouter(tags=["records"])
Text = Annotated[str | None, Query(max_length=80)]


@router.get("/api/records")
def records(desk: TheDesk, kind: Text = None, flight: Text = None) -> list[dict[str, Any]]:
    """The node's records, newest first."""
    return view.rows(desk.node, kind=kind, flight=flight)


@router.get("/api/records/verify")
def verify(desk: TheDesk) -> dict[str, Any]:
    """Verify every byte that this node keeps: log, records, salts, entries, files."""
    return exchange.verify_path(desk.node.folder).to_json()


@router.get("/api/records/{rid}")
def record(desk: TheDesk, rid: str) -> dict[str, Any]:
    """One record with its payload."""
    return view.one(desk.node, rid)


@router.get("/records", response_class=HTMLResponse, include_in_schema=False)
def records_page(request: Request, desk: TheDesk, skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0) -> HTMLResponse:
    """Log head, records, peers."""
    return show(request, "records.html", "records", **view.page(desk.node, skip=skip))


@router.post("/records/verify", response_class=HTMLResponse, include_in_schema=False)
def verify_part(desk: TheDesk) -> HTMLResponse:
    """What the verification found, as a part of the page."""
    return HTMLResponse(render.page("verified.html", report=exchange.verify_path(desk.node.folder)))


@router.post("/records/deliver", response_class=HTMLResponse, include_in_schema=False)
def deliver_part(desk: TheDesk) -> HTMLResponse:
    """Send what waits for a receipt, and say what became of each."""
    return HTMLResponse(render.page("delivered.html", deliveries=deliver(desk.node)))


@router.post("/records/peers", include_in_schema=False)
def add_peer(
    desk: TheDesk, party: Annotated[str, Form(max_length=3)], url: Annotated[str, Form(max_length=200)]
) -> RedirectResponse:
    """Keep the address of another Party's node."""
    desk.node.add_peer(party.strip().upper(), url.strip())
    return RedirectResponse("/records", 303)


@router.get("/records/export", include_in_schema=False)
def export(desk: TheDesk, to: Annotated[str, Query(max_length=3)]) -> Response:
    """What a Party has not confirmed, as a bundle for a courier or another channel."""
    data = exchange.export_bundle(desk.node, to=to.upper())
    name = f"{desk.node.party}-{to.upper()}.osb"
    return Response(
        data, media_type="application/octet-stream", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


@router.post("/records/import", response_class=HTMLResponse, include_in_schema=False)
def import_part(desk: TheDesk, file: UploadFile) -> HTMLResponse:
    """Take up a bundle; it is verified whole before anything of it is stored."""
    report = exchange.import_bundle(desk.node, io.BytesIO(file.file.read()))
    return HTMLResponse(render.page("verified.html", report=report))


@router.get("/records/{rid}", response_class=HTMLResponse, include_in_schema=False)
def record_page(request: Request, desk: TheDesk, rid: str) -> HTMLResponse:
    """One record as it was signed."""
    return show(request, "record.html", "records", **view.detail(desk.node, rid))
