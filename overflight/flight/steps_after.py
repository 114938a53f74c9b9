"""From the start of the flight to the report to all (Article VI, Section I; Article VIII, Section II)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from overflight.flight.book import Book
from overflight.flight.chain import Start, Why, happened, said, stated
from overflight.flight.facts import Event, Facts
from overflight.flight.ledger import choice_of_the_observing_party, counted_of_flown
from overflight.flight.messages import Message
from overflight.flight.steps_before import estimate
from overflight.rules import airfields, arrival, conduct, prohibition, report
from overflight.rules.closed_words import OTHER
from overflight.rules.finding import Finding, Verdict
from overflight.rules.timing import limit, within
from overflight.terms.words import say


def flown(facts: Facts, book: Book) -> None:
    """VI.I.9 and VIII.II: deviations, and completion within 96 hours of the estimated arrival."""
    _under_way(facts, book)
    for m in facts.of("flight.deviation"):
        _deviation(facts, book, m)
    held = arrival.completion_limit(facts.eta, facts.regime, demonstration_by_observed=facts.extended)
    done = facts.completion
    if facts.stopped is None:
        book.duty(
            facts.observing,
            say("complete the observation flight"),
            held,
            held.citation,
            window(facts),
            done_at=done.at if done else None,
        )
    if done is not None:
        book.ask(
            done.at,
            done.message,
            arrival.completes_within_96_hours,
            eta=facts.eta,
            completed=done.at,
            regime=facts.regime,
            demonstration_by_observed=facts.extended,
            observing=facts.observing,
        )
        book.set_aside(facts.agreed("VI.I.9"), held.at)
        _counted(facts, book, done)


def window(facts: Facts) -> Why:
    """The 96 hours from the estimated arrival, and what the observed Party's demonstration flight adds to them."""
    regime, asked = facts.regime, facts.demonstration
    first = within(regime, "flight_window", facts.eta, citation="VI.I.9")
    begin = estimate(facts)
    if asked is None or not facts.extended:
        return ((begin, first, "VI.I.9"),)
    by, m = asked
    event = say("end of the 96 hours; {party} asked for a demonstration flight", party=by)
    longer = arrival.completion_limit(facts.eta, regime, demonstration_by_observed=True)
    then = Start(event, first.at, m, "reckoned", by)
    return ((begin, first, "VI.I.9"), (then, longer, "AnnF.III.4"))


def _under_way(facts: Facts, book: Book) -> None:
    """Priority at the start, and what each side may do while the aircraft is in the air."""
    start = facts.take_off
    if start is None:
        return
    held_back = start.message.flag("held_back_for_traffic")
    if held_back is not None:
        rule = conduct.flight_has_priority
        book.ask(start.at, start.message, rule, delayed_for_regular_traffic=held_back, observed=facts.observed)
    if facts.completion is not None:
        return
    why = happened(say("start of the observation flight"), start)
    grounds = say("leave the flight plan for safety, health, orders of traffic control, or weather over the sensors")
    book.may(facts.observing, grounds, "VIII.II.1", why, since=start.at)
    what = say("cut the flight short for a fault of a sensor; the pilot for trouble that affects safety")
    book.may(facts.observing, what, "VIII.II.4", why, since=start.at)


def _counted(facts: Facts, book: Book, done: Event) -> None:
    """VIII.II.4 to 6: a shortened flight, what it counts, who chooses, and whether the data are kept."""
    m = done.message
    if not m.flag("cut_short"):
        return
    trouble = m.text("trouble")
    if trouble is not None:
        book.ask(done.at, m, conduct.may_cut_the_flight_short, cause=trouble, observing=facts.observing)
    due = counted_of_flown(facts, m)
    book.ask(
        done.at,
        m,
        conduct.shortened_flight_is_counted,
        cause=m.text("cause"),
        counted=due.observing,
        elects=choice_of_the_observing_party(facts),
        provided_by_observed=facts.provided_by_observed,
        observing=facts.observing,
    )
    why = happened(say("end of the shortened flight"), done)
    if due.choice:
        what = say("choose whether the flight counts for both; without it no data are kept")
        book.may(facts.observing, what, "VIII.II.5", why, since=min(done.at, facts.now))
        return
    kept = facts.first("data.developed", "data.catalogued", side="observing")
    if kept is not None:
        book.ask(
            max(kept.at, done.at),
            kept,
            prohibition.data_are_kept_only_if_counted,
            due,
            keeps=True,
            observing=facts.observing,
        )


