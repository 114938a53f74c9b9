"""Changes to what a plan declares beside its path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from overflight.app.plan_optimise import AircraftUse
from overflight.app.plans import sensor_uses
from overflight.errors import BadInput
from overflight.planning.measure import own_codes, path_end
from overflight.planning.passage import retimed, with_times
from overflight.planning.request_values import LONGEST_STOP_H, between
from overflight.rules.finding import Verdict
from overflight.rules.mission_plan import starts_or_ends_at_an_airfield_of_the_treaty
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say
from overflight.treaty.regime import Regime

STOP_HOURS = 1.0  # on the ground, where nobody says


def edited(
    plan: MissionPlan,
    *,
    day: date,
    take_off: datetime | None = None,
    lands: datetime | None = None,
    speed_kmh: float | None = None,
    height_m: float | None = None,
    sensors: Sequence[str] = (),
    observing: str | None = None,
    point_of_exit: str | None = None,
) -> MissionPlan:
    """The plan with what was given; stops and landing follow from take-off, length and speed.

    Each stop keeps its time on the ground; a landing that is given stands.

    Raises
    ------
    BadInput
        If a number is out of range, the plan would land before it takes off, or the point of exit is none of the
        observed Party's on the day.
    """
    between(speed_kmh, "--speed-kmh", 0.0, 3000.0, "km/h", open_below=True)
    between(height_m, "--height-m", 0.0, 30_000.0, "m", open_below=True)
    regime = Regime.on(day)
    if point_of_exit is not None:
        _refuse_exit(replace(plan, point_of_exit=point_of_exit.strip().upper()), regime)
    out = replace(
        plan,
        take_off=take_off or plan.take_off,
        ground_speed_kmh=speed_kmh or plan.ground_speed_kmh,
        height_agl_m=(height_m,) if height_m is not None else plan.height_agl_m,
        sensors=sensor_uses(sensors, regime) if sensors else plan.sensors,
        observing=(observing or plan.observing or "").upper() or None,
        point_of_exit=(point_of_exit or plan.point_of_exit or "").strip().upper() or None,
    )
    if take_off or speed_kmh or (lands is None and plan.lands is None):
        # the speed is flown, also where the times in the plan were made with another
        out = retimed(out, replace(plan, ground_speed_kmh=None), regime)
    if lands is not None:
        out = replace(out, lands=lands)
    if out.lands and out.take_off and out.lands <= out.take_off:
        raise BadInput(say("the plan would land before it takes off; give --lands or --take-off"), field="--lands")
    return out


def as_flown(
    plan: MissionPlan,
    regime: Regime,
    *,
    take_off: datetime | None = None,
    speed_kmh: float | None = None,
    via: Sequence[str] = (),
    stop_hours: float | None = None,
    aircraft: AircraftUse | None = None,
) -> MissionPlan:
    """The plan with what it does not say of its flight, or says otherwise: as `plan optimise` would write it.

    An aircraft's own speed is taken only where neither the plan nor `speed_kmh` has one.  Stops get their times where
    the path comes to them and take-off and speed are known.

    Raises
    ------
    BadInput
        If a number is out of range.
    """
    between(stop_hours, "--stop-hours", 0.0, LONGEST_STOP_H, "h")
    if aircraft is not None:
        plan = replace(plan, aircraft=aircraft.id)
        if speed_kmh is None and plan.ground_speed_kmh is None:
            speed_kmh = aircraft.speed_kmh
    if take_off is not None or speed_kmh is not None:
        plan = edited(plan, day=regime.day, take_off=take_off, speed_kmh=speed_kmh)
    if not via and stop_hours is None:
        return plan
    airfields = list(via) or [stop.airfield for stop in plan.stops]
    hours = STOP_HOURS if stop_hours is None else stop_hours
    return with_times(plan, airfields, take_off=None, speed_kmh=None, stop_hours=hours, regime=regime)


def _refuse_exit(plan: MissionPlan, regime: Regime) -> None:
    """Raise `BadInput` for a point of exit that the check of the plan would find in breach (AnnE.1)."""
    found = starts_or_ends_at_an_airfield_of_the_treaty(
        path_end(plan, regime, "exit"), "exit", own_codes(plan.observed, regime)
    )
    if found.verdict is not Verdict.COMPLIES:
        raise BadInput(f"--point-of-exit: {found.because}", citation=found.citation, field="--point-of-exit")
