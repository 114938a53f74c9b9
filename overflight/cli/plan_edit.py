"""`overflight plan edit`: change what a plan file declares beside its path."""

from __future__ import annotations

from typing import Annotated

import typer

from overflight.cli.common import JsonOption, OnOption, answer, day_of, moment_of
from overflight.cli.plan_options import (
    ObservingOption,
    OutOption,
    PlanArgument,
    SensorUsesOption,
    SpeedOption,
    TakeOffOption,
)
from overflight.terms.words import say


def register(app: typer.Typer) -> None:
    """Add the command ``edit`` to the commands on plans."""
    app.command()(edit)


def edit(
    plan: PlanArgument,
    out: OutOption = None,
    take_off: TakeOffOption = None,
    lands: Annotated[
        str | None, typer.Option("--lands", metavar="TIME", help="Landing; by default from length and speed.")
    ] = None,
    speed_kmh: SpeedOption = None,
    height_m: Annotated[
        float | None, typer.Option("--height-m", metavar="H", help="Height above ground, metres, for every leg.")
    ] = None,
    sensor: SensorUsesOption = None,
    observing: ObservingOption = None,
    point_of_exit: Annotated[str | None, typer.Option("--point-of-exit", metavar="ICAO", help="VI.II.3.")] = None,
    on: OnOption = None,
    json: JsonOption = False,
) -> None:
    """Change times, height, speed, sensors or point of exit of a plan; the path stays.

    Without -o the new plan is printed and PLAN stays as it is.

    Example: overflight plan edit plan.json --take-off 2021-05-19T06:00Z --speed-kmh 430 -o later.json
    """
    import json as text

    from overflight.app.plan_edit import edited
    from overflight.planning.planfile import plan_feature, read_plan, write_plan

    made = edited(
        read_plan(plan),
        day=day_of(on),
        take_off=moment_of(take_off, "--take-off"),
        lands=moment_of(lands, "--lands"),
        speed_kmh=speed_kmh,
        height_m=height_m,
        sensors=sensor or (),
        observing=observing,
        point_of_exit=point_of_exit,
    )
    if out is not None:
        write_plan(made, out)

    def human() -> None:
        if out is None:
            print(text.dumps(plan_feature(made), ensure_ascii=False, indent=2))
        else:
            print(say("plan written to {path}", path=out))

    answer(plan_feature(made), as_json=json, human=human)
