"""Annexes E and I, and VI.I.4: airfields and their reach, inventories, airspace data and standing notices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.errors import UnknownAirfield, UnknownOnDate
from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.closed_words import all_of
from overflight.rules.finding import Finding, breaches, complies, disputed, rule, silent, undetermined
from overflight.rules.timing import limit, rows, timed
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("VI.I.4")
def standing_notice_comes_within_90_days(
    *, signed: datetime, notified: datetime | None, regime: Regime, actor: str | None = None
) -> Finding:
    """Within 90 days of signature a Party tells all its standing clearance number and its languages for flights."""
    return keeps_the_clock(
        "VI.I.4", trigger=signed, event=notified, regime=regime, actor=actor, what=say("clearance number and languages")
    )


@rule("AnnE.1")
def airfield_is_reached_within_five_hours(
    *, reach_h: float, agreed: bool = False, regime: Regime, observed: str | None = None
) -> Finding:
    """Where they differ, the Open Skies airfield is reached from the point of entry within five hours.

    Both sides may agree otherwise.
    """
    held = regime.value("airfield_from_entry_within")
    more: dict[str, Any] = {
        "actor": observed,
        "seen": {"reach_h": reach_h, "agreed": agreed},
        "limit": held.value,
        "data": rows(regime, "airfield_from_entry_within"),
    }
    answer = complies if reach_h <= held.value or agreed else breaches
    return answer(say("reached in {h:g} h; {limit} at most, unless agreed", h=reach_h, limit=held), **more)


@rule("AnnE.4")
def site_change_is_notified_90_days_before(
    *, notified: datetime | None, effective: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """A Party changes its own airfields, points and targets by written notice to all, at least 90 days before."""
    return keeps_the_clock(
        "AnnE.4", trigger=effective, event=notified, regime=regime, actor=actor, what=say("notice of the change")
    )


@rule("AnnE.5.A")
def every_point_is_within_reach(
    *, airfield: str, farthest_km: float, part: str = "mainland", regime: Regime
) -> Finding:
    """No point of the mainland lies farther from one or more airfields than 35 % of the maximum distance."""
    try:
        most = regime.max_flight_distance(airfield)
    except (UnknownOnDate, UnknownAirfield) as error:
        return undetermined(error.message, "max_flight_distance")
    share = regime.value("airfield_reach_share")
    reach = share.value * most.value
    answer = complies if farthest_km <= reach else breaches
    return answer(
        say("{part}: {km:g} km from {icao}; {share:.0%} of {most} is {reach:g} km", part=part, km=farthest_km,
            icao=airfield, share=share.value, most=most, reach=reach),
        seen={"farthest_km": farthest_km, "limit_km": reach, "airfield": airfield},
        limit=reach,
        data=(share.to_json(), most.to_json()),
        readings={"distance_source": regime.readings.get("distance_source", "")},
    )  # fmt: skip


@rule("AnnE.5.B")
def separated_part_has_a_way_of_its_own(
    *, distance_km: float, reached: bool, special_procedure: bool = False, in_annex: bool = False, agreed: bool = False,
    regime: Regime,
) -> Finding:  # fmt: skip
    """A separated part is reached like the mainland, or over 600 km away by a special procedure.

    A nearer part that is not reached may have a distance of its own in Annex A.
    """
    held = regime.value("separate_territory")
    more: dict[str, Any] = {
        "seen": {"distance_km": distance_km, "reached": reached},
        "limit": held.value,
        "data": rows(regime, "separate_territory"),
    }
    if reached:
        return complies(say("reached from an airfield like the mainland"), **more)
    if special_procedure and (distance_km > held.value or agreed or in_annex):
        return complies(say("special procedures are specified"), **more)
    if distance_km < held.value and in_annex:
        return complies(say("a separate distance stands in Annex A"), **more)
    if distance_km == held.value:
        return silent(say("exactly {limit}: neither more nor less, so the text names no procedure", limit=held), **more)
    return breaches(say("not reached, and neither a procedure nor a distance of its own fits"), **more)


@rule("AnnE.5.B.3")
def separate_distance_stands_in_annex_a(
    *, airfield: str, territory: str, over_territory_km: float, farthest_km: float | None = None, regime: Regime
) -> Finding:
    """A limit over part of a territory counts only as an entry of Annex A in force on the day.

    Under the reading `territory_sublimit` = notice, a Party's own notice counts; the default
    shows both readings.
    """
    seen = {"airfield": airfield, "territory": territory, "over_territory_km": over_territory_km}
    reading = regime.readings.get("territory_sublimit", "annex_entry")
    claimed = [v for v in regime.values("territory_sublimit") if v.of and territory.casefold().startswith(
        v.of.split(":")[-1].casefold())]  # fmt: skip
    more: dict[str, Any] = {"seen": seen, "readings": {"territory_sublimit": reading}}
    if not claimed:
        return complies(
            say("no separate distance over {name} is claimed on {day}", name=territory, day=regime.day), **more
        )
    most = claimed[0]
    more |= {"limit": most.value, "data": (most.to_json(),)}
    if over_territory_km <= most.value:
        return complies(say("{km:g} km over {name}, within the {most} that is claimed", km=over_territory_km,
                            name=territory, most=most), **more)  # fmt: skip
    sentence = say("{km:g} km over {name}; {most} is claimed by notice, and no entry of Annex A gives it",
                   km=over_territory_km, name=territory, most=most)  # fmt: skip
    return disputed(
        sentence,
        under=(
            {"reading": "territory_sublimit=annex_entry", "verdict": "complies",
             "because": say("only the distance of the starting airfield counts, over the whole flight")},
            {"reading": "territory_sublimit=notice", "verdict": "breaches",
             "because": say("the notice sets a separate distance under this paragraph")},
        ),
        **more,
    )  # fmt: skip


@rule("AnnE.7")
def inventory_starts_and_ends_in_an_hour_each(
    *,
    arrived: datetime,
    inventory_begun: datetime | None,
    inventory_ended: datetime | None,
    regime: Regime,
    inspecting: str | None = None,
) -> Finding:
    """The inventory of equipment starts within an hour of its arrival and ends within an hour of its start."""
    begun = keeps_the_clock(
        "AnnE.7#start", trigger=arrived, event=inventory_begun, regime=regime, actor=inspecting,
        what=say("start of the inventory"),
    )  # fmt: skip
    if begun.verdict != "complies":
        return begun
    return keeps_the_clock(
        "AnnE.7#end", trigger=inventory_begun, event=inventory_ended, regime=regime, actor=inspecting,
        what=say("end of the inventory"),
    )  # fmt: skip


@rule("AnnE.8")
def unlisted_items_are_sealed_or_refused(*, unlisted: Collection[str], sealed: Collection[str]) -> Finding:
    """Equipment that is not on the lists is refused, or kept sealed until departure."""
    loose = sorted(set(unlisted) - set(sealed))
    seen = {"unlisted": sorted(unlisted), "sealed": sorted(sealed)}
    if loose:
        return breaches(
            say("not on the lists and neither refused nor sealed: {names}", names=", ".join(loose)), seen=seen
        )
    return complies(say("nothing that is not listed is in use"), seen=seen)


# The four times of AnnE.6.
COVER_STAGES = ("arrival", "leaving_entry", "leaving_airfield", "departure")


@rule("AnnE.6")
def covers_are_checked_at_all_four_times(
    *, checked_at: Collection[str], airfield_apart: bool = False, exit_apart: bool | None = None
) -> Finding:
    """Both Parties check the covers at arrival and at departure, and where the airfield lies apart before leaving
    the point of entry for it and before leaving it for the point of exit.

    `checked_at` names the stages: ``arrival``, ``leaving_entry``, ``leaving_airfield``, ``departure``. The second
    is owed where the flight starts elsewhere than at the point of entry (`airfield_apart`; no, if not said), the
    third where it ends elsewhere than at the point of exit (`exit_apart`; as `airfield_apart`, if not said).

    Raises
    ------
    UnknownWord
        If a stage is none of these; the message lists them.
    """
    checked_at = all_of(checked_at, COVER_STAGES, field="checked_at", citation="AnnE.6")
    apart = airfield_apart if exit_apart is None else exit_apart
    stages = ["arrival", *(["leaving_entry"] if airfield_apart else []), *(["leaving_airfield"] if apart else []),
              "departure"]  # fmt: skip
    lacking = [stage for stage in stages if stage not in checked_at]
    seen = {"checked_at": sorted(checked_at), "missing": lacking}
    if lacking:
        return breaches(say("covers not checked at: {names}", names=", ".join(lacking)), seen=seen)
    return complies(say("covers checked at each time"), seen=seen)


@rule("AnnI.1")
def airspace_data_come_within_30_days(
    *,
    in_force_since: datetime,
    asked: datetime,
    answered: datetime | None,
    regime: Regime,
    asked_of: str | None = None,
) -> Finding:
    """Airspace and airfield data come within 30 days of a request, but nothing is owed before day 90 after entry
    into force.

    Who asks earlier breaks nothing: the data are then due on that ninetieth day.
    """
    first = regime.deadline("AnnI.1#earliest")
    opens = limit(in_force_since, first.amount or 0, first.unit, "within", citation="AnnI.1", name=first.id)
    held = max(opens, clock(regime, "AnnI.1", asked), key=lambda limit: limit.at)
    more: dict[str, Any] = {"actor": asked_of, "data": (first.to_json(), regime.deadline("AnnI.1").to_json())}
    if answered is None and regime.day <= held.at.date():
        return undetermined(say("airspace data: none yet; due on {due}", due=readable(held.at)), "answered", **more)
    return timed(held, answered, say("airspace data"), **more)


@rule("AnnI.2")
def changes_are_told_promptly(
    *, changed: datetime, told: datetime | None, asked_for: bool, notam: bool = False
) -> Finding:
    """Changes are told promptly to those who asked for the data; what is in a NOTAM need not be sent."""
    seen = {"changed": rfc3339(changed), "told": rfc3339(told) if told else None}
    if not asked_for or notam:
        return complies(say("nothing was owed: not asked for, or in a NOTAM"), seen=seen)
    if told is None:
        return breaches(say("those who asked were not told of the change"), seen=seen)
    same_day = limit(changed, 1, "day", "within", citation="AnnI.2").held_by(told)
    if same_day:
        return complies(say("told by the next day"), seen=seen)
    return silent(say("told later; the text says promptly and gives no number"), seen=seen)


@rule("AnnI.3")
def source_of_airspace_data_is_named_within_90_days(
    *, in_force_since: datetime, notified: datetime | None, regime: Regime, actor: str | None = None
) -> Finding:
    """Each Party tells all within 90 days of entry into force where its airspace data come from."""
    return keeps_the_clock(
        "AnnI.3", trigger=in_force_since, event=notified, regime=regime, actor=actor, what=say("source of the data")
    )
