"""The mission plan of Article VI, Section II, and only what that section and Annex B ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Waypoint:
    """A declared point of the path, degrees on WGS84. `name` is neutral (``P01``), never a site's name."""

    lon_deg: float
    lat_deg: float
    name: str = ""


@dataclass(frozen=True)
class SensorUse:
    """One sensor on board and the height below which it may not run (VI.II.4.D)."""

    sensor: str  # id in the sensors table, such as "AFA-41-10"
    certified_h_min_m: float | None  # metres above ground; None if no certificate was given


@dataclass(frozen=True)
class Stop:
    """A refuelling or rest stop that the plan wishes (VI.II.3)."""

    airfield: str
    arrive: datetime
    leave: datetime


@dataclass(frozen=True)
class MissionPlan:
    """Waypoints in flown order with both airfields; legs between them are WGS84 geodesics.

    `height_agl_m` has one planned height above ground for each leg, or one for all, or is empty.
    """

    observed: str
    waypoints: tuple[Waypoint, ...]
    start_airfield: str
    end_airfield: str
    observing: str | None = None
    flight: str | None = None  # OS number, Annex B, Appendix 1, paragraph 1
    point_of_exit: str | None = None
    submitted_at: datetime | None = None
    take_off: datetime | None = None
    lands: datetime | None = None
    height_agl_m: tuple[float, ...] = ()
    ground_speed_kmh: float | None = None
    aircraft: str | None = None
    sensors: tuple[SensorUse, ...] = ()
    # [from_km, to_km) along the path where sensors run; None means all of it
    sensors_on: tuple[tuple[float, float], ...] | None = None
    stops: tuple[Stop, ...] = ()
    swath_km: float | None = None  # full width
    support: str = ""

    @property
    def legs(self) -> tuple[tuple[Waypoint, Waypoint], ...]:
        """Neighbouring waypoints, in flown order."""
        return tuple(zip(self.waypoints, self.waypoints[1:], strict=False))
