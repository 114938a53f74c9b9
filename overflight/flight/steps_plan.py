"""From the mission plan to the start of the flight (Article VI, Section II; Article VIII, Section I)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from overflight.flight.book import Book
from overflight.flight.chain import Start, Why, happened, said
from overflight.flight.facts import Facts
from overflight.flight.messages import Message
from overflight.flight.negotiation import Version
from overflight.rules import conduct, negotiation, prohibition
from overflight.rules.closed_words import OTHER
from overflight.rules.finding import Verdict
from overflight.rules.timing import after, within
from overflight.terms.words import say

# Given a plan's body, the paragraphs that its check found breached; None if it cannot be checked here.
PlanCheck = Callable[[Mapping[str, Any]], Collection[str] | None]


def handed_over(facts: Facts, book: Book, checks: PlanCheck | None) -> None:
    """VI.II.1 and VI.II.6: the plan, its answer and each proposal in 4 hours, and what follows without agreement."""
    if not facts.privy:
        return
    original = facts.talks.original
    there = facts.event("flight.arrival", "airfield_arrived_at") or facts.arrival
    if original is None:
        if there is not None and facts.stopped is None:
            why = happened(say("arrival at the Open Skies airfield"), there)
            book.duty(facts.observing, say("hand over the mission plan"), None, "VI.II.1", why)
        return
    begin = happened(say("arrival at the Open Skies airfield"), there) if there else handed(facts)
    book.duty(facts.observing, say("hand over the mission plan"), None, "VI.II.1", begin, done_at=original.at)
    book.ask(
        original.at,
        _message(facts, original.rid),
        negotiation.hands_over_the_plan_after_arrival,
        arrived=facts.at_airfield,
        submitted=original.at,
        observing=facts.observing,
    )
    book.set_aside(facts.agreed("VI.II.1"), original.at)
    for version in facts.talks.versions:
        if version.origin == "plan":
            _answered(facts, book, version)
    for m in facts.of("plan.change"):
        _proposal(facts, book, m, checks)
    _agreement(facts, book, original)


def handed(facts: Facts, version: Version | None = None) -> Start:
    """The handing over of a plan, by default the original one, from which the 4, 8 and 24 hours run."""
    found = version or facts.talks.original
    if found is None:
        raise ValueError("no plan was handed over")
    words = say("submission of the mission plan") if version else say("submission of the original mission plan")
    return Start(words, found.at, _message(facts, found.rid), "dispatch", found.by)


def _message(facts: Facts, rid: str) -> Message | None:
    return next((m for m in facts.messages if m.rid == rid), None)


def _answered(facts: Facts, book: Book, version: Version) -> None:
    """The observed Party's first answer to a plan as handed over."""
    held = within(facts.regime, "plan_reply_within", version.at, citation="VI.II.6")
    answers = [m for m in facts.of("plan.change", "plan.accept", side="observed") if m.at >= version.at]
    to_it = [m for m in answers if _concerns(facts, m, version)]
    first = to_it[0] if to_it else None
    done = first.at if first else None
    agreed_at = facts.talks.agreed_at
    superseded = agreed_at is not None and agreed_at <= held.at
    why = handed(facts, version)
    book.duty(facts.observed, say("accept the plan or propose changes"), held, "VI.II.6", why, done_at=done)
    if facts.take_off is None and facts.stopped is None and agreed_at is None:
        what = say("propose changes for weather, the state of an airfield, or inconsistency with VI.II.2 or VI.II.4")
        book.may(facts.observed, what, "VIII.I.4", why, since=version.at, until=held)
    if first is None and ((facts.stopped is not None and facts.stopped.at <= held.at) or superseded):
        return
    if first is not None or book.now > held.at:
        book.ask(
            done or held.at,
            first or _message(facts, version.rid),
            negotiation.replies_to_the_plan_within_4_hours,
            submitted=version.at,
            replied=done,
            regime=facts.regime,
            observed=facts.observed,
        )


def _concerns(facts: Facts, m: Message, version: Version) -> bool:
    if m.kind == "plan.accept":
        return m.text("version") == version.rid
    proposed = facts.talks.get(m.rid)
    found = facts.talks.submission(proposed) if proposed else None
    return found is not None and found.rid == version.rid


