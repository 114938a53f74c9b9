"""The life of an observation flight as a pure function of its messages and the clock.

State, duties, due times, rights and findings are derived each time and never stored, so a
restart loses none, and any order in which the messages arrived gives the same answer.  An act
that was not in order, or came late, is a finding and is never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.errors import UnknownOnDate
from overflight.flight import (
    aboard,
    order,
    steps_after,
    steps_around,
    steps_before,
    steps_media,
    steps_plan,
    steps_stopped,
    together,
)
from overflight.flight.book import Book, Bound, Duty, Right
from overflight.flight.chain import Start, links
from overflight.flight.facts import Facts, gather, in_order
from overflight.flight.kinds import KINDS
from overflight.flight.ledger import LedgerLine, ledger_line
from overflight.flight.messages import Message
from overflight.flight.negotiation import Version
from overflight.flight.steps_plan import PlanCheck
from overflight.rules.arrival import completion_limit
from overflight.rules.finding import Finding, Verdict, all_comply, undetermined
from overflight.rules.timing import after, before, within
from overflight.terms.moment import rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# In the order in which a flight passes through them; the last four end it early or leave it open.
STATES = (
    "notified",
    "acknowledged",
    "arrived",
    "inspected",
    "plan_submitted",
    "in_negotiation",
    "agreed",
    "airborne",
    "completed",
    "departed",
    "reported",
    "prohibited",
    "declined",
    "cancelled",
    "unknown",
)


# The duties whose doing every Party sees: telling all of the notice, the report, and why a flight did not take place.
_TOLD_TO_ALL = frozenset({"VI.I.8", "VI.I.21.c", "VIII.I.3.b", "VIII.I.6"})


def state_title(state: str) -> str:
    """A state in words for people."""
    return {
        "notified": say("notified"),
        "acknowledged": say("acknowledged"),
        "arrived": say("arrived"),
        "inspected": say("inspected"),
        "plan_submitted": say("plan submitted"),
        "in_negotiation": say("in negotiation"),
        "agreed": say("plan agreed"),
        "airborne": say("airborne"),
        "completed": say("completed"),
        "departed": say("departed"),
        "reported": say("reported"),
        "prohibited": say("prohibited"),
        "declined": say("declined"),
        "cancelled": say("cancelled"),
    }.get(state, say("no notice known"))


@dataclass(frozen=True)
class FlightState:
    """What holds of a flight at a moment.

    `notice` is the governing notice and `partners` the Parties that share the flight by it: what has no effect
    is neither.  `bounds` are times that follow from the facts (earliest take-off, latest completion, latest moment
    to hand over the plan); `timeline` lists every message in order.
    """

    flight: str
    state: str
    now: datetime
    observing: str | None = None
    observed: str | None = None
    eta: datetime | None = None
    duties: tuple[Duty, ...] = ()
    rights: tuple[Right, ...] = ()
    findings: tuple[Finding, ...] = ()
    versions: tuple[Version, ...] = ()
    current: str | None = None
    agreed_at: datetime | None = None
    signed_at: datetime | None = None
    taxi: bool = False
    bounds: tuple[Bound, ...] = ()
    timeline: tuple[Message, ...] = ()
    ledger: LedgerLine | None = None
    notice: Message | None = None
    partners: tuple[str, ...] = ()

    @property
    def complies(self) -> bool:
        """True when no finding is `breaches`."""
        return all_comply(self.findings)

    @property
    def open_duties(self) -> tuple[Duty, ...]:
        """What is still to be done, the nearest first."""
        far = datetime.max.replace(tzinfo=self.now.tzinfo)
        return tuple(sorted((d for d in self.duties if d.done_at is None), key=lambda d: d.due or far))

    def to_json(self) -> dict[str, Any]:
        """The contract's flight, state, duties and findings, with all the rest."""

        def moment(at: datetime | None) -> str | None:
            return rfc3339(at) if at else None

        return {
            "flight": self.flight,
            "state": self.state,
            "title": state_title(self.state),
            "now": rfc3339(self.now),
            "observing": self.observing,
            "observed": self.observed,
            "partners": list(self.partners),
            "eta": moment(self.eta),
            "complies": self.complies,
            "duties": [d.to_json(self.now) for d in self.duties],
            "rights": [r.to_json() for r in self.rights],
            "findings": [f.to_json() for f in self.findings],
            "undetermined": [f.citation for f in self.findings if f.verdict is Verdict.UNDETERMINED],
            "versions": [v.to_json() for v in self.versions],
            "current": self.current,
            "agreed_at": moment(self.agreed_at),
            "signed_at": moment(self.signed_at),
            "taxi_option": self.taxi,
            "bounds": [b.to_json() for b in self.bounds],
            "timeline": [
                {
                    "rid": m.rid,
                    "kind": m.kind,
                    "title": KINDS[m.kind].title if m.kind in KINDS else m.kind,
                    "from": m.sender,
                    "to": list(m.to),
                    "info": list(m.info),
                    "at": rfc3339(m.at),
                    "by_hand": m.by_hand,
                    "received": {who: rfc3339(at) for who, at in sorted(m.received.items())},
                    "body": dict(m.body),
                }
                for m in self.timeline
            ],
            "ledger": self.ledger.to_json() if self.ledger else None,
        }


