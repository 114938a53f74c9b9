"""The Flights pages and the two steps of every act: a sheet that shows what will be signed, then the signature."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.datastructures import UploadFile as Upload

from overflight.api.desk import TheDesk
from overflight.api.pages import show
from overflight.api.sheets import Sheets, records_of
from overflight.app import flights as use
from overflight.app.acts import VERBS
from overflight.app.delivery import deliver
from overflight.errors import BadInput
from overflight.terms.words import say
from overflight.web import flights as view
from overflight.web import forms, render, tracks

router = APIRouter(include_in_schema=False)
Short = Annotated[str, Query(max_length=20)]


SHEETS: Sheets[use.Act] = Sheets()


@router.get("/flights", response_class=HTMLResponse)
def flights_page(request: Request, desk: TheDesk) -> HTMLResponse:
    """Every flight that this node knows."""
    return show(request, "flights.html", "flights", **view.listing(desk.node))


@router.get("/flights/new", response_class=HTMLResponse)
def notify_part(desk: TheDesk, flight: Short) -> HTMLResponse:
    """The form of a notice of a new flight."""
    return HTMLResponse(render.page("act_form.html", **view.form(desk.node, "notify", flight.strip().upper())))


@router.get("/flights/{flight}", response_class=HTMLResponse)
def flight_page(request: Request, desk: TheDesk, flight: str) -> HTMLResponse:
    """One flight: timeline, duties, versions on the map, acts."""
    return show(request, "flight.html", "flights", **view.page(desk.node, flight.upper()))


@router.get("/flights/{flight}/text/{rid}", response_class=PlainTextResponse)
def official_text(desk: TheDesk, flight: str, rid: str) -> PlainTextResponse:
    """A message as text for the official channel (Article XI)."""
    return PlainTextResponse(use.notice_text(desk.node, rid))


@router.get("/flights/{flight}/plan/{version}")
def plan_file(desk: TheDesk, flight: str, version: str) -> JSONResponse:
    """A version of the plan as a plan file."""
    name = f"{flight.upper()}-{version[:8]}.json"
    return JSONResponse(
        view.plan_of(desk.node, flight.upper(), version),
        media_type="application/geo+json",
        headers={
            "content-disposition": f'attachment; filename="{"".join(c for c in name if c.isalnum() or c in "-.")}"'
        },
    )


@router.get("/flights/{flight}/{verb}", response_class=HTMLResponse)
def act_part(desk: TheDesk, flight: str, verb: str) -> HTMLResponse:
    """The form of one act, as a sheet."""
    return HTMLResponse(render.page("act_form.html", **view.form(desk.node, verb, flight.upper())))


@router.post("/flights/sign")
def sign(desk: TheDesk, token: Annotated[str, Form(max_length=60)]) -> RedirectResponse:
    """Sign what the sheet showed, then send it."""
    node = desk.node
    act = SHEETS.take(token, records_of(node))
    use.commit(node, act)
    deliver(node)
    return RedirectResponse(f"/flights/{act.flight}", 303)


@router.post("/flights/{flight}/track")
def keep_track(desk: TheDesk, flight: str, file: Annotated[UploadFile, File()]) -> RedirectResponse:
    """Keep the flight as flown as a private draft; nothing is signed."""
    tracks.keep(desk.node, flight.upper(), file.file.read())
    return RedirectResponse(f"/flights/{quote(flight.upper(), safe='')}#track", 303)


@router.post("/flights/{flight}/{verb}", response_class=HTMLResponse)
async def sheet(request: Request, desk: TheDesk, flight: str, verb: str) -> HTMLResponse:
    """What the act would sign: to whom, under which paragraphs, the body itself, and what it would be found to be."""
    from starlette.concurrency import run_in_threadpool

    if verb not in VERBS:
        raise BadInput(say("{verb!r} is no act of a flight", verb=verb[:40]), field="verb")
    async with request.form(max_files=4, max_fields=200) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        files = {name: await value.read() for name, value in form.items() if isinstance(value, Upload)}
    return await run_in_threadpool(_sheet, desk, flight.upper(), verb, texts, files)


def _sheet(desk: TheDesk, flight: str, verb: str, texts: dict[str, str], files: dict[str, bytes]) -> HTMLResponse:
    node = desk.node
    fields = forms.fields_from(VERBS[verb], texts, files, draft=view.draft_plan(node))
    count = records_of(node)
    act = use.draft(node, verb, flight, fields)
    context: dict[str, Any] = {
        "act": act.to_json(),
        "title": VERBS[verb].title,
        "body": json.dumps(dict(act.body), ensure_ascii=False, indent=2),
        "action": "/flights/sign",
        "token": SHEETS.put(act, count),
    }
    return HTMLResponse(render.page("sign_sheet.html", **context))
