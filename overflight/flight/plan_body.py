"""The mission plan as a message carries it: whole numbers only, and nothing that VI.II and Annex B do not ask.

Coordinates are 1e-7 degree integers, heights whole millimetres, distances along the path whole
metres, speeds whole metres per hour.  The swath and the planner's own names of waypoints stay at home:
waypoints are named ``P01``, ``P02`` and so on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from overflight.errors import BadInput
from overflight.flight.fields import Field, read_fields
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.plan import MissionPlan, SensorUse, Stop, Waypoint
from overflight.terms.words import say

MOST_WAYPOINTS = 1_000

FIELDS: tuple[Field, ...] = (
    Field("observed", "party", required=True, citation="VI.II.1"),
    Field("observing", "party", citation="VI.II.1"),
    Field("flight", "flight", citation="AnnB.App1.1"),
    Field("start_airfield", "airfield", required=True, citation="VI.II.3"),
    Field("end_airfield", "airfield", required=True, citation="VI.II.3"),
    Field("point_of_exit", "airfield", citation="VI.II.3"),
    Field("submitted_at", "time", citation="VI.II.1"),
    Field("take_off", "time", citation="VI.II.3"),
    Field("lands", "time", citation="VI.I.9"),
    Field("waypoints", "place", required=True, many=True, citation="VI.II.4.F"),
    Field("height_agl_mm", "integer", many=True, citation="VI.II.4.D", high=30_000_000),
    Field("ground_speed_m_per_h", "integer", citation="VI.II.4", high=2_000_000),
    Field("aircraft", "text", citation="VI.II.4"),
    Field(
        "sensors",
        "object",
        many=True,
        citation="VI.II.4.D",
        of=(Field("sensor", "text", required=True), Field("certified_h_min_mm", "integer", high=30_000_000)),
    ),
    Field(
        "sensors_on",
        "object",
        many=True,
        citation="VI.I.21",
        of=(Field("from_m", "integer", required=True), Field("until_m", "integer", required=True)),
    ),
    Field(
        "stops",
        "object",
        many=True,
        citation="VI.II.3",
        of=(
            Field("airfield", "airfield", required=True),
            Field("arrive", "time", required=True),
            Field("leave", "time", required=True),
        ),
    ),
    Field("support", "text", citation="II.24"),
)


def plan_body(plan: MissionPlan) -> dict[str, Any]:
    """`plan` as the body of a message.

    Raises
    ------
    BadInput
        If the plan cannot be carried, such as one without two waypoints.
    """
    out: dict[str, Any] = {
        "observed": plan.observed,
        "start_airfield": plan.start_airfield,
        "end_airfield": plan.end_airfield,
        "waypoints": [
            {"lon_e7": _lon_e7(w.lon_deg), "lat_e7": round(w.lat_deg * 1e7), "name": f"P{n:02d}"}
            for n, w in enumerate(plan.waypoints, start=1)
        ],
    }
    for name in ("observing", "flight", "point_of_exit", "aircraft", "support"):
        if getattr(plan, name):
            out[name] = getattr(plan, name)
    for name in ("submitted_at", "take_off", "lands"):
        if getattr(plan, name) is not None:
            out[name] = rfc3339(getattr(plan, name))
    if plan.height_agl_m:
        out["height_agl_mm"] = [round(h * 1000) for h in plan.height_agl_m]
    if plan.ground_speed_kmh is not None:
        out["ground_speed_m_per_h"] = round(plan.ground_speed_kmh * 1000)
    if plan.sensors:
        out["sensors"] = [
            {"sensor": s.sensor}
            if s.certified_h_min_m is None
            else {"sensor": s.sensor, "certified_h_min_mm": round(s.certified_h_min_m * 1000)}
            for s in plan.sensors
        ]
    if plan.sensors_on is not None:
        out["sensors_on"] = [{"from_m": round(a * 1000), "until_m": round(b * 1000)} for a, b in plan.sensors_on]
    if plan.stops:
        out["stops"] = [
            {"airfield": s.airfield, "arrive": rfc3339(s.arrive), "leave": rfc3339(s.leave)} for s in plan.stops
        ]
    return read_plan_body(out, "plan")


def _lon_e7(lon_deg: float) -> int:
    """1e-7 degrees within half a turn of Greenwich, for a path across 180 may count on."""
    inside = lon_deg if -180 <= lon_deg <= 180 else (lon_deg + 180) % 360 - 180
    return round(inside * 1e7)


def read_plan_body(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The plan of a message, checked.

    Raises
    ------
    BadInput
        Naming the field and its paragraph.
    """
    out = read_fields(FIELDS, body, kind)
    n = len(out["waypoints"])
    if not 2 <= n <= MOST_WAYPOINTS:
        raise BadInput(
            say("{kind}: waypoints: {n} points; 2 to {most} make a path", kind=kind, n=n, most=MOST_WAYPOINTS),
            field="waypoints",
            citation="VI.II.4.F",
        )
    heights = out.get("height_agl_mm", [])
    if len(heights) not in (0, 1, n - 1):
        raise BadInput(
            say("{kind}: height_agl_mm: {h} heights for {legs} legs", kind=kind, h=len(heights), legs=n - 1),
            field="height_agl_mm",
            citation="VI.II.4.D",
        )
    return out


def plan_from_body(body: Mapping[str, Any]) -> MissionPlan:
    """The mission plan that a message carries.

    Raises
    ------
    BadInput
        Naming the field and its paragraph.
    """
    b = read_plan_body(body, "plan")

    def moment(name: str) -> Any:
        return parse_moment(b[name]) if name in b else None

    speed = b.get("ground_speed_m_per_h")
    return MissionPlan(
        observed=b["observed"],
        observing=b.get("observing"),
        flight=b.get("flight"),
        waypoints=tuple(
            Waypoint(w["lon_e7"] / 1e7, w["lat_e7"] / 1e7, f"P{n:02d}") for n, w in enumerate(b["waypoints"], start=1)
        ),
        start_airfield=b["start_airfield"],
        end_airfield=b["end_airfield"],
        point_of_exit=b.get("point_of_exit"),
        submitted_at=moment("submitted_at"),
        take_off=moment("take_off"),
        lands=moment("lands"),
        height_agl_m=tuple(h / 1000 for h in b.get("height_agl_mm", ())),
        ground_speed_kmh=speed / 1000 if speed is not None else None,
        aircraft=b.get("aircraft"),
        sensors=tuple(
            SensorUse(s["sensor"], s["certified_h_min_mm"] / 1000 if "certified_h_min_mm" in s else None)
            for s in b.get("sensors", ())
        ),
        sensors_on=tuple((s["from_m"] / 1000, s["until_m"] / 1000) for s in b["sensors_on"])
        if "sensors_on" in b
        else None,
        stops=tuple(
            Stop(s["airfield"], parse_moment(s["arrive"]), parse_moment(s["leave"])) for s in b.get("stops", ())
        ),
        support=b.get("support", ""),
    )


def plan_digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of a plan's canonical JSON: what both Parties name when they sign."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
