"""Article VI, Section I, paragraphs 4 to 8: who may fly over whom, the notice and its answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, rule, silent, undetermined
from overflight.rules.timing import before, rows, timed, within
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Two records that one node makes one after the other count as made at the same moment.
SAME_MOMENT = timedelta(minutes=1)

# What the notice says, item by item (VI.I.5), and the fields of the body that hold it.
NOTICE_ITEMS: Mapping[str, tuple[str, ...]] = {
    "A": ("point_of_entry",),
    "B": ("eta", "lodging"),
    "C": ("inspection_place", "inspection_at"),
    "D": ("transport",),
    "E": ("clearance",),
    "F": ("aircraft",),
    "G": ("distance_m",),
    "H": ("people_sha256",),
}


@rule("I.1")
def flies_over_a_party_only(*, observing: str, observed: str, regime: Regime) -> Finding:
    """Both sides of an observation flight are Parties on its day."""
    seen = {"observing": observing, "observed": observed, "day": regime.day.isoformat()}
    for side in (observed, observing):
        if not regime.is_party(side):
            return breaches(
                say("{code} is no Party on {day}; flights are by Parties over Parties", code=side, day=regime.day),
                actor=observing,
                seen=seen,
            )
    if regime.quota_holder(observing) == regime.quota_holder(observed):
        return breaches(
            say("{a} and {b} are one side; a flight is over another Party", a=observing, b=observed),
            actor=observing,
            seen=seen,
        )
    return complies(
        say("{a} and {b} are Parties on {day}", a=observing, b=observed, day=regime.day), actor=observing, seen=seen
    )


@rule("AnnB.App1.1")
def flight_number_has_the_treaty_form(flight: str, *, quota_year: int) -> Finding:
    """The flight's number is OS, the last digit of the quota year, and three digits: six characters.

    Seven, with two digits of the year, are met in use (OS15002 in 2015); a decision that allows them was not read.
    """
    year = str(quota_year)
    seen = {"flight": flight, "quota_year": quota_year}
    if not re.fullmatch(r"OS[0-9]{4,5}", flight):
        return breaches(say("{flight} is not OS and four digits, as in {example}", flight=flight[:20],
                            example=f"OS{year[-1]}001"), seen=seen)  # fmt: skip
    if len(flight) == 7:
        return breaches(say("{flight} has seven characters, as is met in use; the annex asks six, as in {example}",
                            flight=flight, example=f"OS{year[-1]}{flight[-3:]}"), seen=seen)  # fmt: skip
    if flight[2] == year[-1]:
        return complies(say("{flight} names the quota year {year}", flight=flight, year=year), seen=seen)
    return breaches(
        say(
            "{flight} does not name the quota year {year}: "
            "its third character must be the year's last digit, as in {example}",
            flight=flight,
            year=year,
            example=f"OS{year[-1]}{flight[-3:]}",
        ),
        seen=seen,
    )


@rule("VI.I.5")
def notifies_72_hours_before_arrival(
    *, eta: datetime, sent: datetime, received: datetime | None, regime: Regime, observing: str | None = None
) -> Finding:
    """The observed Party has the notice at least 72 hours before the estimated arrival at the point of entry.

    The reading `notice_counts` says whether receipt (default) or dispatch counts.  `received`
    is None when no receipt is known; then the default reading cannot be decided, except
    that a notice sent too late was also received too late.
    """
    held = before(regime, "notice_before_arrival", eta, citation="VI.I.5")
    reading = regime.readings.get("notice_counts", "receipt")
    more: dict[str, Any] = {
        "actor": observing,
        "data": rows(regime, "notice_before_arrival"),
        "readings": {"notice_counts": reading},
    }
    if reading == "dispatch":
        return timed(held, sent, say("notice, counted from dispatch"), **more)
    if received is None and held.held_by(sent):
        return undetermined(
            say("the notice was sent {at}; when it was received is not known", at=readable(sent)),
            "receipt",
            seen={"sent": rfc3339(sent), "limit": rfc3339(held.at)},
            limit=rfc3339(held.at),
            **more,
        )
    return timed(held, received or sent, say("notice, counted from receipt"), **more)


@rule("VI.I.5.weekend")
def minimum_notice_avoids_a_weekend(*, eta: datetime, received: datetime) -> Finding:
    """Best efforts not to let the minimum notice run over a weekend: advice, never a breach."""
    length = eta - received
    crosses = any((received + timedelta(days=n)).weekday() >= 5 for n in range(max(0, length.days) + 1))
    # "minimum" is read as a notice with less than a day to spare over a weekend of two days
    if crosses and length < timedelta(days=5):
        return complies(
            say("the notice runs over a weekend; the treaty asks best efforts to avoid that"),
            seen={"weekend": True},
        )
    return complies(say("the notice does not lean on a weekend"), seen={"weekend": False})


@rule("VI.I.5")
def notice_is_complete(body: Mapping[str, Any], *, observing: str | None = None) -> Finding:
    """The notice to the observed Party holds items A to H."""
    missing = tuple(
        f"VI.I.5.{item}" for item, fields in NOTICE_ITEMS.items() if any(body.get(f) in (None, "") for f in fields)
    )
    if missing:
        return breaches(
            say("incomplete notice: {items} missing", items=", ".join(missing)),
            actor=observing,
            seen={"missing": list(missing)},
        )
    return complies(say("the notice holds items A to H"), actor=observing)


@rule("VI.I.8")
def tells_all_others_at_the_same_moment(
    *, notified: datetime, told: Mapping[str, datetime], others: Collection[str], observing: str | None = None
) -> Finding:
    """All other Parties get the notice when the observed Party gets it.

    "The same moment" is kept to the minute, since a node makes its records one after the other.
    """
    left_out = sorted(set(others) - set(told))
    late = sorted(code for code, at in told.items() if code in others and at - notified >= SAME_MOMENT)
    seen = {"notified": rfc3339(notified), "left_out": left_out, "late": late}
    if left_out:
        names = ", ".join(left_out) if len(left_out) <= 6 else say("{n} Parties", n=len(left_out))
        return breaches(say("not told at the same moment: {names}", names=names), actor=observing, seen=seen)
    if late:
        return breaches(say("told later: {names}", names=", ".join(late)), actor=observing, seen=seen)
    return complies(say("{n} other Parties told at the same moment", n=len(set(others))), actor=observing, seen=seen)


@rule("VII.2")
def tells_the_parties_that_are_crossed(
    *, transited: Collection[str], told: Collection[str] | None = None, regime: Regime, observing: str | None = None
) -> Finding:
    """Each Party whose airspace the way in or out crosses gets the notice at the same time."""
    parties = sorted(code for code in transited if regime.is_party(code))
    if told is None and parties:
        return undetermined(
            say(
                "open item: {names} must have had the notice of transit, at the moment of the notice to the observed "
                "Party",
                names=", ".join(parties),
            ),
            *(f"notice to {code}" for code in parties),
            actor=observing,
            seen={"transited": parties},
        )
    left_out = [code for code in parties if code not in (told or ())]
    seen = {"transited": parties, "left_out": left_out}
    if left_out:
        return breaches(say("crossed without notice: {names}", names=", ".join(left_out)), actor=observing, seen=seen)
    return complies(say("every Party that is crossed has the notice"), actor=observing, seen=seen)


@rule("VI.I.6")
def acknowledges_within_24_hours(
    *, received: datetime, acknowledged: datetime | None, regime: Regime, observed: str | None = None
) -> Finding:
    """The observed Party acknowledges within 24 hours of receipt; the right to arrive does not depend on it."""
    held = within(regime, "acknowledge_within", received, citation="VI.I.6")
    return timed(held, acknowledged, say("acknowledgement"), actor=observed, data=rows(regime, "acknowledge_within"))


@rule("VI.I.6.b")
def taxi_option_is_named_in_time(
    *,
    received: datetime,
    acknowledged: datetime,
    aircraft: str | None,
    regime: Regime,
    observed: str | None = None,
) -> Finding:
    """A Party that supplies the aircraft itself names it in the acknowledgement, within the same 24 hours.

    Under the reading `taxi_after_ack` = lapsed (default) a later choice has no effect for this flight.
    """
    held = within(regime, "acknowledge_within", received, citation="VI.I.6.b")
    reading = regime.readings.get("taxi_after_ack", "lapsed")
    more: dict[str, Any] = {
        "actor": observed,
        "data": rows(regime, "acknowledge_within"),
        "readings": {"taxi_after_ack": reading},
    }
    if not aircraft:
        return breaches(say("the acknowledgement does not say which aircraft is supplied"), **more)
    found = timed(held, acknowledged, say("choice to supply the aircraft"), **more)
    if not held.held_by(acknowledged) and reading != "lapsed":
        return silent(
            say("the choice came after the limit; the text does not say that it lapses, and this reading keeps it"),
            seen=found.seen,
            limit=found.limit,
            **more,
        )
    return found


@rule("XI")
def notice_went_through_an_official_channel(
    *, what: str, accepted: bool, channel: str | None, number: str | None
) -> Finding:
    """Written notices go through diplomatic or other official channels.

    A node's message counts only where the Parties concerned recorded that they accept it;
    otherwise the official channel's own number and time are taken back by hand.
    """
    if channel:
        return complies(
            say("{what} went by {channel}, number {number}", what=what, channel=channel, number=number or "-"),
            seen={"channel": channel, "number": number},
        )
    if accepted:
        return complies(say("{what}: the Parties concerned accept node messages", what=what), seen={"accepted": True})
    return undetermined(
        say(
            "{what}: no official channel recorded, and node messages are not accepted between these Parties", what=what
        ),
        "official channel",
    )
