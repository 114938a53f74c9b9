"""What staff do on their own node in the exercise; each deed is an ordinary use of the node.

Run inside the node's process, called by the stage over HTTP on loopback.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overflight.app.story import cast
from overflight.errors import BadInput, OverflightError
from overflight.flight.messages import build_body
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.terms.place import Site

SITES_DRAFT = "sites/exercise.csv"
TRACK_DRAFT = "tracks/{flight}.csv"

Fields = Mapping[str, Any]


def _sent(node: Node) -> list[dict[str, Any]]:
    """Deliver what is undelivered to the Parties that have a node here."""
    from overflight.app.delivery import deliver

    return [d.to_json() for d in deliver(node, to=[p for p in cast.PARTIES if p != node.party])]


def act(node: Node, given: Fields) -> dict[str, Any]:
    """An act of a flight: what it would add, the record, and its delivery."""
    from overflight.app import flights

    what = flights.draft(node, given["verb"], given["flight"], given.get("with", {}))
    if given["verb"] == "request-copies":
        stored = flights.act(node, given["verb"], given["flight"], given.get("with", {}))
    else:
        stored = flights.commit(node, what)
    return {**what.to_json(), "rid": stored.rid, "sent": _sent(node) if given.get("deliver", True) else []}


def issue(node: Node, given: Fields) -> dict[str, Any]:
    """A record that belongs to no flight: an exercise opens, an announcement, a notice of withdrawal."""
    stored = node.issue(
        given["kind"],
        to=given["to"],
        body=build_body(given["kind"], given.get("body", {})),
        rules=given.get("rules", ()),
        subject=given.get("subject", ""),
    )
    return {"rid": stored.rid, "sent": _sent(node)}


def show(node: Node, given: Fields) -> dict[str, Any]:
    """State, duties and findings of a flight, as this node sees them."""
    from overflight.app import flights

    return flights.show(node, given["flight"])


def keep(node: Node, given: Fields) -> dict[str, Any]:
    """Keep a private draft."""
    node.drafts.put(given["name"], given["text"].encode())
    return {"names": node.drafts.names()}


def _sites(node: Node) -> tuple[Site, ...]:
    from overflight.planning.sites import read_sites

    data = node.drafts.get(SITES_DRAFT)
    if data is None:
        raise BadInput(say("no private list of sites is kept on this node"), field="sites")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sites.csv"
        file.write_bytes(data)
        return tuple(read_sites(file))


def check(node: Node, given: Fields) -> dict[str, Any]:
    """Every plan rule over a plan file."""
    from overflight.app import plans
    from overflight.planning.planfile import plan_from_feature

    return plans.check(plan_from_feature(given["plan"]), node.regime(), plans.ground()).to_json()


def optimise(node: Node, given: Fields) -> dict[str, Any]:
    """The best legal path over this node's private sites."""
    from overflight.app import plans
    from overflight.planning.request import PlanRequest
    from overflight.terms.plan import SensorUse

    asked = PlanRequest(
        observed=cast.OBSERVED,
        start=cast.START_AIRFIELD,
        end=cast.START_AIRFIELD,
        sites=_sites(node),
        swath_km=cast.SWATH_KM,
        max_km=cast.MAX_KM,
        observing=cast.OBSERVING,
        height_agl_m=cast.HEIGHT_M,
        sensors=(SensorUse(cast.CAMERA, cast.CERTIFIED_H_MIN_M),),
        aircraft=cast.AIRCRAFT,
    )
    stop = plans.stop_rule(None, int(given["steps"]))
    found = plans.optimise(asked, node.regime(), plans.ground(), stop=stop, seed=cast.SEED).to_json()
    return {
        k: found[k] for k in ("value", "total_value", "length_km", "limit_km", "sites_observed", "complies", "plan")
    }


def cost(node: Node, given: Fields) -> dict[str, Any]:
    """Two plans beside each other, with the value lost by this node's own sites: private."""
    from overflight.app import plans
    from overflight.planning.planfile import plan_from_feature

    first, second = (plan_from_feature(given[name]) for name in ("plan", "other"))
    return plans.compare(first, second, node.regime(), plans.ground(), sites=_sites(node), swath_km=cast.SWATH_KM)


def track(node: Node, given: Fields) -> dict[str, Any]:
    """Fly the plan on paper, with noise, gaps and one deviation, and hold the track against the plan."""
    from overflight.app import plans
    from overflight.flight.track import Stated, check_track
    from overflight.flight.track_files import write_csv
    from overflight.flight.track_model import make_track
    from overflight.planning.planfile import plan_from_feature

    plan, ground = plan_from_feature(given["plan"]), plans.ground()
    elevation = ground.elevation
    made = make_track(
        plan,
        take_off=parse_moment(given["took_off_at"]),
        seed=cast.SEED,
        ground_m=(lambda lons, lats: elevation.at(lons, lats)[0]) if elevation else None,
    )
    if made.deviation_from is None or made.deviation_until is None:
        raise BadInput(say("the exercise's track has no deviation"), field="plan")
    stated = (Stated(made.deviation_from, made.deviation_until, "weather_safety"),)
    checked = check_track(plan, made.track, node.regime(), borders=ground.borders, elevation=elevation, stated=stated)
    node.drafts.put(TRACK_DRAFT.format(flight=given["flight"]), write_csv(made.track).encode())
    return {
        "positions": checked.fixes,
        "gaps": len(checked.gaps),
        "flown_km": checked.flown_km,
        "max_deviation_km": checked.max_deviation_km,
        "began_at": rfc3339(made.deviation_from),
        "ended_at": rfc3339(made.deviation_until),
        "landed_at": rfc3339(checked.ended),
        "findings": [f.to_json() for f in checked.findings],
    }


