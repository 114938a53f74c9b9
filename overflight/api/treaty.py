"""/api/treaty: Parties, quotas, airfields, values and paragraphs as they stood on a day."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from overflight.api.desk import TheDesk
from overflight.app import treaty as use
from overflight.web import treaty as view

router = APIRouter(prefix="/api/treaty", tags=["treaty"])

On = Annotated[str | None, Query(description="Day of the regime, YYYY-MM-DD; default the node's day.", max_length=20)]
Text = Annotated[str | None, Query(max_length=60)]


@router.get("/parties")
def parties(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """Who is a Party on the day."""
    return use.parties(desk.regime(desk.day(on)))


@router.get("/memberships")
def memberships(desk: TheDesk) -> list[dict[str, Any]]:
    """Every State's times as a Party, for a day slider."""
    return view.memberships(desk.regime())


@router.get("/quotas")
def quotas(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """Passive and active quotas of the day."""
    return use.quotas(desk.regime(desk.day(on)))


@router.get("/airfields")
def airfields(desk: TheDesk, on: On = None, party: Text = None, role: Text = None) -> list[dict[str, Any]]:
    """Airfields of the day, with role, place and maximum flight distance."""
    return use.airfields(desk.regime(desk.day(on)), party=party, role=role)


@router.get("/value")
def value(
    desk: TheDesk, name: Annotated[str, Query(max_length=80)], on: On = None, of: Text = None, by: Text = None
) -> list[dict[str, Any]]:
    """The rows of a dated table, such as ``name=border_clearance``."""
    return use.values(desk.regime(desk.day(on)), name, of=of, by=by)


@router.get("/values")
def names(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """The names that `value` knows."""
    return use.names(desk.regime(desk.day(on)))


@router.get("/paragraphs")
def paragraphs(desk: TheDesk, q: Text = None) -> list[dict[str, Any]]:
    """Paragraphs whose number or paraphrase holds the words of `q`."""
    return view.search(desk.regime(), q or "")


@router.get("/paragraphs/{citation:path}")
def paragraph(desk: TheDesk, citation: str, on: On = None) -> dict[str, Any]:
    """One paragraph: paraphrase, rules, deadlines, cases, readings, sources."""
    return use.show(desk.regime(desk.day(on)), citation)


@router.get("/timeline")
def timeline(desk: TheDesk, actor: Text = None) -> list[dict[str, Any]]:
    """What happened to the treaty, with sources, oldest first."""
    return use.timeline(desk.regime(), actor=actor)


@router.get("/instruments")
def instruments(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """Neighbouring instruments with their state on the day."""
    return use.instruments(desk.regime(desk.day(on)))


@router.get("/claims")
def claims(desk: TheDesk) -> list[dict[str, Any]]:
    """What two news reports of January 2021 say about the treaty, and whether it holds."""
    return use.claims(desk.regime())


@router.get("/readings")
def readings(desk: TheDesk) -> list[dict[str, Any]]:
    """Named readings of unclear paragraphs, with the choice in force."""
    return use.readings(desk.regime())
