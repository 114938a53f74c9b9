"""What a proposed change costs the Party whose sites they are.

The sites, their values and every number here are private to the node that has them: they are
kept as drafts, answered to this node's own staff, and stand in no record, log or export.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from overflight.app.flight_fill import WHOLE, read_any_plan, whole_name
from overflight.app.flight_view import view
from overflight.errors import BadInput
from overflight.flight.lifecycle import FlightState
from overflight.flight.messages import plan_from_body
from overflight.flight.negotiation import Version
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node

DRAFT = "flight/{flight}/sites"
MOST_NAMES = 500


def keep_sites(node: Node, flight: str, sites: Sequence[Site], *, swath_km: float) -> None:
    """Keep the sites of a flight as a private draft of this node.

    Raises
    ------
    BadInput
        If the swath is no width, or there is no site.
    """
    if not (math.isfinite(swath_km) and swath_km > 0):
        raise BadInput(say("--swath-km must be above 0"), field="--swath-km")
    if not sites:
        raise BadInput(say("there is no site to keep"), field="--sites")
    data = {"swath_km": swath_km, "sites": [asdict(site) for site in sites]}
    node.drafts.put(DRAFT.format(flight=flight), json.dumps(data, ensure_ascii=False).encode())


def private_sites(node: Node, flight: str) -> tuple[tuple[Site, ...], float]:
    """The sites kept for a flight on this node, and the full width of the swath.

    Raises
    ------
    BadInput
        If none are kept here.
    """
    kept = node.drafts.get(DRAFT.format(flight=flight))
    if kept is None:
        raise BadInput(
            say("no sites are kept on this node for {flight}; give --sites and --swath-km", flight=flight),
            field="--sites",
        )
    data = json.loads(kept)
    return tuple(Site(**row) for row in data["sites"]), float(data["swath_km"])


def cost_of(
    node: Node,
    flight: str,
    change: Any,
    *,
    sites: Sequence[Site] | None = None,
    swath_km: float | None = None,
) -> dict[str, Any]:
    """What a change of the plan costs, by this node's own sites.

    Parameters
    ----------
    change : str, or plan
        Record of a proposal or alternative of this flight, or any plan that `read_any_plan` takes.
    sites, swath_km : optional
        Instead of the draft that is kept for the flight.

    Returns
    -------
    dict
        ``against, value_before, value_after, value_lost, total_value, km_added, sites_lost, sites_gained``;
        `private` is true: none of it goes to anyone else.

    Raises
    ------
    BadInput
        If no sites are kept here, or the flight has no such version.
    """
    if sites is None or swath_km is None:
        sites, swath_km = private_sites(node, flight)
    state = view(node, flight)
    if isinstance(change, str) and len(change) <= WHOLE and not change.strip("0123456789abcdefABCDEF"):
        change = whole_name(change, [v.rid for v in state.versions], "VERSION")
    version = next((v for v in state.versions if v.rid == change), None) if isinstance(change, str) else None
    before = _base(state, version)
    if version is not None and version.plan is None:
        return _closed(before, _areas(state, version.rid), sites, swath_km)
    if isinstance(change, str) and version is None and not change.lstrip().startswith("{") and len(change) == 64:
        raise BadInput(say("{flight} has no version {rid}", flight=flight, rid=change[:12]), field="VERSION")
    after = plan_from_body(version.plan) if version is not None and version.plan is not None else read_any_plan(change)
    return compare(before, after, sites, swath_km)


def compare(before: MissionPlan, after: MissionPlan, sites: Sequence[Site], swath_km: float) -> dict[str, Any]:
    """Value, distance and sites of one plan against another."""
    from overflight.planning.coverage import observed
    from overflight.planning.geodesy import path_length_km

    seen = observed(before.waypoints, sites, swath_km=swath_km)
    still = observed(after.waypoints, sites, swath_km=swath_km)
    added = path_length_km(after.waypoints) - path_length_km(before.waypoints)
    return _answer(sites, seen.tolist(), still.tolist(), km_added=added)


def _base(state: FlightState, version: Version | None) -> MissionPlan:
    """The plan that a change would replace: the one that it answers, else the one that stands."""
    answered = next((v for v in state.versions if version and v.rid == version.answers and v.plan is not None), None)
    base = answered or next((v for v in state.versions if v.rid == state.current), None)
    if base is None or base.plan is None:
        raise BadInput(say("no mission plan of {flight} is known here", flight=state.flight), field="FLIGHT")
    return plan_from_body(base.plan)


def _areas(state: FlightState, rid: str) -> list[Any]:
    body = next((m.body for m in state.timeline if m.rid == rid), {})
    areas = body.get("areas")
    return list(areas) if isinstance(areas, list) else []


def _closed(before: MissionPlan, areas: list[Any], sites: Sequence[Site], swath_km: float) -> dict[str, Any]:
    """What is lost when some areas may not be observed and the path stays."""
    from shapely import Point, Polygon

    from overflight.planning.coverage import observed

    shapes = [Polygon([(p["lon_e7"] / 1e7, p["lat_e7"] / 1e7) for p in ring]) for ring in areas]
    seen = observed(before.waypoints, sites, swath_km=swath_km).tolist()
    still = [
        yes and not any(shape.covers(Point(s.lon_deg, s.lat_deg)) for shape in shapes)
        for yes, s in zip(seen, sites, strict=True)
    ]
    return _answer(sites, seen, still, km_added=0.0)


def _answer(sites: Sequence[Site], seen: list[bool], still: list[bool], *, km_added: float) -> dict[str, Any]:
    def value(flags: list[bool]) -> float:
        return float(sum(s.value for s, yes in zip(sites, flags, strict=True) if yes))

    lost = [s.name for s, a, b in zip(sites, seen, still, strict=True) if a and not b]
    gained = [s.name for s, a, b in zip(sites, seen, still, strict=True) if b and not a]
    return {
        "private": True,
        "value_before": round(value(seen), 6),
        "value_after": round(value(still), 6),
        "value_lost": round(value(seen) - value(still), 6),
        "total_value": round(float(sum(s.value for s in sites)), 6),
        "km_added": round(km_added, 3),
        "sites_lost": lost[:MOST_NAMES],
        "sites_gained": gained[:MOST_NAMES],
    }