def _deviation(facts: Facts, book: Book, m: Message) -> None:
    metres = m.number("lateral_m")
    km = metres / 1000 if metres is not None else None
    began = m.time("began_at") or m.at
    book.ask(
        began,
        m,
        prohibition.deviates_on_a_permitted_ground,
        ground=m.text("ground") or OTHER,
        lateral_km=km,
        force_majeure=m.flag("force_majeure"),
    )
    told = m.time("told_at")
    if facts.privy:
        why = stated(say("begin of the deviation"), m, began)
        what = say("tell those aboard of the deviation at once")
        book.duty(facts.supplier, what, None, "VIII.II.8", why, done_at=told)
    book.ask(began, m, prohibition.tells_those_aboard_at_once, began=began, told=told)
    if m.text("ground") == "weather_sensors" and m.flag("safe") is not None:
        book.ask(
            began,
            m,
            conduct.deviates_for_the_sensors_within_the_conditions,
            safe=bool(m.flag("safe")),
            traffic_control_permits=m.flag("permitted") is not False,
            resolution_kept=m.flag("resolution_kept") is not False,
        )
    if km is not None:
        far = book.ask(
            began,
            m,
            prohibition.sensors_beyond_50_km_may_be_forbidden,
            deviation_km=km,
            regime=facts.regime,
            observed=facts.observed,
        )
        _may_forbid(facts, book, m, far)
    below = m.text("below_minimum")
    if below:
        low = book.ask(
            began,
            m,
            prohibition.sensors_below_minimum_height_may_be_forbidden,
            sensors=[below],
            observed=facts.observed,
        )
        _may_forbid(facts, book, m, low)


def _may_forbid(facts: Facts, book: Book, m: Message, found: Finding) -> None:
    """VIII.II.3: while the flight lasts, the observed Party may forbid the sensors that a deviation concerns."""
    if found.verdict is Verdict.RIGHT and facts.completion is None and found.actor:
        why = said(say("deviation"), m)
        book.may(found.actor, found.because, found.citation, why, since=m.at)


def left(facts: Facts, book: Book) -> None:
    """VI.I.19 to 21: departure, and the report signed before it and sent after it."""
    done, gone = facts.completion, facts.departure
    if done is not None:
        held = within(facts.regime, "leave_after_completion", done.at, citation="VI.I.20")
        why = happened(say("completion of the observation flight"), done)
        what = say("leave from the point of exit")
        book.duty(facts.observing, what, held, "VI.I.20", why, done_at=gone.at if gone else None)
        checked = _confirmed(facts)
        if gone is None or checked is not None:
            what = say("confirm before departure that the sensor covers are in place")
            at = checked.at if checked else None
            book.duty(facts.observed, what, None, "VI.I.19", why, done_at=at)
        if gone is not None:
            book.ask(
                gone.at,
                gone.message,
                arrival.leaves_within_24_hours,
                completed=done.at,
                departed=gone.at,
                regime=facts.regime,
                excuse=gone.message.text("excuse"),
                observing=facts.observing,
            )
            book.set_aside(facts.agreed("VI.I.20"), held.at)
    if gone is not None:
        checked, rule = _confirmed(facts), arrival.covers_are_confirmed_before_departure
        if checked is None:
            open_ = say("no confirmation of the covers before departure is recorded")
            book.not_recorded(gone.at, gone.message, rule, open_, "covers")
        else:
            book.ask(gone.at, gone.message, rule, departed=gone.at, checked=checked.at, observed=facts.observed)
        _at_all_four_times(facts, book, gone)
    if done is not None:
        _report(facts, book, done, gone)