def _proposal(facts: Facts, book: Book, m: Message, checks: PlanCheck | None) -> None:
    version = facts.talks.get(m.rid)
    base = facts.talks.submission(version) if version else None
    if version is None or base is None:
        return
    book.ask(
        m.at,
        m,
        negotiation.proposes_within_4_hours,
        submitted=base.at,
        proposed=m.at,
        regime=facts.regime,
        answers_alternative=facts.talks.answers_alternative(version),
        observed=m.sender,
    )
    answered = facts.talks.get(version.answers) or base
    breached = checks(answered.plan) if checks is not None and answered.plan is not None else None
    book.ask(
        m.at,
        m,
        negotiation.proposal_rests_on_a_permitted_ground,
        ground=m.text("ground") or OTHER,
        reason=m.text("reason") or "",
        inconsistent_with=m.text("inconsistent_with"),
        plan_breaches=breached,
        observed=m.sender,
    )
    book.ask(
        m.at,
        m,
        negotiation.change_excludes_no_point,
        excludes_observation=bool(m.flag("excludes_observation")),
        observed=m.sender,
    )
    kind = m.text("hazard_kind")
    if kind is not None:
        book.ask(
            m.at,
            m,
            conduct.airspace_is_hazardous,
            kind=kind,
            published=bool(m.flag("hazard_published")),
            purpose=m.text("hazard_purpose") or OTHER,
        )
    if m.text("ground") == "hazardous_airspace":
        found = book.ask(
            m.at,
            m,
            negotiation.hazard_is_named_and_room_made,
            hazard=m.text("hazard"),
            makes_room=bool(m.flag("makes_room")),
            offers_other_way=version.plan is not None,
            regime=facts.regime,
            observed=m.sender,
        )
        what = say("name the hazard, and make room or propose another height, route or time")
        done = m.at if found.verdict is Verdict.COMPLIES else None
        if done is not None or (facts.take_off is None and facts.stopped is None):
            why = said(
                say("proposal for hazardous airspace"), m, reading=f"hazard_duty={found.readings['hazard_duty']}"
            )
            book.duty(facts.observed, what, None, "VI.II.5", why, done_at=done)


def _agreement(facts: Facts, book: Book, original: Version) -> None:
    """VIII.I.5: what the observing Party may do; to agree is no duty, and after 8 hours without it it may decline."""
    agreed_at = facts.talks.agreed_at
    if facts.take_off is not None or facts.stopped is not None:
        return
    open_proposals = [v for v in facts.talks.versions if v.origin == "change" and "observing" not in v.assents]
    if open_proposals and agreed_at is None:
        m = _message(facts, open_proposals[0].rid)
        why = said(say("proposed change"), m) if m else handed(facts)
        what = say("offer alternatives to the proposed changes")
        book.may(facts.observing, what, "VIII.I.5", why, since=open_proposals[0].at)
    if agreed_at is None:
        found = negotiation.may_decline_after_8_hours(
            submitted=original.at,
            at=book.now,
            agreed=None,
            holds_harm=None,
            regime=facts.regime,
            observing=facts.observing,
        )
        if found.verdict is Verdict.RIGHT:
            what = say("decline the flight, if it holds that the changes harm its rights")
            since = after(facts.regime, "plan_agreement_within", original.at, citation="VIII.I.5")
            book.may(facts.observing, what, "VIII.I.5", handed(facts), since=since)
            book.keep(since.at, _message(facts, original.rid), found)


def ready(facts: Facts, book: Book) -> None:
    """VI.II.4.E, VI.II.6 and VI.II.8: signatures, flight plan, and the start not before 24 hours."""
    if not facts.privy:
        return
    original = facts.talks.original
    if original is None:
        return
    agreed = facts.talks.agreed
    signed: Mapping[str, datetime] = agreed.signatures if agreed else {}
    if agreed is not None:
        for side, code in (("observing", facts.observing), ("observed", facts.observed)):
            book.duty(
                code, say("sign the agreed mission plan"), None, "VI.II.6", _agreed(facts), done_at=signed.get(side)
            )
    filed = facts.event("flight.plan", "filed_at")
    if agreed is not None and facts.talks.agreed_at is not None:
        book.duty(
            facts.supplier,
            say("file the flight plan at once"),
            None,
            "VI.II.8",
            _agreed(facts),
            done_at=filed.at if filed else None,
        )
    earliest = after(facts.regime, "plan_before_take_off", original.at, citation="VI.II.4.E")
    start = facts.take_off
    book.duty(
        facts.observing,
        say("start the flight, not before this time"),
        earliest,
        "VI.II.4.E",
        handed(facts),
        done_at=start.at if start else None,
    )
    _before_the_start(facts, book, agreed)
    if start is not None:
        _started(facts, book, original, start.at, start.message, filed.at if filed else None)
    elif facts.planned_start is not None and facts.stopped is None and agreed is None:
        if not earliest.held_by(facts.planned_start):
            what = say("propose a later start: the plan starts too early")
            book.may(facts.observed, what, "VIII.I.4.C", handed(facts))


