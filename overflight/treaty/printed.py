"""Coordinates as Annex E prints them, ``N 50-52-02 E 007-08-37``, read for comparison only.

The annex mixes degrees-minutes-seconds with decimal minutes and holds misprints; the coordinates
in use come from elsewhere, and each difference is shown.
"""

from __future__ import annotations

import math
import re

FLAGGED_KM = 5.0  # a difference above this is shown as a misprint
_FORM = re.compile(r"([NS]) (\d{1,2})-(\d{1,2})-(\d{1,2}) ([EW]) (\d{1,3})-(\d{1,2})-(\d{1,2})")
_EARTH_KM = 6371.0088  # mean radius; the comparison needs no better than a tenth of a kilometre


def read_printed(text: str, *, decimal_minutes: bool = False) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, or None where the print cannot be read.

    Parameters
    ----------
    text : str
        As printed, spaces made single.
    decimal_minutes : bool
        The last two digits are hundredths of a minute, as for sites of the United Kingdom, not seconds.

    Examples
    --------
    >>> read_printed("N 50-30-00 E 007-15-36")
    (50.5, 7.26)
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        return None
    north, *lat, east, d, m, s = found.groups()

    def degrees(d: str, m: str, s: str) -> float:
        rest = int(m) / 60 + (int(s) / 6000 if decimal_minutes else int(s) / 3600)
        return round(int(d) + rest, 7)

    lat_deg = degrees(*lat) * (1 if north == "N" else -1)
    lon_deg = degrees(d, m, s) * (1 if east == "E" else -1)
    return (lat_deg, lon_deg) if abs(lat_deg) <= 90 and abs(lon_deg) <= 180 else None


def apart_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two (latitude, longitude) places, kilometres, on the mean sphere."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(h)))
