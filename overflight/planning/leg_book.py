"""What each leg meets, measured once: borders within reach and whose land lies below.

A leg's answer depends on the leg alone, so that a path of which one point was moved needs two legs
measured again.  The books are kept with the borders, one for each set of States to keep clear of.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

import numpy as np

from overflight.planning.borderlines import BorderLines, FarLines
from overflight.planning.clearance import (
    DISPUTED_WITHIN_KM,
    Clearance,
    nearest_of_each,
    units_to_keep_from,
)
from overflight.planning.geodesy import MEAN_RADIUS_KM, Flags, Floats
from overflight.planning.legs import SPARE_KM, Key, Legs
from overflight.planning.territory import Piece, leg_pieces
from overflight.treaty.geography import Borders

MOST_LEGS: Final = 20_000  # in one book
MOST_BOOKS: Final = 8
_TIE_KM: Final = 0.001  # legs that share their nearest place are both named


@dataclass(frozen=True)
class LegFacts:
    """One leg: borders of States within reach, the nearest disputed area within 50 km, and the land below.

    `near` and `areas` number their leg 0; `pieces` are from and to kilometres of the leg, and the unit.
    """

    near: tuple[Clearance, ...]
    areas: tuple[Clearance, ...]
    pieces: tuple[Piece, ...]


@dataclass
class LegBook:
    """The legs measured so far over one dataset, for one set of States to keep clear of."""

    borders: Borders
    states: frozenset[int]  # units that are land of a State that is not a Party
    areas: frozenset[int]  # disputed areas that are so in some view
    within_km: float
    _facts: dict[Key, LegFacts] = field(default_factory=dict, repr=False)
    _bounds: dict[Key, tuple[float, float]] = field(default_factory=dict, repr=False)
    _nearest: dict[Key, Clearance] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)

    @classmethod
    def of(
        cls,
        borders: Borders,
        *,
        observed: Sequence[str],
        non_parties: Collection[str],
        within_km: float,
        fresh: bool = False,
    ) -> LegBook:
        """The book for paths over `observed`; with `fresh`, an empty one that nobody else uses."""
        key = ("legs", tuple(observed), frozenset(non_parties), within_km)
        found: LegBook | None = None if fresh else borders.cache.get(key)
        if found is None:
            of = ("kept from", *key[1:3])
            if of not in borders.cache:
                borders.cache[of] = units_to_keep_from(observed, non_parties, borders)
            certain, some = borders.cache[of]
            plain = frozenset(unit for unit in certain if borders.units[unit].disputed is None)
            found = cls(borders, plain, (certain - plain) | some, within_km)
            if not fresh:
                books = [one for one in list(borders.cache) if isinstance(one, tuple) and one[0] == "legs"]
                for old in books[: max(0, len(books) - MOST_BOOKS + 1)]:
                    borders.cache.pop(old, None)
                borders.cache[key] = found
        return found

    def facts(self, legs: Legs) -> list[LegFacts]:
        """Of each leg; those not in the book are measured."""
        keys = legs.keys
        known = {key: found for key in keys if (found := self._facts.get(key)) is not None}
        missing = {key: n for n, key in enumerate(keys) if key not in known}
        if missing:
            some = legs if len(missing) == len(keys) else legs.take(np.array(list(missing.values()), np.intp))
            new = dict(zip(missing, self._measured(some), strict=True))
            known |= new
            with self._lock:
                self._room(len(new))
                self._facts.update(new)
        return [known[key] for key in keys]

    def nearest(self, legs: Legs) -> list[tuple[int, Clearance]]:
        """The border nearest to a path that comes within reach of none, and that of every leg as near; by leg."""
        if not self.states or not len(legs):
            return []
        keys = legs.keys
        bounds = self._bounds_of(legs, keys)
        most = min(high for _, high in bounds) + _TIE_KM
        some = [n for n, (low, _) in enumerate(bounds) if low <= most]
        found = {keys[n]: self._nearest[keys[n]] for n in some if keys[n] in self._nearest}
        unknown = {keys[n]: n for n in some if keys[n] not in found}
        if unknown:
            at = legs.take(np.array(list(unknown.values()), np.intp))
            nowhere = np.full(len(at), -1, np.intp)  # a path that is asked this starts in none of the States
            reached = nearest_of_each(at, self.states, self.borders, _arc_km(most), nowhere)
            new = {list(unknown)[c.leg]: replace(c, leg=0) for c in reached}
            found |= new
            with self._lock:
                self._nearest.update(new)
        rows = [(n, found[keys[n]]) for n in some if keys[n] in found]
        least = min((one.km for _, one in rows), default=0.0)
        return [(n, one) for n, one in rows if one.km <= least + _TIE_KM]

    def _measured(self, legs: Legs) -> list[LegFacts]:
        _, middle, half = legs.spread
        half = half + SPARE_KM

        # The lines of some States are some of all lines: where none of these is near, theirs are not looked for.
        every = BorderLines.every(self.borders)
        most = float(half.max()) + max(self.within_km, DISPUTED_WITHIN_KM) + every.reach_km
        chord = every.middles_km(middle, most)

        def touched(lines: BorderLines, more_km: float) -> Flags:
            near = np.asarray(chord <= half + more_km + every.reach_km)
            if lines is not every:
                near[near] = lines.touched(middle[near], half[near] + more_km)
            return near

        pieces, under = leg_pieces(legs, self.borders, touched(every, 0.0))
        near: list[list[Clearance]] = [[] for _ in range(len(legs))]
        areas: list[list[Clearance]] = [[] for _ in range(len(legs))]
        for units, within, each, out in (
            (self.states, self.within_km, self.within_km, near),
            (self.areas, DISPUTED_WITHIN_KM, None, areas),
        ):
            if not units:
                continue
            parts = legs.short_in(touched(BorderLines.of(self.borders, units), within))
            found = nearest_of_each(legs, units, self.borders, within, under, each_within_km=each, parts=parts)
            for one in sorted(found, key=lambda c: c.km):
                out[one.leg].append(replace(one, leg=0))
        return [LegFacts(tuple(a), tuple(b), p) for a, b, p in zip(near, areas, pieces, strict=True)]

    def _bounds_of(self, legs: Legs, keys: list[Key]) -> list[tuple[float, float]]:
        """Between what distances the nearest border of each leg lies, tens of kilometres apart."""
        known = {key: found for key in keys if (found := self._bounds.get(key)) is not None}
        missing = {key: n for n, key in enumerate(keys) if key not in known}
        if missing:
            some = legs.take(np.array(list(missing.values()), np.intp))
            far = FarLines.of(self.borders, self.states)
            leg, middle, half = some.spread
            apart: Floats = far.middles_km(middle)
            first = np.searchsorted(leg, np.arange(len(some)))
            low = np.minimum.reduceat(apart - half - far.reach_km - SPARE_KM, first)
            high = np.minimum.reduceat(apart + far.reach_km, first)
            new = dict(zip(missing, zip(low.tolist(), high.tolist(), strict=True), strict=True))
            known |= new
            with self._lock:
                self._room(len(new))
                self._bounds.update(new)
        return [known[key] for key in keys]

    def _room(self, more: int) -> None:
        if len(self._facts) + more > MOST_LEGS or len(self._bounds) + more > MOST_LEGS:
            self._facts.clear()
            self._bounds.clear()
            self._nearest.clear()


def _arc_km(chord_km: float) -> float:
    """No less than the geodesic below a chord."""
    share = min(1.0, chord_km / (2.0 * MEAN_RADIUS_KM))
    return 2.0 * MEAN_RADIUS_KM * math.asin(share) * 1.007 + 1.0