def _agreed(facts: Facts) -> Why:
    """The agreement on a version of the plan: the last word that it needed."""
    agreed = facts.talks.agreed
    if agreed is None or agreed.agreed_at is None:
        return handed(facts)
    at = agreed.agreed_at
    words = say("agreement on version {n} of the plan", n=agreed.number)
    m = next((m for m in facts.of("plan.accept", "plan.sign") if m.at == at), None) or _message(facts, agreed.rid)
    return Start(words, at, m, "dispatch", m.sender if m else None)


def _before_the_start(facts: Facts, book: Book, agreed: Version | None) -> None:
    """VI.II.7: the neighbours of an agreed route; and that nobody has to fly (III.I.8 counts what is conducted)."""
    if agreed is not None and facts.take_off is None and facts.stopped is None:
        what = say("tell neighbouring States the estimated route, date and time near their border")
        book.may(facts.observed, what, "VI.II.7", _agreed(facts))


def _agreed_plan(facts: Facts) -> datetime | None:
    """An agreed plan with an earlier start is itself the agreement that the paragraph allows."""
    agreed = facts.talks.agreed
    return agreed.signed_at if agreed else None


def _started(
    facts: Facts, book: Book, original: Version, start: datetime, m: Message, filed_at: datetime | None
) -> None:
    book.ask(
        start,
        m,
        negotiation.starts_24_hours_after_the_plan,
        submitted=original.at,
        starts=start,
        regime=facts.regime,
        observing=facts.observing,
    )
    agreed = facts.talks.agreed
    planned = (agreed.plan or {}).get("take_off") if agreed else None
    as_planned = _agreed_plan(facts) if planned and facts.planned_start and start >= facts.planned_start else None
    book.set_aside(facts.agreed("VI.II.4.E") or as_planned, start)
    signed: Mapping[str, datetime] = agreed.signatures if agreed else {}
    book.ask(
        start,
        m,
        negotiation.both_sign_before_the_flight,
        signed_by_observing=signed.get("observing"),
        signed_by_observed=signed.get("observed"),
        starts=start,
    )
    book.ask(
        start,
        m,
        negotiation.files_the_flight_plan_at_once,
        agreed=facts.talks.agreed_at or start,
        filed=filed_at,
        starts=start,
        supplier=facts.supplier,
    )


# Findings of a plan's check that the flight's own messages decide, since they know more than the plan.
_OF_THE_FLIGHT = ("VI.II.1", "VI.II.3", "VI.II.4.E")


def grounds_to_prohibit(facts: Facts, book: Book, checks: PlanCheck | None) -> None:
    """VIII.I.1: what does not comply before the start, in the acts or in the plan under discussion, gives a right."""
    if facts.take_off is not None or facts.stopped is not None:
        return
    own = book.breaches_by(facts.all_observing, until=book.now)
    version = facts.talks.current
    found = checks(version.plan) if checks is not None and version is not None and version.plan is not None else None
    of_plan = sorted({c for c in found or () if not c.startswith(_OF_THE_FLIGHT)})
    cited = sorted({*own, *of_plan})
    if not cited:
        return
    right = prohibition.right_to_prohibit
    answer = book.ask(book.now, None, right, not_in_compliance=cited, observed=facts.observed)
    first = next((f for at, f in book.entries if f.citation in own and f.verdict is Verdict.BREACHES), None)
    m = _message(facts, (first.where or {}).get("message", "")) if first is not None else None
    if of_plan and version is not None:
        words = say("check of version {n} of the plan", n=version.number)
        why = Start(words, version.at, _message(facts, version.rid), "dispatch", version.by)
    else:
        why = said(say("what was found of this message"), m or facts.notice)
    book.may(facts.observed, answer.because, "VIII.I.1", why)
    if of_plan and version is not None and facts.talks.agreed_at is None:
        what = say("propose changes: the plan is inconsistent with {cited}", cited=", ".join(of_plan))
        book.may(facts.observed, what, "VIII.I.4.C", why)
