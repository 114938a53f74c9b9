"""What a node knows of its flights: the messages among its records, and what follows from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from overflight.app.acts import VERBS, Verb
from overflight.errors import BadInput, OverflightError
from overflight.flight.facts import gather
from overflight.flight.kinds import KINDS
from overflight.flight.ledger import LedgerLine, ledger_line
from overflight.flight.lifecycle import FlightState, state, state_title
from overflight.flight.messages import Message, plan_digest, plan_from_body, read_body
from overflight.flight.os_text import Frame, os_text
from overflight.rules.finding import Verdict
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.moment import rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from overflight.app.node import Node, Stored
    from overflight.planning.validate import PlanCheck

_LETTER_FIELDS = {f.name for f in KINDS["letter"].fields}
_checked: OrderedDict[tuple[Any, ...], PlanCheck] = OrderedDict()
_checking = threading.Lock()
MOST_CHECKS_KEPT = 64


def regime_of(node: Node) -> Callable[[date], Regime]:
    """The regime of any day, under the node's readings; in an exercise with the quotas that it assumes."""
    assumed = _assumed_quotas(node)

    def regime_on(day: date) -> Regime:
        return _regime(day, tuple(sorted(node.readings.items())), assumed)

    return regime_on


@lru_cache(maxsize=256)
def _regime(day: date, readings: tuple[tuple[str, str], ...], assumed: tuple[tuple[str, str, int], ...]) -> Regime:
    found = Regime.on(day, readings=dict(readings))
    for by, of, flights_ in assumed:
        found = found.with_value("active_quota", flights_, of=of, by=by, source=say("exercise value"))
    return found


def _assumed_quotas(node: Node) -> tuple[tuple[str, str, int], ...]:
    """Quotas that the opening record of an exercise names; an operational node assumes none."""
    if node.exercise is None:
        return ()
    out: dict[tuple[str, str], int] = {}
    for stored in node.records(kind="exercise.open"):
        try:
            rows = read_body("exercise.open", stored.record.body).get("quotas", ())
        except OverflightError:
            continue
        out.update({(row["by"], row["of"]): row["flights"] for row in rows})
    return tuple(sorted((by, of, n) for (by, of), n in out.items()))


def messages(node: Node, flight: str) -> tuple[list[Message], list[dict[str, str]]]:
    """The messages of one flight that this node holds, and the records whose body cannot be read, with why."""
    good: list[Message] = []
    bad: list[dict[str, str]] = []
    for stored in node.records():
        body = stored.record.body
        if body.get("flight") != flight and not body.get("accepts_node_messages"):
            continue
        if stored.record.kind not in KINDS or stored.record.kind == "receipt":
            continue
        try:
            good.extend(_messages_of(node, stored))
        except OverflightError as error:
            bad.append(
                {"rid": stored.rid, "from": stored.record.from_, "kind": stored.record.kind, "why": error.message}
            )
    return good, bad


def _messages_of(node: Node, stored: Stored) -> list[Message]:
    record = stored.record
    received = dict(stored.receipts)
    if stored.received_at is not None:
        received[node.party] = stored.received_at
    message = Message(
        rid=record.rid,
        kind=record.kind,
        sender=record.from_,
        to=record.to,
        at=record.at,
        body=read_body(record.kind, record.body),
        refs=tuple((r.rel, r.rid) for r in record.refs),
        received=received,
        info=record.info,
    )
    taken = taken_down(message) if record.from_ == node.party else None
    return [message] if taken is None else [message, taken]


def taken_down(letter: Message) -> Message | None:
    """The message that a letter amounts to; only this Party's own letters count, and only in its own view."""
    kind = letter.text("says_kind") or ""
    sender = letter.text("from_state") or ""
    if letter.kind != "letter" or kind not in KINDS or kind == "letter" or len(sender) != 3:
        return None
    names = {f.name for f in KINDS[kind].fields}
    body = {k: v for k, v in letter.body.items() if k in names or k not in _LETTER_FIELDS}
    received = letter.time("received_at") or letter.at
    return Message(
        rid=letter.rid[::-1],  # another name than the letter's own, and always the same
        kind=kind,
        sender=sender,
        to=(letter.sender,),
        at=min(letter.time("sent_at") or received, letter.at),
        body=read_body(kind, body),
        received={letter.sender: received},
        by_hand=True,
    )


def view(node: Node, flight: str, *, now: datetime | None = None, extra: Sequence[Message] = ()) -> FlightState:
    """What holds of a flight by this node's records, at the node's time or another."""
    found, _ = messages(node, flight)
    return _state(node, flight, [*found, *extra], now or node.now())


def _state(node: Node, flight: str, found: Sequence[Message], at: datetime) -> FlightState:
    return state(
        found,
        at,
        regime_of(node),
        viewer=node.party,
        checks=_paragraphs(node, at),
        earlier=_earlier(node, flight, found, at),
    )


def _earlier(node: Node, flight: str, found: Sequence[Message], at: datetime) -> list[LedgerLine]:
    """The ledger lines of flights that were notified before this one, as far as this node knows them."""
    first = min((m.at for m in found if m.kind == "flight.notification"), default=at)
    out = []
    for number in _numbers(node):
        others, _ = messages(node, number) if number != flight else ([], [])
        facts = gather(others, at, regime_of(node), viewer=node.party)
        if facts is not None and facts.notice.at < first:
            out.append(ledger_line(facts))
    return out


def _numbers(node: Node) -> list[str]:
    """Numbers of the flights of which this node holds a notice, and of all that its records name."""
    return sorted(
        {
            str(s.record.body["flight"])
            for s in node.records()
            if isinstance(s.record.body.get("flight"), str) and s.record.kind in KINDS
        }
    )


def show(node: Node, flight: str, *, now: datetime | None = None) -> dict[str, Any]:
    """State, duties, rights, findings, versions and messages of one flight.

    Raises
    ------
    BadInput
        If this node holds nothing of that flight.
    """
    found, unreadable = messages(node, flight)
    if not any(m.flight == flight for m in found) and not unreadable:
        raise BadInput(
            say(
                "this node knows no flight {flight}; it knows {known}",
                flight=flight[:20],
                known=", ".join(row["flight"] for row in flights(node)) or say("none"),
            ),
            field="FLIGHT",
        )
    at = now or node.now()
    what = _state(node, flight, found, at)
    out = what.to_json()
    out["flight"] = flight
    out["unreadable"] = unreadable
    out["checks"] = {v.rid: _summary(node, v.plan, v.at) for v in what.versions if v.plan is not None}
    out["verbs"] = [name for name, verb in VERBS.items() if may(verb, node.party, what)]
    out["party"] = node.party
    out["exercise"] = node.exercise
    return out


def flights(node: Node) -> list[dict[str, Any]]:
    """Every flight that this node knows, newest notice first: flight, state, observing, observed, eta."""
    rows = []
    for number in _numbers(node):
        what = view(node, number)
        rows.append(
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
        )
    return sorted(rows, key=lambda row: (row["eta"] or "", row["flight"]), reverse=True)


def notice_text(node: Node, rid: str, *, precedence: str = "", format_number: str = "") -> str:
    """A record of this node's holdings as text for the official channel.

    Raises
    ------
    BadInput
        If this node holds no such record, or it is no message of a flight.
    """
    stored = node.record(rid)
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
    return os_text(_messages_of(node, stored)[0], frame, names=names)


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
