"""Article III, paragraphs 1 to 7, Article VI.I.3, and Annexes H and L.II: the yearly round, and who flies when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.errors import BadInput, UnknownOnDate
from overflight.rules.arrival import completion_limit
from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.closed_words import one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.quotas import individual_active
from overflight.rules.timing import rows
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def day_of_the_year(id: str, year: int, regime: Regime) -> date:
    """The day of the calendar that a clock names, in a year, such as 1 October for ``AnnL.II.1``.

    Raises
    ------
    BadInput
        If the year is none of the calendar.
    """
    if not 1 <= year <= 9999:
        raise BadInput(
            say("{year} is no year of the calendar", year=year), field="for_year", citation=id.partition("#")[0]
        )
    month, day = re.findall(r"\d{2}", regime.deadline(id).trigger)[:2]
    return date(year, int(month), int(day))


def _by_the_day(id: str, told: date | None, year: int, regime: Regime, **more: Any) -> Finding:
    last = day_of_the_year(id, year, regime)
    more |= {"limit": last.isoformat(), "data": (regime.deadline(id).to_json(),)}
    if told is None and regime.day <= last:
        return undetermined(say("nothing was told yet; the last day is {last}", last=last), "told", **more)
    if told is None:
        return breaches(say("nothing was told; the last day was {last}", last=last), **more)
    answer = complies if told <= last else breaches
    return answer(say("told on {day}; the last day is {last}", day=told, last=last),
                  seen={"told": told.isoformat()}, **more)  # fmt: skip


@rule("III.I.2")
def accepts_flights_over_its_territory(*, refused: bool, lawful: bool | None, observed: str | None = None) -> Finding:
    """A Party accepts observation flights over its territory that the treaty allows."""
    seen = {"refused": refused, "lawful": lawful}
    if not refused:
        return complies(say("the flight was accepted"), actor=observed, seen=seen)
    if lawful is None:
        why = say("whether the flight was one that the treaty allows is not known")
        return undetermined(why, "lawful", actor=observed, seen=seen)
    if lawful:
        return breaches(say("a flight that the treaty allows was refused"), actor=observed, seen=seen)
    return complies(say("the flight was not one that the treaty allows"), actor=observed, seen=seen)


@rule("III.I.3")
def may_fly_as_often_as_it_is_flown_over(*, own: int, theirs: int, observing: str | None = None) -> Finding:
    """A Party may conduct over another as many flights as that one may conduct over it, within half of the quotas.

    `own` is the next flight of this year over the other, `theirs` the flights that the other may conduct.
    """
    seen = {"own": own, "theirs": theirs}
    if own <= theirs:
        return right(
            say("flight {n} of {most}, as many as the other may conduct", n=own, most=theirs), actor=observing,
            seen=seen, limit=theirs,
        )  # fmt: skip
    return silent(
        say("flight {n}, and the other may conduct {most}: reciprocity gives no right to it", n=own, most=theirs),
        actor=observing,
        seen=seen,
        limit=theirs,
    )


@rule("III.I.6")
def first_distribution_is_annex_a(*, observing: str, observed: str, flights: int, regime: Regime) -> Finding:
    """The first distribution of active quotas is the one in Annex A, Section II.

    It held only while the data hold it as a whole; of a later year single rows are known, by report, and no annex.
    """
    seen = {"observing": observing, "observed": observed, "flights": flights}
    if not regime.is_complete("active_quota"):
        why = say("on {day} the distribution of Annex A no longer held, or not yet", day=regime.day)
        return undetermined(why, "active_quota", seen=seen)
    try:
        total, rows_of_it = individual_active(observing=observing, observed=observed, regime=regime)
    except UnknownOnDate as error:
        return undetermined(error.message, "active_quota", seen=seen)
    answer = complies if flights == total else breaches
    return answer(
        say("{a} over {b}: the annex gives {n}", a=observing, b=observed, n=total),
        seen=seen, limit=total, data=tuple(row.to_json() for row in rows_of_it),
    )  # fmt: skip


@rule("III.I.7")
def review_ends_in_three_weeks_or_last_years_stays(
    *, opened: datetime, agreed: datetime | None, used: str, regime: Regime
) -> Finding:
    """A distribution that is not agreed within three weeks of the review leaves last year's for that Party.

    `used` says which distribution the year then ran on: ``new``, ``previous``, or ``none`` where nobody flew by any.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    used = one_of(used, ("new", "previous", "none"), field="used", citation="III.I.7")
    held = clock(regime, "III.I.7", opened)
    in_time = agreed is not None and held.held_by(agreed)
    seen = {"agreed": rfc3339(agreed) if agreed else None, "used": used}
    more: dict[str, Any] = {"seen": seen, "limit": rfc3339(held.at), "data": (regime.deadline("III.I.7").to_json(),)}
    expected = "new" if in_time else "previous"
    words = say("agreed in time: the new one holds") if in_time else say("not agreed in time: last year's stays")
    return complies(words, **more) if used == expected else breaches(words, **more)


@rule("AnnA.II.2-3")
def distribution_keeps_its_share_of_the_passive_quota(*, observed: str, flights: int, regime: Regime) -> Finding:
    """Until full implementation nobody accepts more than 75 % of its passive quota, rounded down; later all of it."""
    share = regime.value("first_phase_share")
    seen = {"observed": observed, "flights": flights}
    try:
        quota = regime.value("passive_quota", of=observed)
    except UnknownOnDate as error:
        return undetermined(error.message, "passive_quota", seen=seen)
    most = int(quota.value * share.value)
    answer = complies if flights <= most else breaches
    return answer(
        say("{n} flights over {code}; at most {most}", n=flights, code=observed, most=most),
        actor=observed, seen=seen, limit=most, data=(share.to_json(), quota.to_json()),
    )  # fmt: skip


