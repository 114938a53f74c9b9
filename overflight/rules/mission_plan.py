"""Article VI, Section II: what a mission plan may ask.  Facts in, findings out.

Conventions of ours, where the text gives no number, are named constants here and
are shown in the findings that use them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, disputed, rule, undetermined
from overflight.rules.path_facts import NearBorder, PathEnd, place
from overflight.terms.amount import Beside
from overflight.terms.moment import readable
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime
    from overflight.treaty.values import Value

# The path's own end may lie this far from the airfield's reference point and still start or end there.
AIRFIELD_WITHIN_KM = 5.0
MM = 6  # a length in km means something to the millimetre; the rest is rounding
STARTS_OR_ENDS = frozenset({"open_skies", "point_of_entry_exit"})
ROLES = {"start": STARTS_OR_ENDS, "end": STARTS_OR_ENDS, "exit": frozenset({"point_of_entry_exit", "point_of_exit"})}


def limit_of(value: Value) -> dict[str, Any]:
    """The limit as shown in a finding: number and unit with both marks."""
    return {
        "value": value.value,
        "unit": value.unit,
        "source": value.source,
        "verified": value.verified,
        "in_force": value.in_force,
    }


def _lacking(**times: datetime | None) -> list[str]:
    return [name for name, moment in times.items() if moment is None]


def _not_given(lacking: Sequence[str]) -> str:
    """The sentence that names exactly the times that are missing."""
    words = {
        "submitted_at": say("the time of submission"),
        "arrived_at": say("the time of arrival"),
        "eta": say("the notified time of arrival (ETA)"),
        "take_off": say("the time of take-off"),
        "lands": say("the time of landing"),
    }
    return say("not given: {facts}", facts=", ".join(words[name] for name in lacking))


def unless_agreed() -> str:
    """Said of what breaches a paragraph that the Parties may set aside; a plan does not tell whether they did."""
    return say("; in order only where the Parties agreed otherwise")


@rule("I.1")
def observed_is_a_party(observed: str, regime: Regime) -> Finding:
    """Observation flights take place over the territories of States Parties only."""
    if regime.is_party(observed):
        return complies(say("{code} is a Party on {day}", code=observed, day=regime.day), seen={"observed": observed})
    return breaches(
        say("{code} is not a Party on {day}; no observation flight over it", code=observed, day=regime.day),
        seen={"observed": observed},
    )


@rule("I.1")
def observing_is_a_party(observing: str | None, regime: Regime) -> Finding:
    """Observation flights are conducted by States Parties."""
    if observing is None:
        return undetermined(say("the plan does not name the observing Party"), "observing")
    if regime.is_party(observing):
        return complies(
            say("{code} is a Party on {day}", code=observing, day=regime.day), seen={"observing": observing}
        )
    return breaches(
        say("{code} is not a Party on {day} and may not conduct the flight", code=observing, day=regime.day),
        seen={"observing": observing},
    )


@rule("AnnE.1")
def starts_or_ends_at_an_airfield_of_the_treaty(end: PathEnd | None, which: str, parties: Collection[str]) -> Finding:
    """The flight starts and ends at an Open Skies airfield, or at a point of entry or exit, of the observed Party.

    `which` is ``start``, ``end`` or ``exit``: a point of exit that a plan names is designated as one.
    """
    word = {"start": say("start airfield"), "end": say("end airfield"), "exit": say("point of exit")}[which]
    if end is None:
        return undetermined(
            say("no {word} is named and none of the treaty lies within {km:g} km", word=word, km=AIRFIELD_WITHIN_KM),
            f"{which}_airfield",
        )
    where = place(end.leg, end.lon_deg, end.lat_deg)
    seen = {"icao": end.icao, "roles": sorted(end.roles), "off_km": round(end.off_km, 3)}
    if not end.open_on_day:
        return breaches(say("{word} {icao}: {note}", word=word, icao=end.icao, note=end.note), where=where, seen=seen)
    if not set(end.party.split(";")) & set(parties):
        return breaches(
            say(
                "{word} {icao} belongs to {party}, not to the observed Party",
                word=word,
                icao=end.icao,
                party=end.party,
            ),
            where=where,
            seen=seen,
        )
    if not end.roles & ROLES[which]:
        return breaches(
            say("{word} {icao} is not designated for that on this day", word=word, icao=end.icao),
            where=where,
            seen=seen,
        )
    off_km = Beside(end.off_km, AIRFIELD_WITHIN_KM)
    if off_km > AIRFIELD_WITHIN_KM:
        return breaches(
            say("the path's {which} lies {km:.1f} km from {icao}", which=which, km=off_km, icao=end.icao),
            where=where,
            seen=seen,
            limit={"value": AIRFIELD_WITHIN_KM, "unit": "km", "source": "convention of this software"},
        )
    return complies(say("{word} {icao} ({name})", word=word, icao=end.icao, name=end.name), where=where, seen=seen)


@rule("VI.II.1")
def submitted_after_arrival(submitted_at: datetime | None, arrived_at: datetime | None) -> Finding:
    """The observing Party submits the mission plan after it has arrived at the Open Skies airfield."""
    lacking = _lacking(submitted_at=submitted_at, arrived_at=arrived_at)
    if submitted_at is None or arrived_at is None:
        return undetermined(_not_given(lacking), *lacking)
    if submitted_at < arrived_at:
        return breaches(
            say(
                "submitted {at}, before the arrival {arrival}",
                at=readable(submitted_at),
                arrival=readable(arrived_at),
            )
            + unless_agreed()
        )
    return complies(
        say("submitted {at}, after the arrival {arrival}", at=readable(submitted_at), arrival=readable(arrived_at))
    )


def near_borders(near: Sequence[NearBorder], regime: Regime) -> tuple[Finding, ...]:
    """One finding for each State that is not a Party and is nearer than the limit, or may be; worst first.

    If none is, one finding that names the nearest.
    """
    limit = float(regime.value("border_clearance").value)
    of_state: dict[str, list[NearBorder]] = {}
    for one in sorted(near, key=lambda n: n.km):
        if one.name in of_state or round(one.km, MM) < limit + one.accuracy_km:
            of_state.setdefault(one.name, []).append(one)
    if not of_state:
        return (keeps_clear_of_non_party_border(near, regime),)
    return tuple(keeps_clear_of_non_party_border(rows, regime) for rows in of_state.values())


@rule("VI.II.2")
def keeps_clear_of_non_party_border(near: Sequence[NearBorder], regime: Regime) -> Finding:
    """The path comes no closer than the limit to the border of an adjacent State that is not a Party.

    Exactly at the limit complies.  A distance that differs from the limit by less than the
    borders' own accuracy decides nothing.
    """
    clearance = regime.value("border_clearance")
    limit = float(clearance.value)
    base = {"limit": limit_of(clearance), "data": (clearance.to_json(),)}
    if not near:
        return complies(say("no border of a State that is not a Party is near the path"), **base)
    closest = min(near, key=lambda n: (round(n.km, MM), n.leg))
    too_near = [n for n in near if round(n.km, MM) < limit and limit - n.km >= n.accuracy_km]
    in_doubt = [n for n in near if abs(n.km - limit) < n.accuracy_km]
    seen: dict[str, Any] = {
        "km": round(closest.km, 3),
        "margin_km": round(closest.km - limit, 6),
        "leg": closest.leg,
        "of": closest.name,
    }
    if in_doubt or too_near:
        seen["accuracy_km"] = closest.accuracy_km
        seen["legs"] = [{"leg": n.leg, "km": round(n.km, 3), "of": n.name} for n in (*too_near, *in_doubt)]
    if closest.km > 0:
        sentence = say(
            "leg {leg} passes {km:.2f} km from the border of {name}, which is not a Party on {day}",
            leg=closest.leg,
            km=Beside(closest.km, limit),
            name=closest.name,
            day=regime.day,
        )
    else:
        sentence = say(
            "leg {leg} crosses the border of {name}, which is not a Party on {day}",
            leg=closest.leg,
            name=closest.name,
            day=regime.day,
        )
    if too_near:
        legs = {n.leg for n in too_near if n.name == closest.name}
        also = say("; {n} legs in all", n=len(legs)) if len(legs) > 1 else ""
        return breaches(
            f"{sentence}{also}; " + say("at least {limit} is required", limit=clearance),
            where=closest.where(),
            seen=seen,
            **base,
        )
    if in_doubt:
        return undetermined(
            f"{sentence}; " + say("the border data are good to {km:g} km only", km=closest.accuracy_km),
            "border_position",
            where=closest.where(),
            seen=seen,
            **base,
        )
    return complies(
        f"{sentence}; " + say("at least {limit} is required", limit=clearance),
        where=closest.where(),
        seen=seen,
        **base,
    )


@rule("VI.II.2")
def keeps_clear_of_disputed_outline(near: Sequence[NearBorder], observed: str, regime: Regime) -> Finding:
    """Where an area is disputed, each reading of who it belongs to decides whether the distance must be kept.

    On a reading that gives the area to the observed Party or another Party no distance
    is asked; on one that gives it to a State that is not a Party, or to an entity that
    its recogniser holds to be a State, the border distance is.
    """
    clearance = regime.value("border_clearance")
    limit = float(clearance.value)
    base = {"limit": limit_of(clearance), "data": (clearance.to_json(),)}
    concerned = [n for n in near if n.disputed and n.km < limit + n.accuracy_km]
    if not concerned:
        return complies(say("no disputed area is near enough for the distance to bite"), **base)
    closest = min(concerned, key=lambda n: n.km)
    where, seen = closest.where(), {"km": round(closest.km, 3), "leg": closest.leg, "area": closest.disputed}
    sure = limit - closest.km >= closest.accuracy_km
    under = [
        {"reading": f"recognition={side}", "verdict": _under(side, observed, regime, sure=sure)}
        for side in (closest.sides or ("-",))
    ]
    chosen = regime.readings.get("recognition", "none")
    km = Beside(closest.km, limit)
    sentence = say("leg {leg} passes {km:.1f} km from {name}", leg=closest.leg, km=km, name=closest.name)
    more: dict[str, Any] = {"where": where, "seen": seen, "readings": {"recognition": chosen}, **base}
    verdicts = {row["reading"].removeprefix("recognition="): row["verdict"] for row in under}
    if chosen == "base":
        return complies(say("{sentence}; read as the borders' own source draws it", sentence=sentence), **more)
    if chosen in verdicts:
        decided = verdicts[chosen]
        because = say("{sentence}; read as {side}'s view", sentence=sentence, side=chosen)
        if decided == "breaches":
            return breaches(because, **more)
        if decided == "undetermined":
            return undetermined(because, "border_position", **more)
        return complies(because, **more)
    if set(verdicts.values()) == {"complies"}:
        return complies(
            say("{sentence}, a disputed area; every side to it is a Party, no distance is asked", sentence=sentence),
            under=tuple(under),
            **more,
        )
    return disputed(
        say("{sentence}, a disputed area: the published readings differ", sentence=sentence),
        under=tuple(under),
        **more,
    )


def _under(side: str, observed: str, regime: Regime, *, sure: bool) -> str:
    if side == observed or (len(side) == 3 and regime.is_party(side)):
        return "complies"
    return "breaches" if sure else "undetermined"


@rule("VI.II.3")
def ends_and_stops_within_the_window(
    eta: datetime | None, stops: Sequence[tuple[str, datetime, datetime]], lands: datetime | None, regime: Regime
) -> Finding:
    """Refuelling and rest stops and the end of the flight lie inside the time that VI.I.9 gives from the ETA."""
    window = regime.value("flight_window")
    base = {"limit": limit_of(window), "data": (window.to_json(),)}
    moments = [(say("stop at {airfield}", airfield=a), leave) for a, _, leave in stops]
    if lands is not None:
        moments.append((say("landing"), lands))
    lacking = _lacking(eta=eta, lands=lands)
    if eta is not None:
        due = eta + timedelta(hours=float(window.value))
        early = [name for name, moment in moments if moment < eta]
        late = [(name, moment) for name, moment in moments if moment > due]
        if late:
            name, moment = max(late, key=lambda pair: pair[1])
            return breaches(
                say(
                    "{name} ends {moment}, after {due} ({window} from the ETA)",
                    name=name,
                    moment=readable(moment),
                    due=readable(due),
                    window=window,
                )
                + unless_agreed(),
                seen={"late": [n for n, _ in late]},
                **base,
            )
        if early:
            return breaches(say("{name} lies before the ETA", name=early[0]), seen={"early": early}, **base)
    if lacking:
        return undetermined(_not_given(lacking), *lacking, **base)
    return complies(say("all stops and the landing lie within {window} of the ETA", window=window), **base)


@rule("VI.II.4.A")
def keeps_within_maximum_distance(
    icao: str,
    *,
    length_km: float,
    over_territory_km: float,
    counted_km: float,
    limit: Value | None,
    regime: Regime,
    disputed_km: float = 0.0,
    used_up_at: Mapping[str, Any] | None = None,
) -> Finding:
    """The flight distance is at most the maximum for the airfield where the flight starts.

    Which part of the path counts is the reading `distance_counts`; both lengths are shown, and the place
    `used_up_at` where a path that is too long has flown the maximum.
    """
    readings = {k: v for k, v in regime.readings.items() if k in ("distance_counts", "distance_source")}
    seen: dict[str, Any] = {
        "counted_km": round(counted_km, 3),
        "length_km": round(length_km, 3),
        "over_territory_km": round(over_territory_km, 3),
    }
    if limit is None:
        return undetermined(
            say("no maximum flight distance is known for {icao} on {day}", icao=icao or "?", day=regime.day),
            "max_flight_distance",
            seen=seen,
            readings=readings,
        )
    others = [{"value": o.value, "unit": o.unit, "source": o.source} for o in limit.others]
    if others:
        seen["other_values"] = others
    sentence = say(
        "{counted:.1f} km counted ({length:.1f} km in all, {over:.1f} km over the territory); "
        "from {icao} at most {limit}",
        counted=Beside(counted_km, float(limit.value)),
        length=Beside(length_km, float(limit.value)),
        over=Beside(over_territory_km, float(limit.value)),
        icao=icao,
        limit=limit.marked,
    )
    more = {"seen": seen, "limit": limit_of(limit), "data": (limit.to_json(),), "readings": readings}
    seen["margin_km"] = round(float(limit.value) - counted_km, 6)
    if round(counted_km, MM) > float(limit.value):
        over = say(
            "{sentence}; {over:.3f} km too many", sentence=sentence, over=Beside(counted_km - float(limit.value), 0.0)
        )
        return breaches(over, where=used_up_at, **more)
    if disputed_km > 0:
        seen["disputed_km"] = round(disputed_km, 3)
        if readings.get("distance_counts") != "whole_path" and counted_km + disputed_km > float(limit.value):
            return disputed(
                say("{sentence}; with {km:.1f} km over disputed areas it is more", sentence=sentence, km=disputed_km),
                **more,
            )
    return complies(sentence, **more)


@rule("VI.II.4.C")
def takes_account_of_hazardous_airspace(areas_known: bool, entered: Sequence[str] = ()) -> Finding:
    """The plan takes account of published hazardous airspace.

    It may lead through it, since any point may be observed (VI.II.2); then it is for the observed Party to name
    the hazard and to help, or to propose another way (VI.II.5).
    """
    if not areas_known:
        return undetermined(say("no data of hazardous airspace were given"), "hazardous_airspace")
    if entered:
        return undetermined(
            say(
                "the plan enters {areas} while closed: the observed Party may name the hazard and helps, or proposes "
                "another height, route or time (VI.II.5)",
                areas=", ".join(entered),
            ),
            "answer_under_VI.II.5",
            seen={"entered": list(entered)},
        )
    return complies(say("the plan enters no hazardous airspace of the data given"))


@rule("VI.II.4.E")
def starts_late_enough_after_submission(
    submitted_at: datetime | None, take_off: datetime | None, regime: Regime
) -> Finding:
    """The flight starts no sooner than the set time after the plan was submitted, unless agreed otherwise."""
    wait = regime.value("plan_before_take_off")
    base = {"limit": limit_of(wait), "data": (wait.to_json(),)}
    if submitted_at is None or take_off is None:
        lacking = _lacking(submitted_at=submitted_at, take_off=take_off)
        return undetermined(_not_given(lacking), *lacking, **base)
    earliest = submitted_at + timedelta(hours=float(wait.value))
    hours = (take_off - submitted_at).total_seconds() / 3600
    sentence = say(
        "take-off {at}, {hours:.1f} h after submission; earliest {earliest}",
        at=readable(take_off),
        hours=Beside(hours, float(wait.value)),
        earliest=readable(earliest),
    )
    seen = {"hours": round(hours, 3), "margin_h": round(hours - float(wait.value), 3)}
    if take_off < earliest:
        return breaches(sentence + unless_agreed(), seen=seen, **base)
    return complies(sentence, seen=seen, **base)
