"""Article III, Section II, and Article XIV: groups of States Parties, and what is counted over them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import clock, keeps_the_clock
from overflight.rules.closed_words import one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, undetermined
from overflight.rules.quotas import member_cap
from overflight.rules.timing import rows
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Articles and annexes for which the three are one Party (XIV.1); for all others they are three.
AS_ONE = frozenset({"II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "XI", *(f"Ann{x}" for x in "ABCDEFGHIK")})
MODELS = (2, 3)  # shared active quotas; common quotas (III.II.2 and III.II.3)


@rule("III.II.1.A")
def group_rules_wait_six_months(
    *, formed_at_signature: bool = False, told_all: datetime | None, applied: datetime, regime: Regime
) -> Finding:
    """A group formed after signature of the Treaty has the rules on groups six months after notice to all others.

    One that was formed when the Treaty was signed, as that of Belarus and Russia, has no such time to wait.
    """
    if formed_at_signature:
        return complies(say("formed at signature of the Treaty: no six months to wait"),
                        seen={"formed_at_signature": True})  # fmt: skip
    return keeps_the_clock(
        "III.II.1.A", trigger=told_all, event=applied, regime=regime, what=say("start of the group's rules")
    )


@rule("III.II.1.B")
def group_chooses_a_model(*, model: int) -> Finding:
    """A group shares active quotas (model 2) or has common quotas (model 3)."""
    if model in MODELS:
        return complies(say("model {n}", n=model), seen={"model": model})
    return breaches(say("model {n} is none of paragraphs 2 and 3", n=model), seen={"model": model})


@rule("III.II.2.A")
def members_move_active_quotas_only(
    *, moved: str, third_parties_told: bool | None, actor: str | None = None
) -> Finding:
    """In model 2 members move active quotas among themselves within a year, and tell the third Parties concerned.

    Passive quotas stay with each member. `moved` is ``active`` or ``passive``.

    Raises
    ------
    UnknownWord
        If it is neither; the message lists them.
    """
    names = {"active quotas": "active", "passive quotas": "passive"}
    moved = one_of(moved, ("active", "passive"), names, field="moved", citation="III.II.2.A")
    seen = {"moved": moved, "third_parties_told": third_parties_told}
    if moved != "active":
        return breaches(say("only active quotas move; a passive quota is each member's own"), actor=actor, seen=seen)
    if third_parties_told is None:
        return undetermined(say("whether third Parties were told is not known"), "third_parties_told", seen=seen)
    if not third_parties_told:
        return breaches(say("the third Parties concerned were not told at once"), actor=actor, seen=seen)
    return complies(say("active quota moved, third Parties told"), actor=actor, seen=seen)


@rule("III.II.2.B")
def flight_over_members_counts_for_each(
    *, members: Collection[str], counted_active: int, counted_passive: Mapping[str, int]
) -> Finding:
    """A flight over several members counts that many for the observing Party, and one for each member overflown."""
    k = len(set(members))
    seen = {"members": sorted(members), "counted_active": counted_active, "counted_passive": dict(counted_passive)}
    if counted_active != k:
        return breaches(
            say("over {k} members; counted {n} for the observing Party", k=k, n=counted_active), seen=seen, limit=k
        )
    wrong = sorted(code for code in members if counted_passive.get(code, 0) != 1)
    if wrong:
        return breaches(say("one is to be counted for each of: {names}", names=", ".join(wrong)), seen=seen)
    return complies(say("{k} for the observing Party, one for each member", k=k), seen=seen, limit=k)


@rule("III.II.2.C")
def third_party_stays_within_its_share_over_a_member(
    *, individual: int, flown: int, members_may_fly_over_it: bool = True, regime: Regime, observing: str | None = None
) -> Finding:
    """Over one member a third Party may fly one and a half times its individual quota there, rounded up.

    Where it holds none there, two; `flown` counts the flights with this one. The right is that of a Party over
    which a member holds an active quota; any other keeps to its individual quota.
    """
    cap = member_cap(individual, regime=regime) if members_may_fly_over_it else individual
    more: dict[str, Any] = {
        "actor": observing,
        "seen": {"individual": individual, "flown": flown},
        "limit": cap,
        "data": rows(regime, "group_member_share", "group_member_flights"),
    }
    if flown > cap:
        return breaches(say("flight {n} over this member; at most {cap}", n=flown, cap=cap), **more)
    return right(say("flight {n} of at most {cap} over this member", n=flown, cap=cap), **more)


@rule("III.II.2.D")
def third_party_stays_within_its_sum_over_the_group(
    *, individual: Mapping[str, int], flown: Mapping[str, int], observing: str | None = None
) -> Finding:
    """Over all members together a third Party flies no more than the sum of its individual quotas in the group."""
    most, total = sum(individual.values()), sum(flown.values())
    more: dict[str, Any] = {
        "actor": observing,
        "seen": {"individual": dict(individual), "flown": dict(flown)},
        "limit": most,
    }
    if total > most:
        return breaches(say("{n} flights over the group; at most {most}", n=total, most=most), **more)
    return complies(say("{n} flights over the group; at most {most}", n=total, most=most), **more)


@rule("III.II.2.E")
def each_members_distance_is_kept(
    *, flown_km: Mapping[str, float], limit_km: Mapping[str, float], sensors_on_between: bool = False
) -> Finding:
    """Over several members each one's maximum distance holds; between the used-up one and the next, sensors are off."""
    over = sorted(code for code, km in flown_km.items() if km > limit_km.get(code, 0.0))
    unknown = sorted(set(flown_km) - set(limit_km))
    seen = {"flown_km": dict(flown_km), "limit_km": dict(limit_km), "sensors_on_between": sensors_on_between}
    if unknown:
        return undetermined(say("no distance known of: {names}", names=", ".join(unknown)), "limit_km", seen=seen)
    if over:
        return breaches(say("beyond the maximum distance of: {names}", names=", ".join(over)), seen=seen)
    if sensors_on_between:
        return breaches(say("sensors ran between the territories"), seen=seen)
    return complies(say("each member's maximum distance is kept"), seen=seen)


