"""Pictures of a plan for whoever asks, and the history of a search that the curve of its value is drawn from."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from overflight.app.files import write_file
from overflight.app.plans import Ground
from overflight.errors import BadFile, BadInput
from overflight.planning.pictures import KINDS, Moment, map_picture, profile_picture, value_picture
from overflight.planning.regions import NO_REGIONS, Regions
from overflight.terms.place import Site
from overflight.terms.plan import MissionPlan
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.planning.request import PlanRequest, PlanResult
    from overflight.treaty.regime import Regime

PICTURES = ("map", "profile", "value")
MOST_MOMENTS = 5_000
LARGEST_BYTES = 5_000_000


def kind_of(path: Path) -> str:
    """``svg`` or ``png``, by the end of a file's name.

    Raises
    ------
    BadInput
        If it ends in neither.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise BadInput(
            say("-o: {name} ends in neither .svg nor .png, so its kind is not known", name=path.name), field="-o"
        )
    return kind


def picture(
    what: str,
    plan: MissionPlan,
    regime: Regime,
    over: Ground,
    *,
    sites: Sequence[Site] = (),
    swath_km: float | None = None,
    swaths_km: Mapping[str, float] | None = None,
    regions: Regions = NO_REGIONS,
    kind: str = "svg",
) -> bytes:
    """One picture of a plan: ``map`` or ``profile``.

    Raises
    ------
    BadInput
        If `what` is neither, or the width is out of range.
    UnknownParty
        If the borders hold no State of the observed Party's code.
    CannotAnswer
        If no ground heights are known along the path.
    """
    from overflight.errors import UnknownParty
    from overflight.planning.request_values import WIDEST_SWATH_KM

    if swath_km is not None and not (math.isfinite(swath_km) and 0 < swath_km <= WIDEST_SWATH_KM):
        raise BadInput(
            say("--swath-km must be above 0 and at most {most:g} km", most=WIDEST_SWATH_KM), field="--swath-km"
        )
    if plan.observed not in over.borders.codes():
        raise UnknownParty(
            say("the borders {name} hold no State {code!r}", name=over.borders.dataset.name, code=plan.observed),
            field="observed",
        )
    if what == "map":
        return map_picture(
            plan,
            regime,
            borders=over.borders,
            swath_km=swath_km,
            swaths_km=swaths_km,
            sites=sites,
            regions=regions or None,
            kind=kind,
        )
    if what == "profile":
        return profile_picture(plan, elevation=over.elevation, kind=kind)
    raise BadInput(say("--what: choose map, profile or value"), field="--what")


@dataclass
class History:
    """Listens to a search and keeps when its value or its bound became better.

    It is called as `progress` of `overflight.planning.optimise.solve`; `after` hears each call too.
    """

    clock: Callable[[], float] = monotonic
    after: Callable[..., None] | None = None
    moments: list[Moment] = field(default_factory=list)
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def __call__(self, step: int, value: float, bound: float | None = None, gap: float | None = None) -> None:
        last = self.moments[-1] if self.moments else None
        better = last is None or value > last.value or (bound is not None and bound != last.bound)
        if better and len(self.moments) < MOST_MOMENTS:
            self.moments.append(Moment(round(self.clock() - self.began, 3), step, value, bound, gap))
        if self.after is not None:
            self.after(step, value, bound, gap)

    def ended(self, result: PlanResult) -> list[Moment]:
        """All moments, and the end of the search as the last."""
        seconds = max(result.seconds, self.moments[-1].seconds if self.moments else 0.0)
        last = Moment(round(seconds, 3), result.steps, result.value, result.bound, result.gap)
        return [*self.moments, last]


def value_curve(
    moments: Sequence[Moment],
    *,
    total_value: float | None = None,
    bound_is: str = "",
    by: str = "seconds",
    kind: str = "svg",
) -> bytes:
    """Value against time; see `overflight.planning.pictures.value_picture`."""
    return value_picture(moments, total_value=total_value, bound_is=bound_is, by=by, kind=kind)


def write_pictures(
    result: PlanResult,
    request: PlanRequest,
    regime: Regime,
    over: Ground,
    heard: History,
    *,
    picture: Path | None = None,
    curve: Path | None = None,
    history: Path | None = None,
) -> None:
    """What a search leaves beside its plan: the map with the sites, value against time, and the numbers of that curve.

    Raises
    ------
    BadInput
        If a file cannot be written.
    """
    if picture is not None:
        made = map_picture(
            result.plan, regime, borders=over.borders, swath_km=request.swath_km, sites=request.sites,
            swaths_km=request.swaths_km,
            regions=request.regions or None, kind=kind_of(picture),
        )  # fmt: skip
        write_file(picture, made)
    moments = heard.ended(result)
    if curve is not None:
        bound_is = result.to_json()["bound_is"] or ""
        write_file(
            curve,
            value_curve(moments, total_value=result.total_value, bound_is=bound_is, kind=kind_of(curve)),
        )
    if history is not None:
        write_file(history, json.dumps([m.to_json() for m in moments], indent=1).encode() + b"\n")


def read_history(path: Path) -> list[Moment]:
    """The history that ``plan optimise --history`` wrote: a JSON list of moments.

    Raises
    ------
    BadFile
        If it is none; the message names the place.
    """
    try:
        raw = path.read_bytes()[: LARGEST_BYTES + 1]
    except OSError as why:
        raise BadFile(
            say("{name} cannot be read: {why}", name=path.name, why=why.strerror or str(why)), field="--history"
        ) from None
    if len(raw) > LARGEST_BYTES:
        raise BadFile(say("{name} is larger than {n} bytes", name=path.name, n=LARGEST_BYTES), field="--history")
    try:
        rows = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFile(say("{name} is no JSON", name=path.name), field="--history") from None
    return moments_from(rows, name=path.name)


def moments_from(rows: Any, *, name: str = "history") -> list[Moment]:
    """Moments of a search as a file or a page holds them.

    Raises
    ------
    BadFile
        If one has no finite numbers, or they run back in time.
    """
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_MOMENTS + 1:
        raise BadFile(say("{name} must be a list of 1 to {most} moments", name=name, most=MOST_MOMENTS + 1), field=name)
    out: list[Moment] = []
    for n, row in enumerate(rows):
        given = row if isinstance(row, dict) else {}
        numbers = [_number(given.get(key)) for key in ("seconds", "step", "value")]
        more = [_number(given.get(key)) for key in ("bound", "gap")]
        late = out and numbers[0] is not None and numbers[0] < out[-1].seconds
        wrong = any(x is None for x in numbers) or late
        if wrong or any(
            x is None and given.get(key) is not None for x, key in zip(more, ("bound", "gap"), strict=True)
        ):
            raise BadFile(
                say("{name}[{n}] needs seconds, step and value, finite numbers in the order of time", name=name, n=n),
                field=f"{name}[{n}]",
            )
        seconds, step, value = (float(x) for x in numbers if x is not None)
        out.append(Moment(seconds, int(step), value, more[0], more[1]))
    return out


def _number(given: Any) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        return float(given) if math.isfinite(given) and abs(given) < 1e15 else None
    except OverflowError:
        return None
