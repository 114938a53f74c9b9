"""Separate geodesic legs and their short parts, so that each leg can be measured without its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overflight.planning.geodesy import GEOD, Floats, Ints, Points, earth_centred_km, feet, lonlat


@dataclass(frozen=True)
class Legs:
    """n legs: both ends in degrees, azimuth at the start in degrees, length in kilometres; arrays of shape (n,)."""

    lon0: Floats
    lat0: Floats
    lon1: Floats
    lat1: Floats
    azimuth: Floats
    km: Floats

    @classmethod
    def between(cls, lon0: Floats, lat0: Floats, lon1: Floats, lat1: Floats) -> Legs:
        """The geodesics between n starts and n ends."""
        lon0, lat0, lon1, lat1 = (np.asarray(one, float) for one in (lon0, lat0, lon1, lat1))
        azimuth, _, metres = GEOD.inv(lon0, lat0, lon1, lat1)
        return cls(lon0, lat0, lon1, lat1, np.asarray(azimuth, float), np.asarray(metres, float) / 1000.0)

    @classmethod
    def of(cls, points: Points) -> Legs:
        """The legs of a path of n points.

        Raises
        ------
        BadInput
            If a point is no place.
        """
        lons, lats = lonlat(points)
        return cls.between(lons[:-1], lats[:-1], lons[1:], lats[1:])

    def __len__(self) -> int:
        return int(self.km.size)

    def take(self, index: Ints) -> Legs:
        """Some of the legs."""
        return Legs(
            self.lon0[index], self.lat0[index], self.lon1[index], self.lat1[index], self.azimuth[index], self.km[index]
        )

    def at(self, leg: Ints, km: Floats) -> tuple[Floats, Floats]:
        """The places of m legs at so many kilometres from their starts, degrees."""
        lon, lat, _ = GEOD.fwd(self.lon0[leg], self.lat0[leg], self.azimuth[leg], km * 1000.0)
        return np.asarray(lon, float), np.asarray(lat, float)

    def feet(self, leg: Ints, lons: Floats, lats: Floats, guess_km: Floats) -> tuple[Floats, Floats]:
        """Distance of m places to their legs, and the kilometres of the foot on each; `guess_km` where to begin."""
        lines = self.lon0[leg], self.lat0[leg], self.azimuth[leg], self.km[leg] * 1000.0
        km, at_m = feet(lines, lons, lats, guess_km * 1000.0)
        return km, at_m / 1000.0

    def middles(self, step_km: float) -> tuple[Ints, Floats, Floats]:
        """Legs cut into equal parts of at most `step_km`: leg, kilometres at the middle, and half length, each (m,)."""
        pieces = np.maximum(1, np.ceil(self.km / step_km - 1e-9)).astype(np.intp)
        leg = np.repeat(np.arange(pieces.size), pieces)
        place = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        half = (self.km / pieces / 2.0)[leg]
        return leg, (2.0 * place + 1.0) * half, half

    def points(self, step_km: float) -> tuple[Ints, Floats, Floats, Floats]:
        """Points at most `step_km` apart, both ends of each leg among them: leg, kilometres, longitude, latitude."""
        pieces = np.maximum(1, np.ceil(self.km / step_km - 1e-9)).astype(np.intp)
        leg = np.repeat(np.arange(pieces.size), pieces + 1)
        first = np.cumsum(pieces + 1) - (pieces + 1)
        place = np.arange(leg.size) - first[leg]
        km = place * (self.km / pieces)[leg]
        lon, lat = self.at(leg, km)
        last = first + pieces
        lon[first], lat[first], lon[last], lat[last] = self.lon0, self.lat0, self.lon1, self.lat1
        km[last] = self.km
        return leg, km, lon, lat

    def parts(self, step_km: float) -> Parts:
        """The legs cut into parts of at most `step_km`, as chords."""
        leg, km, lon, lat = self.points(step_km)
        place = earth_centred_km(lon, lat)
        inner = leg[1:] == leg[:-1]
        return Parts(leg[:-1][inner], km[:-1][inner], km[1:][inner], place[:-1][inner], place[1:][inner])


@dataclass(frozen=True)
class Parts:
    """m short parts of legs: whose, from and to kilometres of the leg, both ends earth-centred (m, 3)."""

    leg: Ints
    from_km: Floats
    to_km: Floats
    start: Floats
    end: Floats

    @property
    def middle(self) -> Floats:
        """Middles of the chords, (m, 3)."""
        return (self.start + self.end) / 2.0

    @property
    def half_km(self) -> Floats:
        """Half the chords' lengths."""
        away = self.end - self.start
        return np.asarray(np.sqrt((away * away).sum(axis=1)) / 2.0, float)
