"""Fills in what a node knows by itself when a person leaves it out: this Party, now, the version under discussion."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.errors import BadFile, BadInput
from overflight.flight.lifecycle import FlightState
from overflight.flight.negotiation import Version
from overflight.flight.plan_body import plan_body, plan_digest
from overflight.planning.measure import with_airfields
from overflight.planning.planfile import plan_from_feature, read_plan
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

PERSON = ("name", "gender", "born", "birthplace", "passport", "issued_by", "function")  # VI.I.5.H
MOST_PEOPLE_BYTES = 1_000_000
MOST_PLAN_BYTES = 5_000_000

WHOLE = 64  # characters of a record's name
SHORTEST = 4  # characters that may stand for it

Fields = dict[str, Any]


def whole_name(given: str, known: Collection[str], field: str) -> str:
    """The whole name of the one record whose name begins as given; a whole name stays as it is.

    Raises
    ------
    BadInput
        If none or several of the known names begin so, or too little is given.
    """
    start = given.strip().lower()
    if len(start) >= WHOLE:
        return start
    found = sorted({rid for rid in known if rid.startswith(start)}) if len(start) >= SHORTEST else []
    if len(found) == 1:
        return found[0]
    if len(start) < SHORTEST:
        why = say("{rid!r} is too short for a record's name; give at least {n} characters", rid=start, n=SHORTEST)
    elif not found:
        why = say("no record known here begins with {rid}; it may be one of {known}", rid=start[:WHOLE],
                  known=", ".join(rid[:12] for rid in list(known)[-10:]) or say("none"))  # fmt: skip
    else:
        why = say("several records begin with {rid}: {found}; give more of it", rid=start,
                  found=", ".join(rid[:12] for rid in found[:10]))  # fmt: skip
    raise BadInput(why, field=field)


def fill(
    kind: str, party: str, flight: str, fields: Mapping[str, Any], view: FlightState, now: datetime, regime: Regime
) -> Fields:
    """The fields of a message with the gaps filled from the flight's state; what was given stays.

    Raises
    ------
    BadInput
        If something that the message needs is neither given nor known.
    """
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    known = _FILL.get(kind, _nothing)(party, view, now)
    out = {name: value for name, value in known.items() if value is not None}
    out.update(given)
    out["flight"] = flight
    if "plan" in out:
        own = kind in ("plan.submit", "plan.alternative")
        out["plan"] = _plan(out["plan"], party, flight, view, now if own else None, regime)
    if kind == "plan.sign" and "plan_sha256" not in out:
        signed = next((v for v in view.versions if v.rid == out.get("version")), None)
        if signed is not None and signed.plan is not None:
            out["plan_sha256"] = plan_digest(signed.plan)
    return out


def _plan(
    value: Any, party: str, flight: str, view: FlightState, submitted_at: datetime | None, regime: Regime
) -> dict[str, Any]:
    """The body of a plan from a file, its bytes, a GeoJSON Feature, a `MissionPlan` or a body."""
    if isinstance(value, Mapping) and "waypoints" in value:
        return dict(value)
    plan = with_airfields(read_any_plan(value), regime)
    plan = replace(
        plan,
        flight=flight,
        observing=view.observing or plan.observing or party,
        submitted_at=submitted_at or plan.submitted_at,
    )
    return plan_body(plan)


def read_any_plan(value: Any) -> MissionPlan:
    """A mission plan from a path, bytes, a parsed GeoJSON Feature or a `MissionPlan`.

    Raises
    ------
    BadFile
        If it is none of these, or no plan.
    """
    if isinstance(value, MissionPlan):
        return value
    if isinstance(value, Mapping):
        return plan_from_feature(value)
    if isinstance(value, bytes):
        return read_plan(value)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return read_plan(value.encode())
    if isinstance(value, str | Path):
        return read_plan(Path(value))
    raise BadFile(say("plan: give a plan file"), field="plan")


def read_people(
    value: Any, *, fields: Collection[str] = PERSON, option: str = "people_file", citation: str = "VI.I.5.H"
) -> tuple[bytes, str, int]:
    """A list of people, of VI.I.5.H unless said otherwise: its bytes, media type and number of people.

    Raises
    ------
    BadFile
        If it is neither a JSON list nor a CSV with these fields, nobody stands in it, or a person lacks one.
    """
    data, kind, rows = people_of(value, option=option)
    if not rows:
        raise BadFile(
            say(
                "{option}: no person stands in it; write a header with {fields}",
                option=option,
                fields=", ".join(fields),
            ),
            field=option,
            citation=citation,
        )
    for n, person in enumerate(rows, start=1):
        lacking = [f for f in fields if not isinstance(person, Mapping) or not str(person.get(f) or "").strip()]
        if lacking:
            raise BadFile(
                say(
                    "{option}: person {n} has no {field} ({citation})",
                    option=option,
                    n=n,
                    field=", ".join(lacking),
                    citation=citation,
                ),
                field=option,
                citation=citation,
            )
    return data, kind, len(rows)


def people_of(value: Any, *, option: str = "people_file") -> tuple[bytes, str, list[Any]]:
    """The bytes of a list of people, its media type, and its rows, not yet checked.

    Raises
    ------
    BadFile
        If it is neither a JSON list nor a CSV file, or too large.
    """
    if isinstance(value, list | tuple):
        data = json.dumps(list(value), ensure_ascii=False, sort_keys=True).encode()
    elif isinstance(value, bytes):
        data = value
    else:
        path = Path(str(value))
        if not path.is_file():
            raise BadFile(say("{option}: there is no file {path}", option=option, path=str(path)[:200]), field=option)
        with path.open("rb") as file:
            data = file.read(MOST_PEOPLE_BYTES + 1)
    if len(data) > MOST_PEOPLE_BYTES:
        raise BadFile(say("{option}: more than {n} bytes", option=option, n=MOST_PEOPLE_BYTES), field=option)
    try:
        text = data.decode("utf-8-sig")
        if text.lstrip().startswith("["):
            return data, "application/json", list(json.loads(text))
        return data, "text/csv", list(csv.DictReader(io.StringIO(text)))
    except (UnicodeDecodeError, ValueError, RecursionError, csv.Error):
        raise BadFile(say("{option}: neither a JSON list nor a CSV file", option=option), field=option) from None


def _nothing(party: str, view: FlightState, now: datetime) -> Fields:
    return {}


def _notice(view: FlightState) -> Mapping[str, Any]:
    return view.notice.body if view.notice else {}


def _airfield(view: FlightState, name: str) -> str | None:
    version = next((v for v in view.versions if v.rid == view.current), None)
    found = (version.plan or {}).get(name) if version else None
    return found or _notice(view).get("point_of_entry")


def _take_off(view: FlightState) -> str | None:
    version = next((v for v in view.versions if v.rid == view.current), None)
    return (version.plan or {}).get("take_off") if version else None


def _under_discussion(party: str, view: FlightState) -> str | None:
    """The version that an answer is about when it names none."""
    changes = [v for v in view.versions if v.origin == "change"]
    if party == view.observing and changes:
        return changes[-1].rid
    return view.current


def _to_sign(view: FlightState) -> str | None:
    half: list[Version] = [v for v in view.versions if len(v.signatures) == 1]
    return half[-1].rid if half and view.signed_at is None else view.current


def _report(view: FlightState) -> str | None:
    reports = [m.rid for m in view.timeline if m.kind == "report.mission" and m.body.get("part") == "flight"]
    return reports[0] if reports else None


def _whole_report(party: str, view: FlightState, now: datetime) -> Fields:
    """What the record already knows of the flight, and the report that both signed, if it is sent on."""
    earlier = [m for m in view.timeline if m.kind == "report.mission" and m.sender == party]
    if earlier:
        return {k: v for k, v in earlier[-1].body.items() if k != "flight"}
    times = {m.kind: m.body for m in view.timeline}
    covers = [
        f"{m.body.get('stage')} {m.body.get('place')} {m.body.get('checked_at')}: "
        + ("in place" if m.body.get("in_place") else "not in place")
        for m in view.timeline
        if m.kind == "flight.covers"
    ]
    return {
        "part": {"prohibited": "prohibition", "declined": "decline"}.get(view.state, "flight"),
        "flown_from": times.get("flight.takeoff", {}).get("took_off_at"),
        "flown_until": times.get("flight.completed", {}).get("completed_at"),
        "covers": "; ".join(covers) or None,
    }


_FILL: Mapping[str, Callable[[str, FlightState, datetime], Fields]] = {
    "flight.notification": lambda party, view, now: {"observing": party, "notice": "VI.I.5"},
    "flight.ack": lambda party, view, now: {},
    "flight.arrival": lambda party, view, now: {
        "place": _notice(view).get("point_of_entry"),
        "arrived_at": now,
    },
    "flight.covers": lambda party, view, now: {
        "place": _airfield(view, "start_airfield"),
        "checked_at": now,
        "in_place": True,
    },
    "flight.inspection": lambda party, view, now: {"inspecting": party, "ended_at": now, "as_certified": True},
    "plan.change": lambda party, view, now: {"version": _under_discussion(party, view)},
    "plan.accept": lambda party, view, now: {"version": _under_discussion(party, view)},
    "plan.alternative": lambda party, view, now: {"version": _under_discussion(party, view)},
    "plan.sign": lambda party, view, now: {"version": _to_sign(view)},
    "flight.plan": lambda party, view, now: {
        "version": view.current,
        "filed_at": now,
        "starts_at": _take_off(view),
    },
    "flight.takeoff": lambda party, view, now: {"airfield": _airfield(view, "start_airfield"), "took_off_at": now},
    "flight.services": lambda party, view, now: {"given_at": now},
    "flight.inventory": lambda party, view, now: {"inspecting": party, "arrived_at": now},
    "flight.demonstration": lambda party, view, now: {"asked_by": party},
    "flight.stop": lambda party, view, now: {"landed_at": now},
    "flight.emergency": lambda party, view, now: {"began_at": now},
    "flight.deviation": lambda party, view, now: {"began_at": now},
    "flight.completed": lambda party, view, now: {"airfield": _airfield(view, "end_airfield"), "completed_at": now},
    "report.mission": _whole_report,
    "report.sign": lambda party, view, now: {"report": _report(view), "signed_at": now},
    "flight.departure": lambda party, view, now: {
        "place": _airfield(view, "point_of_exit") or _airfield(view, "end_airfield"),
        "departed_at": now,
    },
    "data.sealed": lambda party, view, now: {"sealed_at": now},
    "data.opened": lambda party, view, now: {"opened_at": now},
    "data.developed": lambda party, view, now: {"facility": party, "developed_at": now},
    "data.duplicate": lambda party, view, now: {"for_party": view.observed},
    "letter": lambda party, view, now: {"from_state": party},
}


def must_know(view: FlightState, flight: str) -> None:
    """Raise unless a notice of this flight is known.

    Raises
    ------
    BadInput
        If none is.
    """
    if view.observing is None:
        raise BadInput(
            say(
                "no notice of {flight} is known to this node; `flight list` shows the flights that it knows",
                flight=flight,
            ),
            field="FLIGHT",
            citation="VI.I.5",
        )
