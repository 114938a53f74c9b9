"""/api/treaty: Parties, quotas, airfields, values and paragraphs as they stood on a day."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from overflight.api.desk import TheDesk
from overflight.web import treaty as view

router = APIRouter(prefix="/api/treaty", tags=["treaty"])

On = Annotated[str | None, Query(description="Day of the regime, YYYY-MM-DD; default the node's day.", max_length=20)]
Text = Annotated[str | None, Query(max_length=60)]


@router.get("/parties")
def parties(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """Who is a Party on the day."""
    return view.party_rows(desk.regime(desk.day(on)))


@router.get("/memberships")
def memberships(desk: TheDesk) -> list[dict[str, Any]]:
    """Every State's times as a Party, for a day slider."""
    return view.memberships(desk.regime())


@router.get("/quotas")
def quotas(desk: TheDesk, on: On = None) -> list[dict[str, Any]]:
    """Passive and active quotas of the day."""
    return [value.to_json() for value in view.quota_values(desk.regime(desk.day(on)))]


@router.get("/airfields")
def airfields(desk: TheDesk, on: On = None, party: Text = None) -> list[dict[str, Any]]:
    """Airfields of the day, with role, place and maximum flight distance."""
    return view.airfield_rows(desk.regime(desk.day(on)), party)


@router.get("/values/{name}")
def value(desk: TheDesk, name: str, on: On = None, of: Text = None, by: Text = None) -> dict[str, Any]:
    """One value of a dated table."""
    return desk.regime(desk.day(on)).value(name, of=of, by=by).to_json()


@router.get("/value")
def value_by_query(
    desk: TheDesk, name: Annotated[str, Query(max_length=80)], on: On = None, of: Text = None, by: Text = None
) -> dict[str, Any]:
    """One value of a dated table; the same as `/values/{name}`."""
    return desk.regime(desk.day(on)).value(name, of=of, by=by).to_json()


@router.get("/paragraphs")
def paragraphs(desk: TheDesk, q: Text = None) -> list[dict[str, Any]]:
    """Paragraphs whose number or paraphrase holds the words of `q`."""
    return view.search(desk.regime(), q or "")


@router.get("/paragraphs/{citation:path}")
def paragraph(desk: TheDesk, citation: str, on: On = None) -> dict[str, Any]:
    """One paragraph: paraphrase, rules, deadlines, readings, sources."""
    return view.paragraph(desk.regime(desk.day(on)), citation)


@router.get("/timeline")
def timeline(desk: TheDesk, actor: Text = None) -> list[dict[str, Any]]:
    """What happened to the treaty, with sources."""
    return view.timeline(desk.regime(), actor=actor)


@router.get("/readings")
def readings(desk: TheDesk) -> list[dict[str, Any]]:
    """Named readings of unclear paragraphs, with the choice in force."""
    return view.reading_rows(desk.regime())
