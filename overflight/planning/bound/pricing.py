"""The bound that any charges give, once every leg there is has been priced with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from overflight.planning.bound.legs import Legs
from overflight.planning.bound.problem import Bools, Floats
from overflight.planning.bound.programme import Programme
from overflight.planning.bound.rows import Charges
from overflight.planning.orienteering.compiled import compiled

Array = Any


@compiled
def _gains(
    ends: Array,
    cost: Array,
    start: Array,
    sees: Array,
    alive: Array,
    degree: Array,
    pair: Array,
    reward: Array,
    link_start: Array,
    link_set: Array,
    link_charge: Array,
    holds: Array,
    gain: Array,
) -> float:
    """What each leg would gain at these charges, in `gain`; the sum of what is above 0 returns."""
    total = 0.0
    for e in range(len(cost)):
        if not alive[e]:
            gain[e] = -1e300
            continue
        i, j = ends[e, 0], ends[e, 1]
        g = -cost[e] - degree[i] - degree[j] - pair[i, j]
        low, high = start[e], start[e + 1]
        for k in range(low, high):
            g += reward[sees[k]]
        if high > low:
            for k in range(low, high):
                s = sees[k]
                for c in range(link_start[s], link_start[s + 1]):
                    if holds[link_set[c], i] or holds[link_set[c], j]:
                        g -= link_charge[c]
        gain[e] = g
        if g > 0.0:
            total += g
    return total


@compiled
def _flown(ends: Array, gain: Array, alive: Array, visit: Array, ends_at: int, out: Array) -> None:
    """What the bound loses, in `out`, if a leg is flown: by it, by the visits of its ends, and by the next leg at each.

    ``visit[v]`` is what a visit loses; at the first `ends_at` nodes the path begins or ends with one leg.
    """
    n = len(visit)
    least = np.full(n, 1e300)
    second = np.full(n, 1e300)
    for e in range(len(gain)):
        if not alive[e]:
            continue
        loss = max(0.0, -gain[e])
        for side in range(2):
            v = ends[e, side]
            if loss < least[v]:
                second[v] = least[v]
                least[v] = loss
            elif loss < second[v]:
                second[v] = loss
    least[:ends_at] = 0.0
    second[:ends_at] = 0.0
    for e in range(len(gain)):
        if not alive[e]:
            out[e] = 1e300
            continue
        own = max(0.0, -gain[e])
        total = own
        for side in range(2):
            v = ends[e, side]
            total += visit[v] + (second[v] if least[v] == own and v >= ends_at else least[v])
        out[e] = total


@compiled
def _pairs(inside: Array, charge: Array, out: Array) -> None:
    """Add each set's charge to all pairs of its nodes."""
    n = inside.shape[1]
    members = np.empty(n, dtype=np.int64)
    for c in range(len(charge)):
        if charge[c] <= 0.0:
            continue
        many = 0
        for v in range(n):
            if inside[c, v]:
                members[many] = v
                many += 1
        for a in range(many):
            for b in range(a + 1, many):
                out[members[a], members[b]] += charge[c]


def _stretch_cost(programme: Programme, charge: Floats) -> Floats:
    """What each leg pays for the rows on stretches."""
    legs, n = programme.legs, programme.n
    both = np.zeros((n, n))
    _pairs(programme.stretches, charge, both)
    node = programme.stretches.T @ charge
    one, two, half = legs.ends[:, 0], legs.ends[:, 1], programme.stretch_half
    cost = both[one, two] * (2.0 * half - legs.away_km[one] - legs.away_km[two] - legs.km)
    cost -= node[two] * (half - legs.away_km[one] - legs.km)
    cost -= node[one] * (half - legs.away_km[two] - legs.km)
    return np.asarray(cost)


@dataclass(frozen=True)
class Priced:
    """A valid bound, what each leg would gain at its charges, and what the bound loses where a leg is flown."""

    bound: float
    leg_gain: Floats
    leg_loss: Floats


def price(programme: Programme, charges: Charges, alive: Bools, pair: Floats | None = None) -> Priced:
    """Charge for the rows instead of keeping them (Lagrange): each column is then chosen on its own.

    The sum of what is above 0, over ALL legs alive, is an upper bound for every path through legs alive.
    """
    legs: Legs = programme.legs
    n, m = programme.n, programme.m
    visits = 2.0 * charges.degree
    sites = programme.values - np.where(programme.free, 0.0, charges.seen)
    if programme.groups:
        grouped = programme.group >= 0
        sites = sites - np.where(grouped, charges.group[np.maximum(programme.group, 0)], 0.0)
    seen = np.where(programme.free, 0.0, charges.seen)
    visits = visits + legs.near @ seen
    share = -charges.entered
    visits = visits + programme.inside.T @ charges.entered if len(share) else visits
    sets, nodes, paid = charges.visit_links
    np.subtract.at(visits, nodes, paid)
    np.add.at(share, sets, paid)
    sets, of, paid = charges.site_links
    sites = sites - np.bincount(of, weights=paid, minlength=m)
    np.add.at(share, sets, paid)
    reward = seen + np.bincount(of, weights=paid, minlength=m)
    pair = np.zeros((n, n)) if pair is None else pair
    pair[:] = 0.0
    _pairs(programme.inside, charges.entered, pair)
    close = np.flatnonzero((legs.near.sum(axis=0) > 1) & (seen > 0))
    _pairs(np.ascontiguousarray(legs.near[:, close].T), seen[close], pair)
    limits = [legs.problem.limit_km + 1e-6, *(most + 1e-6 for _, most in legs.problem.sub_limits)]
    cost = charges.limits[0] * legs.km
    for k, table in enumerate(legs.inside_km):
        cost = cost + charges.limits[1 + k] * table
    pair_legs, nodes, pair_paid = charges.pairs
    np.add.at(visits, nodes, pair_paid)
    cost = cost + np.bincount(pair_legs, weights=pair_paid, minlength=len(legs))
    if len(charges.stretch):
        cost = cost + _stretch_cost(programme, charges.stretch)
    binding = paid > 0
    sets, of, paid = sets[binding], of[binding], paid[binding]
    order = np.argsort(of, kind="stable")
    link_start = np.searchsorted(of[order], np.arange(m + 1)).astype(np.int64)
    gain = np.empty(len(legs))
    legs_sum = _gains(
        legs.ends,
        cost,
        legs.start,
        legs.sees,
        alive,
        charges.degree,
        pair,
        reward,
        link_start,
        sets[order].astype(np.int64),
        paid[order],
        programme.set_of,
        gain,
    )
    loss = np.empty(len(legs))
    visit = np.maximum(-visits, 0.0) * (programme.most - programme.least)  # what is fixed is in the bound already
    _flown(legs.ends, gain, alive, visit, 0 if legs.closed else legs.bases, loss)
    bound = float(charges.limits @ np.array(limits)) + float(charges.group.sum())
    bound += float(np.where(visits > 0, visits * programme.most, visits * programme.least).sum())
    bound += float(np.maximum(sites, 0.0).sum()) + float(np.maximum(share, 0.0).sum()) + legs_sum
    return Priced(bound, gain, loss)
