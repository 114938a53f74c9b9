"""Ruin and recreate over paths: drop some waypoints, put others in by value for kilometre, keep what is good.

Two chains run in turn.  The *discrete* one uses candidate points only, each at most
once; the *continuous* one may also shift a waypoint, which shortens the path and
frees length for more.  All choices come from one seeded generator and the step number,
never from a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overflight.planning.crossings import E2
from overflight.planning.search_state import FREE, Field, Floats, Path, arc_km, distances_km

LOOKED_AT = 10  # candidates measured exactly at each insertion
MOST_RUINED = 10
NEAREST_CORNERS = 24
TRIES_AROUND = 3  # looks for a way around forbidden ground, in one rebuilding
CYCLE = 600  # steps from warm to cold
WARM = 0.01  # accepted loss, as a share of the value
TINY_KM = 1e-6


@dataclass
class Search:
    """Both chains and the best path of each."""

    ground: Field
    rng: np.random.Generator
    now: Path
    best: Path
    shifted_now: Path
    shifted_best: Path
    step: int = 0

    @classmethod
    def of(cls, ground: Field, first: Path, seed: int) -> Search:
        """A search that starts from a path that is clear and short enough."""
        rng = np.random.default_rng(seed)
        grown = recreate(ground, without_idle(ground, first), rng, 0.0)
        return cls(ground, rng, grown, grown, grown, grown)

    def advance(self) -> bool:
        """One step of one chain; True if either best path became better."""
        self.step += 1
        warmth = WARM * 0.5 * (1 + np.cos(np.pi * ((self.step % CYCLE) / CYCLE)))
        if self.step % 2:
            new = self._rebuilt(self.now, aside=False)
            self.now, self.best, better = _accept(new, self.now, self.best, warmth, self.rng)
            if better and new.value > self.shifted_best.value:
                self.shifted_now = self.shifted_best = new
            if self.step % CYCLE == 1:
                self.now = self.best
            return better
        new = shift(self.ground, self._rebuilt(self.shifted_now, aside=True), self.rng)
        new = without_idle(self.ground, recreate(self.ground, new, self.rng, 0.1, aside=True))
        accepted = _accept(new, self.shifted_now, self.shifted_best, warmth, self.rng)
        self.shifted_now, self.shifted_best, better = accepted
        if self.step % CYCLE == 0:
            self.shifted_now = self.shifted_best
        return better

    def _rebuilt(self, path: Path, *, aside: bool) -> Path:
        path = ruined(self.ground, path, self.rng)
        if self.rng.random() < 0.4:
            path = shortened(self.ground, path)
        path = recreate(self.ground, path, self.rng, float(self.rng.choice([0.1, 0.4, 0.9])), aside=aside)
        if self.rng.random() < 0.3:
            path = recreate(self.ground, shortened(self.ground, path), self.rng, 0.2, aside=aside)
        return without_idle(self.ground, path)


def _accept(new: Path, now: Path, best: Path, warmth: float, rng: np.random.Generator) -> tuple[Path, Path, bool]:
    loss = now.value - new.value
    chance = loss < warmth * best.value * float(rng.random())
    if loss < 0 or (loss == 0 and new.length_km <= now.length_km) or (chance and loss >= 0):
        now = new
    if new.value > best.value or (new.value == best.value and new.length_km < best.length_km - TINY_KM):
        return now, new, True
    return now, best, False


def ruined(ground: Field, path: Path, rng: np.random.Generator) -> Path:
    """The path less a run of waypoints, or less those around a place, or a random few."""
    inner = len(path.ids) - 2
    if inner <= 0:
        return path
    many = 1 + int(rng.integers(0, min(inner, MOST_RUINED)))
    kind = rng.random()
    if kind < 0.5:
        start = 1 + int(rng.integers(0, max(1, inner - many + 1)))
        gone = np.arange(start, min(start + many, inner + 1))
    elif kind < 0.85:
        centre = path.points[1 + int(rng.integers(0, inner))]
        gone = 1 + np.argsort(np.square(path.points[1:-1] - centre).sum(axis=1), kind="stable")[:many]
    else:
        gone = 1 + rng.choice(inner, size=min(many, inner), replace=False)
    keep = np.setdiff1d(np.arange(len(path.ids)), gone)
    left = path.kept(ground, keep)
    return left if left.is_clear(ground) else path


def recreate(ground: Field, path: Path, rng: np.random.Generator, noise: float, *, aside: bool = False) -> Path:
    """Insert candidates, best newly observed value for added kilometre first, until nothing more fits.

    With `aside` a waypoint is put not on the candidate but beside it, on the side of the leg
    that it bends, so that the candidate lies just inside the swath.
    """
    spare = 2 * ground.half_km if aside else 0.0
    open_ = ground.offered.copy()
    open_[[i for i in path.ids if i >= 0]] = False
    cost, at = _cheapest(ground, path)
    tries = 0
    while True:
        slack = ground.limit_km - path.length_km
        worth = ground.around @ np.where(path.count == 0, ground.values, 0.0)
        which = np.flatnonzero(open_ & (worth > 0) & (cost <= slack + spare))
        if not which.size:
            return path
        score = worth[which] / (cost[which] + 0.5)
        if noise:
            score = score * np.exp(noise * rng.standard_normal(score.size))
        if score.size > LOOKED_AT:
            which = which[np.argpartition(-score, LOOKED_AT)[:LOOKED_AT]]
        new = _best_insertion(ground, path, which, at[which], noise, rng, aside=aside)
        if new is None:
            around = None if tries >= TRIES_AROUND else _best_around(ground, path, which, at[which])
            tries += 1
            if around is None:
                open_[which] = False
                continue
            path = around
            open_[[i for i in path.ids if i >= 0]] = False
            cost, at = _cheapest(ground, path)
            continue
        path, number, place = new
        open_[number] = False
        _renew(ground, path, place, cost, at)


def _cheapest(ground: Field, path: Path) -> tuple[Floats, NDArray[np.int64]]:
    """For each candidate, the least length that its insertion adds, and after which waypoint."""
    apart = ground.distances_from(path.ids, path.points)
    added = apart[:, :-1] + apart[:, 1:] - path.lengths[None, :]
    at = added.argmin(axis=1)
    return np.maximum(added[np.arange(len(at)), at], 0.0), at


def _renew(ground: Field, path: Path, place: int, cost: Floats, at: NDArray[np.int64]) -> None:
    """Bring `cost` and `at` up to date after a waypoint was put in after waypoint `place`."""
    lost = at == place
    at[at > place] += 1
    near = slice(place, place + 3)
    apart = ground.distances_from(path.ids[near], path.points[near])
    added = np.maximum(apart[:, :-1] + apart[:, 1:] - path.lengths[None, place : place + 2], 0.0)
    side = added.argmin(axis=1)
    new = added[np.arange(len(side)), side]
    better = new < cost
    cost[better], at[better] = new[better], place + side[better]
    again = np.flatnonzero(lost & ~better)
    if again.size:
        rest = ground.distances_from(path.ids, path.points, again)
        added = rest[:, :-1] + rest[:, 1:] - path.lengths[None, :]
        at[again] = added.argmin(axis=1)
        cost[again] = np.maximum(added[np.arange(again.size), at[again]], 0.0)


def _best_insertion(
    ground: Field,
    path: Path,
    which: NDArray[Any],
    at: NDArray[Any],
    noise: float,
    rng: np.random.Generator,
    *,
    aside: bool,
) -> tuple[Path, int, int] | None:
    """The insertion that gains most for its length, with its candidate and place; None if none gains."""
    places, many = at.tolist(), len(which)
    before, after = path.points[at], path.points[at + 1]
    new = _beside(ground, before, after, ground.points[which]) if aside else ground.points[which]
    numbers = [FREE] * many if aside else which.tolist()
    ends = [(path.ids[p], k) for k, p in zip(numbers, places, strict=True)]
    ends += [(k, path.ids[p + 1]) for k, p in zip(numbers, places, strict=True)]
    lengths = arc_km(np.sqrt(np.square(np.concatenate((new - before, new - after))).sum(axis=1))).reshape(2, many)
    cost = np.maximum(lengths.sum(axis=0) - path.lengths[at], 0.0)
    rows = ground.leg_rows(ends, np.concatenate((before, new)), np.concatenate((new, after)))
    both = rows[:many] | rows[many:]
    others = path.count[None, :] - path.rows[at] > 0
    gain = (both & ~others) @ ground.values - (path.rows[at] & ~others) @ ground.values
    score = np.where((gain > 1e-12) & (path.length_km + cost <= ground.limit_km), gain, 0.0) / (cost + 0.5)
    if noise:
        score = score * np.exp(0.5 * noise * rng.standard_normal(score.size))
    if not score.any():
        return None
    flat = ground.area.plane(*lon_lat(new)) if aside else ground.plane[which]
    clear = ground.legs_clear(ends, np.concatenate((path.plane[at], flat)), np.concatenate((flat, path.plane[at + 1])))
    score = np.where(clear[:many] & clear[many:], score, 0.0)
    pick = int(score.argmax())
    if score[pick] <= 0:
        return None
    p = places[pick]
    two = np.stack((rows[pick], rows[many + pick]))
    pair = (float(lengths[0, pick]), float(lengths[1, pick]))
    return path.inserted(ground, p, numbers[pick], new[pick], flat[pick], two, pair), int(which[pick]), p


def _best_around(ground: Field, path: Path, which: NDArray[Any], at: NDArray[Any]) -> Path | None:
    """The best insertion of a candidate that no straight leg reaches, by way of corners of the forbidden ground."""
    best: Path | None = None
    for k, p in zip(which.tolist(), at.tolist(), strict=True):
        left = _way(ground, path.ids[p], path.points[p], path.plane[p], k, -1)
        right = _way(ground, path.ids[p + 1], path.points[p + 1], path.plane[p + 1], k, left[0] if left else -1)
        if left is None or right is None or not (left or right):
            continue
        ids = [*path.ids[: p + 1], *([FREE] * len(left)), k, *([FREE] * len(right)), *path.ids[p + 1 :]]
        middle = np.concatenate((ground.corners[left], ground.points[k : k + 1], ground.corners[right]))
        flat = np.concatenate((ground.corners_plane[left], ground.plane[k : k + 1], ground.corners_plane[right]))
        points = np.concatenate((path.points[: p + 1], middle, path.points[p + 1 :]))
        new = Path.through(ground, ids, points, np.concatenate((path.plane[: p + 1], flat, path.plane[p + 1 :])))
        gains = new.length_km <= ground.limit_km and new.value > path.value + 1e-12
        if gains and (best is None or _rate(new, path) > _rate(best, path)):
            best = new
    return best


def _rate(new: Path, old: Path) -> float:
    return (new.value - old.value) / (max(new.length_km - old.length_km, 0.0) + 0.5)


def _way(ground: Field, number: int, point: Floats, plane: Floats, k: int, taken: int) -> list[int] | None:
    """Corners between a waypoint and candidate `k`: none if the leg is clear, one if that helps, else None."""
    if ground.legs_clear([(number, k)], plane[None, :], ground.plane[k : k + 1])[0]:
        return []
    seen = ground.corners_seen_from(k)
    seen = seen[seen != taken]
    if not seen.size:
        return None
    far = np.linalg.norm(ground.corners[seen] - point, axis=1)
    far = far + np.linalg.norm(ground.corners[seen] - ground.points[k], axis=1)
    seen = seen[np.argsort(far, kind="stable")[:NEAREST_CORNERS]]
    clear = ground.area.legs_clear(np.broadcast_to(plane, (seen.size, 2)), ground.corners_plane[seen])
    return [int(seen[int(clear.argmax())])] if clear.any() else None


def _beside(ground: Field, before: Floats, after: Floats, points: Floats) -> Floats:
    """The places nearest to each leg from which its point is still well inside the swath."""
    along = after - before
    share = np.einsum("ij,ij->i", points - before, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-9)
    foot = before + along * np.clip(share, 0.0, 1.0)[:, None]
    away = np.sqrt(np.square(foot - points).sum(axis=1))
    moved = points + (foot - points) * np.minimum(0.97 * ground.half_km / np.maximum(away, 1e-9), 1.0)[:, None]
    scaled: Floats = moved * (np.linalg.norm(points, axis=1) / np.linalg.norm(moved, axis=1))[:, None]
    return scaled


def without_idle(ground: Field, path: Path) -> Path:
    """The path less every waypoint whose removal loses no value and shortens the path."""
    while len(path.ids) > 2:
        inner = np.arange(1, len(path.ids) - 1)
        ends = [(path.ids[k - 1], path.ids[k + 1]) for k in inner.tolist()]
        rows = ground.leg_rows(ends, path.points[inner - 1], path.points[inner + 1])
        others = path.count[None, :] - path.rows[inner - 1] - path.rows[inner] > 0
        lost = ((path.rows[inner - 1] | path.rows[inner]) & ~others & ~rows) @ ground.values
        won = (rows & ~others & ~(path.rows[inner - 1] | path.rows[inner])) @ ground.values
        bridge = arc_km(np.linalg.norm(path.points[inner + 1] - path.points[inner - 1], axis=1))
        saved = path.lengths[inner - 1] + path.lengths[inner] - bridge
        idle = np.flatnonzero((won - lost >= 0) & (saved > TINY_KM))
        if not idle.size:
            return path
        idle = idle[np.argsort(-saved[idle], kind="stable")]
        line = path.plane[inner[idle] - 1], path.plane[inner[idle] + 1]
        free = idle[ground.legs_clear([ends[k] for k in idle.tolist()], *line)]
        gone: list[int] = []
        for k in inner[free].tolist():  # neighbours of one that goes are looked at again
            if not {k - 1, k, k + 1} & set(gone):
                gone.append(k)
        if not gone:
            return path
        new = path.kept(ground, np.delete(np.arange(len(path.ids)), gone))
        if new.value < path.value:  # two that were idle each, but not both
            new = path.kept(ground, np.delete(np.arange(len(path.ids)), gone[:1]))
        path = new
    return path


def shortened(ground: Field, path: Path) -> Path:
    """The path reordered by 2-opt until no exchange of two legs shortens it; value is measured anew."""
    order = np.arange(len(path.ids))
    apart = distances_km(path.points, path.points)
    changed = False
    for _ in range(3 * len(order)):
        if len(order) < 4:
            break
        first, last = order[:-1], order[1:]
        gain = apart[first, last][:, None] + apart[first, last][None, :]
        gain = gain - apart[np.ix_(first, first)] - apart[np.ix_(last, last)]
        gain[np.tril_indices(len(first), 1)] = 0.0
        i, j = np.unravel_index(int(gain.argmax()), gain.shape)
        if gain[i, j] <= 1e-6:
            break
        order[i + 1 : j + 1] = order[i + 1 : j + 1][::-1]
        changed = True
    if not changed:
        return path
    new = path.kept(ground, order)
    return new if new.is_clear(ground) else path


def shift(ground: Field, path: Path, rng: np.random.Generator) -> Path:
    """Move waypoints a little where that loses no value and shortens the path, or gains value within the limit."""
    for _ in range(6):
        inner = len(path.ids) - 2
        if inner <= 0:
            return path
        k = 1 + int(rng.integers(0, inner))
        new = _shifted(ground, path, k, rng)
        if new is not None:
            path = new
    return path


def _shifted(ground: Field, path: Path, k: int, rng: np.random.Generator) -> Path | None:
    before, here, after = path.points[k - 1], path.points[k], path.points[k + 1]
    foot = before + (after - before) * np.clip(
        np.dot(here - before, after - before) / max(float(np.dot(after - before, after - before)), 1e-9), 0.0, 1.0
    )
    shares = np.array([0.05, 0.15, 0.4, 0.8])[:, None]
    spread = ground.half_km * float(rng.choice([0.15, 0.5, 1.2]))
    places = np.concatenate((here + (foot - here) * shares, here + rng.standard_normal((8, 3)) * spread))
    places *= (np.linalg.norm(here) / np.linalg.norm(places, axis=1))[:, None]
    n = len(places)
    sides = np.concatenate((np.broadcast_to(before, (n, 3)), places))
    ends = [(path.ids[k - 1], FREE)] * n + [(FREE, path.ids[k + 1])] * n
    rows = ground.leg_rows(ends, sides, np.concatenate((places, np.broadcast_to(after, (n, 3)))))
    both = rows[:n] | rows[n:]
    old = path.rows[k - 1] | path.rows[k]
    others = path.count - path.rows[k - 1] - path.rows[k] > 0
    gain = (both & ~others) @ ground.values - float((old & ~others) @ ground.values)
    lengths = arc_km(np.stack((np.linalg.norm(places - before, axis=1), np.linalg.norm(places - after, axis=1))))
    added = lengths.sum(axis=0) - path.lengths[k - 1] - path.lengths[k]
    fits = path.length_km + added <= ground.limit_km
    good = fits & ((gain > 1e-12) | ((gain >= -1e-12) & (added < -TINY_KM)))
    if not good.any():
        return None
    order = np.lexsort((added, -gain))
    order = order[good[order]]
    lons, lats = lon_lat(places[order])
    plane = ground.area.plane(lons, lats)
    for rank, pick in enumerate(order.tolist()[:3]):
        line = np.stack((path.plane[k - 1], plane[rank])), np.stack((plane[rank], path.plane[k + 1]))
        if ground.area.legs_clear(*line).all():
            ids = [*path.ids[:k], FREE, *path.ids[k + 1 :]]
            points, flat = path.points.copy(), path.plane.copy()
            points[k], flat[k] = places[pick], plane[rank]
            return Path.through(ground, ids, points, flat)
    return None


def lon_lat(points: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude, degrees, of earth-centred points on or near the ellipsoid."""
    flat = np.hypot(points[:, 0], points[:, 1])
    lats = np.degrees(np.arctan2(points[:, 2], flat * (1 - E2)))
    return np.degrees(np.arctan2(points[:, 1], points[:, 0])), lats
