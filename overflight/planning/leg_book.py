"""What each leg meets, measured once: borders within reach and whose land lies below.

A leg's answer depends on the leg alone, so that a path of which one point was moved needs two legs
measured again.  The books are kept with the borders, one for each set of States to keep clear of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Final

import numpy as np

from overflight.planning.borderlines import BorderLines, FarLines, Flags
from overflight.planning.clearance import (
    DISPUTED_WITHIN_KM,
    Clearance,
    further_states,
    nearest_of_each,
    units_to_keep_from,
)
from overflight.planning.geodesy import Floats, Ints, earth_centred_km, wrap
from overflight.planning.legs import Legs
from overflight.planning.territory import QUICK_STEP_KM, SPARE_KM, Piece, leg_pieces
from overflight.treaty.geography import Borders

MOST_LEGS: Final = 20_000  # in one book
MOST_BOOKS: Final = 8
_TIE_KM: Final = 0.001  # legs that share their nearest place are both named

Key = tuple[float, float, float, float]


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
    _nearest: dict[Key, Clearance | None] = field(default_factory=dict, repr=False)
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
            certain, some = units_to_keep_from(observed, non_parties, borders)
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
        keys = _keys(legs)
        known = {key: found for key in keys if (found := self._facts.get(key)) is not None}
        missing = {key: n for n, key in enumerate(keys) if key not in known}
        if missing:
            new = dict(zip(missing, self._measured(legs.take(np.array(list(missing.values()), np.intp))), strict=True))
            known |= new
            with self._lock:
                self._room(len(new))
                self._facts.update(new)
        return [known[key] for key in keys]

    def nearest(self, legs: Legs) -> list[Clearance]:
        """The border nearest to the whole path however far, and that of every leg that comes as near; by leg."""
        if not self.states or not len(legs):
            return []
        keys = _keys(legs)
        bounds = self._bounds_of(legs, keys)
        most = min(high for _, high in bounds) + _TIE_KM
        some = [n for n, (low, _) in enumerate(bounds) if low <= most]
        unknown = {keys[n]: n for n in some if keys[n] not in self._nearest}
        found = {key: self._nearest[key] for key in (keys[n] for n in some) if key in self._nearest}
        if unknown:
            at = legs.take(np.array(list(unknown.values()), np.intp))
            of_leg = {c.leg: replace(c, leg=0) for c in nearest_of_each(at, self.states, self.borders, np.inf,
                                                                        self._under(at))}  # fmt: skip
            new = {key: of_leg.get(n) for n, key in enumerate(unknown)}
            found |= new
            with self._lock:
                self._nearest.update(new)
        rows = [(n, found[keys[n]]) for n in some]
        return [replace(c, leg=n) for n, c in rows if c is not None]

    def _measured(self, legs: Legs) -> list[LegFacts]:
        under = self._under(legs)
        leg, km, half = legs.middles(QUICK_STEP_KM)
        middle, half = earth_centred_km(*legs.at(leg, km)), half + SPARE_KM

        def touched(lines: BorderLines, more_km: float) -> Flags:
            near = np.zeros(len(legs), dtype=bool)
            near[leg[lines.touched(middle, half + more_km)]] = True
            return near

        near: list[list[Clearance]] = [[] for _ in range(len(legs))]
        areas: list[list[Clearance]] = [[] for _ in range(len(legs))]
        for units, within, out in ((self.states, self.within_km, near), (self.areas, DISPUTED_WITHIN_KM, areas)):
            if not units:
                continue
            inside = np.isin(under, np.fromiter(units, np.intp, len(units)))
            some = np.flatnonzero(touched(BorderLines.of(self.borders, units), within) | inside)
            if not some.size:
                continue
            at, below = legs.take(some), under[some]
            found = nearest_of_each(at, units, self.borders, within, below)
            if out is near:
                found += further_states(at, units, self.borders, within, found, below)
            for one in sorted(found, key=lambda c: c.km):
                out[int(some[one.leg])].append(replace(one, leg=0))
        pieces = leg_pieces(legs, self.borders, touched(BorderLines.every(self.borders), 0.0))
        return [LegFacts(tuple(a), tuple(b), p) for a, b, p in zip(near, areas, pieces, strict=True)]

    def _under(self, legs: Legs) -> Ints:
        return self.borders.units_at(wrap(legs.lon0), legs.lat0)

    def _bounds_of(self, legs: Legs, keys: list[Key]) -> list[tuple[float, float]]:
        """Between what distances the nearest border of each leg lies, tens of kilometres apart."""
        known = {key: found for key in keys if (found := self._bounds.get(key)) is not None}
        missing = {key: n for n, key in enumerate(keys) if key not in known}
        if missing:
            some = legs.take(np.array(list(missing.values()), np.intp))
            far = FarLines.of(self.borders, self.states)
            leg, km, half = some.middles(QUICK_STEP_KM)
            apart: Floats = far.middles_km(earth_centred_km(*some.at(leg, km)))
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


def _keys(legs: Legs) -> list[Key]:
    return list(zip(legs.lon0.tolist(), legs.lat0.tolist(), legs.lon1.tolist(), legs.lat1.tolist(), strict=True))