def _at_all_four_times(facts: Facts, book: Book, gone: Event) -> None:
    """AnnE.6, where both ends of the stay have a check on record; a check that nobody recorded may have been made."""
    stages = {m.text("stage") or "" for m in facts.of("flight.covers")}
    there, done = facts.arrival, facts.completion
    if not {"arrival", "departure"} <= stages or there is None or done is None:
        return
    start = facts.event("flight.arrival", "airfield_arrived_at")
    apart = start is not None and start.message.text("airfield") != there.message.text("place")
    found = airfields.covers_are_checked_at_all_four_times(
        checked_at=stages,
        airfield_apart=apart,
        exit_apart=done.message.text("airfield") != gone.message.text("place"),
    )
    if found.verdict is Verdict.BREACHES:
        found = replace(found, verdict=Verdict.UNDETERMINED, missing=tuple(found.seen.get("missing", ())))
    book.keep(gone.at, gone.message, found)


def _confirmed(facts: Facts) -> Event | None:
    """The check of the covers before departure."""
    return facts.event("flight.covers", "checked_at", where=lambda m: m.text("stage") == "departure")


def _report(facts: Facts, book: Book, done: Event, gone: Event | None) -> None:
    departed = gone.at if gone else None
    why = happened(say("departure from the point of exit"), gone) if gone else None
    written, signed = facts.signatures_of_report()
    reports = [m for m in facts.of("report.mission", side="observing") if m.text("part") == "flight"]
    if written is not None:
        book.ask(written.at, written, report.report_is_complete, written.body, observing=facts.observing)
    due = limit(departed, 0, "hour", "before", citation="VI.I.21") if departed else None
    since = why or happened(say("completion of the observation flight"), done)
    if facts.privy and (written is not None or gone is None):
        what = say("write the mission report")
        book.duty(facts.observing, what, None, "VI.I.21.a", since, done_at=written.at if written else None)
    for side, code in (("observing", facts.observing), ("observed", facts.observed)):
        if facts.privy:
            what = say("sign the mission report at the point of exit, before departure")
            book.duty(code, what, due, "VI.I.21.b", since, done_at=signed.get(side))
    if departed is None or why is None:
        return
    if facts.privy:
        book.ask(
            departed,
            written,
            report.both_sign_before_departure,
            signed_by_observing=signed.get("observing"),
            signed_by_observed=signed.get("observed"),
            departed=departed,
        )
    held = within(facts.regime, "report_within", departed, citation="VI.I.21")
    sent, left_out = _sent_to_all(facts, reports)
    complete = sent if not left_out else None
    what = say("send the mission report to all other Parties")
    book.duty(facts.observing, what, held, "VI.I.21.c", why, done_at=complete)
    if complete is not None or book.now > held.at:
        book.ask(
            max(held.at, complete) if complete else held.at,
            written,
            report.sends_the_report_within_7_days,
            departed=departed,
            sent=complete,
            regime=facts.regime,
            observing=facts.observing,
        )


def _sent_to_all(facts: Facts, reports: list[Message]) -> tuple[datetime | None, set[str]]:
    """When the last of all other Parties was sent the report, and who was left out."""
    first: dict[str, datetime] = {}
    for m in reports:
        for code in (*m.to, *m.info):
            first.setdefault(code, facts.sent(m))
    day = facts.departure.at.date() if facts.departure else facts.now.date()
    others = {p.code for p in facts.regime_on(day).parties()} - facts.observing_side
    if not facts.privy and facts.viewer is not None:  # what was sent to others apart is not shown to a third Party
        others &= {facts.viewer}
    return max((first[c] for c in others if c in first), default=None), others - first.keys()
