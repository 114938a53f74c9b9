"""Regions that a planner names: a file of its own, or one that is packaged with its source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from overflight.errors import BadFile, UnknownOnDate
from overflight.planning.measure import own_codes
from overflight.planning.regions import NO_REGIONS, Regions, read_regions
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.geography import Borders
    from overflight.treaty.regime import Regime

PACKAGED: Final = Path(__file__).resolve().parent.parent / "treaty" / "data" / "regions"


def packaged() -> dict[str, Path]:
    """The packaged region files by name."""
    return {file.stem: file for file in sorted(PACKAGED.glob("*.geojson"))}


def about(name: str) -> dict[str, Any]:
    """What a packaged file says of itself: title, source, reading, point of view and the borders it is drawn from."""
    whole: dict[str, Any] = json.loads(packaged()[name].read_text("utf-8"))
    return {key: value for key, value in whole.items() if key not in ("type", "features")}


def regions_from(
    texts: Sequence[str], *, observed: str, regime: Regime, borders: Borders, folder: Path | None = None
) -> Regions:
    """The regions of all files or packaged names, in their order; files lie in `folder`, if one is given.

    Raises
    ------
    BadFile
        If a file cannot be used, if there is neither file nor packaged regions of a name, if a name of a
        region stands twice, or if its coordinates look swapped.
    """
    found = NO_REGIONS
    for text in texts:
        path = (folder or Path()) / text
        if not path.is_file() and text in packaged():
            path = packaged()[text]
        elif not path.is_file():
            raise BadFile(
                say(
                    "--regions: there is no file {path}; give a GeoJSON file, or one of: {names}",
                    path=text[:200],
                    names=", ".join(packaged()),
                ),
                field="--regions",
            )
        regions = read_regions(path)
        _refuse_swapped(path, regions, observed=observed, regime=regime, borders=borders)
        found = found + regions
    names = [*(one.name for one in found.sub_limits), *(one.name for one in found.closed)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadFile(
            say("--regions: the name {name!r} stands in two files; give each region its own", name=twice[:60]),
            field="--regions",
        )
    return found


def notes_on(texts: Sequence[str], regime: Regime, *, folder: Path | None = None) -> list[str]:
    """What a person should know of packaged regions on the regime's day."""
    out = []
    for name in dict.fromkeys(texts):
        if name not in packaged() or ((folder or Path()) / name).is_file():
            continue
        told = about(name)
        out.append(say("{name}: {title}; {reading}", name=name, title=told["title"], reading=told["reading"]))
        table, of = told["value"]["table"], told["value"]["of"]
        try:
            regime.value(table, of=of)
        except UnknownOnDate as why:
            out.append(say("{name}: {why}", name=name, why=why.message))
    return out


def _refuse_swapped(path: Path, regions: Regions, *, observed: str, regime: Regime, borders: Borders) -> None:
    """A region that lies nowhere near the observed Party, and would inside it the other way round, is refused."""
    own = set(own_codes(observed, regime))
    if observed not in borders.codes():
        return
    territory = [borders.territory(code) for code in sorted(own & borders.codes())]
    near = [shapely.box(*(shapely.bounds(one) + np.array([-5.0, -5.0, 5.0, 5.0]))) for one in territory]
    shapes = [(one.name, one.shape) for one in regions.sub_limits] + [(one.name, one.shape) for one in regions.closed]
    for region, shape in shapes:
        west, _, east, _ = shapely.bounds(shape)
        if max(abs(west), abs(east)) > 90 or any(shapely.intersects(shape, box) for box in near):
            continue
        turned = shapely.transform(shape, lambda at: at[:, ::-1])
        if any(shapely.intersects(turned, one) for one in territory):
            raise BadFile(
                say(
                    "{name}: longitude and latitude of {region} look swapped: as written it lies far from {observed}, "
                    "and the other way round inside; GeoJSON wants longitude first",
                    name=path.name,
                    region=region,
                    observed=observed,
                ),
                field="coordinates",
                region=region,
            )
