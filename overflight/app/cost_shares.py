"""Who provides and who bears the costs of one flight, as far as the treaty says; what it leaves open stays open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from overflight.app.flight_fill import must_know
from overflight.app.flight_holdings import regime_of
from overflight.app.flight_view import view
from overflight.flight.lifecycle import FlightState
from overflight.rules import shared_flights
from overflight.rules.finding import Finding, complies, silent
from overflight.terms.words import say
from overflight.treaty.costs import Cost, costs_on

if TYPE_CHECKING:
    from overflight.app.node import Node


def shares_of(node: Node, flight: str) -> dict[str, Any]:
    """What the treaty says of the costs of a flight.

    Returns
    -------
    dict
        ``flight, observing, observed, supplier, aircraft_of, costs, note``; `observing` is every Party that shares
        the flight, `aircraft_of` who designated the aircraft.  Each row of `costs` has
        ``id, item, provides, pays, verdict, because, citation, says, source, verified, in_force``.  No amount is
        reckoned: the Commission's distribution stands in no text that was read.

    Raises
    ------
    BadInput
        If no notice of this flight is known here.
    """
    state = view(node, flight)
    must_know(state, flight)
    day = (state.eta or state.now).date()
    regime = regime_of(node)(day)
    notice = state.notice.body if state.notice else {}
    observing = [str(state.observing), *state.partners]
    supplier = _supplier(state)
    aircraft_of = str((None if state.taxi else notice.get("designated_by")) or supplier)
    told = _told(state, notice)
    rows = [
        _row(c, state, observing, (supplier, aircraft_of), told)
        for c in costs_on(regime.folder, day)
        if told.get(c.when, True)
    ]
    return {
        "flight": flight,
        "observing": observing,
        "observed": state.observed,
        "supplier": supplier,
        "aircraft_of": aircraft_of,
        "costs": rows,
        "note": say("The distribution that the Commission settles (AnnL.I.9) was not read: no amount is reckoned."),
    }


def _supplier(state: FlightState) -> str:
    """The side that provides the aircraft."""
    if state.taxi:
        return str(state.observed)
    return str(state.observing)  # also of an aircraft that another Party designated (VI.I.1)


def _told(state: FlightState, notice: Mapping[str, Any]) -> dict[str, bool]:
    """Which sorts of costs this flight has, by its messages; the rest of the table is not shown."""
    kinds = {m.kind for m in state.timeline}
    tried = [m for m in state.timeline if m.kind == "flight.demonstration"]
    doubted = any(
        m.flag("satisfied") is False and m.flag("depends_on_height") is False and m.text("asked_by") == state.observing
        for m in tried
    )
    return {
        "transit": bool(notice.get("transited")) or "flight.transit" in kinds,
        "taxi": state.taxi,
        "third": not state.taxi and notice.get("designated_by") not in (None, state.observing),
        "demonstration": bool(tried) or any(m.text("demonstration_by") for m in state.timeline),
        "doubted": doubted and state.taxi,
        "deviation": bool(kinds & {"flight.deviation", "flight.prohibition", "flight.decline", "flight.emergency"}),
        "damage": any(m.text("damage_caused_by") for m in state.timeline),
        "shared": bool(state.partners),
    }


def _row(
    cost: Cost, state: FlightState, observing: list[str], aircraft: tuple[str, str], told: Mapping[str, bool]
) -> dict[str, Any]:
    who = {
        "observing": " + ".join(observing),
        "observed": str(state.observed),
        "supplier": aircraft[0],
        "designating": aircraft[1],
        "developer": _developer(state) or say("whoever develops"),
        "asked": say("the Party asked"),
    }
    found = _decided(cost, observing, state, told)
    causing = next((m.text("damage_caused_by") for m in state.timeline if m.text("damage_caused_by")), None)
    pays = {
        "scale": say("by the Commission's distribution, not read"),
        "observed": str(state.observed),
        "agreement": say("by agreement of those concerned"),
        "causing": causing or say("the Party that caused it"),
        "silent": say("the text does not say"),
    }[cost.pays]
    return {
        "id": cost.id,
        "item": cost.item,
        "provides": who.get(cost.provides),
        "pays": pays,
        "verdict": str(found.verdict),
        "because": found.because,
        **{key: getattr(cost, key) for key in ("citation", "says", "source", "verified", "in_force", "note")},
    }


def _decided(cost: Cost, observing: list[str], state: FlightState, told: Mapping[str, bool]) -> Finding:
    if cost.pays == "observed":
        return shared_flights.media_of_a_doubted_sensor_are_the_observed_partys(
            satisfied=not told["doubted"], height_dependent=False, flown_as_planned=True, observed=state.observed
        )
    if cost.pays == "silent":
        return silent(say("{item}: the text does not say", item=cost.item))
    if cost.pays == "causing":
        return complies(cost.says)
    agreed = cost.pays == "agreement"
    return shared_flights.costs_follow_the_commissions_scale(item=cost.item, agreed=agreed, parties=len(observing))


def _developer(state: FlightState) -> str | None:
    done = [m.text("facility") for m in state.timeline if m.kind in ("data.developed", "data.sealed")]
    return next((party for party in reversed(done) if party), None)
