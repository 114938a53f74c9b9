"""/api/plans: check a mission plan, and look for the best legal one with progress as server-sent events."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import Response, StreamingResponse

from overflight.api.desk import Desk, TheDesk
from overflight.api.problems import problem, problem_of
from overflight.errors import BadInput, Conflict, OverflightError
from overflight.terms.words import say
from overflight.treaty.regime import Regime
from overflight.web import planner, planner_tools

router = APIRouter(prefix="/api/plans", tags=["plans"])
Sent = Annotated[dict[str, Any], Body()]

# A picture's own styles stand in its elements; as a page of its own it may do nothing else.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
MOST_SEARCHES = 2  # each takes a whole core
_searching = threading.BoundedSemaphore(MOST_SEARCHES)
_stops: dict[str, threading.Event] = {}


@router.post("/check")
def check(desk: TheDesk, sent: Sent) -> dict[str, Any]:
    """Every plan rule over one plan; nothing is stored.

    The body is a plan file, or an object with ``plan`` and, if wanted, ``on``, ``readings``, ``sites``
    (then ``observed`` says which are within ``swath_km`` / 2 of the path) and ``profile``.
    Conditions of the planner (``regions``, ``via``, ``range_km``, ``min_leg_km`` and so on) are answered apart.
    """
    wanted = {"plan": sent} if sent.get("type") == "Feature" else sent
    swath = wanted.get("swath_km")
    if swath is not None and (isinstance(swath, bool) or not isinstance(swath, int | float) or not 0 < swath <= 500):
        raise BadInput(say("swath_km must be a number above 0 and at most 500"), field="swath_km")
    return planner.check(
        wanted.get("plan"),
        _regime(desk, wanted),
        sites=planner.sites_from(wanted["sites"]) if wanted.get("sites") else None,
        swath_km=swath,
        profile=bool(wanted.get("profile")),
        asked=wanted,
    )


@router.post("/optimise", responses={200: {"content": {"text/event-stream": {}}}})
async def optimise(desk: TheDesk, sent: Sent) -> StreamingResponse:
    """Look for the best legal path, told as events: ``started``, ``progress``, then ``result`` or ``problem``.

    ``started`` gives the search's id, ``progress`` step, value, and bound and gap as soon as they are proven.
    Stopping it by its id gives the best path so far; closing the connection ends the search without an answer.
    """
    regime = _regime(desk, sent)
    if not _searching.acquire(blocking=False):
        raise Conflict(say("{n} searches are running on this node; stop one or wait", n=MOST_SEARCHES))
    return StreamingResponse(_events(sent, regime), media_type="text/event-stream")


@router.post("/optimise/{search}/stop")
def stop(search: str) -> dict[str, bool]:
    """End a search now; its own stream then answers with the best path so far. False if it is over already."""
    found = _stops.get(search)
    if found:
        found.set()
    return {"stopped": found is not None}


@router.post("/negotiate")
def negotiate(desk: TheDesk, sent: Sent) -> dict[str, Any]:
    """What a proposed change does to a plan, as ``overflight plan negotiate --json``; nothing is stored.

    The body has ``plan``, ``change`` (as its file) and, if wanted, ``on, readings, eta, sites, swath_km, swaths,
    range_km, regions, region_names, max_km, steps, seed``.  Value and alternatives are answered only to whoever brings
    the sites.
    """
    regime = _regime(desk, sent)
    if not _searching.acquire(blocking=False):
        raise Conflict(say("{n} searches are running on this node; stop one or wait", n=MOST_SEARCHES))
    try:
        return planner_tools.weigh(sent, regime)
    finally:
        _searching.release()


@router.post("/sites", response_model=None)
def sites(desk: TheDesk, sent: Sent) -> dict[str, Any] | Response:
    """Which owners' sites come into view of a plan and when, as ``overflight plan sites``; nothing is stored.

    The body has ``plan``, ``sites``, ``stage`` and, if wanted, ``on, swath_km, height_m, sensors, observed, from, eta,
    flight, completed, speed_tolerance_percent, time_tolerance_min``, and ``as``: json, csv, ics or pdf.
    """
    found, made, kind = planner_tools.owners(sent, _regime(desk, sent), now=desk.now())
    return found if made is None else Response(made, media_type=planner_tools.TYPES[kind])


@router.post("/picture")
def picture(desk: TheDesk, sent: Sent) -> Response:
    """A plan as a picture: ``what`` is map, profile or value, ``as`` svg or png; nothing is stored.

    The body has ``plan`` and, if wanted, ``on, sites, swath_km, swaths, regions, region_names``; for value it has
    ``history``.
    """
    made, kind = planner_tools.picture(sent, _regime(desk, sent))
    return Response(made, media_type=planner_tools.TYPES[kind], headers={"content-security-policy": PICTURE_POLICY})


async def _events(sent: dict[str, Any], regime: Regime) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    name, stopped = secrets.token_hex(8), threading.Event()
    _stops[name] = stopped
    told.put_nowait(("started", {"search": name}))

    def tell(event: str, body: Any) -> None:
        loop.call_soon_threadsafe(told.put_nowait, (event, body))

    def work() -> None:
        try:
            found = planner.search(
                sent,
                regime,
                stopped=stopped.is_set,
                progress=lambda step, value, bound=None, gap=None: tell(
                    "progress", {"step": step, "value": value, "bound": bound, "gap": gap}
                ),
            )
            tell("result", found)
        except OverflightError as error:
            tell("problem", problem_of(error))
        except Exception as error:
            said = say("A fault of Overflight's own ({kind}).", kind=type(error).__name__)
            tell("problem", problem(500, "internal", said))
        finally:
            _searching.release()

    threading.Thread(target=work, name="plan-search", daemon=True).start()
    try:
        event = ""
        while event not in ("result", "problem"):
            event, body = await told.get()
            while event == "progress" and not told.empty():  # a slow reader gets the newest only
                event, body = told.get_nowait()
            yield f"event: {event}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"
    finally:
        stopped.set()
        _stops.pop(name, None)


def _regime(desk: Desk, wanted: dict[str, Any]) -> Regime:
    return desk.regime(planner.day_of(wanted, desk.day()), planner.readings_of(wanted))
