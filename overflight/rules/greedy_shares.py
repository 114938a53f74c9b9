"""Max-min fair totals when the half-quota cap is left out: flight by flight, exact without a solver.

Without that cap the totals that the sides can reach together form a polymatroid (flows from
requesters to the Parties overflown), on which giving each next flight to the side with the
smallest part so far is exact for every separable convex aim, the lexicographic one included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from fractions import Fraction

from overflight.rules.distribution import Limits, Request


def pair_caps(requests: Sequence[Request], limits: Limits) -> dict[tuple[str, str], int]:
    """The most flights of each side over each Party that its request and III.I.10 can ever allow.

    A side's flights F over one Party are at most ``ceil(share * (F + rest))`` where `rest` is
    what it can get elsewhere; so ``(q - p) F <= p rest + q - 1``.
    """
    caps: dict[tuple[str, str], int] = {}
    for r in requests:
        key = (r.observers[0], r.over)
        caps[key] = caps.get(key, 0) + r.flights
    if limits.half is None:
        return caps
    p, q = limits.half.numerator, limits.half.denominator
    for (code, over), n in caps.items():
        caps[code, over] = min(n, -(-p * limits.passive[over] // q))
    for code in {c for c, _ in caps}:
        mine = {over: n for (c, over), n in caps.items() if c == code}
        for over, n in mine.items():
            if q > p:
                caps[code, over] = min(n, (p * (sum(mine.values()) - n) + q - 1) // (q - p))
    return caps


def greedy_totals(requests: Sequence[Request], limits: Limits) -> dict[str, int]:
    """Flights that each side gets in all; an upper bound, in the lexicographic sense, where the cap also binds."""
    caps = pair_caps(requests, limits)
    asked: dict[str, int] = {}
    for r in requests:
        asked[r.observers[0]] = asked.get(r.observers[0], 0) + r.flights
    flow = _Flow(caps, limits.room)
    got = dict.fromkeys(sorted(asked), 0)
    open_ = set(got)
    while open_:
        code = min(open_, key=lambda c: (Fraction(got[c], asked[c]), -Fraction(got[c] + 1, asked[c]), c))
        if got[code] >= min(asked[code], limits.passive[code]) or not flow.add(code):
            open_.discard(code)  # once no further flight fits, none ever will
        else:
            got[code] += 1
    return got


class _Flow:
    """Flights from sides to Parties overflown; `add` finds room for one more by moving others."""

    def __init__(self, caps: Mapping[tuple[str, str], int], room: Mapping[str, int]):
        self.caps, self.room = caps, room
        self.flown = dict.fromkeys(caps, 0)
        self.over = {over: 0 for _, over in caps}
        self.goes: dict[str, list[str]] = {}
        self.comes: dict[str, list[str]] = {}
        for code, over in sorted(caps):
            self.goes.setdefault(code, []).append(over)
            self.comes.setdefault(over, []).append(code)

    def add(self, code: str) -> bool:
        """One more flight of `code`, moving other sides' flights between Parties if need be."""
        came: dict[str, tuple[str, str | None]] = {}  # Party overflown -> (side that takes it, Party it left)
        seen = {code}
        queue: deque[tuple[str, str | None]] = deque([(code, None)])
        while queue:
            side, left = queue.popleft()
            for over in self.goes[side]:
                if over in came or self.flown[side, over] >= self.caps[side, over]:
                    continue
                came[over] = (side, left)
                if self.over[over] < self.room[over]:
                    self._take(over, came)
                    return True
                for other in self.comes[over]:
                    if other not in seen and self.flown[other, over]:
                        seen.add(other)
                        queue.append((other, over))
        return False

    def _take(self, last: str, came: Mapping[str, tuple[str, str | None]]) -> None:
        self.over[last] += 1
        over: str | None = last
        while over is not None:
            side, left = came[over]
            self.flown[side, over] += 1
            if left is not None:
                self.flown[side, left] -= 1
            over = left
