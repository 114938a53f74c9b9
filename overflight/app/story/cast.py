"""Who plays, with what, when: the exercise's invented values, each marked so.

Germany observes; the group of Belarus and Russia is observed and Russia acts; Canada is
third Party and Depositary.  Nothing here comes from the treaty: what the treaty says is
read from the regime of the exercise's day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from overflight.terms.place import Site

PARTIES = ("DEU", "RUS", "CAN")
OBSERVING, OBSERVED, DEPOSITARY = PARTIES
NAMES = {"DEU": "Germany", "RUS": "Russia", "CAN": "Canada"}

FLIGHT = "OS1001"  # Annex B, Appendix 1, paragraph 1: quota year 2021, invented number
START_AIRFIELD = "UUMB"  # Kubinka
POINT_OF_ENTRY = "UUMB"
EXERCISE_MARK = "exercise value"

# Exercise values: the aircraft binds before the treaty's distance does.
AIRCRAFT = "ROU-An30"
MAX_KM = 2200.0  # the An-30's 2,630 km less a reserve
CAMERA = "AFA-41-10"
SWATH_KM = 4.5  # 1.8 H at the height below
HEIGHT_M = 2500.0
CERTIFIED_H_MIN_M = 1500.0  # H = 2 f R L with 25 line pairs/mm assumed
GROUND_SPEED_KMH = 430.0
SEED = 17052021
SEARCH_STEPS = 400

# Sites: airports of airportsdata inside this box, with invented values.
SITE_BOX = (36.0, 49.0, 49.5, 57.0)

# Germany's first path, drawn by hand: the turn lies about 8 km from Kazakhstan's border.
KUBINKA = (36.6528, 55.6083)
DRAWN_PATH = (KUBINKA, (41.20, 53.60), (45.60, 51.90), (47.30, 50.38), (43.40, 52.60), KUBINKA)


def utc(text: str) -> datetime:
    """A moment of the script, ``2021-05-12T08:00``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def person(number: int) -> dict[str, str]:
    """A person who does not exist: the fields of VI.I.5.H with exercise values."""
    return {
        "name": f"Exercise person {number:02d}",
        "gender": "not given",
        "born": "1980-01-01",
        "birthplace": "Exercise town",
        "passport": f"EX{number:07d}",
        "issued_by": OBSERVING,
        "function": "flight crew" if number <= 4 else "flight representative",
    }


def site_value(icao: str) -> int:
    """An invented value from 1 to 9, the same on every machine."""
    return 1 + hashlib.sha256(f"exercise site {icao}".encode()).digest()[0] % 9


def sites() -> tuple[Site, ...]:
    """Germany's private list: airports of airportsdata inside `SITE_BOX`, with invented values."""
    import airportsdata

    west, south, east, north = SITE_BOX
    return tuple(
        Site(name=row["name"], lon_deg=row["lon"], lat_deg=row["lat"], value=float(site_value(icao)))
        for icao, row in sorted(airportsdata.load("ICAO").items())
        if row["country"] == "RU" and west <= row["lon"] <= east and south <= row["lat"] <= north
    )


def sites_csv() -> str:
    """`sites` as the CSV that a planner would bring."""
    lines = ["name,lon,lat,value"]
    lines += [f'"{s.name}",{s.lon_deg},{s.lat_deg},{s.value:g}' for s in sites()]
    return "\n".join(lines) + "\n"


def drawn_plan() -> dict[str, Any]:
    """The hand-drawn path as a plan file."""
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [list(p) for p in DRAWN_PATH]},
        "properties": {"observing": OBSERVING, "observed": OBSERVED},
    }


def landing(take_off: str, length_km: float) -> datetime:
    """When the aircraft lands that takes off at `take_off` and flies `length_km` at the exercise's speed."""
    return utc(take_off) + timedelta(seconds=round(length_km / GROUND_SPEED_KMH * 3600))


def as_json(plan: Mapping[str, Any]) -> str:
    """A plan file's text."""
    return json.dumps(plan, ensure_ascii=False, indent=2)