def state(
    messages: Sequence[Message],
    now: datetime,
    regime_on: Callable[[date], Regime],
    *,
    viewer: str | None = None,
    checks: PlanCheck | None = None,
    earlier: Iterable[LedgerLine] | None = None,
) -> FlightState:
    """What holds of one flight at `now`.

    Parameters
    ----------
    messages : sequence of Message
        Messages of one flight in any order; those with a later time than `now` are left out.
    now : datetime
        Aware UTC time.
    regime_on : callable
        The regime of a day.
    viewer : str, optional
        The Party that looks: a third Party is not shown as overdue what it would not have been sent.
    checks : callable, optional
        Given a plan's body, the paragraphs that its check found breached, or None.
    earlier : iterable of LedgerLine, optional
        What flights notified before this one count; without it no quota is judged.
    """
    facts = gather(messages, now, regime_on, viewer=viewer)
    if facts is None:
        return _no_notice(messages, now)
    book = Book(now)
    bounds: tuple[Bound, ...] = ()
    try:
        if earlier is not None:
            earlier = tuple(earlier)
            together.quotas_left(facts, book, earlier)
            steps_before.one_at_a_time(facts, book, earlier)
        _take_the_steps(facts, book, checks)
        bounds = _bounds(facts)
    except UnknownOnDate as error:  # a flight on a day for which the regime has no numbers
        why = replace(undetermined(error.message, error.field or "value"), citation=error.citation or "I.1")
        book.keep(facts.notice.at, facts.notice, replace(why, rule="regime_has_the_numbers"))
    talks = facts.talks
    return FlightState(
        flight=facts.flight,
        state=_state(facts),
        now=now,
        observing=facts.observing,
        observed=facts.observed,
        eta=facts.eta,
        duties=tuple(book.duties),
        rights=tuple(book.rights),
        findings=tuple(f for _, f in book.entries),
        versions=talks.versions,
        current=talks.current.rid if talks.current else None,
        agreed_at=talks.agreed_at,
        signed_at=talks.agreed.signed_at if talks.agreed else None,
        taxi=facts.taxi,
        bounds=bounds,
        timeline=facts.messages,
        ledger=ledger_line(facts),
        notice=facts.notice,
        partners=facts.partners,
    )


def _take_the_steps(facts: Facts, book: Book, checks: PlanCheck | None) -> None:
    steps_before.effect(facts, book)
    steps_before.notice(facts, book)
    steps_before.answer(facts, book)
    steps_around.on_the_way(facts, book)
    steps_before.came(facts, book)
    steps_around.served(facts, book)
    steps_around.equipped(facts, book)
    steps_before.inspected(facts, book)
    steps_around.demonstrated(facts, book)
    together.shared(facts, book)
    aboard.aircraft(facts, book)
    aboard.those_aboard(facts, book)
    aboard.immunities(facts, book)
    steps_plan.handed_over(facts, book, checks)
    steps_plan.ready(facts, book)
    steps_after.flown(facts, book)
    steps_around.on_the_ground_between(facts, book)
    steps_around.in_distress(facts, book)
    steps_after.left(facts, book)
    steps_media.recorded(facts, book)
    if facts.stopped is not None:
        _drop_what_no_longer_matters(facts, book)
    steps_stopped.stopped(facts, book, checks=checks)
    steps_around.stopped_after_demonstration(facts, book)
    steps_plan.grounds_to_prohibit(facts, book, checks)
    order.keeps_the_order_of_events(facts, book)
    if not facts.privy:
        _drop_what_is_not_shown(facts, book)


