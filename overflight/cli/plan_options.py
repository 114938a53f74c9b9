"""What several commands on plans share: the plan, data of one's own, a search, and the conditions of a planner."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PlanArgument = Annotated[Path, typer.Argument(metavar="PLAN", help="Plan file: a GeoJSON Feature, one LineString.")]
OutOption = Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write it there.")]
OwnSitesOption = Annotated[
    str | None, typer.Option("--sites", metavar="FILE", help="Your sites (CSV or GeoJSON): what it observes of them.")
]
SwathOption = Annotated[
    float | None, typer.Option("--swath-km", metavar="W", help="Full width that is observed, kilometres.")
]
MaxKmOption = Annotated[
    float | None, typer.Option("--max-km", metavar="L", help="Longest path; may only lower the treaty's limit.")
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Another seed, another search.")]
SpeedOption = Annotated[float | None, typer.Option("--speed-kmh", metavar="V", help="Ground speed, km/h.")]
TakeOffOption = Annotated[str | None, typer.Option("--take-off", metavar="TIME", help="Start (VI.II.3), UTC.")]
ViaOption = Annotated[
    list[str] | None,
    typer.Option("--via", metavar="ICAO", help="Lands there to refuel or rest; may be repeated, in flown order."),
]
EtaOption = Annotated[str | None, typer.Option("--eta", metavar="TIME", help="Notified time of arrival (VI.II.3).")]
SensorUsesOption = Annotated[
    list[str] | None,
    typer.Option("--sensor", metavar="ID[=METRES]", help="A sensor and its certified minimum height; repeated."),
]
ObservedOption = Annotated[str | None, typer.Option("--observed", metavar="PARTY", help="The observed Party.")]
ObservingOption = Annotated[str | None, typer.Option("--observing", metavar="PARTY", help="The observing Party.")]
BordersOption = Annotated[
    Path | None, typer.Option("--borders", metavar="DIR", help="Your own borders instead of the packaged ones.")
]
ElevationOption = Annotated[
    Path | None, typer.Option("--elevation", metavar="DIR", help="Your own ground heights (GeoTIFF).")
]
RegionsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--regions",
        metavar="FILE",
        help="GeoJSON of sub-limits and closed areas, or a packaged name such as kaliningrad-500km; may be repeated.",
    ),
]
RangeOption = Annotated[
    float | None, typer.Option("--range-km", metavar="R", help="What the aircraft flies at most between two airfields.")
]
SwathsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--swath", metavar="ID=KM", help="Full width that one instrument sees, for sites that name it; repeated."
    ),
]
MinLegOption = Annotated[float, typer.Option("--min-leg-km", metavar="K", help="Shortest leg.")]
TurnRadiusOption = Annotated[
    float, typer.Option("--turn-radius-km", metavar="K", help="Radius of turns; each leg must leave room for them.")
]
TurnOption = Annotated[
    str, typer.Option("--turn", metavar="MANNER", help="short: cut the corner; over: cross the waypoint, then turn.")
]
DaylightOption = Annotated[
    bool, typer.Option("--daylight", help="The sun is up wherever an optical sensor runs (needs take-off and speed).")
]
MinSunOption = Annotated[
    float, typer.Option("--min-sun-deg", metavar="D", help="How high the sun has to stand; implies --daylight.")
]
