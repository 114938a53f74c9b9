"""Separate geodesic legs and their short parts, so that each leg can be measured without its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from overflight.planning.geodesy import GEOD, Flags, Floats, Ints, Points, earth_centred_km, feet, lonlat

Key = tuple[float, float, float, float]

# In space a geodesic of this length is a polynomial of the fourth degree to a tenth of a millimetre.
_CURVE_KM: Final = 400.0
_NODES: Final = (1.0 - np.cos(np.linspace(0.0, np.pi, 5))) / 2.0
QUICK_STEP_KM: Final = 40.0  # a leg is first looked at in parts of this length
SHORT_STEP_KM: Final = 10.0
SPARE_KM: Final = 0.1  # what chords may differ from arcs at that length
_TO_POWERS: Final = np.linalg.inv(np.vander(_NODES, increasing=True))


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
        some = Legs(
            self.lon0[index], self.lat0[index], self.lon1[index], self.lat1[index], self.azimuth[index], self.km[index]
        )
        known = self.__dict__.get("_curve")
        if known is not None:
            pieces, length, first, powers = known
            some.__dict__["_curve"] = (pieces[index], length[index], first[index], powers)
        return some

    def at(self, leg: Ints, km: Floats) -> tuple[Floats, Floats]:
        """The places of m legs at so many kilometres from their starts, degrees."""
        lon, lat, _ = GEOD.fwd(self.lon0[leg], self.lat0[leg], self.azimuth[leg], km * 1000.0)
        return np.asarray(lon, float), np.asarray(lat, float)

    def feet(self, leg: Ints, lons: Floats, lats: Floats, guess_km: Floats) -> tuple[Floats, Floats]:
        """Distance of m places to their legs, and the kilometres of the foot on each; `guess_km` where to begin."""
        lines = self.lon0[leg], self.lat0[leg], self.azimuth[leg], self.km[leg] * 1000.0
        km, at_m = feet(lines, lons, lats, guess_km * 1000.0)
        return km, at_m / 1000.0

    @cached_property
    def _curve(self) -> tuple[Ints, Floats, Ints, list[Floats]]:
        """Each leg as polynomials in space: pieces of a leg, their length, the first of each leg, coefficients."""
        pieces = np.maximum(1, np.ceil(self.km / _CURVE_KM)).astype(np.intp)
        length = self.km / pieces
        first = np.cumsum(pieces) - pieces
        leg = np.repeat(np.arange(pieces.size), pieces)
        since = (np.arange(leg.size) - first[leg]) * length[leg]
        km = (since + _NODES[:, None] * length[leg]).ravel()
        nodes = earth_centred_km(*self.at(np.tile(leg, _NODES.size), km)).reshape(_NODES.size, -1, 3)
        # A sum over an outer axis adds in its order, so that a leg's curve does not depend on what else is asked.
        powers = (_TO_POWERS[:, :, None, None] * nodes).sum(axis=1)
        return pieces, length, first, list(powers)

    def places(self, leg: Ints, km: Floats) -> Floats:
        """The places of m legs at so many kilometres from their starts, earth-centred (m, 3), to a millimetre."""
        pieces, length, first, powers = self._curve
        share = km / np.maximum(length[leg], 1e-12)
        piece = np.minimum(np.maximum(share.astype(np.intp), 0), pieces[leg] - 1)
        t = (share - piece)[:, None]
        of = first[leg] + piece
        out: Floats = powers[-1].take(of, axis=0)
        for power in powers[-2::-1]:
            out *= t
            out += power.take(of, axis=0)
        return out

    @cached_property
    def short(self) -> Parts:
        """Parts of at most `SHORT_STEP_KM`, by which legs are measured against borders."""
        return self.parts(SHORT_STEP_KM)

    def short_in(self, spread: Flags) -> Parts:
        """Those of `short` that lie in some parts of `spread`."""
        first, last = self._short_lie
        return self.short.take(np.flatnonzero(spread[first] | spread[last]))

    @cached_property
    def _short_lie(self) -> tuple[Ints, Ints]:
        """The parts of `spread` in which each of `short` starts and ends."""
        leg, _, half = self.spread
        of, first = self.short.leg, np.searchsorted(leg, np.arange(len(self)))
        most = (np.append(first[1:], leg.size) - 1)[of]
        long_km, first = np.maximum(2.0 * half[first], 1e-9)[of], first[of]
        start, end = ((km / long_km).astype(np.intp) for km in (self.short.from_km, self.short.to_km))
        return np.minimum(first + start, most), np.minimum(first + end, most)

    @cached_property
    def keys(self) -> list[Key]:
        """Both ends of each leg, by which what is known of it is kept."""
        return list(zip(*(one.tolist() for one in (self.lon0, self.lat0, self.lon1, self.lat1)), strict=True))

    @cached_property
    def spread(self) -> tuple[Ints, Floats, Floats]:
        """Middles of parts of at most `QUICK_STEP_KM`: leg, earth-centred (m, 3), and half length."""
        leg, km, half = self.middles(QUICK_STEP_KM)
        return leg, self.places(leg, km), half

    def middles(self, step_km: float) -> tuple[Ints, Floats, Floats]:
        """Legs cut into equal parts of at most `step_km`: leg, kilometres at the middle, and half length, each (m,)."""
        pieces = np.maximum(1, np.ceil(self.km / step_km - 1e-9)).astype(np.intp)
        leg = np.repeat(np.arange(pieces.size), pieces)
        place = np.arange(leg.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        half = (self.km / pieces / 2.0)[leg]
        return leg, (2.0 * place + 1.0) * half, half

    def points(self, step_km: float) -> tuple[Ints, Floats, Floats]:
        """Points at most `step_km` apart, both ends of each leg among them: leg, kilometres, earth-centred (m, 3)."""
        pieces = np.maximum(1, np.ceil(self.km / step_km - 1e-9)).astype(np.intp)
        leg = np.repeat(np.arange(pieces.size), pieces + 1)
        first = np.cumsum(pieces + 1) - (pieces + 1)
        km = (np.arange(leg.size) - first[leg]) * (self.km / pieces)[leg]
        km[first + pieces] = self.km
        return leg, km, self.places(leg, km)

    def parts(self, step_km: float) -> Parts:
        """The legs cut into parts of at most `step_km`, as chords."""
        leg, km, place = self.points(step_km)
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

    def __len__(self) -> int:
        return int(self.leg.size)

    def take(self, index: Ints) -> Parts:
        """Some of the parts."""
        return Parts(self.leg[index], self.from_km[index], self.to_km[index], self.start[index], self.end[index])

    @cached_property
    def middle(self) -> Floats:
        """Middles of the chords, (m, 3)."""
        return (self.start + self.end) / 2.0

    @cached_property
    def half_km(self) -> Floats:
        """Half the chords' lengths."""
        away = self.end - self.start
        return np.asarray(np.sqrt((away * away).sum(axis=1)) / 2.0, float)
