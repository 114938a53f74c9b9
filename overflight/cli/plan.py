"""`overflight plan`: find, check and compare mission plans."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overflight.cli.common import (
    JsonOption,
    OnOption,
    ReadingOption,
    RegimeOption,
    answer,
    day_of,
    moment_of,
    note,
    readings_of,
    table,
)
from overflight.cli.plan_edit import register as register_edit
from overflight.cli.plan_more import register as register_more
from overflight.cli.plan_orienteer import register as register_orienteer
from overflight.cli.plan_picture import register as register_picture
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import Ignored, PlanResult
    from overflight.planning.validate import PlanCheck
    from overflight.treaty.regime import Regime

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Find, check and compare mission plans."
)

register_edit(app)
register_more(app)
register_orienteer(app)
register_picture(app)

NAMED_SITES = 5  # of those left out

BordersOption = Annotated[
    Path | None, typer.Option("--borders", metavar="DIR", help="Your own borders instead of the packaged ones.")
]
ElevationOption = Annotated[
    Path | None, typer.Option("--elevation", metavar="DIR", help="Your own ground heights (GeoTIFF).")
]
PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="Plan file: a GeoJSON Feature, one LineString.")]


def _regime(on: str | None, reading: list[str] | None, folder: Path | None) -> Regime:
    from overflight.treaty.regime import Regime

    return Regime.on(day_of(on), readings=readings_of(reading), folder=folder)


@app.command()
def check(
    plan: PlanArgument,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    arrived: Annotated[
        str | None, typer.Option("--arrived", metavar="TIME", help="Arrival at the Open Skies airfield (VI.II.1).")
    ] = None,
    eta: Annotated[
        str | None, typer.Option("--eta", metavar="TIME", help="Notified time of arrival (VI.II.3).")
    ] = None,
    submitted: Annotated[
        str | None,
        typer.Option("--submitted", metavar="TIME", help="Submission, instead of the plan's own time (VI.II.4.E)."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a plan against every rule on plans, one finding each; exits 1 if any is breached.

    Example: overflight plan check plan.json --on 2021-05-17
    """
    from overflight.app import plans

    day = _regime(on, reading, regime)
    found = plans.check(
        plans.read_plan(plan),
        day,
        plans.ground(borders, elevation),
        arrived_at=moment_of(arrived, "--arrived"),
        eta=moment_of(eta, "--eta"),
        submitted_at=moment_of(submitted, "--submitted"),
    )
    answer(found.to_json(), as_json=json, human=lambda: _print_check(found), code=0 if found.complies else 1)