def fly(node: Node, given: Fields) -> dict[str, Any]:
    """Render the frames that the film would hold, take them in, and catalogue them."""
    from overflight.app.exercise_frames import render_frames
    from overflight.app.intake import ingest
    from overflight.planning.planfile import plan_from_feature

    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "film"
        render_frames(
            node,
            into,
            flight=given["flight"],
            plan=plan_from_feature(given["plan"]),
            camera=cast.CAMERA,
            count=int(given.get("count", 4)),
            seed=cast.SEED,
            columns=int(given.get("columns", 700)),
            height_agl_m=cast.HEIGHT_M,
            h_min_m=cast.CERTIFIED_H_MIN_M,
            certificate=cast.EXERCISE_MARK,
        )
        report = ingest(
            node,
            into,
            flight=given["flight"],
            camera=cast.CAMERA,
            h_min_m=cast.CERTIFIED_H_MIN_M,
            certificate=cast.EXERCISE_MARK,
        )
    return {
        "images": [item["id"] for item in report["items"]],
        "complies": report["complies"],
        "findings": report["findings"],
        "record": report["record"],
        "sent": _sent(node),
    }


def search(node: Node, given: Fields) -> dict[str, Any]:
    """Images of this node's catalogue."""
    from overflight.app import images

    found = images.search(node, flight=given.get("flight"))
    return {"images": [item["id"] for item in found]}


def request_copies(node: Node, given: Fields) -> dict[str, Any]:
    """Ask the observing Party for copies, with the six particulars."""
    from overflight.app.copy_requests import request_copies

    made = request_copies(node, flight=given["flight"], **given.get("with", {}))
    return {**made, "sent": _sent(node)}


def deliver_copies(node: Node, given: Fields) -> dict[str, Any]:
    """Hand over copies."""
    from overflight.app.copies import deliver_copies

    made = deliver_copies(node, given.get("images", ()), to=given["to"], request=given.get("request"))
    return {**made, "sent": _sent(node)}


def receive_copies(node: Node, given: Fields) -> dict[str, Any]:
    """Check and catalogue copies that came."""
    from overflight.app.copies import receive_copies

    made = receive_copies(node, given.get("delivery"))
    return {**made, "sent": _sent(node)}


def letter(node: Node, given: Fields) -> dict[str, Any]:
    """Enter a letter that came through an official channel."""
    from overflight.app.copy_requests import enter_letter

    return enter_letter(node, **given["with"])


def refuse(node: Node, given: Fields) -> dict[str, Any]:
    """Refuse a request for copies, with the paragraphs."""
    from overflight.app.copy_requests import refuse_copies

    made = refuse_copies(node, given["request"], reason=given.get("reason", ""))
    return {**made, "sent": _sent(node)}


def send(node: Node, given: Fields) -> dict[str, Any]:
    """Send what is undelivered."""
    return {"sent": _sent(node)}


def held(node: Node, given: Fields) -> dict[str, Any]:
    """How many records this node holds, of whom."""
    found = node.records()
    senders: dict[str, int] = {}
    for stored in found:
        senders[stored.record.from_] = senders.get(stored.record.from_, 0) + 1
    return {"records": len(found), "senders": senders, "kinds": sorted({s.record.kind for s in found})}


def as_refused(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Turn a refusal into an answer that the story can read."""
    try:
        return {"refused": False, **answer()}
    except OverflightError as error:
        return {"refused": True, "problem": error.to_json()}


DEEDS: Mapping[str, Callable[[Node, Fields], dict[str, Any]]] = {
    f.__name__: f
    for f in (
        *(act, issue, show, keep, check, optimise, cost, track, fly, search),
        *(request_copies, deliver_copies, receive_copies, letter, refuse, send, held),
    )
}


def do(node: Node, deed: str, given: Fields) -> dict[str, Any]:
    """Do one deed.

    Raises
    ------
    BadInput
        If there is no such deed or a field is missing.
    """
    if deed not in DEEDS:
        raise BadInput(say("{deed!r} is no deed of the exercise", deed=deed[:40]), field="deed")
    try:
        if given.get("expect_refusal"):
            return as_refused(lambda: DEEDS[deed](node, given))
        return DEEDS[deed](node, given)
    except (KeyError, TypeError) as wrong:
        raise BadInput(say("{deed}: {why}", deed=deed, why=wrong), field=deed) from None
