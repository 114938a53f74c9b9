"""Requests for copies (IX.IV.1): made, entered from a letter, listed with what the rules say, refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from overflight.app.frame_times import strange_particulars
from overflight.app.intake import flight_parties
from overflight.errors import BadInput, OverflightError, Refused
from overflight.flight.messages import build_body
from overflight.rules.finding import Finding, Verdict
from overflight.rules.output import a_party_may_have_copies, may_deliver, request_states_its_particulars
from overflight.sharing.record import Ref
from overflight.terms.moment import parse_moment, rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored

ASKED = "data.request"
LETTER = "letter"
GIVEN = ("data.delivery", "data.duplicate")


@dataclass(frozen=True)
class Request:
    """One request for copies that this node knows, as a record or as a letter that it entered by hand."""

    rid: str
    asking: str
    asked_on: date
    flight: str | None
    body: Mapping[str, Any]
    told_observed: bool
    by_letter: bool
    answers_from: frozenset[str]  # Parties whose answer counts


def request_copies(
    node: Node,
    *,
    flight: str,
    observing: str | None = None,
    observed: str | None = None,
    flown_on: str | date | None = None,
    sensor: str | None = None,
    portion: str | None = None,
    medium: str | None = None,
    tell_observed: bool = True,
    remarks: str = "",
) -> dict[str, Any]:
    """Ask the observing Party for copies with the six particulars of IX.IV.1, A to F, and tell the observed Party.

    Observing and observed Party default to those of the notice that this node holds. A request that lacks a
    particular is issued all the same, and its finding says so.

    Returns
    -------
    dict
        ``record, to, info, complies, findings``.

    Raises
    ------
    BadInput
        If the observing Party is not known, or is this node's own.
    """
    known = flight_parties(node, flight)
    observing, observed = observing or known.observing, observed or known.observed
    if not observing or observing == node.party:
        raise BadInput(
            say(
                "name the observing Party of {flight} with --observing; copies are asked of it (IX.IV.1)", flight=flight
            ),
            field="--observing",
            citation="IX.IV.1",
        )
    body = build_body(
        ASKED,
        {
            "flight": flight,
            "observing": observing,
            "observed": observed,
            "flown_on": flown_on,
            "sensor": sensor,
            "portion": portion,
            "medium": medium,
        },
    )
    told = [observed] if observed and tell_observed and observed not in (node.party, observing) else []
    found = request_states_its_particulars(body, told_observed=bool(told) or observed == node.party, asking=node.party)
    stored = node.issue(
        ASKED,
        to=[observing],
        info=told,
        body=body,
        rules=["IX.IV.1"],
        remarks=remarks,
        subject=say("Request for copies of {flight}", flight=flight),
    )
    return {
        "record": stored.rid,
        "to": [observing],
        "info": told,
        "complies": found.verdict is not Verdict.BREACHES,
        "findings": [f.to_json() for f in (found, *strange_particulars(node, flight, body))],
    }


def enter_letter(
    node: Node,
    *,
    state: str,
    flight: str,
    sent_on: str | None = None,
    number: str = "",
    channel: str = "",
    text: str = "",
    particulars: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Enter by hand a letter in which a State asks for copies, such as one that has no node.

    The letter stays in this node's own log, addressed to nobody else.

    Returns
    -------
    dict
        ``record, asking``.
    """
    known = flight_parties(node, flight)
    given = {name: value for name, value in (particulars or {}).items() if value}
    asked = build_body(ASKED, {"flight": flight, "observing": known.observing, "observed": known.observed, **given})
    letter = build_body(
        LETTER,
        {
            "flight": flight,
            "from_state": state,
            "channel": channel,
            "number": number,
            "sent_at": f"{sent_on}T00:00:00Z" if sent_on and len(sent_on) == 10 else sent_on,
            "received_at": node.now(),
            "says_kind": ASKED,
            "text": text,
        },
    )
    stored = node.issue(
        LETTER,
        to=[],
        body={**asked, **letter},
        rules=["XI"],
        subject=say("Letter of {state}: request for copies of {flight}", state=state, flight=flight),
    )
    return {"record": stored.rid, "asking": state}


def list_requests(node: Node) -> list[dict[str, Any]]:
    """Requests for copies that this node received, entered or sent, in order, each with its answer.

    Returns
    -------
    list of dict
        ``record, asking, asked_on, flight, by_letter, particulars, state`` (open, delivered, refused),
        ``answer`` (rid or None), ``may_deliver, findings``.
    """
    answered = answers(node)
    out = []
    for request in requests(node):
        finding, complete = judge(node, request)
        answer = answered.get(request.rid)
        state = "open" if answer is None else "refused" if answer.record.kind == "data.refusal" else "delivered"
        out.append(
            {
                "record": request.rid,
                "asking": request.asking,
                "asked_on": request.asked_on.isoformat(),
                "flight": request.flight,
                "by_letter": request.by_letter,
                "particulars": {
                    name: request.body.get(name)
                    for name in ("observing", "observed", "flown_on", "sensor", "portion", "medium")
                },
                "state": state,
                "answer": answer.rid if answer else None,
                "may_deliver": may_deliver(finding),
                "findings": [finding.to_json(), complete.to_json()],
            }
        )
    return out


