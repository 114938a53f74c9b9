"""Article VI, Section I, and Article VIII, Section I: arrival, covers, completion, departure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.closed_words import OTHER, one_of
from overflight.rules.finding import Finding, Verdict, breaches, complies, right, rule, undetermined
from overflight.rules.timing import Limit, limit, rows, spoken, timed, within
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("VIII.I.2")
def arrives_within_24_hours_of_the_estimate(
    *, eta: datetime, arrived: datetime | None, now: datetime, regime: Regime, observed: str | None = None
) -> Finding:
    """More than 24 hours after the estimated arrival the observed Party may prohibit; exactly 24 is in time.

    `arrived` is None when no arrival is recorded; then `now` decides whether the right has arisen.
    """
    held = within(regime, "late_arrival", eta, citation="VIII.I.2")
    at = arrived or now
    more: dict[str, Any] = {
        "seen": {"eta": rfc3339(eta), "arrived": rfc3339(arrived) if arrived else None, "limit": rfc3339(held.at)},
        "limit": rfc3339(held.at),
        "data": rows(regime, "late_arrival"),
    }
    if not held.held_by(at):
        return right(
            say(
                "arrival is {late} after the estimate of {eta}; the observed Party may prohibit before the start",
                late=spoken(at - eta),
                eta=readable(eta),
            ),
            actor=observed,
            **more,
        )
    if arrived is None:
        sentence = say("no arrival recorded yet; in time until {due}", due=readable(held.at))
        return undetermined(sentence, "arrival", **more)
    return complies(say("arrived {at}, in time until {due}", at=readable(arrived), due=readable(held.at)), **more)


@rule("VI.I.10")
def covers_are_checked_on_arrival(
    *, arrived: datetime, checked: datetime | None, leaves: datetime, observed: str | None = None
) -> Finding:
    """The covers of all sensors are checked on arrival at the point of entry, before the aircraft goes on.

    The paragraph gives no number of hours; `leaves` is the next thing that happened, or now. `checked` is None where
    nobody checked them: late as soon as something came after the arrival.
    """
    seen = {"arrived": rfc3339(arrived), "checked": rfc3339(checked) if checked else None}
    if checked is None and leaves <= arrived:
        return undetermined(say("the aircraft has just arrived"), "covers", actor=observed, seen=seen)
    if checked is None:
        why = say("the covers were not checked on arrival; the aircraft had gone on by {at}", at=readable(leaves))
        return breaches(why, actor=observed, seen=seen)
    if checked > leaves:
        return breaches(
            say("covers checked {at}, after the aircraft had gone on", at=readable(checked)), actor=observed, seen=seen
        )
    return complies(say("covers checked on arrival, {at}", at=readable(checked)), actor=observed, seen=seen)


@rule("IV.4")
def covers_are_in_place(*, place: str, checked: datetime, in_place: bool, observing: str | None = None) -> Finding:
    """Covers or inhibitors keep every sensor from collecting on the way in, on the way out and in transit."""
    seen = {"place": place, "checked": rfc3339(checked), "in_place": in_place}
    if in_place:
        return complies(say("covers in place at {place}, {at}", place=place, at=readable(checked)), seen=seen)
    return breaches(
        say("covers not in place at {place}, {at}", place=place, at=readable(checked)), actor=observing, seen=seen
    )


def completion_limit(eta: datetime, regime: Regime, *, demonstration_by_observed: bool = False) -> Limit:
    """When the observation flight must be completed: 96 h from the estimated arrival.

    Up to 24 h more where the observed Party asked for a demonstration flight (AnnF.III.4);
    none where the observing Party did (AnnF.III.5).
    """
    held = within(regime, "flight_window", eta, citation="VI.I.9")
    if not demonstration_by_observed:
        return held
    more = regime.value("demonstration_extension")
    return replace(limit(held.at, more.value, more.unit, "within", citation="AnnF.III.4"), name="flight_window")


@rule("VI.I.9")
def completes_within_96_hours(
    *,
    eta: datetime,
    completed: datetime | None,
    regime: Regime,
    demonstration_by_observed: bool = False,
    observing: str | None = None,
) -> Finding:
    """The flight is completed within 96 hours of the estimated, not the real, arrival; exactly 96 complies."""
    held = completion_limit(eta, regime, demonstration_by_observed=demonstration_by_observed)
    names = ("flight_window", "demonstration_extension") if demonstration_by_observed else ("flight_window",)
    return timed(held, completed, say("completion"), actor=observing, data=rows(regime, *names))


EXCUSES = ("weather", "airworthiness")


@rule("VI.I.20")
def leaves_within_24_hours(
    *,
    completed: datetime,
    departed: datetime | None,
    regime: Regime,
    excuse: str | None = None,
    observing: str | None = None,
) -> Finding:
    """The observing Party leaves from the point of exit within 24 hours of completion.

    Where weather or the aircraft's airworthiness prevents it, as soon as possible: `excuse` is ``weather`` or
    ``airworthiness``; ``other`` excuses nothing.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    if excuse is not None:
        excuse = one_of(excuse, (*EXCUSES, OTHER), field="excuse", citation="VI.I.20")
    held = within(regime, "leave_after_completion", completed, citation="VI.I.20")
    found = timed(held, departed, say("departure"), actor=observing, data=rows(regime, "leave_after_completion"))
    if departed is None and excuse in EXCUSES:
        why = say("held back by {excuse}: departure is due as soon as possible", excuse=excuse)
        return undetermined(why, "departed", actor=observing, seen={**found.seen, "excuse": excuse}, limit=found.limit)
    if found.verdict is Verdict.BREACHES and excuse in EXCUSES:
        because = say("{because}; excused by {excuse}, as soon as possible then", because=found.because, excuse=excuse)
        return replace(found, verdict=Verdict.COMPLIES, because=because, seen={**found.seen, "excuse": excuse})
    return found


@rule("VI.I.19")
def covers_are_confirmed_before_departure(
    *, departed: datetime, checked: datetime | None, observed: str | None = None
) -> Finding:
    """The observed Party confirms before departure that the covers are in place; `checked` is None where nobody did."""
    seen = {"departed": rfc3339(departed), "checked": rfc3339(checked) if checked else None}
    if checked is None:
        return breaches(say("nobody confirmed the covers before departure"), actor=observed, seen=seen)
    if checked > departed:
        return breaches(say("covers confirmed only after departure"), actor=observed, seen=seen)
    return complies(say("covers confirmed {at}, before departure", at=readable(checked)), actor=observed, seen=seen)
