"""Articles XV, XVII and XVIII: who is a Party, how a State joins and leaves, and what changes nothing.

Days are whole days in UTC: a withdrawal takes effect at 00:00 UTC of its day (a convention of
this program; the treaty has no article on counting time).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What a State does at home or says in public on the way out; none of it is a notice (XV.2).
WITHOUT_EFFECT = ("announcement", "statement", "government decision", "vote", "law")


@rule("I.1")
def has_the_rights_of_a_party(code: str, *, regime: Regime) -> Finding:
    """A State has rights and duties from the treaty's entry into force for it until its withdrawal takes effect.

    Provisional application before entry into force (XVIII.I) is not membership.
    """
    seen = {"state": code, "day": regime.day.isoformat()}
    if regime.is_party(code):
        party = regime.party(code)
        return right(
            say("{name} is a Party on {day}, with every right and duty", name=party.name, day=regime.day),
            actor=code,
            seen={**seen, "since": party.since.isoformat(), "until": party.until.isoformat() if party.until else None},
        )
    return breaches(
        say("{code} is no Party on {day}; the rights of the treaty are its Parties' alone", code=code, day=regime.day),
        actor=code,
        seen=seen,
    )


@rule("XV.2")
def announcement_changes_nothing(code: str, *, kind: str, made: date, regime: Regime) -> Finding:
    """An announcement, a vote or a law at home is no notice: it starts no clock and ends no right or duty."""
    seen = {"state": code, "kind": kind, "made": made.isoformat(), "day": regime.day.isoformat()}
    if kind not in WITHOUT_EFFECT:
        return undetermined(
            say("{kind!r} is none of the acts known to be without effect", kind=kind), "kind", seen=seen
        )
    if not regime.is_party(code):
        return silent(say("{code} is no Party on {day} anyway", code=code, day=regime.day), actor=code, seen=seen)
    return complies(
        say(
            "{kind} of {made}: not a notice to a Depositary, so {code} keeps every right and duty on {day}",
            kind=kind,
            made=made,
            code=code,
            day=regime.day,
        ),
        actor=code,
        seen=seen,
    )


def earliest_withdrawal(notice: date, regime: Regime) -> tuple[date, bool]:
    """The first day on which a withdrawal can take effect, and whether its month was too short for the day.

    Where six months end on a day that does not exist, the reading `withdrawal_month_end`
    takes the month's last day (default) or the first of the next month.
    """
    # not timing.shift_months: that counts moments and always clips; this counts days, under a reading
    months = int(regime.value("withdrawal_notice").value)
    year, month = divmod(notice.year * 12 + notice.month - 1 + months, 12)
    try:
        return date(year, month + 1, notice.day), False
    except ValueError:
        first_of_next = (date(year, month + 1, 1) + timedelta(days=31)).replace(day=1)
        if regime.readings.get("withdrawal_month_end") == "next_day":
            return first_of_next, True
        return first_of_next - timedelta(days=1), True


@rule("XV.2")
def gives_six_months_notice(*, notice: date, intended: date, regime: Regime, code: str | None = None) -> Finding:
    """A withdrawal takes effect no earlier than six months after a Depositary has the notice; exactly then it does."""
    earliest, clipped = earliest_withdrawal(notice, regime)
    row = regime.value("withdrawal_notice")
    more = {
        "actor": code,
        "seen": {"notice": notice.isoformat(), "intended": intended.isoformat(), "month_clipped": clipped},
        "limit": earliest.isoformat(),
        "data": (row.to_json(),),
    }
    if clipped:
        more["readings"] = {"withdrawal_month_end": regime.readings.get("withdrawal_month_end", "clip")}
    if intended < earliest:
        return breaches(
            say(
                "notice of {notice} cannot take effect on {intended}: {limit} end on {earliest}",
                notice=notice,
                intended=intended,
                limit=row,
                earliest=earliest,
            ),
            **more,
        )
    return complies(
        say(
            "notice of {notice}, effect on {intended}; the earliest day is {earliest}",
            notice=notice,
            intended=intended,
            earliest=earliest,
        ),
        **more,
    )


def conference_window(notice: date, regime: Regime) -> tuple[date, date]:
    """First and last day for the conference on a withdrawal, both included (XV.3)."""
    first = notice + timedelta(days=int(regime.value("conference_earliest").value))
    return first, notice + timedelta(days=int(regime.value("conference_latest").value))


@rule("XV.3")
def conference_is_held_in_time(*, notice: date, conference: date | None, regime: Regime) -> Finding:
    """A conference is held 30 to 60 days after a notice of withdrawal; both days comply, and the withdrawal stands."""
    first, last = conference_window(notice, regime)
    more = {
        "actor": "Depositaries",
        "seen": {"notice": notice.isoformat(), "conference": conference.isoformat() if conference else None},
        "limit": [first.isoformat(), last.isoformat()],
        "data": (regime.value("conference_earliest").to_json(), regime.value("conference_latest").to_json()),
    }
    window = say("the window is {first} to {last}", first=first, last=last)
    if conference is None:
        if regime.day <= last:
            return undetermined(say("no conference yet; {window}", window=window), "conference", **more)
        return breaches(say("no conference was held; {window}", window=window), **more)
    days = (conference - notice).days
    if first <= conference <= last:
        return complies(say("conference on day {days} after the notice; {window}", days=days, window=window), **more)
    return breaches(
        say(
            "conference on day {days} after the notice; {window}; the withdrawal takes effect all the same",
            days=days,
            window=window,
        ),
        **more,
    )


def entry_into_force_for(deposit: date, regime: Regime) -> date:
    """The first day on which a State that deposits after entry into force is a Party (XVII.6)."""
    return deposit + timedelta(days=int(regime.value("accession_effect").value))


@rule("XVII.6")
def acts_as_a_party_after_60_days(*, deposit: date, act: date, regime: Regime, code: str | None = None) -> Finding:
    """A State that ratifies late or accedes is a Party 60 days after its deposit; on that day it is one."""
    since = entry_into_force_for(deposit, regime)
    more = {
        "actor": code,
        "seen": {"deposit": deposit.isoformat(), "act": act.isoformat()},
        "limit": since.isoformat(),
        "data": (regime.value("accession_effect").to_json(),),
    }
    if act >= since:
        return complies(say("deposit of {deposit}: Party since {since}", deposit=deposit, since=since), **more)
    return breaches(
        say(
            "deposit of {deposit}: no Party before {since}; the act is of {act}", deposit=deposit, since=since, act=act
        ),
        **more,
    )


@rule("XVII.5")
def return_is_an_accession(
    code: str, *, asked: date, effective: date, oscc_consents: bool | None, regime: Regime
) -> Finding:
    """A State whose withdrawal took effect returns by accession, with consensus; before that day the text is silent.

    Records of the time between stay closed to it after its return (a setting of this program).
    """
    seen = {"state": code, "asked": asked.isoformat(), "effective": effective.isoformat()}
    if asked < effective:
        return silent(
            say("whether a notice can be taken back before {effective} the treaty does not say", effective=effective),
            actor=code,
            seen=seen,
        )
    if oscc_consents is None:
        return undetermined(
            say("{code} left on {effective}: a return is an accession, for the OSCC to consider by consensus",
                code=code, effective=effective),
            "oscc_consents",
            actor=code,
            seen=seen,
        )  # fmt: skip
    if oscc_consents:
        return complies(
            say("no Party objected: {code} may accede, in force {days} after its deposit", code=code,
                days=regime.value("accession_effect")),
            actor=code,
            seen=seen,
        )  # fmt: skip
    return breaches(
        say("a Party objected, so there is no consensus and {code} does not accede", code=code), actor=code, seen=seen
    )