def _drop_what_is_not_shown(facts: Facts, book: Book) -> None:
    """A third Party's node holds nobody to what it is not sent: only to what goes to all, or to itself."""
    book.duties = [
        d for d in book.duties if d.done_at is not None or d.who == facts.viewer or d.citation in _TOLD_TO_ALL
    ]


def _no_notice(messages: Sequence[Message], now: datetime) -> FlightState:
    known = tuple(m for m in in_order(messages) if m.at <= now)
    why = undetermined(say("no notice of the observing Party for this flight is known here"), "notice")
    return FlightState(
        flight=next((m.flight for m in known if m.flight), ""),
        state="unknown",
        now=now,
        findings=(replace(why, citation="VI.I.5", rule="notice_is_known"),),
        timeline=known,
    )


def _state(facts: Facts) -> str:
    if facts.stopped is not None:
        return {
            "flight.prohibition": "prohibited",
            "flight.decline": "declined",
            "flight.cancel": "cancelled",
        }[facts.stopped.kind]
    talks = facts.talks
    sent = [m for m in facts.of("report.mission", side="observing") if m.text("part") == "flight"]
    to_all = any({*m.to, *m.info} - facts.side_of.keys() for m in sent)
    reached = (
        ("reported", to_all and (facts.departure is not None or not facts.privy)),
        ("departed", facts.departure is not None and facts.completion is not None),
        ("completed", facts.completion is not None),
        ("airborne", facts.take_off is not None),
        ("agreed", talks.agreed_at is not None),
        ("in_negotiation", len(talks.versions) > 1),
        ("plan_submitted", bool(talks.versions)),
        ("inspected", bool(facts.of("flight.inspection"))),
        ("arrived", facts.arrival is not None),
        ("acknowledged", facts.first("flight.ack", side="observed") is not None),
    )
    return next((name for name, there in reached if there), "notified")


def _bounds(facts: Facts) -> tuple[Bound, ...]:
    regime = facts.regime
    latest = completion_limit(facts.eta, regime, demonstration_by_observed=facts.extended)
    why = links(steps_after.window(facts), latest, "VI.I.9")
    out = [Bound(say("latest completion of the flight"), latest.at, latest.citation, why)]
    original = facts.talks.original
    if original is not None:
        earliest = after(regime, "plan_before_take_off", original.at, citation="VI.II.4.E")
        chain = links(steps_plan.handed(facts), earliest, "VI.II.4.E")
        out.append(Bound(say("earliest start of the flight"), earliest.at, "VI.II.4.E", chain))
        if facts.talks.agreed_at is None and facts.take_off is None and facts.stopped is None:
            agreement = within(regime, "plan_agreement_within", original.at, citation="VI.II.6")
            chain = links(steps_plan.handed(facts), agreement, "VI.II.6")
            what = say("agreement on the mission plan; from then on the observing Party may decline the flight")
            out.append(Bound(what, agreement.at, "VI.II.6", chain))
    else:
        # Both VI.II.4.E and VI.I.9 can only hold if the plan comes by then, even for a flight of no length.
        last = before(regime, "plan_before_take_off", latest.at, citation="VI.II.4.E")
        end = Start(say("latest completion of the flight"), latest.at, facts.notice, "reckoned", facts.observing)
        chain = (*why, *links(end, last, "VI.II.4.E"))
        out.append(Bound(say("latest hand-over of the mission plan"), last.at, "VI.II.4.E", chain))
    return tuple(out)


def _drop_what_no_longer_matters(facts: Facts, book: Book) -> None:
    """A flight that does not take place leaves only the duties that were done or overdue by then."""
    ended = facts.stopped.at if facts.stopped else facts.now
    book.duties = [
        d for d in book.duties if d.done_at is not None or (d.due is not None and not d.not_before and d.due <= ended)
    ]
    book.rights = [r for r in book.rights if r.citation.startswith(("IX", "XIII"))]