@rule("III.II.3.A-C")
def common_active_stays_within_common_passive(*, common_active: int, common_passive: int) -> Finding:
    """A group of model 3 holds common quotas, its active ones no larger than its passive one."""
    seen = {"common_active": common_active, "common_passive": common_passive}
    answer = complies if common_active <= common_passive else breaches
    return answer(
        say("common active quota {a}, common passive quota {b}", a=common_active, b=common_passive),
        seen=seen,
        limit=common_passive,
    )


@rule("III.II.3.D")
def flight_over_a_common_quota_counts_once(*, members: Collection[str], counted: int) -> Finding:
    """Over a group of model 3 a flight covers one or more members and counts once."""
    seen = {"members": sorted(members), "counted": counted}
    if counted == 1:
        return complies(say("one flight over {n} members counts one", n=len(set(members))), seen=seen, limit=1)
    return breaches(say("counted {n}; one flight counts one", n=counted), seen=seen, limit=1)


@rule("III.II.5")
def single_mission_keeps_the_distance_of_its_start(*, flown_km: float, start_limit_km: float) -> Finding:
    """A single mission over a group of model 3 is bound by the distance of the airfield where it starts."""
    answer = complies if flown_km <= start_limit_km else breaches
    return answer(
        say("{km:g} km; from this airfield at most {limit:g} km", km=flown_km, limit=start_limit_km),
        seen={"flown_km": flown_km},
        limit=start_limit_km,
    )


@rule("III.II.6")
def change_of_a_group_waits_six_months(
    *, change: str, told_all: datetime | None, effective: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """A change of model, a member's leaving, or a new member takes effect six months after notice to all others.

    `change` is ``transform``, ``leave`` or ``admit``.
    """
    if change not in ("transform", "leave", "admit"):
        return undetermined(say("{change} is no change of a group", change=change), "change", actor=actor)
    return keeps_the_clock(
        f"III.II.6#{change}", trigger=told_all, event=effective, regime=regime, actor=actor, what=say("the change")
    )


@rule("III.II.7")
def common_quotas_start_on_1_january(*, review: date, told_all: datetime, effective: date, regime: Regime) -> Finding:
    """Quota effects of a model-3 change start on the 1 January after the first annual review that follows six months.

    `review` is that review; one that was held before the six months were over is not the one meant.
    """
    months = clock(regime, "III.II.6#transform", told_all)
    seen = {
        "review": review.isoformat(),
        "effective": effective.isoformat(),
        "six_months": months.at.date().isoformat(),
    }
    if review < months.at.date():
        return breaches(say("the review of {day} was before the six months were over", day=review), seen=seen)
    first = date(review.year + 1, 1, 1)
    answer = complies if effective == first else breaches
    return answer(say("effect on {day}; the text says {first}", day=effective, first=first), seen=seen,
                  limit=first.isoformat())  # fmt: skip


@rule("XIV.1")
def three_are_one_party(*, paragraph: str, code: str, regime: Regime) -> Finding:
    """Belgium, Luxembourg and the Netherlands are one Party for Articles II to IX and XI and Annexes A to I and K.

    `complies` says that the State acts as part of the one; for all else, such as withdrawal or the Commission, each
    is a Party for itself, and the answer is `right`.
    """
    group = regime.group_of(code)
    seen = {"paragraph": paragraph, "code": code}
    if group is None or group.code != "BEL;LUX;NLD":
        return breaches(say("{code} is none of the three on {day}", code=code, day=regime.day), actor=code, seen=seen)
    if paragraph.split(".")[0] in AS_ONE:
        return complies(say("for {paragraph} the three are one Party", paragraph=paragraph), actor=code, seen=seen)
    why = say("for {paragraph} each of the three is a Party and acts for itself", paragraph=paragraph)
    return right(why, actor=code, seen=seen)


def last_day_as_one(told_all: datetime, regime: Regime) -> date:
    """The 31 December on which the arrangement of the three ends: the next one that follows the 60 days.

    The sixtieth day still belongs to them, so where it is itself a 31 December the next one ends it.
    """
    sixtieth = clock(regime, "XIV.2", told_all).at.date()
    return date((sixtieth + timedelta(days=1)).year, 12, 31)


@rule("XIV.2")
def three_act_alone_after_31_december(*, told_all: datetime, on: date, regime: Regime) -> Finding:
    """The three end their arrangement by notice; it ends on the next 31 December after 60 days."""
    last = last_day_as_one(told_all, regime)
    answer = complies if on > last else breaches
    return answer(
        say("the arrangement holds until {last}; the act is of {day}", last=last, day=on),
        seen={"on": on.isoformat()},
        limit=last.isoformat(),
    )
