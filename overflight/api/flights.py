"""/api/flights: flights that this node knows, and the acts of its Party in them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from overflight.api.desk import TheDesk
from overflight.app import flights as use
from overflight.app.acts import VERBS, Verb
from overflight.app.delivery import deliver
from overflight.errors import BadInput
from overflight.terms.words import say
from overflight.web import flights as view
from overflight.web import forms, records

router = APIRouter(prefix="/api/flights", tags=["flights"])
Fields = Annotated[dict[str, Any], Body()]


@router.get("")
def flights(desk: TheDesk) -> list[dict[str, Any]]:
    """Every flight that this node knows, newest first."""
    return use.flights(desk.node)


@router.get("/{flight}")
def flight(desk: TheDesk, flight: str) -> dict[str, Any]:
    """State, duties, rights, findings, versions and messages of one flight."""
    return use.show(desk.node, flight.upper())


@router.get("/{flight}/{verb}")
def form(desk: TheDesk, flight: str, verb: str) -> dict[str, Any]:
    """What an act asks for: ``show`` for the flight itself, a verb for its fields."""
    if verb == "show":
        return use.show(desk.node, flight.upper())
    return _verb(verb).to_json()


@router.post("/{flight}/{verb}/draft")
def draft(desk: TheDesk, flight: str, verb: str, fields: Fields) -> dict[str, Any]:
    """What an act would send and what it would be found to be; nothing is stored."""
    return use.draft(desk.node, verb, flight, forms.harmless(_verb(verb), fields)).to_json()


@router.post("/{flight}/{verb}")
def act(desk: TheDesk, flight: str, verb: str, fields: Fields) -> dict[str, Any]:
    """Sign the record of an act, then send it to its addressees; what does not arrive waits."""
    stored = use.act(desk.node, verb, flight, forms.harmless(_verb(verb), fields))
    sent = [delivery.to_json() for delivery in deliver(desk.node)]
    return {
        "record": records.row(desk.node.record(stored.rid)),
        "deliveries": sent,
        "flight": use.show(desk.node, flight.upper()),
    }


@router.get("/{flight}/versions/{version}/plan")
def plan(desk: TheDesk, flight: str, version: str) -> dict[str, Any]:
    """A version of the mission plan as a plan file."""
    return view.plan_of(desk.node, flight.upper(), version)


def _verb(name: str) -> Verb:
    if name not in VERBS:
        raise BadInput(
            say("{verb!r} is no act of a flight; the acts are {known}", verb=name[:40], known=", ".join(VERBS)),
            field="verb",
        )
    return VERBS[name]
