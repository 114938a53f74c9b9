"""The line that an export draws beside its declared points: read back, it has to be the same path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from overflight.errors import BadFile
from overflight.planning.display import MOST_PIECES, display_lines
from overflight.planning.geodesy import distance_to_path_km, lonlat, path_length_km
from overflight.terms.plan import Waypoint
from overflight.terms.words import say

SAME_KM: Final = 0.2  # ours: more than programs round coordinates, and lines their crossing of 180 degrees
SAME_SHARE: Final = 0.001  # of the length, which many rounded vertices add to
ROUNDED_DEG: Final = 1e-6
MOST_VERTICES: Final = 2 * MOST_PIECES

Places = list[tuple[float, float]]


def vertices(coordinates: Sequence[Any], name: str) -> Places:
    """Longitude and latitude of the vertices of a line from outside.

    Raises
    ------
    BadFile
        If one is no place; the message names it by its number, from 1.
    """
    if len(coordinates) > MOST_VERTICES:
        raise BadFile(
            say("{name}: a line of more than {limit} vertices", name=name, limit=MOST_VERTICES), field="coordinates"
        )
    out = []
    for n, at in enumerate(coordinates, start=1):
        pair = list(at[:2]) if isinstance(at, list | tuple) else []
        if len(pair) < 2 or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in pair):
            raise _no_place(n, name)
        lon, lat = pair
        if not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90:
            raise _no_place(n, name)
        out.append((float(lon), float(lat)))
    return out


def _no_place(number: int, name: str) -> BadFile:
    return BadFile(
        say("{name}: vertex {n} of the line is no place (longitude, latitude in degrees)", name=name, n=number),
        field="coordinates",
        vertex=number,
    )


def refuse_other_line(waypoints: Sequence[Waypoint], line: Places, name: str) -> None:
    """Raise if a line drawn over declared points, its parts put together, is not the path over them.

    Raises
    ------
    BadFile
        If a vertex lies off the path, a declared point off the line, or their lengths differ.
    """
    if not line or _as_drawn_here(waypoints, line):
        return
    advice = say(
        "the declared points are what counts: move these and delete the line, or export the plan again after "
        "`plan edit`"
    )
    off = distance_to_path_km(waypoints, *_arrays(line))
    worst = int(np.argmax(off))
    if off[worst] > SAME_KM:
        raise BadFile(
            say(
                "{name}: line and declared points differ at vertex {n} of the line by {km:.1f} km; {advice}",
                name=name,
                n=worst + 1,
                km=float(off[worst]),
                advice=advice,
            ),
            field="coordinates",
            vertex=worst + 1,
            apart_km=round(float(off[worst]), 3),
        )
    drawn = [Waypoint(lon, lat) for lon, lat in line]
    apart = distance_to_path_km(drawn, *lonlat(waypoints)) if len(drawn) > 1 else np.full(len(waypoints), math.inf)
    far = int(np.argmax(apart))
    if apart[far] > SAME_KM:
        raise BadFile(
            say(
                "{name}: the line does not come to declared point {n}, {km:.1f} km off; {advice}",
                name=name,
                n=far + 1,
                km=float(apart[far]),
                advice=advice,
            ),
            field="coordinates",
            point=far + 1,
        )
    length, path = path_length_km(drawn), path_length_km(waypoints)
    if abs(length - path) > SAME_KM + SAME_SHARE * path:
        raise BadFile(
            say(
                "{name}: the line is {length:.1f} km long, the path over the declared points {path:.1f} km; {advice}",
                name=name,
                length=length,
                path=path,
                advice=advice,
            ),
            field="coordinates",
        )


def _as_drawn_here(waypoints: Sequence[Waypoint], line: Places) -> bool:
    """Whether it is what `display_lines` draws; near a pole its crossings of 180 degrees may lie off the path."""
    own = np.array([at for part in display_lines(waypoints) for at in part], np.float64)
    return own.shape == (len(line), 2) and bool((np.abs(own - np.array(line)) <= ROUNDED_DEG).all())


def _arrays(line: Places) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    at = np.array(line, np.float64)
    return at[:, 0], at[:, 1]