def refuse_copies(node: Node, request: str, *, reason: str = "") -> dict[str, Any]:
    """Answer a request, or an entered letter, with a refusal that cites the paragraphs.

    Returns
    -------
    dict
        ``record, asking, rules, reason, findings``.

    Raises
    ------
    Refused
        If the State that asks has a right to the copies: the article gives no ground to refuse them.
    BadInput
        If there is no such request, or it was answered.
    """
    asked = open_request(node, request)
    finding, complete = judge(node, asked)
    if finding.verdict is Verdict.RIGHT and complete.verdict is not Verdict.BREACHES:
        raise Refused(
            say(
                "{party} is a Party and its request is complete; IX.IV.1 gives no ground to refuse it",
                party=asked.asking,
            ),
            citation="IX.IV.1",
            finding=finding.to_json(),
        )
    rules = ["IX.IV.1"]
    regime = node.regime()
    if finding.verdict is not Verdict.RIGHT:
        rules += ["IX.I.4", *_left(regime, asked)]
    why = reason or (complete.because if finding.verdict is Verdict.RIGHT else finding.because)
    to = [asked.asking] if _reachable(node, asked.asking, regime) else []
    observed = asked.body.get("observed") or flight_parties(node, asked.flight or "").observed
    info = [observed] if isinstance(observed, str) and _reachable(node, observed, regime) else []
    body = build_body("data.refusal", {"flight": asked.flight, "reason": why})
    stored = node.issue(
        "data.refusal",
        to=to,
        info=info,
        rules=rules,
        refs=[Ref("answers", asked.rid)],
        body={**body, "to_state": asked.asking, "verdict": str(finding.verdict)},
        subject=say("Refusal of copies to {state}", state=asked.asking),
    )
    return {
        "record": stored.rid,
        "asking": asked.asking,
        "rules": rules,
        "reason": why,
        "findings": [finding.to_json(), complete.to_json()],
    }


def requests(node: Node) -> list[Request]:
    """Requests for copies that this node sent, received or entered from a letter, in order."""
    out = []
    for stored in node.records(kind=ASKED):
        record = stored.record
        observed = record.body.get("observed")
        told = observed in record.audience or observed == record.from_
        out.append(
            Request(
                record.rid, record.from_, record.at.date(), record.flight, record.body, told, False,
                frozenset(record.to),
            )
        )  # fmt: skip
    for stored in node.records(kind=LETTER):
        body = stored.record.body
        if body.get("says_kind") == ASKED and stored.record.from_ == node.party:
            sent = body.get("sent_at") or body.get("received_at")
            at = parse_moment(sent) if isinstance(sent, str) else stored.record.at
            state = str(body.get("from_state"))
            mine = frozenset({node.party})
            out.append(Request(stored.rid, state, at.date(), stored.record.flight, body, False, True, mine))
    return out


def answers(node: Node) -> dict[str, Stored]:
    """The first answer to each request, by the request's rid; only of those who were asked."""
    asked = {request.rid: request for request in requests(node)}
    out: dict[str, Stored] = {}
    for kind in (*GIVEN, "data.refusal"):
        for stored in node.records(kind=kind):
            for ref in stored.record.refs:
                request = asked.get(ref.rid)
                if ref.rel == "answers" and request and stored.record.from_ in request.answers_from:
                    out.setdefault(ref.rid, stored)
    return out


def open_request(node: Node, rid: str) -> Request:
    """The unanswered request of that rid, or of at least its first eight digits.

    Raises
    ------
    BadInput
        If there is none, or it was answered.
    """
    found = [r for r in requests(node) if r.rid.startswith(rid) and len(rid) >= 8]
    if len(found) != 1:
        raise BadInput(
            say("this node knows no request {rid}; see `overflight image list-requests`", rid=rid[:64]),
            field="--request",
        )
    answer = answers(node).get(found[0].rid)
    if answer is not None:
        raise BadInput(
            say(
                "request {rid} was answered by {answer} on {at}",
                rid=rid[:12],
                answer=answer.record.kind,
                at=rfc3339(answer.record.at),
            ),
            field="--request",
        )
    return found[0]


def oldest_open(node: Node, to: str, images: Sequence[str]) -> Request | None:
    """The oldest unanswered request of a State for the flight of these images."""
    flights = {row.flight for row in (node.images.get(i) for i in images) if row is not None}
    answered = answers(node)
    for request in requests(node):
        if request.asking == to and request.rid not in answered and (not flights or request.flight in flights):
            return request
    return None


def judge(node: Node, request: Request) -> tuple[Finding, Finding]:
    """Who may have copies today, and whether the request is complete."""

    def regime_on(day: date) -> Regime:
        return Regime.on(day, readings=node.readings)

    return (
        a_party_may_have_copies(
            asking=request.asking, asked_on=request.asked_on, decided_on=node.now().date(), regime_on=regime_on
        ),
        request_states_its_particulars(request.body, told_observed=request.told_observed, asking=request.asking),
    )


def _left(regime: Regime, request: Request) -> list[str]:
    """XV.2 where the State was a Party once."""
    try:
        until = regime.state(request.asking).memberships[-1].until
    except OverflightError:
        return []
    return ["XV.2"] if until is not None and until <= regime.day else []


def _reachable(node: Node, code: str, regime: Regime) -> bool:
    """Whether a record may be addressed to it: another Party, today, with keys in the roster."""
    if code == node.party or not regime.is_party(code):
        return False
    return any(enrolled.code == code for enrolled in node.newest_roster().parties)