@rule("AnnL.II.1")
def wish_is_told_by_1_october(*, told: date | None, for_year: int, regime: Regime, actor: str | None = None) -> Finding:
    """Who wants another distribution tells all and the Commission by 1 October over whom it wants to fly next year."""
    return _by_the_day("AnnL.II.1", told, for_year - 1, regime, actor=actor)


@rule("AnnL.II.2-3")
def requests_within_the_passive_quota_are_granted(
    *, requested: Mapping[str, int], observed: str, regime: Regime
) -> Finding:
    """Requests over a Party that fit its passive quota are granted as asked; others are settled by agreement."""
    total = sum(requested.values())
    seen = {"requested": dict(requested), "observed": observed}
    try:
        quota = regime.value("passive_quota", of=observed)
    except UnknownOnDate as error:
        return undetermined(error.message, "passive_quota", seen=seen)
    more: dict[str, Any] = {"actor": observed, "seen": seen, "limit": quota.value, "data": (quota.to_json(),)}
    if total <= quota.value:
        return right(say("{n} asked for, {quota} must be accepted: granted as asked", n=total, quota=quota), **more)
    return undetermined(
        say("{n} asked for, {quota} must be accepted: for agreement among those interested", n=total, quota=quota),
        "agreement",
        **more,
    )


# Annex H and VI.I.3


@rule("VI.I.3.b")
def second_flight_at_one_time_may_be_refused(
    *, eta: datetime, other_eta: datetime, demonstration_by_observed: bool = False, regime: Regime,
    observed: str | None = None,
) -> Finding:  # fmt: skip
    """No Party need accept two flights over it at one time: one may be refused where the 96 hours of both overlap.

    `eta` is the estimated arrival of the flight asked about, `other_eta` that of the other; the order in which they
    were notified does not matter. Time that the observed Party's own demonstration flight added to the other is no
    ground (VI.I.3.c): it accepts that overlap, up to 24 hours.
    """
    held, own = completion_limit(other_eta, regime), completion_limit(eta, regime)
    more: dict[str, Any] = {
        "actor": observed,
        "seen": {"eta": rfc3339(eta), "other_eta": rfc3339(other_eta)},
        "limit": rfc3339(held.at),
        "data": rows(regime, "flight_window"),
    }
    if eta < held.at and other_eta < own.at:
        return right(
            say("the other flight's time runs from {since} to {until} and overlaps with this one's: two at one time "
                "need not be accepted", since=readable(other_eta), until=readable(held.at)), **more
        )  # fmt: skip
    if eta < other_eta:
        why = say("this flight's time ends {until}, before the other's begins: no ground to refuse",
                  until=readable(own.at))  # fmt: skip
        return breaches(why, **more)
    if demonstration_by_observed and eta < clock(regime, "VI.I.3#overlap", held.at).at:
        return breaches(
            say("the overlap comes from the observed Party's own demonstration flight: it accepts it"), **more
        )
    return breaches(say("the other flight's time ended {until}: no ground to refuse", until=readable(held.at)), **more)


@rule("AnnH.1")
def plans_are_told_by_1_november(
    *, told: date | None, for_year: int, regime: Regime, actor: str | None = None
) -> Finding:
    """Who takes part in the co-ordination tells all by 1 November how many flights it plans in each quarter."""
    return _by_the_day("AnnH.1", told, for_year - 1, regime, actor=actor)


@rule("AnnH.3")
def sequence_is_told_in_time(*, told: date | None, quarter: int, for_year: int, regime: Regime) -> Finding:
    """The sequence of a quarter's flights is told to all by the middle of the month that the annex names."""
    if quarter not in (1, 2, 3, 4):
        return undetermined(say("a year has four quarters"), "quarter")
    year = for_year - 1 if quarter == 1 else for_year
    return _by_the_day(f"AnnH.3#Q{quarter}", told, year, regime)


@rule("AnnH.4")
def choice_of_aircraft_is_told_within_7_days(
    *, sequence_told: datetime, chosen: datetime | None, regime: Regime, observed: str | None = None
) -> Finding:
    """The Party to be overflown says within 7 days for which flights of the sequence it supplies the aircraft."""
    return keeps_the_clock(
        "AnnH.4", trigger=sequence_told, event=chosen, regime=regime, actor=observed, what=say("choice of aircraft")
    )


@rule("AnnH.5")
def unplanned_quota_may_be_used(*, fits_the_sequence: bool | None, quota_left: int) -> Finding:
    """Quota that was not planned, or not flown, may still be used where it fits the agreed sequence."""
    seen = {"fits_the_sequence": fits_the_sequence, "quota_left": quota_left}
    if quota_left < 1:
        return breaches(say("no quota is left"), seen=seen)
    if fits_the_sequence is None:
        return undetermined(say("whether it fits the sequence is not known"), "fits_the_sequence", seen=seen)
    if fits_the_sequence:
        return right(say("it fits the agreed sequence: it may be used"), seen=seen)
    return breaches(say("it does not fit the agreed sequence"), seen=seen)
