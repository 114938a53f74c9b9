"""`overflight plan optimise`: find the best legal path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    moment_of,
    note,
    regime_of,
    table,
)
from overflight.cli.plan_options import (
    BordersOption,
    DaylightOption,
    ElevationOption,
    MaxKmOption,
    MinLegOption,
    MinSunOption,
    ObservingOption,
    OutOption,
    RangeOption,
    RegionsOption,
    SeedOption,
    SensorUsesOption,
    SpeedOption,
    SwathOption,
    SwathsOption,
    TakeOffOption,
    TurnOption,
    TurnRadiusOption,
    ViaOption,
)
from overflight.cli.plan_words import (
    left_out_line,
    missed_line,
    print_check,
    print_conditions,
    print_findings,
    write_plans,
)
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.plan_optimise import Planned
    from overflight.planning.request import PlanResult

NAMED_SITES = 5  # of those left out


def register(app: typer.Typer) -> None:
    """Add the command ``optimise`` to the commands on plans."""
    app.command()(optimise)


def optimise(
    observed: Annotated[str, typer.Option("--observed", metavar="PARTY", help="The observed Party, such as DEU.")],
    start: Annotated[str, typer.Option("--from", metavar="ICAO", help="Airfield where the flight starts.")],
    sites: Annotated[
        str, typer.Option("--sites", metavar="FILE", help="CSV or GeoJSON of sites, or airports:DEU to try it out.")
    ],
    swath_km: SwathOption = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="ICAO", help="Airfield where it ends; default the same.")
    ] = None,
    via: ViaOption = None,
    entry: Annotated[
        str | None, typer.Option("--entry", metavar="ICAO", help="Point of entry: the leg from there is shown.")
    ] = None,
    point_of_exit: Annotated[
        str | None, typer.Option("--exit", metavar="ICAO", help="Point of exit: the leg to there is shown.")
    ] = None,
    max_km: MaxKmOption = None,
    aircraft: Annotated[
        list[str] | None,
        typer.Option(
            "--aircraft",
            metavar="ID[=KM[/KMH]]",
            help="Aircraft with its range and speed from the data, or yours; repeated: compares them.",
        ),
    ] = None,
    range_km: RangeOption = None,
    speed_kmh: SpeedOption = None,
    take_off: TakeOffOption = None,
    stop_hours: Annotated[
        float, typer.Option("--stop-hours", metavar="H", help="Hours on the ground at each stop.")
    ] = 1.0,
    taxi: Annotated[
        bool, typer.Option("--taxi", help="The observed Party supplies the aircraft: its range is owed (VI.I.1).")
    ] = False,
    notified_km: Annotated[
        float | None,
        typer.Option("--notified-km", metavar="L", help="Flight distance that was notified; default the limit."),
    ] = None,
    regions: RegionsOption = None,
    min_leg_km: MinLegOption = 0.0,
    turn_radius_km: TurnRadiusOption = 0.0,
    turn: TurnOption = "short",
    daylight: DaylightOption = False,
    min_sun_deg: MinSunOption = 0.0,
    observing: ObservingOption = None,
    height_m: Annotated[
        float | None, typer.Option("--height-m", metavar="H", help="Planned height above ground, metres.")
    ] = None,
    sensor: SensorUsesOption = None,
    swath: SwathsOption = None,
    time: Annotated[float | None, typer.Option("--time", metavar="S", help="Stop after S seconds; default 10.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Stop after N steps: repeatable on any machine.")
    ] = None,
    seed: SeedOption = 0,
    out: OutOption = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Draw plan and sites on a map: .svg or .png.")
    ] = None,
    curve: Annotated[
        Path | None, typer.Option("--curve", metavar="FILE", help="Draw value against time: .svg or .png.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help="Write when value and bound became better, JSON.")
    ] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Find the best legal path over your sites; Ctrl-C stops and keeps the best so far, -o keeps the plan.

    Without --swath-km the widest --swath is taken for sites that name no instrument.

    Example: overflight plan optimise --observed DEU --from ETNW --sites airports:DEU --swath-km 10 -o plan.json
    """
    from overflight.app import plan_optimise, plan_pictures, plan_regions, plans
    from overflight.app.files import refuse_unwritable
    from overflight.planning.planfile import plan_feature

    plans.stop_rule(time, steps)  # refused before anything is read
    for file in (picture, curve):
        if file is not None:
            plan_pictures.kind_of(file)
    refuse_unwritable(out, picture, curve, history)
    heard = plan_pictures.History(after=_Progress())
    day = regime_of(on, reading, regime)
    over = plans.ground(borders, elevation)
    party = _code(observed)
    height = _height(height_m)
    sensors = plans.sensor_uses(sensor or (), day)
    swaths = plan_optimise.swaths_from(swath or (), sensors, height, day)
    uses = tuple(plan_optimise.aircraft_from(text, day) for text in aircraft or ())
    request = plans.PlanRequest(
        observed=party,
        start=_code(start),
        end=_code(end or start),
        sites=plans.sites_from(sites, observed_party=party, borders=over.borders),
        swath_km=_widest(swath_km, swaths),
        max_km=max_km,
        observing=_code(observing) if observing else None,
        height_agl_m=height,
        sensors=sensors,
        regions=plan_regions.regions_from(regions or (), observed=party, regime=day, borders=over.borders),
        stops=tuple(_code(icao) for icao in via or ()),
        range_km=range_km,
        speed_kmh=speed_kmh,
        take_off=moment_of(take_off, "--take-off"),
        min_leg_km=min_leg_km,
        turn_radius_km=turn_radius_km,
        turn=turn,
        swaths_km=swaths,
        min_sun_deg=min_sun_deg,
        stop_hours=stop_hours,
    )
    ways = plan_optimise.Ways(
        entry=_code(entry) if entry else None,
        exit=_code(point_of_exit) if point_of_exit else None,
        taxi=taxi,
        notified_km=notified_km,
        aircraft=uses,
        daylight=daylight or min_sun_deg != 0.0,
    )
    for sentence in plan_regions.notes_on(regions or (), day):
        note(sentence)
    planned = plan_optimise.plan(
        request, day, over, ways, stop=lambda: plans.stop_rule(time, steps), seed=seed, progress=heard
    )
    if out is not None:
        write_plans({out: plan_feature(planned.result.plan)}, answer=planned.to_json() if json else None)
    plan_pictures.write_pictures(
        planned.result, planned.request, day, over, heard, picture=picture, curve=curve, history=history
    )
    answer(planned.to_json(), as_json=json, human=lambda: _print_planned(planned, out), code=0 if planned.good else 1)


