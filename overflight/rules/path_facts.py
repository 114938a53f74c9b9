"""Measured facts about a path, as the rules of Article VI, Section II take them.

The geometry is done elsewhere (`overflight.planning`); a rule sees numbers and
places only, so that a case can be put to it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# The outlines of disputed areas are generalised to about 1.5 km (see the data's own note).
DISPUTED_ACCURACY_KM = 2.0
# Conventions of this software: the text names no number from which turns in one sense are circling (VI.II.4.G).
WHOLE_TURN_DEG = 360.0
CLOSED_LOOP_DEG = 240.0  # where the path closes on itself: a circle flown, not a turn back


@dataclass(frozen=True)
class NearBorder:
    """The nearest border of a State that is not a Party, or of a disputed area, to one leg (from 1)."""

    leg: int
    km: float
    name: str
    lon_deg: float
    lat_deg: float
    accuracy_km: float = 0.0
    disputed: str | None = None  # id of the disputed area
    sides: tuple[str, ...] = ()  # codes of those who claim it; "-" for an entity that is no State Party

    def where(self) -> dict[str, Any]:
        """Place on the path, a GeoJSON point with the leg's number."""
        return place(self.leg, self.lon_deg, self.lat_deg)


@dataclass(frozen=True)
class Crossing:
    """A point that the path passes `passes` times (2 for one self-crossing), on the legs named (from 1)."""

    passes: int
    lon_deg: float
    lat_deg: float
    legs: tuple[int, ...]
    within_km: float = 0.0  # passes so near each other are taken to meet at the same point


@dataclass(frozen=True)
class Circling:
    """Consecutive turns in one sense around one place: sum of turns, and the radius that holds them.

    `closed` says that the path meets itself there.
    """

    turning_deg: float
    radius_km: float
    lon_deg: float
    lat_deg: float
    legs: tuple[int, ...]
    closed: bool = False


@dataclass(frozen=True)
class StretchOver:
    """Part of the path outside the observed Party's territory, or over a disputed area, km from the start."""

    from_km: float
    to_km: float
    code: str | None  # State, id of a disputed area, or None for the high seas
    name: str
    lon_deg: float
    lat_deg: float
    leg: int
    sides: tuple[str, ...] = ()

    def where(self) -> dict[str, Any]:
        """Place where the stretch begins, with the leg's number."""
        return place(self.leg, self.lon_deg, self.lat_deg)


@dataclass(frozen=True)
class LegHeight:
    """Planned height above ground of one leg (from 1) and the ground below it, metres; None where unknown.

    The place is that of the highest ground, by the upper end of its error, or the leg's start where none is known.
    """

    leg: int
    height_agl_m: float
    ground_rise_m: float | None  # highest less mean ground along the leg
    ground_error_m: float | None
    lon_deg: float
    lat_deg: float


@dataclass(frozen=True)
class PathEnd:
    """An airfield at one end of the path and how far the path's own end lies from it."""

    which: str  # "start", "end" or "exit"
    icao: str
    name: str
    party: str
    roles: frozenset[str]
    off_km: float
    lon_deg: float
    lat_deg: float
    leg: int
    open_on_day: bool = True
    note: str = ""
    source: Mapping[str, Any] = field(default_factory=dict)


def place(leg: int, lon_deg: float, lat_deg: float) -> dict[str, Any]:
    """A GeoJSON point with the number of its leg, counted from 1."""
    return {"type": "Point", "coordinates": [round(lon_deg, 6), round(lat_deg, 6)], "leg": leg}
