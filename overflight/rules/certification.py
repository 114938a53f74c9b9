"""Annex D: the certification of aircraft and sensors."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.demonstration import HAND_EQUIPMENT
from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.rules.timing import before, rows, timed, within
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("AnnD.I.3")
def certification_is_notified_60_days_before(
    *, notified: datetime, first_day: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """A Party tells all others of a certification at least 60 days before it begins."""
    held = before(regime, "certification_notice", first_day, citation="AnnD.I.3")
    return timed(held, notified, say("notice of the certification"), actor=actor,
                 data=rows(regime, "certification_notice"))  # fmt: skip


@rule("AnnD.I.3")
def certification_has_a_period_of_7_days(*, first_day: date, last_day: date, regime: Regime) -> Finding:
    """The notice names a period of seven days, its first and its last day."""
    held = regime.value("certification_period")
    days = (last_day - first_day).days + 1
    answer = complies if days == held.value else breaches
    return answer(say("{days} days; the period is {limit}", days=days, limit=held), seen={"days": days},
                  limit=held.value, data=rows(regime, "certification_period"))  # fmt: skip


@rule("AnnD.I.4")
def wish_to_take_part_is_told_within_10_days(
    *, received: datetime, answered: datetime | None, regime: Regime, actor: str | None = None
) -> Finding:
    """Who wants to take part in a certification says so within 10 days of receiving the notice."""
    held = within(regime, "certification_reply", received, citation="AnnD.I.4")
    if answered is None:
        return undetermined(say("no answer is recorded; the last day is {due}", due=str(held)), "answered", actor=actor)
    return timed(held, answered, say("answer"), actor=actor, data=rows(regime, "certification_reply"))


@rule("AnnD.I.4")
def few_enough_take_part(*, people: Mapping[str, int], agreed: bool = False, regime: Regime) -> Finding:
    """No more than 40 people in all and four of each Party take part, unless agreed otherwise."""
    most, each = regime.value("certification_people", of="all"), regime.value("certification_people", of="each")
    total = sum(people.values())
    over = sorted(code for code, n in people.items() if n > each.value)
    more: dict[str, Any] = {
        "seen": {"people": dict(people), "total": total},
        "limit": most.value,
        "data": (most.to_json(), each.to_json()),
    }
    if agreed or (total <= most.value and not over):
        return complies(say("{n} people take part", n=total), **more)
    if over:
        return breaches(say("more than {each} of: {names}", each=each, names=", ".join(over)), **more)
    return breaches(say("{n} people; at most {most}", n=total, most=most), **more)


@rule("AnnD.I.5")
def names_are_told_30_days_before(
    *, told: datetime, first_day: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """Those who take part tell the names of their people at least 30 days before the certification."""
    held = before(regime, "certification_names", first_day, citation="AnnD.I.5")
    return timed(held, told, say("names"), actor=actor, data=rows(regime, "certification_names"))


@rule("AnnD.I.6")
def sensor_data_are_given_14_days_before(
    *, given: datetime, first_day: datetime, regime: Regime, actor: str | None = None
) -> Finding:
    """Descriptions and photographs of the sensors are given at least 14 days before the certification."""
    held = before(regime, "certification_data", first_day, citation="AnnD.I.6")
    return timed(held, given, say("data on the sensors"), actor=actor, data=rows(regime, "certification_data"))


@rule("AnnD.II.2")
def ground_examination_is_short_enough(
    *, periods: int, longest_h: float, agreed: bool = False, regime: Regime
) -> Finding:
    """The ground examination takes no more than three periods of eight hours, unless agreed otherwise."""
    most, hours = regime.value("ground_examination_periods"), regime.value("ground_examination_period")
    more: dict[str, Any] = {
        "seen": {"periods": periods, "longest_h": longest_h},
        "limit": most.value,
        "data": rows(regime, "ground_examination_periods", "ground_examination_period"),
    }
    sentence = say("{n} periods of up to {h:g} h; at most {most} of {limit}", n=periods, h=longest_h, most=most,
                   limit=hours)  # fmt: skip
    if agreed or (periods <= most.value and longest_h <= hours.value):
        return complies(sentence, **more)
    return breaches(sentence, **more)


@rule("AnnD.II.5")
def examination_uses_permitted_equipment(*, equipment: Collection[str], approved: Collection[str] = ()) -> Finding:
    """Those who take part bring aboard video cameras, audio recorders and hand-held computers, and what is approved.

    `equipment` names them as `HAND_EQUIPMENT` does; `approved` is what the Party that certifies allowed beyond it.
    """
    strange = sorted(set(equipment) - {*HAND_EQUIPMENT, *approved})
    seen = {"equipment": sorted(equipment), "approved": sorted(approved)}
    if strange:
        return breaches(say("neither listed nor approved: {names}", names=", ".join(strange)), seen=seen)
    return complies(say("all of it is listed or approved"), seen=seen)


@rule("AnnD.IV.1-5")
def certified_unless_those_who_came_disagree(
    *, took_part: list[str], disagree: list[str], objected_from_afar: list[str] | None = None
) -> Finding:
    """An aircraft is certified unless those who took part cannot agree; who did not come has no say in it."""
    inside = sorted(set(disagree) & set(took_part))
    seen = {"took_part": sorted(took_part), "disagree": inside, "from_afar": sorted(objected_from_afar or [])}
    if inside:
        names = ", ".join(inside)
        return breaches(say("no agreement with {names}: not used until that is solved", names=names), seen=seen)
    return complies(say("certified; an objection of a Party that did not come has no effect"), seen=seen)


@rule("AnnD.App1.I-III")
def target_has_enough_contrast(*, contrast: float, use: str = "target", regime: Regime) -> Finding:
    """A target's bars have a contrast of at least 5:1; the minimum height is reckoned with one of 1.6:1 to 4:1.

    `use` is ``target`` or ``calculation``.
    """
    least = regime.value("target_contrast", of=f"{use} least")
    data = [least.to_json()]
    sentence = say("contrast {c:g}:1; at least {least:g}:1", c=contrast, least=least.value)
    seen = {"contrast": contrast, "use": use}
    if contrast < least.value:
        return breaches(sentence, seen=seen, limit=least.value, data=tuple(data))
    if use == "calculation":
        most = regime.value("target_contrast", of="calculation most")
        data.append(most.to_json())
        if contrast > most.value:
            sentence = say("contrast {c:g}:1; at most {most:g}:1", c=contrast, most=most.value)
            return breaches(sentence, seen=seen, limit=most.value, data=tuple(data))
    return complies(sentence, seen=seen, limit=least.value, data=tuple(data))