@app.command()
def optimise(
    observed: Annotated[str, typer.Option("--observed", metavar="PARTY", help="The observed Party, such as DEU.")],
    start: Annotated[str, typer.Option("--from", metavar="ICAO", help="Airfield where the flight starts.")],
    sites: Annotated[
        str, typer.Option("--sites", metavar="FILE", help="CSV or GeoJSON of sites, or airports:DEU to try it out.")
    ],
    swath_km: Annotated[float, typer.Option("--swath-km", metavar="W", help="Full width that is observed.")],
    end: Annotated[
        str | None, typer.Option("--to", metavar="ICAO", help="Airfield where it ends; default the same.")
    ] = None,
    max_km: Annotated[
        float | None, typer.Option("--max-km", metavar="L", help="Longest path; may only lower the treaty's limit.")
    ] = None,
    observing: Annotated[str | None, typer.Option("--observing", metavar="PARTY", help="The observing Party.")] = None,
    height_m: Annotated[
        float | None, typer.Option("--height-m", metavar="H", help="Planned height above ground, metres.")
    ] = None,
    sensor: Annotated[
        list[str] | None,
        typer.Option("--sensor", metavar="ID[=METRES]", help="A sensor and its certified minimum height."),
    ] = None,
    time: Annotated[float | None, typer.Option("--time", metavar="S", help="Stop after S seconds; default 10.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Stop after N steps: repeatable on any machine.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Another seed, another search.")] = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the plan file.")] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Find the best legal path over your sites; Ctrl-C stops and keeps the best so far.

    Example: overflight plan optimise --observed DEU --from ETNW --sites airports:DEU --swath-km 10 -o plan.json
    """
    from overflight.app import plans

    stop = plans.stop_rule(time, steps)
    day = _regime(on, reading, regime)
    over = plans.ground(borders, elevation)
    party = observed.strip().upper()
    request = plans.PlanRequest(
        observed=party,
        start=start.strip().upper(),
        end=(end or start).strip().upper(),
        sites=plans.sites_from(sites, observed_party=party, borders=over.borders),
        swath_km=swath_km,
        max_km=max_km,
        observing=observing.strip().upper() if observing else None,
        height_agl_m=_height(height_m),
        sensors=plans.sensor_uses(sensor or (), day),
    )
    result = plans.optimise(request, day, over, stop=stop, seed=seed, progress=_Progress())
    if out is not None:
        plans.write_plan(result.plan, out)
    answer(
        result.to_json(),
        as_json=json,
        human=lambda: _print_result(result, out),
        code=0 if result.check.complies else 1,
    )


@app.command()
def compare(
    first: PlanArgument,
    second: Annotated[Path, typer.Argument(metavar="OTHER", help="Another plan file.")],
    sites: Annotated[
        str | None, typer.Option("--sites", metavar="FILE", help="Your sites: adds what each plan observes.")
    ] = None,
    swath_km: Annotated[
        float | None, typer.Option("--swath-km", metavar="W", help="Full width that is observed.")
    ] = None,
    on: OnOption = None,
    reading: ReadingOption = None,
    regime: RegimeOption = None,
    borders: BordersOption = None,
    elevation: ElevationOption = None,
    json: JsonOption = False,
) -> None:
    """Two plans side by side: distance, hours, findings; value only with --sites.

    Example: overflight plan compare ours.json theirs.json --sites sites.csv --swath-km 10
    """
    from overflight.app import plans

    ours, theirs = plans.read_plan(first), plans.read_plan(second)
    over = plans.ground(borders, elevation)
    wanted = plans.sites_from(sites, observed_party=ours.observed, borders=over.borders) if sites else None
    found = plans.compare(ours, theirs, _regime(on, reading, regime), over, sites=wanted, swath_km=swath_km)

    def human() -> None:
        one, two = found["first"], found["second"]
        rows: list[tuple[object, ...]] = [
            (k, one[k], two[k], found["difference"].get(k)) for k in one if k not in ("breaches", "undetermined")
        ]
        lists = ("breaches", "undetermined")
        rows += [(k, ", ".join(one[k]) or "-", ", ".join(two[k]) or "-", None) for k in lists]
        table(rows, ("", str(first), str(second), say("difference")))

    answer(found, as_json=json, human=human)


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

    def __call__(self, step: int, value: float) -> None:
        if self.clock() - self.last >= 2.0:
            self.last = self.clock()
            note(say("step {step}: value {value:g} so far", step=step, value=value))


def _print_check(found: PlanCheck) -> None:
    for one in found.findings:
        print(f"{one.verdict:<12} {one.citation:<11} {one.because}{_at(one.where)}")
    limit = f"{found.limit_km:g} km" if found.limit_km is not None else say("unknown")
    print(
        say(
            "{verdict}; {length:.1f} km in all, {counted:.1f} km counted, limit {limit}; {open} findings lack a fact",
            verdict=say("complies") if found.complies else say("does not comply"),
            length=found.length_km,
            counted=found.counted_km,
            limit=limit,
            open=len(found.undetermined),
        )
    )
    data: dict[str, Any] = found.borders
    print(say("borders: {name}, {date}, {scale}: {view}", view=data["point_of_view"], **_three(data)))


def _three(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("name", "date", "scale")}


def _at(where: Any) -> str:
    if not isinstance(where, dict) or "coordinates" not in where:
        return ""
    lon, lat = where["coordinates"]
    return f" [{abs(lat):.4f}{'N' if lat >= 0 else 'S'} {abs(lon):.4f}{'E' if lon >= 0 else 'W'}]"


def _left_out(left: Ignored) -> str:
    name = "".join(letter if letter.isprintable() else " " for letter in left.site.name[:60])
    place = _at({"coordinates": [left.site.lon_deg, left.site.lat_deg]})
    return name + place + (f" ({left.hint})" if left.hint else "")


def _print_result(result: PlanResult, out: Path | None) -> None:
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
    if result.bound is not None and result.gap is not None:
        print(
            say(
                "no path can observe more than {bound:g} (all sites within reach); through candidate points "
                "{discrete:g} was found, {gap:.0f} % below",
                bound=result.bound,
                discrete=result.discrete_value,
                gap=100 * result.gap,
            )
        )
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
    }
    to_name = NAMED_SITES
    for reason, words in reasons.items():
        left_out = [left for left in result.ignored if left.reason == reason]
        if left_out:
            print(say("{many} sites left out: {why}", many=len(left_out), why=words))
        # Those whose row may be wrong come first.
        named = sorted(left_out, key=lambda one: not one.swapped)[:to_name]
        to_name -= len(named)
        for left in named:
            print("  " + _left_out(left))
    _print_check(result.check)
    if out is not None:
        print(say("plan written to {path}", path=str(out)))
