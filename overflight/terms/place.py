"""Places: airfields of the treaty and sites on the ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Airfield:
    """A place that a Party named in Annex E: Open Skies airfield, point of entry or exit, refuelling airfield.

    `lat_deg` and `lon_deg` come from airportsdata by ICAO code; `treaty_coordinates`
    is what Annex E prints, `treaty_km` the distance between the two, None if unknown.
    """

    icao: str
    name: str
    party: str
    lat_deg: float
    lon_deg: float
    roles: frozenset[str]  # "open_skies", "point_of_entry_exit", "refuelling", ...
    since: date
    until: date | None
    source: str
    verified: str
    treaty_coordinates: str = ""
    treaty_km: float | None = None
    inspection_possible: bool | None = None


@dataclass(frozen=True)
class Site:
    """A point on the ground that a planner wishes to observe.  Never leaves the planner's node.

    A `required` site has to be observed by any plan that is returned.  Of the sites of one `group` one is
    enough: the group counts once, with the value of its best observed member.  A site with an `instrument`
    is observed only within that sensor's swath; empty means any sensor's.
    """

    name: str
    lon_deg: float
    lat_deg: float
    value: float = 1.0
    required: bool = field(default=False, kw_only=True)
    group: str = field(default="", kw_only=True)
    instrument: str = field(default="", kw_only=True)
    extra: dict[str, str] = field(default_factory=dict, compare=False)
