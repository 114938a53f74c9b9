"""What the Flights and Flight pages show: state, duties, versions side by side, timeline, acts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from overflight.app import flights as use
from overflight.app.acts import VERBS
from overflight.errors import OverflightError
from overflight.flight.kinds import KINDS
from overflight.flight.messages import plan_from_body
from overflight.planning.coverage import observed, value_of
from overflight.planning.planfile import plan_feature
from overflight.terms.words import say
from overflight.web import forms, planner, tracks
from overflight.web.planner_request import finite, swaths_of
from overflight.web.today import left

if TYPE_CHECKING:
    from overflight.app.node import Node

# Acts that a Party does in nearly every flight, in the order of the treaty; the others fold away.
USUAL = {
    "notified": ("acknowledge", "arrive", "cancel"),
    "acknowledged": ("arrive", "cancel", "prohibit"),
    "arrived": ("covers", "inspect", "submit"),
    "inspected": ("submit", "covers"),
    "plan_submitted": ("propose", "accept", "sign"),
    "in_negotiation": ("propose", "accept", "offer", "sign", "decline"),
    "agreed": ("sign", "file", "takeoff"),
    "airborne": ("deviate", "complete"),
    "completed": ("report", "sign-report", "depart"),
    "departed": ("send-report", "seal", "open", "develop"),
    "reported": ("develop", "duplicate", "request-copies"),
}

WORST_FIRST = ("breaches", "disputed", "right", "silent", "undetermined", "complies")
REPORTS_TO_ALL = ("VI.I.21.c", "VIII.I.3.b", "VIII.I.6")
# The acts that do what a duty asks, by the paragraph of the duty.
OF_DUTY = {
    "VI.I.6": ("acknowledge",),
    "VI.I.10": ("covers",),
    "VI.I.13": ("services",),
    "VI.I.17": ("stop",),
    "AnnE.7": ("inventory",),
    "AnnF.III.3.B": ("demonstrate",),
    "VII.3.b": ("transit",),
    "D22.4": ("transit",),
    "VI.II.1": ("submit",),
    "VI.II.6": ("accept", "propose", "offer", "sign"),
    "VI.II.8": ("file",),
    "VI.II.4.E": ("takeoff",),
    "VI.I.9": ("complete",),
    "VI.I.19": ("covers",),
    "VI.I.20": ("depart",),
    "VI.I.21.a": ("report",),
    "VIII.III.1-2": ("emergency",),
    "VIII.III.3-5": ("emergency",),
    "IX.I.3": ("seal",),
    "VI.I.21.b": ("report", "sign-report"),
    "IX.II.3.A": ("develop",),
    "IX.II.3.B": ("develop",),
    **dict.fromkeys(REPORTS_TO_ALL, ("send-report",)),
}


def listing(node: Node) -> dict[str, Any]:
    """Every flight that the node knows."""
    rows = use.flights(node)
    return {"flights": rows, "next_number": _next_number(node, {row["flight"] for row in rows})}


def _next_number(node: Node, seen: set[str]) -> str:
    """A number that this node has not seen: OS, the last digit of the year, three digits (AnnB.App1.1)."""
    year = node.now().year % 10
    start = 900 if node.exercise else 1
    return next(f"OS{year}{n:03d}" for n in range(start, 1000) if f"OS{year}{n:03d}" not in seen)


def page(node: Node, flight: str) -> dict[str, Any]:
    """One flight with all that its page shows.

    Raises
    ------
    BadInput
        If the node holds nothing of that flight.
    """
    shown = use.show(node, flight)
    now = node.now()
    duties = [{**d, "ours": d["who"] == node.party, **left(d, now)} for d in shown["duties"]]
    open_duties = sorted((d for d in duties if not d["done_at"]), key=lambda d: d["due"] or "9")
    versions = [_version(v, shown) for v in shown["versions"]]
    track = tracks.of_flight(node, shown["flight"], shown)
    usual = offered(shown, [d for d in open_duties if d["ours"]])
    return {
        "show": shown,
        "open_duties": open_duties,
        "done_duties": [d for d in duties if d["done_at"]],
        "findings": sorted(_once(shown["findings"]), key=lambda f: WORST_FIRST.index(f["verdict"])),
        "versions": _with_private_cost(node, versions) if shown["observing"] == node.party else versions,
        "usual": [(VERBS[name], forms.button(name)) for name in usual],
        "others": [(VERBS[name], forms.button(name)) for name in shown["verbs"] if name not in (*usual, "notify")],
        "timeline": [_line(m) for m in reversed(shown["timeline"])],
        "chart": {
            "versions": [
                {k: v[k] for k in ("version", "number", "by", "origin", "coordinates", "current")}
                for v in versions
                if v["coordinates"]
            ],
            "party": node.party,
            "observed": shown["observed"],
            "day": now.date().isoformat(),
            "fixes": track["fixes"] if track else [],
            "excursions": track["check"]["excursions"] if track and track["check"] else [],
        },
        "track": track,
    }


def offered(shown: dict[str, Any], owed: list[dict[str, Any]]) -> list[str]:
    """Acts worth a button of their own: those of this Party's open duties first, then the next of the state.

    An act whose message was sent is not offered again, except those of the talks and the flight that may recur.
    """
    party = shown["party"]
    side = "observing" if shown["observing"] == party else "observed"
    sent = {m["kind"] for m in shown["timeline"]}
    ours = {m["kind"] for m in shown["timeline"] if m["from"] == party}
    current = next((v for v in shown["versions"] if v["version"] == shown["current"]), None)
    needs = {
        "accept": any(v["by"] != party for v in shown["versions"]),
        "offer": any(v["origin"] == "change" for v in shown["versions"]),
        "propose": True,
        "deviate": True,
        "sign": current is not None and side not in current["signed"],
        "sign-report": "report.sign" not in ours,
        "send-report": any(d["citation"] in REPORTS_TO_ALL for d in owed),
        "request-copies": side != "observing",
    }

    def possible(name: str) -> bool:
        return name in shown["verbs"] and needs.get(name, VERBS[name].kind not in sent)

    usual = USUAL.get(shown["state"], ())
    first = [n for d in owed for n in OF_DUTY.get(d["citation"], ()) if n in usual or d["citation"] != "VI.II.6"]
    return [name for name in dict.fromkeys((*first, *usual)) if possible(name)]


def _once(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings without repeats: two that cite, judge and say the same are one."""
    return list({(f["citation"], f.get("rule"), f["verdict"], f["because"]): f for f in findings}.values())


