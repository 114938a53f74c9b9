"""`overflight sensor`: minimum heights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overflight.cli.common import JsonOption, OnOption, RegimeOption, answer, day_of, regime_of, table

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Sensors and minimum heights.")


@app.callback()
def sensor() -> None:
    """Sensors and minimum heights."""


@app.command()
def hmin(
    passes: Annotated[Path, typer.Argument(metavar="PASSES.csv", help="Passes over a target, one a row.")],
    category: Annotated[str, typer.Option("--category", help="optical, video, infra-red or radar.")],
    average: Annotated[
        str,
        typer.Option(
            "--average", help="How passes become one height: max_of_direction_means, grand_mean, geometric_mean, max."
        ),
    ] = "max_of_direction_means",
    on: OnOption = None,
    regime: RegimeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Minimum height above ground from readings of a calibration target.

    PASSES.csv has the columns height_along_m, bar_along_cm, height_across_m, bar_across_cm (or height_m for
    both); an empty cell means not read. Example: overflight sensor hmin passes.csv --category video
    """
    from overflight.app.sensors import h_min

    found = h_min(passes, category=category, average=average, day=day_of(on), folder=regime)

    def human() -> None:
        print(f"H_min {found['h_min_m']:.3f} m above ground  ({found['rule']}; verified: {found['verified']})")
        for name, value in (("along track", found["along_m"]), ("across track", found["across_m"])):
            if value is not None:
                print(f"  mean {name}: {value:.3f} m")
        for line in found["notes"]:
            print(f"  note: {line}")

    answer(found, as_json=as_json, human=human)


@app.command("list")
def list_sensors(on: OnOption = None, regime: RegimeOption = None, as_json: JsonOption = False) -> None:
    """Names of sensors that --sensor and --camera take, and what public sources say of each.

    Example: overflight sensor list --on 2021-05-19
    """
    from dataclasses import asdict

    here = regime_of(on, folder=regime)
    found = [asdict(one) for one in here.sensors()]

    def human() -> None:
        heads = ("id", "category", "kind", "focal_length_mm", "in_service", "verified")
        table([[one[h] for h in heads] for one in found], heads)

    answer({"on": here.day.isoformat(), "sensors": found}, as_json=as_json, human=human)


@app.command()
def estimate(
    focal_mm: Annotated[float, typer.Option("--focal-mm", help="Focal length, millimetres.")],
    line_pairs_per_mm: Annotated[float, typer.Option("--line-pairs", help="Resolving power, line pairs per mm.")],
    bar_m: Annotated[float, typer.Option("--bar-m", help="Bar width on the ground, metres.")] = 0.3,
    as_json: JsonOption = False,
) -> None:
    """Planning estimate of a film camera's minimum height, H = 2 f R L; plain optics, no certificate.

    Example: overflight sensor estimate --focal-mm 152 --line-pairs 40
    """
    from overflight.app.sensors import estimate_h_min

    found: dict[str, Any] = estimate_h_min(focal_mm, line_pairs_per_mm, bar_m)
    answer(
        found,
        as_json=as_json,
        human=lambda: print(f"about {found['h_min_m']:.1f} m above ground  ({found['rule']}; {found['notes'][0]})"),
    )