def _code(text: str) -> str:
    return text.strip().upper()


def _widest(swath_km: float | None, swaths: Mapping[str, float]) -> float:
    from overflight.errors import BadInput

    if swath_km is not None:
        return swath_km
    if not swaths:
        raise BadInput(
            say("--swath-km is missing: the full width that is observed, or --swath ID=KM for each instrument"),
            field="--swath-km",
        )
    return max(swaths.values())


def _height(metres: float | None) -> float | None:
    import math

    from overflight.errors import BadInput

    if metres is not None and not (math.isfinite(metres) and 0 < metres < 50_000):
        raise BadInput(say("--height-m must be metres above ground, above 0"), field="--height-m")
    return metres


class _Progress:
    """A line on standard error every two seconds, so that a short search stays silent."""

    def __init__(self) -> None:
        from time import monotonic

        self.clock, self.last = monotonic, monotonic()

    def __call__(self, step: int, value: float, bound: float | None = None, gap: float | None = None) -> None:
        if self.clock() - self.last < 2.0:
            return
        self.last = self.clock()
        if bound is None or gap is None:
            note(say("step {step}: value {value:g} so far", step=step, value=value))
        else:
            note(
                say(
                    "step {step}: value {value:g} so far; bound {bound:g}, gap {gap:.1f} %",
                    step=step,
                    value=value,
                    bound=bound,
                    gap=100 * gap,
                )
            )


def _print_result(result: PlanResult) -> None:
    print(
        say(
            "value {value:g} of {total:g}: {seen} sites on {points} waypoints, {length:.1f} km",
            value=result.value,
            total=result.total_value,
            seen=len(result.observed_sites),
            points=len(result.plan.waypoints),
            length=result.check.length_km,
        )
    )
    if result.bound is not None:
        print(
            say(
                "discrete_value {discrete:g}: the best path found through candidate points; bound {bound:g}: {what}",
                discrete=result.discrete_value,
                bound=result.bound,
                what=say("proven, no such path observes more")
                if result.proven
                else say("all sites within reach, no proof yet"),
            )
        )
    if result.gap is not None:
        print(say("gap = (bound - discrete_value) / bound = {gap:.1f} %", gap=100 * result.gap))
    if result.bound_note is not None:
        print(result.bound_note)
    print(
        say(
            "stopped by {why} after {steps} steps, {s:.1f} s",
            why=result.stopped_by,
            steps=result.steps,
            s=result.seconds,
        )
    )
    reasons = {
        "outside_territory": say("outside the territory"),
        "out_of_reach": say("out of reach"),
        "behind_border_distance": say("too near a border"),
        "inside_closed_area": say("inside a closed area"),
    }
    to_name = NAMED_SITES
    for reason, words in reasons.items():
        left_out = [left for left in result.ignored if left.reason == reason]
        if left_out:
            print(say("sites left out, {why}: {many}", many=len(left_out), why=words))
        # Those whose row may be wrong come first.
        named = sorted(left_out, key=lambda one: not one.swapped)[:to_name]
        to_name -= len(named)
        for left in named:
            print("  " + left_out_line(left))
    print_check(result.check)


def _print_planned(planned: Planned, out: Path | None) -> None:
    for row in planned.by_aircraft:
        if "no_plan" in row:
            print(say("{id}: no plan: {why}", id=row["aircraft"], why=row["no_plan"]))
    if planned.by_aircraft:
        keys = (
            "aircraft",
            "range_km",
            "speed_kmh",
            "value",
            "length_km",
            "hours",
            "complies",
            "conditions_kept",
            "best",
        )
        rows = [[row.get(key) for key in keys] for row in planned.by_aircraft if "no_plan" not in row]
        table(rows, keys)
    _print_result(planned.result)
    print_conditions([one.to_json() for one in planned.conditions.findings], kept=planned.conditions.kept)
    if planned.required_missing:
        named = ", ".join(name[:40] for name in planned.required_missing[:NAMED_SITES])
        print(say("required and not observed: {sites}", sites=named))
    if planned.missed:
        missed = sorted(planned.missed, key=lambda site: -site.value)
        print(say("not observed, by value: {sites}", sites=missed_line([site.name for site in missed])))
    for leg in planned.transit_legs:
        print(say("{a} to {b}: {km:.0f} km, not counted (II.11)", a=leg["from"], b=leg["to"], km=leg["km"]))
    if planned.taxi is not None:
        owed = planned.taxi.owed_km
        print(
            say("taxi option: a range of {km:.0f} km is owed (VI.I.1.c)", km=owed)
            if owed is not None
            else say("taxi option: no range is owed in the phase-in (XVIII.II.5)")
        )
        if planned.taxi.finding is not None:
            print_findings([planned.taxi.finding])
    for sentence in planned.notes:
        note(sentence)
    if out is not None:
        print(say("plan written to {path}", path=str(out)))
