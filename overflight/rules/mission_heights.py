"""Heights of sensors (VI.II.4.D) and what runs outside the observed Party's territory (VII.3, Decision 22/02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, breaches, complies, disputed, rule, silent, undetermined
from overflight.rules.path_facts import LegHeight, StretchOver, place
from overflight.terms.amount import Beside
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("VI.II.4.D")
def keeps_certified_height(sensor: str | None, certified_h_min_m: float | None, legs: Sequence[LegHeight]) -> Finding:
    """While a sensor runs, the planned height above ground is at least the sensor's certified minimum height.

    Exactly at the minimum complies.  Where the ground rises above a leg's mean ground by more
    than the height to spare, a level leg would be too low there and a leg that follows the ground
    would not: the plan does not say which, so the answer is open.
    """
    if sensor is None:
        return undetermined(say("the plan names no sensor"), "sensors")
    if certified_h_min_m is None:
        return undetermined(
            say("no certified minimum height is given for {sensor}", sensor=sensor),
            "certified_h_min_m",
            seen={"sensor": sensor},
        )
    limit = {"value": certified_h_min_m, "unit": "m", "source": say("certificate of {sensor}", sensor=sensor)}
    if not legs:
        return undetermined(
            say("no planned height above ground is given where {sensor} runs", sensor=sensor),
            "height_agl_m",
            seen={"sensor": sensor},
            limit=limit,
        )
    lowest = min(legs, key=lambda leg: leg.height_agl_m)
    seen: dict[str, Any] = {
        "sensor": sensor,
        "lowest_m": lowest.height_agl_m,
        "margin_m": round(lowest.height_agl_m - certified_h_min_m, 3),
        "leg": lowest.leg,
    }
    if lowest.height_agl_m < certified_h_min_m:
        return breaches(
            say(
                "{sensor}: leg {leg} is planned at {height:.0f} m above ground, {short:.0f} m below {limit:.0f} m",
                sensor=sensor,
                leg=lowest.leg,
                height=Beside(lowest.height_agl_m, certified_h_min_m),
                short=Beside(certified_h_min_m - lowest.height_agl_m, 0.0),
                limit=certified_h_min_m,
            ),
            where=place(lowest.leg, lowest.lon_deg, lowest.lat_deg),
            seen=seen,
            limit=limit,
        )
    known = [leg for leg in legs if leg.ground_rise_m is not None]
    tight = [leg for leg in known if _spare(leg, certified_h_min_m) < 0]
    if tight:
        worst = min(tight, key=lambda leg: _spare(leg, certified_h_min_m))
        seen |= {
            "margin_m": round(_spare(worst, certified_h_min_m), 1),
            "leg": worst.leg,
            "ground_rise_m": round(worst.ground_rise_m or 0.0),
            "ground_error_m": round(worst.ground_error_m or 0.0),
        }
        # Within the error bar every leg may still have the height to spare: better heights of the ground can tell.
        finer = all(_spare(leg, certified_h_min_m) + 2 * (leg.ground_error_m or 0.0) >= 0 for leg in tight)
        return undetermined(
            say(
                "{sensor}: on leg {leg} the ground rises {rise:.0f} m (give or take {error:.0f} m) above its mean; "
                "a level leg could pass below {limit:.0f} m above ground",
                sensor=sensor,
                leg=worst.leg,
                rise=worst.ground_rise_m or 0.0,
                error=worst.ground_error_m or 0.0,
                limit=certified_h_min_m,
            )
            + (say("; load finer ground heights with --elevation to decide") if finer else ""),
            "height_profile",
            where=place(worst.leg, worst.lon_deg, worst.lat_deg),
            seen=seen,
            limit=limit,
        )
    return complies(
        say(
            "{sensor}: lowest planned height {height:.0f} m above ground; certified minimum {limit:.0f} m",
            sensor=sensor,
            height=Beside(lowest.height_agl_m, certified_h_min_m),
            limit=certified_h_min_m,
        ),
        seen=seen,
        limit=limit,
    )


def _spare(leg: LegHeight, h_min_m: float) -> float:
    return leg.height_agl_m - (leg.ground_rise_m or 0.0) - (leg.ground_error_m or 0.0) - h_min_m


@rule("VII.3")
def sensors_off_over_other_states(
    stretches: Sequence[StretchOver], sensors_on: Sequence[tuple[float, float]] | None
) -> Finding:
    """No sensor runs over the territory of a State other than the observed Party.

    Of the high seas the paragraph says nothing: where sensors run over them, the answer says so.
    """
    foreign = [s for s in stretches if s.code is not None]
    at_sea = [s for s in stretches if s not in foreign]
    sea_run = _running(at_sea, sensors_on)
    if not foreign and not sea_run:
        sea = say("; {km:.0f} km lie over the high seas", km=_km(at_sea)) if at_sea else ""
        return complies(say("the path crosses no other State") + sea)
    if foreign and sensors_on is None:
        return undetermined(
            say(
                "the path crosses {names}; the plan does not say from where to where the sensors run",
                names=_names(foreign),
            ),
            "sensors_on",
            where=foreign[0].where(),
        )
    on = _running(foreign, sensors_on)
    if on:
        return breaches(
            say("sensors run over {names} for {km:.1f} km", names=_names(on), km=_km(on)),
            where=on[0].where(),
            seen={"stretches": [_row(s) for s in on]},
        )
    if sea_run:
        return silent(
            say(
                "sensors run over the high seas for {km:.1f} km: no territory of a State, and no part of an "
                "observation flight over the observed Party's (II.5)",
                km=_km(sea_run),
            ),
            where=sea_run[0].where(),
            seen={"stretches": [_row(s) for s in sea_run]},
        )
    return complies(say("sensors are off over {names}", names=_names(foreign)))


@rule("D22.2")
def has_consent_of_crossed_states(stretches: Sequence[StretchOver], regime: Regime) -> Finding:
    """A leg over another State is usable only after co-ordination with that State (OSCC Decision 22/02)."""
    foreign = [s for s in stretches if s.code is not None]
    if not foreign:
        return complies(say("the path crosses no other State"))
    codes = sorted({s.code for s in foreign if s.code})
    outside = [c for c in codes if not regime.is_party(c)]
    note = say("; not a Party: {codes}, whose own consent is needed", codes=", ".join(outside)) if outside else ""
    return undetermined(
        say("open item: co-ordination with {names} over {km:.0f} km", names=_names(foreign), km=_km(foreign)) + note,
        *(f"consent of {code}" for code in codes),
        where=foreign[0].where(),
        seen={"stretches": [_row(s) for s in foreign]},
    )


@rule("II.8")
def stays_off_disputed_territory(stretches: Sequence[StretchOver], regime: Regime) -> Finding:
    """Whose territory lies below is part of what counts; over a disputed area the readings differ."""
    if not stretches:
        return complies(say("the path crosses no disputed area"))
    chosen = regime.readings.get("recognition", "none")
    sides = sorted({side for s in stretches for side in s.sides})
    undecided = [s for s in stretches if chosen not in s.sides] if chosen != "base" else []
    under = tuple({"reading": f"recognition={side}", "territory_of": side} for side in sides)
    more: dict[str, Any] = {
        "where": next(iter(undecided), stretches[0]).where(),
        "seen": {"stretches": [_row(s) for s in stretches]},
        "readings": {"recognition": chosen},
    }
    if not undecided:
        names = ", ".join(dict.fromkeys(s.name for s in stretches))
        return complies(say("the path crosses {names}; read as {view}", names=names, view=chosen), under=under, **more)
    names = ", ".join(dict.fromkeys(f"{s.name} ({' / '.join(s.sides)})" for s in undecided))
    return disputed(
        say(
            "the path crosses {names}: the published readings of whose territory it is differ, and with them what "
            "counts (VI.II.4.A), where sensors may run (VII.3) and whose consent is needed (D22.2)",
            names=names,
        ),
        under=under,
        **more,
    )


def _running(
    stretches: Sequence[StretchOver], sensors_on: Sequence[tuple[float, float]] | None
) -> tuple[StretchOver, ...]:
    """The parts of some stretches along which sensors run; each keeps the place where its stretch begins."""
    return tuple(
        replace(s, from_km=max(a, s.from_km), to_km=min(b, s.to_km))
        for s in stretches
        for a, b in sensors_on or ()
        if a < s.to_km and s.from_km < b
    )


def _names(stretches: Sequence[StretchOver]) -> str:
    """The States, each once; of a disputed area also the side that the chosen view gives it to."""
    return ", ".join(dict.fromkeys(s.name if not s.sides else f"{s.name} ({_side(s)})" for s in stretches))


def _side(over: StretchOver) -> str:
    return over.code if over.code in over.sides else "self-administered"


def _km(stretches: Sequence[StretchOver]) -> float:
    return sum(s.to_km - s.from_km for s in stretches)


def _row(stretch: StretchOver) -> dict[str, Any]:
    return {"of": stretch.code, "from_km": round(stretch.from_km, 2), "to_km": round(stretch.to_km, 2)}
