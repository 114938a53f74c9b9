"""/api/personnel and its page: lists of designated personnel and objections to people on them (Article XIII)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from overflight.api.desk import Desk, TheDesk
from overflight.api.pages import show
from overflight.api.sheets import Sheets, records_of
from overflight.app import personnel as use
from overflight.app.delivery import deliver
from overflight.errors import BadInput
from overflight.flight.kinds import KINDS
from overflight.terms.words import say
from overflight.web import records, render

router = APIRouter(tags=["personnel"])
SHEETS: Sheets[use.Act] = Sheets()
List = Annotated[UploadFile, File(description="JSON list or CSV of people.")]
Occasion = Annotated[str, Form(max_length=20)]
Moment = Annotated[str, Form(max_length=40)]
Codes = Annotated[str, Form(max_length=200)]


@router.get("/api/personnel")
def lists(desk: TheDesk) -> dict[str, Any]:
    """Every list with its reviews, who may still object, and what is not in compliance."""
    return use.show(desk.node)


@router.post("/api/personnel/lists")
def send(desk: TheDesk, file: List, occasion: Occasion = "amendment", deposited_at: Moment = "") -> dict[str, Any]:
    """Sign the notice of a list to all other Parties by its digest, and send it; the file stays here."""
    return _signed(desk, _list_of(desk, file, occasion, deposited_at))


@router.post("/api/personnel/lists/{record}/objections")
def object_(desk: TheDesk, record: str, entry: Annotated[int, Body(embed=True)]) -> dict[str, Any]:
    """Sign an objection to the person at a place of another Party's list, and send it."""
    return _signed(desk, use.draft_objection(desk.node, record, entry))


@router.post("/api/personnel/lists/{record}/file")
def keep(desk: TheDesk, record: str, file: List) -> dict[str, Any]:
    """Keep another Party's list that came by the official channel, if it is the one that the record names."""
    return use.keep(desk.node, file.file.read(), record).to_json()


@router.post("/api/personnel/count")
def count(desk: TheDesk, file: List, of: Codes, by: Annotated[str, Form(max_length=3)]) -> dict[str, Any]:
    """How many people of a flight are listed, and to how many there is an objection; numbers only."""
    return use.count(desk.node, file.file.read(), of=_codes(of), by=by.strip().upper())


@router.get("/personnel", response_class=HTMLResponse, include_in_schema=False)
def personnel_page(request: Request, desk: TheDesk) -> HTMLResponse:
    """Lists with their reviews, and the acts on them."""
    found = use.show(desk.node)
    theirs = [one for one in found["lists"] if one["party"] != desk.node.party]
    parties = [p for p in desk.regime().parties() if p.code != desk.node.party]
    return show(request, "personnel.html", "flights", found=found, theirs=theirs, parties=parties)


@router.post("/personnel/list", response_class=HTMLResponse, include_in_schema=False)
def list_sheet(desk: TheDesk, file: List, occasion: Occasion, deposited_at: Moment = "") -> HTMLResponse:
    """What the notice of a list would sign."""
    records_seen = records_of(desk.node)
    return _sheet(_list_of(desk, file, occasion, deposited_at), records_seen)


@router.post("/personnel/objection", response_class=HTMLResponse, include_in_schema=False)
def objection_sheet(
    desk: TheDesk, record: Annotated[str, Form(max_length=64)], entry: Annotated[int, Form()]
) -> HTMLResponse:
    """What an objection would sign."""
    records_seen = records_of(desk.node)
    return _sheet(use.draft_objection(desk.node, record, entry), records_seen)


@router.post("/personnel/sign", include_in_schema=False)
def sign(desk: TheDesk, token: Annotated[str, Form(max_length=60)]) -> RedirectResponse:
    """Sign what the sheet showed, then send it."""
    use.commit(desk.node, SHEETS.take(token, records_of(desk.node)))
    deliver(desk.node)
    return RedirectResponse("/personnel", 303)


@router.post("/personnel/file", response_class=HTMLResponse, include_in_schema=False)
def keep_part(desk: TheDesk, record: Annotated[str, Form(max_length=64)], file: List) -> HTMLResponse:
    """That another Party's list is now kept here."""
    found = use.keep(desk.node, file.file.read(), record)
    return _told(say("Kept: {n} people of {code}", n=found.persons, code=found.party))


@router.post("/personnel/count", response_class=HTMLResponse, include_in_schema=False)
def count_part(desk: TheDesk, file: List, of: Codes, by: Annotated[str, Form(max_length=3)]) -> HTMLResponse:
    """How many people of a flight are listed, in words."""
    found = use.count(desk.node, file.file.read(), of=_codes(of), by=by.strip().upper())
    return _told(say("{people} people, {listed} on the list, {objected_to} objected to", **found))


def _list_of(desk: Desk, file: UploadFile, occasion: str, deposited_at: str) -> use.Act:
    return use.draft_list(desk.node, file.file.read(), occasion=occasion, deposited_at=deposited_at.strip() or None)


def _signed(desk: Desk, act: use.Act) -> dict[str, Any]:
    stored = use.commit(desk.node, act)
    sent = [delivery.to_json() for delivery in deliver(desk.node)]
    return {"record": records.row(desk.node.record(stored.rid)), "deliveries": sent, **use.show(desk.node)}


def _sheet(act: use.Act, records_seen: int) -> HTMLResponse:
    context: dict[str, Any] = {
        "act": {**act.to_json(), "also_to": []},
        "title": KINDS[act.kind].title,
        "body": json.dumps(dict(act.body), ensure_ascii=False, indent=2),
        "action": "/personnel/sign",
        "token": SHEETS.put(act, records_seen),
    }
    return HTMLResponse(render.page("sign_sheet.html", **context))


def _told(sentence: str) -> HTMLResponse:
    return HTMLResponse(render.page("said.html", sentence=sentence))


def _codes(text: str) -> list[str]:
    found = text.upper().replace(",", " ").split()
    if not found:
        raise BadInput(say("name the Parties on whose lists the people should stand, such as DEU"), field="of")
    return found
