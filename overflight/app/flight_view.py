"""What a node knows of its flights: the messages among its records, and what follows from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.app.acts import VERBS, Verb
from overflight.app.flight_fill import WHOLE, whole_name
from overflight.app.flight_holdings import Holdings, messages_of, regime_of
from overflight.errors import BadInput, OverflightError
from overflight.flight.kinds import KINDS
from overflight.flight.lifecycle import FlightState, state, state_title
from overflight.flight.messages import Message, plan_digest, plan_from_body
from overflight.flight.negotiation import Version
from overflight.flight.os_text import Frame, os_text
from overflight.rules.finding import Finding, Verdict, undetermined
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.planning.validate import PlanCheck

_checked: OrderedDict[tuple[Any, ...], PlanCheck] = OrderedDict()
_checking = threading.Lock()
MOST_CHECKS_KEPT = 64
# Decided by the flight's own messages, which know more than the plan does: arrival, window, first submission.
_OF_THE_FLIGHT = frozenset({"submitted_after_arrival", "ends_and_stops_within_the_window"})
_START = "starts_late_enough_after_submission"


def view(
    node: Node,
    flight: str,
    *,
    now: datetime | None = None,
    extra: Sequence[Message] = (),
    held: Holdings | None = None,
) -> FlightState:
    """What holds of a flight by this node's records, at the node's time or another.

    `held` spares reading all records again where several flights are asked for.
    """
    held = held or Holdings(node)
    at = now or node.now()
    found = [*held.messages(flight), *extra]
    what = state(
        found,
        at,
        regime_of(node),
        viewer=node.party,
        checks=_paragraphs(node, at),
        earlier=held.earlier(flight, found, at),
    )
    current = next((v for v in what.versions if v.rid == what.current), None)
    return what if current is None else replace(what, findings=what.findings + plan_findings(node, current))


def plan_findings(node: Node, version: Version) -> tuple[Finding, ...]:
    """What the plan rules decide of a version, as of the day on which it was offered.

    Returns
    -------
    tuple of Finding
        Breaches first, empty where the version holds no plan; of what is kept, Article VI, Section II alone.
        `where` holds ``message`` (the version's record), ``version`` (its number) and ``place`` (a GeoJSON point with
        ``leg`` and ``km`` from the start).  One finding
        `undetermined` where the plan cannot be checked here.
    """
    if version.plan is None:
        return ()
    where = {"message": version.rid, "version": version.number}
    checked = _check(node, version.plan, version.at.date())
    if checked is None:
        why = undetermined(say("version {n} of the plan cannot be checked here", n=version.number), "plan")
        return (replace(why, citation="VI.II.4", rule="plan_is_checked", where=where),)
    return tuple(
        replace(f, where={**where, "place": _place(f.where, version.plan)} if f.where is not None else where)
        for f in checked.findings
        if _tells(f, version)
    )


def _place(where: Any, body: Mapping[str, Any]) -> Any:
    """A place on the path with how far along it lies: `km` from the start, by the legs before it."""
    if not isinstance(where, Mapping) or not isinstance(where.get("leg"), int) or "coordinates" not in where:
        return where
    from overflight.planning.geodesy import path_length_km

    leg = where["leg"]
    points = [(w.lon_deg, w.lat_deg) for w in plan_from_body(body).waypoints[:leg]]
    if not 1 <= leg <= len(points):
        return where
    return {**where, "km": round(path_length_km([*points, tuple(where["coordinates"][:2])]), 1)}


def _tells(found: Finding, version: Version) -> bool:
    if found.rule in _OF_THE_FLIGHT or found.verdict is Verdict.UNDETERMINED:
        return False
    if found.rule == _START:
        # The 24 hours run from the original plan, and a plan agreed with an earlier start is itself the agreement.
        return found.verdict is Verdict.BREACHES and version.origin == "plan" and version.agreed_at is None
    return found.verdict is not Verdict.COMPLIES or found.citation.startswith("VI.II.")


def show(node: Node, flight: str, *, now: datetime | None = None) -> dict[str, Any]:
    """State, duties, rights, findings, versions and messages of one flight.

    Raises
    ------
    BadInput
        If this node holds nothing of that flight.
    """
    held = Holdings(node)
    if flight not in held.numbers and not held.unreadable(flight):
        raise BadInput(
            say(
                "this node knows no flight {flight}; it knows {known}",
                flight=flight[:20],
                known=", ".join(held.numbers[-20:]) or say("none"),
            ),
            field="FLIGHT",
        )
    what = view(node, flight, now=now, held=held)
    out = what.to_json()
    out["flight"] = flight
    out["unreadable"] = held.unreadable(flight)
    out["checks"] = {v.rid: _summary(node, v.plan, v.at) for v in what.versions if v.plan is not None}
    out["verbs"] = [name for name, verb in VERBS.items() if may(verb, node.party, what)]
    out["party"] = node.party
    out["exercise"] = node.exercise
    return out


def states(node: Node) -> list[tuple[str, FlightState]]:
    """Every flight that this node knows, with what holds of it, newest arrival first; each is derived once."""
    held = Holdings(node)
    found = [(number, view(node, number, held=held)) for number in held.numbers]
    return sorted(found, key=lambda one: (rfc3339(one[1].eta) if one[1].eta else "", one[0]), reverse=True)


def flights(node: Node) -> list[dict[str, Any]]:
    """Every flight that this node knows, newest arrival first: flight, state, observing, observed, eta."""
    return [
        {
            "flight": number,
            "state": what.state,
            "title": state_title(what.state),
            "observing": what.observing,
            "observed": what.observed,
            "eta": rfc3339(what.eta) if what.eta else None,
            "complies": what.complies,
            "open_duties": sum(d.who == node.party for d in what.open_duties),
        }
        for number, what in states(node)
    ]


def notice_text(node: Node, rid: str, *, precedence: str = "", format_number: str = "") -> str:
    """A record of this node's holdings as text for the official channel.

    Raises
    ------
    BadInput
        If this node holds no such record, or it is no message of a flight.
    """
    stored = node.record(whole_name(rid, [s.rid for s in node.records()], "RECORD") if len(rid) < WHOLE else rid)
    if stored.record.kind not in KINDS:
        raise BadInput(say("{kind} is no message of a flight", kind=stored.record.kind), field="rid")
    names = {p.code: p.name for p in regime_of(node)(stored.record.at.date()).parties()}
    frame = Frame(
        number=f"{stored.record.from_}/{stored.record.seq}",
        subject=stored.record.subject,
        remarks=stored.record.remarks.removesuffix(EXERCISE_WORDS).strip(),
        rules=stored.record.rules,
        precedence=precedence,
        format_number=format_number,
        marking=EXERCISE_WORDS if node.exercise else "",
    )
    return os_text(messages_of(node, stored)[0], frame, names=names)


def may(verb: Verb, party: str, what: FlightState) -> bool:
    sides = {"observing": {what.observing}, "observed": {what.observed}, "either": {what.observing, what.observed}}
    return verb.side == "anyone" or party in sides.get(verb.side, set())


def _paragraphs(node: Node, at: datetime) -> Callable[[Mapping[str, Any]], Collection[str] | None]:
    """For a plan's body the paragraphs that its check found breached, None where it cannot be checked."""

    def breached(body: Mapping[str, Any]) -> Collection[str] | None:
        found = _check(node, body, at.date())
        return None if found is None else [f.citation for f in found.findings if f.verdict is Verdict.BREACHES]

    return breached


def _check(node: Node, body: Mapping[str, Any], day: date) -> PlanCheck | None:
    """The check of a plan on a day, kept by its digest; None if borders or plan do not allow one."""
    from overflight.app import plans

    key = (plan_digest(body), day, tuple(sorted(node.readings.items())))
    with _checking:
        if key in _checked:
            _checked.move_to_end(key)
            return _checked[key]
        try:
            found = plans.check(plan_from_body(body), regime_of(node)(day), plans.ground())
        except OverflightError:
            return None
        _checked[key] = found
        while len(_checked) > MOST_CHECKS_KEPT:
            _checked.popitem(last=False)
        return found


def _summary(node: Node, body: Mapping[str, Any], at: datetime) -> dict[str, Any] | None:
    """Distance and findings of a version: all that the side without the sites is shown."""
    found = _check(node, body, at.date())
    if found is None:
        return None
    return {
        "complies": found.complies,
        "length_km": round(found.length_km, 3),
        "counted_km": round(found.counted_km, 3),
        "limit_km": found.limit_km,
        "breaches": sorted({f.citation for f in found.findings if f.verdict is Verdict.BREACHES}),
    }
