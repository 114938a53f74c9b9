"""Annex L, Section II, and Article III, Section I: sharing out a year's active quotas where requests clash.

Pure arithmetic: requests and limits come in, flights granted go out.  Three ways are worked out,
none of which the treaty prescribes: where requests over a Party are above its passive quota it asks
for agreement among those interested (AnnL.II.3), and these are proposals for that talk.

Every limit is linear in the flights granted, the half-quota cap too: for whole numbers
x <= ceil(p/q T) says the same as q x <= p T + q - 1.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Request:
    """Flights that one holder of quota wishes over another in a year; shared ones name every observing side."""

    observers: tuple[str, ...]
    over: str
    flights: int


@dataclass(frozen=True)
class Limits:
    """The quotas that bind, by holder (a Party or its group).

    `passive` is the total passive quota, `room` what of it the year's distribution may use (75 % during
    phase-in, AnnA.II.1), `half` the share of III.I.10 or None to leave that paragraph out.
    """

    passive: Mapping[str, int]
    room: Mapping[str, int]
    half: Fraction | None


@dataclass(frozen=True)
class Bound:
    """One limit: the sum of `weights` times flights granted is at most `most`; `about` are the requests it is on."""

    citation: str
    of: str
    over: str | None
    weights: Mapping[int, int]
    most: int
    about: tuple[int, ...]

    def used(self, granted: Sequence[int]) -> int:
        """The weighted sum of the flights granted."""
        return sum(w * granted[k] for k, w in self.weights.items())

    def holds(self, granted: Sequence[int]) -> bool:
        """Whether the limit is kept; exactly at it is."""
        return self.used(granted) <= self.most


def bounds(requests: Sequence[Request], limits: Limits) -> tuple[Bound, ...]:
    """Every limit on the requests, in a fixed order: passive quotas, active totals, half-quota caps."""
    out: list[Bound] = []
    observers = sorted({o for r in requests for o in r.observers})
    for over in sorted({r.over for r in requests}):
        mine = tuple(k for k, r in enumerate(requests) if r.over == over)
        out.append(Bound("III.I.4", over, over, dict.fromkeys(mine, 1), limits.room[over], mine))
    for code in observers:
        mine = tuple(k for k, r in enumerate(requests) if code in r.observers)
        out.append(Bound("III.I.5", code, None, dict.fromkeys(mine, 1), limits.passive[code], mine))
    if limits.half is None:
        return tuple(out)
    p, q = limits.half.numerator, limits.half.denominator
    for code in observers:
        mine = tuple(k for k, r in enumerate(requests) if code in r.observers)
        for over in sorted({requests[k].over for k in mine}):
            pair = tuple(k for k in mine if requests[k].over == over)
            weights = {k: (q if k in pair else 0) - p for k in mine}
            theirs = math.ceil(limits.half * limits.passive[over])
            out.append(Bound("III.I.10", code, over, dict.fromkeys(pair, 1), theirs, pair))
            out.append(Bound("III.I.10", code, over, weights, q - 1, pair))
    return tuple(out)


def broken(requests: Sequence[Request], granted: Sequence[int], limits: Limits) -> tuple[Bound, ...]:
    """The limits that a distribution does not keep; empty for a lawful one."""
    return tuple(b for b in bounds(requests, limits) if not b.holds(granted))


def as_asked(requests: Sequence[Request], limits: Limits) -> tuple[tuple[int, ...], tuple[Bound | None, ...]]:
    """What can be granted as asked, whole requests only, and for each request left open the limit that it meets.

    Where the requests over a Party are within its passive quota they are granted as asked
    (AnnL.II.2); where they are above it, all of them stay open until those interested agree
    (AnnL.II.3).  A request that meets another limit stays open too.
    """
    granted = [r.flights for r in requests]
    why: list[Bound | None] = [None] * len(requests)
    every = bounds(requests, limits)
    while True:
        met = [b for b in every if not b.holds(granted)]
        if not met:
            return tuple(granted), tuple(why)
        for bound in met:
            for k in bound.about:
                if granted[k]:
                    granted[k], why[k] = 0, bound


def proportional(requests: Sequence[Request], limits: Limits) -> tuple[int, ...]:
    """Every clash cut in the same ratio, rounded by largest remainder; room that a limit leaves over is handed on.

    Flight by flight the next goes to the request that is furthest below its share (request
    times the tightest of its ratios of quota to requests); equals go in the order of the requests.
    """
    every = bounds(requests, limits)
    shares = [Fraction(r.flights) for r in requests]
    for bound in every:
        weights = set(bound.weights.values())
        asked = sum(requests[k].flights for k in bound.about) * max(weights)
        if len(weights) == 1 and asked > bound.most:
            for k in bound.about:
                shares[k] = min(shares[k], Fraction(requests[k].flights * bound.most, asked))
    granted = [0] * len(requests)
    used = [0] * len(every)
    of: list[list[tuple[int, int]]] = [[] for _ in requests]
    for n, bound in enumerate(every):
        for k, weight in bound.weights.items():
            of[k].append((n, weight))
    waiting: dict[str, list[int]] = {}  # for the half-quota cap, which a further flight elsewhere can open
    heap = [(-shares[k], k) for k, r in enumerate(requests) if r.flights]
    heapq.heapify(heap)
    while heap:
        key, k = heapq.heappop(heap)
        if key != granted[k] - shares[k]:  # an older entry of the same request
            continue
        full = [every[n] for n, w in of[k] if w > 0 and used[n] + w > every[n].most]
        if full:
            if all(min(b.weights.values()) < 0 for b in full):
                for b in full:
                    waiting.setdefault(b.of, []).append(k)
            continue
        granted[k] += 1
        for n, weight in of[k]:
            used[n] += weight
        again = {k, *(w for code in requests[k].observers for w in waiting.pop(code, ()))}
        for other in again:
            if granted[other] < requests[other].flights:
                heapq.heappush(heap, (granted[other] - shares[other], other))
    return tuple(granted)


def shares_of(requests: Sequence[Request], granted: Sequence[int]) -> dict[str, Fraction]:
    """For each observing side the part of its request that is granted, 0 to 1."""
    got: dict[str, int] = {}
    asked: dict[str, int] = {}
    for request, n in zip(requests, granted, strict=True):
        for code in request.observers:
            got[code] = got.get(code, 0) + n
            asked[code] = asked.get(code, 0) + request.flights
    return {code: Fraction(got[code], asked[code]) for code in sorted(asked)}


def blocking(requests: Sequence[Request], granted: Sequence[int], limits: Limits) -> tuple[Bound | None, ...]:
    """For each request the first limit that one more flight would break; None if granted whole or it would fit."""
    found: list[Bound | None] = [None] * len(requests)
    for bound in bounds(requests, limits):
        used = bound.used(granted)
        for k in bound.about:
            if found[k] is None and granted[k] < requests[k].flights and used + bound.weights[k] > bound.most:
                found[k] = bound
    return tuple(found)