def _judged(version: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """What was found of a version, as a path and as a message: the worst verdict, and each breach."""
    check = shown["checks"].get(version["version"])
    own = [f for f in shown["findings"] if (f.get("where") or {}).get("message") == version["version"]]
    breaches = [f for f in _once(own) if f["verdict"] == "breaches"]
    told = {f["citation"] for f in breaches}
    verdicts = {f["verdict"] for f in own if f["verdict"] in ("breaches", "disputed")}
    if check:
        verdicts.add("complies" if check["complies"] else "breaches")
    return {
        "check": check,
        "findings": breaches,
        "cited": [c for c in dict.fromkeys(check["breaches"] if check else ()) if c not in told],
        "verdict": min(verdicts, key=WORST_FIRST.index, default=None),
    }


def _version(version: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    coordinates: list[list[float]] = []
    if version["plan"]:
        try:
            waypoints = plan_from_body(version["plan"]).waypoints
            coordinates = [[w.lon_deg, w.lat_deg] for w in waypoints]
        except OverflightError:
            coordinates = []
    return {
        **version,
        "coordinates": coordinates,
        "current": version["version"] == shown["current"],
        **_judged(version, shown),
        "cost": None,
    }


def _with_private_cost(node: Node, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each version observes of this node's private sites; computed here, shown here, sent nowhere."""
    draft = planner.draft_of(node)
    sites = planner.sites_from(draft.get("sites") or [])
    given = draft.get("form") or {}
    swath = _number(given.get("swath_km")) or 0.0
    if not sites or swath <= 0:
        return versions
    total = value_of(sites, np.ones(len(sites), dtype=bool))
    regime = node.regime()
    first: float | None = None
    for version in versions:
        if not version["coordinates"]:
            continue
        plan = plan_from_body(version["plan"])
        try:
            swaths = swaths_of({"swaths": str(given.get("swaths") or "").split()}, plan, regime)
        except OverflightError:  # half typed in the planner; its own page says what is wrong with it
            swaths = {}
        value = value_of(sites, observed(plan.waypoints, sites, swath_km=swath, swaths_km=swaths))
        first = value if first is None else first
        version["cost"] = {"value": round(value, 2), "total": round(total, 2), "change": round(value - first, 2)}
    return versions


def _line(message: dict[str, Any]) -> dict[str, Any]:
    """A message of the timeline with its body in short, readable facts."""
    kind = KINDS.get(message["kind"])
    names = {f.name for f in kind.fields} if kind else set()
    facts = [
        (forms.label(name), _short(value))
        for name, value in message["body"].items()
        if name in names and name not in ("flight", "plan", "people_sha256", "notice") and value not in (None, "", [])
    ]
    return {**message, "facts": facts, "title": say(message["title"])}


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    text = str(value)
    if len(text) == 64 and not text.strip("0123456789abcdef"):
        return f"{text[:12]}…"  # a digest; the record's own page shows it whole
    return text if len(text) <= 160 else text[:157] + "…"


def form(node: Node, verb: str, flight: str) -> dict[str, Any]:
    """The form of one act.

    Raises
    ------
    BadInput
        If there is no such act.
    """
    from overflight.errors import BadInput

    if verb not in VERBS:
        raise BadInput(say("{verb!r} is no act of a flight", verb=verb[:40]), field="verb")
    regime = node.regime()
    versions = [] if verb == "notify" else use.show(node, flight)["versions"]
    asked = forms.inputs(
        VERBS[verb], parties=regime.parties(), airfields=regime.airfields(), versions=[v for v in versions if v["plan"]]
    )
    draft = planner.draft_of(node)
    return {
        "verb": VERBS[verb],
        "flight": flight,
        "required": [entry for entry in asked if entry["required"] or entry["html"] == "plan"],
        "optional": [entry for entry in asked if not (entry["required"] or entry["html"] == "plan")],
        "has_draft": len(draft.get("points") or []) > 2,
    }


def draft_plan(node: Node) -> Any:
    """The planner's drawn path as a plan feature, without anything private; None if nothing is drawn."""
    draft = planner.draft_of(node)
    points = draft.get("points") or []
    given = draft.get("form") or {}
    if len(points) < 2:
        return None
    properties = {
        "observing": node.party,
        "observed": given.get("observed"),
        "start_airfield": given.get("from"),
        "end_airfield": given.get("to"),
        "height_agl_m": _number(given.get("height_agl_m")),
        "ground_speed_kmh": _number(given.get("speed_kmh")),
        "take_off": given.get("take_off") or None,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": points},
        "properties": {key: value for key, value in properties.items() if value is not None},
    }


def _number(text: str | None) -> float | None:
    """What a field of the planner's form says, as far as it is a finite number."""
    try:
        return finite(float(text)) if text else None
    except ValueError:
        return None


def plan_of(node: Node, flight: str, version: str) -> dict[str, Any]:
    """A version of the plan as a plan file.

    Raises
    ------
    BadInput
        If the flight has no such version with a plan.
    """
    from overflight.errors import BadInput

    found = next((v for v in use.show(node, flight)["versions"] if v["version"] == version and v["plan"]), None)
    if found is None:
        raise BadInput(say("{flight} has no such version of the plan", flight=flight), field="version")
    return plan_feature(plan_from_body(found["plan"]))
