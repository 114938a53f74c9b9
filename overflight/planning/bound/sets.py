"""Finds sets of candidates whose rows a fractional solution breaks.

A path that observes a site goes through it: a leg that passes the site is taken as cut in two there, and candidates
near it as joined to it.  The largest flow from the airfields to the site is then at least twice its share observed;
where it is less, the smallest cut is a set S whose row is broken.  The same holds for visits of a candidate.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import sparse

from overflight.planning.bound.problem import Bools, Floats
from overflight.planning.bound.programme import Programme
from overflight.planning.bound.rows import SITE_LINK, VISIT_LINK, Broken, Ints, ragged
from overflight.planning.orienteering.compiled import compiled
from overflight.planning.orienteering.cuts import Support, flow_to, reaches

Array = Any
# scipy's constructors carry no types of their own.
_table: Any = sparse.coo_array
_matrix: Any = sparse.csr_matrix
LINKS: Final = 2  # rows for one set, in one round
SERVED: Final = 4  # sets that may hold the same site, in one round


@compiled
def _through_site(one: Array, two: Array, weight: Array, passes: Array, near: Array, n: int) -> Any:
    """The graph in which legs that pass the site lead through node n, as lists of arcs by their tails."""
    many = 0
    for k in range(len(one)):
        many += 2 if passes[k] else 1
    many += len(near)
    a = np.empty(many, dtype=np.int64)
    b = np.empty(many, dtype=np.int64)
    w = np.empty(many)
    at = 0
    for k in range(len(one)):
        if passes[k]:
            a[at], b[at], w[at] = one[k], n, weight[k]
            a[at + 1], b[at + 1], w[at + 1] = two[k], n, weight[k]
            at += 2
        else:
            a[at], b[at], w[at] = one[k], two[k], weight[k]
            at += 1
    for k in range(len(near)):
        a[at], b[at], w[at] = near[k], n, 4.0
        at += 1
    start = np.zeros(n + 2, dtype=np.int64)
    for k in range(many):
        start[a[k] + 1] += 1
        start[b[k] + 1] += 1
    for v in range(n + 1):
        start[v + 1] += start[v]
    fill = start[:-1].copy()
    head = np.empty(2 * many, dtype=np.int64)
    twin = np.empty(2 * many, dtype=np.int64)
    room = np.empty(2 * many)
    for k in range(many):
        p, q = fill[a[k]], fill[b[k]]
        fill[a[k]] += 1
        if b[k] == a[k]:
            q = fill[b[k]]
        fill[b[k]] += 1
        head[p], head[q] = b[k], a[k]
        twin[p], twin[q] = q, p
        room[p] = w[k]
        room[q] = w[k]
    return start, head, twin, room


def stretches(n: int, bases: int, one: Ints, two: Ints, both: Floats, alone: Floats, least: float) -> list[Bools]:
    """Sets S for which the sum of `both` inside S exceeds the sum of `alone` over S by `least`, by smallest cuts."""
    # Minimise sum alone[v] s[v] - sum both[e] s[i] s[j]: source = inside, each pair e split to its ends.
    linear = alone.copy()
    np.subtract.at(linear, one, both / 2.0)
    np.subtract.at(linear, two, both / 2.0)
    linear[:bases] = 0.0
    # both[e] / 2 is paid where the ends are parted; nodes with linear < 0 wish to be inside.
    source, sink = n, n + 1
    wish = np.flatnonzero(linear < 0)
    loath = np.flatnonzero(linear > 0)
    fixed = np.arange(bases)
    a = np.concatenate([one, np.full(len(wish), source), loath, fixed])
    b = np.concatenate([two, wish, np.full(len(loath), sink), np.full(bases, sink)])
    w = np.concatenate([both / 2.0, -linear[wish], linear[loath], np.full(bases, 1e9)])
    if not len(wish):
        return []
    inside = _source_side(n + 2, source, sink, a, b, w)[:n]
    found = []
    marks = np.zeros(n, dtype=bool)
    marks[inside] = True
    marks[:bases] = False
    if _over(marks, one, two, both, alone) > least:
        found.append(marks)
        # each part of it that hangs together, on its own
        from scipy.sparse.csgraph import connected_components

        within = marks[one] & marks[two]
        graph: Any = _table((np.ones(int(within.sum())), (one[within], two[within])), shape=(n, n))
        _, label = connected_components(graph, directed=False)
        parts = [marks & (label == k) for k in np.unique(label[marks])]
        if len(parts) > 1:
            found = [part for part in parts if _over(part, one, two, both, alone) > least] or found
    return found


def _over(marks: Bools, one: Ints, two: Ints, both: Floats, alone: Floats) -> float:
    return float(both[marks[one] & marks[two]].sum() - alone[marks].sum())


def _source_side(n: int, source: int, sink: int, a: Ints, b: Ints, w: Floats) -> Bools:
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    scale = 1e7 / max(float(w[w < 1e8].max(initial=1.0)), 1e-9)
    whole = np.minimum(np.round(w * scale), 2_000_000_000).astype(np.int64)
    directed = (a == source) | (b == sink)
    rows = np.concatenate([a, b[~directed]])
    columns = np.concatenate([b, a[~directed]])
    rooms = np.concatenate([whole, whole[~directed]])
    made: Any = _table((rooms, (rows, columns)), shape=(n, n))
    graph: Any = made.tocsr()
    graph = _matrix((np.minimum(graph.data, 2_000_000_000).astype(np.int32), graph.indices, graph.indptr), shape=(n, n))
    graph.eliminate_zeros()
    flow = maximum_flow(graph, source, sink).flow
    rest = graph - flow
    rest.data[rest.data < 0] = 0
    rest.eliminate_zeros()
    reached = breadth_first_order(rest, source, return_predecessors=False)
    out = np.zeros(n, dtype=bool)
    out[reached] = True
    return out


class Separation:
    """Looks for broken rows in one solution of a programme."""

    def __init__(self, programme: Programme, visits: Floats, sites: Floats, used: Ints, weight: Floats) -> None:
        self.programme, self.legs = programme, programme.legs
        self.n = programme.n
        self.visits, self.sites = visits, sites
        self.used, self.weight = used, weight
        ends = self.legs.ends[used].astype(np.int64)
        if not self.legs.closed:
            ends[ends == 1] = 0  # the end is joined to the start
        self.ends = ends
        at, site = programme.seen_by(used)
        order = np.argsort(site, kind="stable")
        self.by_site = site[order]
        self.leg_by_site = at[order]

    def passing(self, site: int) -> Ints:
        """Places, among the legs used, of those that pass the site from their inside."""
        low, high = np.searchsorted(self.by_site, [site, site + 1])
        return np.asarray(self.leg_by_site[low:high])

    def find(self, least: float, most: int, seed: int) -> Broken:
        """Sets broken by at least `least`, and the links of old and new sets that are."""
        found: dict[bytes, Bools] = {}
        visits = self.visits.copy()
        visits[: self.programme.bases] = 0.0
        for side in Support(self.n, self.ends, self.weight, visits).cut_off(2 * least, most, seed):
            self._keep(found, side)
        self._of_sites(found, least, seed)
        known = {marks.tobytes() for marks in self.programme.set_of}
        new = [marks for key, marks in found.items() if key not in known]
        return self._with_links(new, least)

    def _keep(self, found: dict[bytes, Bools], side: Ints) -> None:
        marks = np.zeros(self.n, dtype=bool)
        marks[side] = True
        marks[: self.programme.bases] = False
        if marks.sum() >= 2:
            found.setdefault(marks.tobytes(), marks)

    def _of_sites(self, found: dict[bytes, Bools], least: float, seed: int) -> None:
        """Sets found by flows to sites that a leg passes in this solution."""
        wanted = np.unique(self.by_site)
        wanted = wanted[(self.sites[wanted] > least) & ~self.programme.free[wanted]]
        served = np.zeros(self.programme.m, dtype=np.int64)
        via, queue = np.empty(self.n + 1, dtype=np.int64), np.empty(self.n + 1, dtype=np.int64)
        one, two = np.ascontiguousarray(self.ends[:, 0]), np.ascontiguousarray(self.ends[:, 1])
        for s in np.random.default_rng(seed).permutation(wanted):
            if served[s] >= SERVED:
                continue
            passes = np.zeros(len(one), dtype=bool)
            passes[self.passing(int(s))] = True
            near = np.flatnonzero(self.legs.near[:, s])
            start, head, twin, room = _through_site(one, two, self.weight, passes, near, self.n)
            asked = 2.0 * float(self.sites[s])
            flow = flow_to(self.n, asked, start, head, twin, room, via, queue)
            if flow >= asked - 2 * least:
                continue
            far_side = np.flatnonzero(via[: self.n] < 0)
            reaches(self.n, start, head, twin, room, via, queue)
            near_side = np.flatnonzero(via[: self.n] >= 0)
            for side in (near_side, far_side):
                self._keep(found, side)
                if len(side):
                    held = self.legs.near[side].any(axis=0)
                    served[held] += 1

    def _with_links(self, new: list[Bools], least: float) -> Broken:
        """The links of old and new sets that the solution breaks, judged by what the sets' rows leave them."""
        programme = self.programme
        old = len(programme.set_of)
        marks = np.concatenate([programme.set_of, np.array(new)]) if new else programme.set_of
        if not len(marks):
            none = np.zeros(0, dtype=np.int64)
            return Broken([], (none, none), (none, none), self._pairs(least), self._stretches(least))
        ends = self.ends
        crossing = marks[:, ends[:, 0]] != marks[:, ends[:, 1]]
        share = np.minimum(crossing @ self.weight / 2.0, 1.0)
        visit_links = self._visit_links(marks, share, least)
        site_links = self._site_links(marks, share, least)
        used = np.zeros(len(marks), dtype=bool)
        used[:old] = True
        used[visit_links[0]] = True
        used[site_links[0]] = True
        number = np.cumsum(used) - 1
        return Broken(
            [marks[k] for k in range(old, len(marks)) if used[k]],
            (number[visit_links[0]], visit_links[1]),
            (number[site_links[0]], site_links[1]),
            self._pairs(least),
            self._stretches(least),
        )

    def _stretches(self, least: float) -> list[Bools]:
        """Sets in which the solution flies further than the limit leaves between coming in and going out."""
        legs, half = self.legs, self.programme.stretch_half
        ends = legs.ends[self.used].astype(np.int64)
        one, two = ends[:, 0], ends[:, 1]
        km, away = legs.km[self.used], legs.away_km
        both = np.maximum(2.0 * half - away[one] - away[two] - km, 0.0) * self.weight
        alone = np.zeros(self.n)
        np.add.at(alone, two, (half - away[one] - km) * self.weight)
        np.add.at(alone, one, (half - away[two] - km) * self.weight)
        return stretches(self.n, self.programme.bases, one, two, both, alone, least * half)

    def _pairs(self, least: float) -> tuple[Ints, Ints]:
        """Legs flown more than one of their ends is visited."""
        legs, nodes = [], []
        ends = self.legs.ends[self.used]
        there = (ends[:, 0] >= self.programme.bases) & self.programme.has_leg[self.used]
        for side in (0, 1):
            over = there & (self.weight > self.visits[ends[:, side]] + least)
            legs.append(self.used[over])
            nodes.append(ends[over, side])
        return np.concatenate(legs), np.concatenate(nodes)

    def _visit_links(self, marks: Bools, share: Floats, least: float) -> tuple[Ints, Ints]:
        programme = self.programme
        broken = marks & (self.visits[None, :] > share[:, None] + least)
        there = programme.row_kind == VISIT_LINK
        broken[programme.row_of[there], programme.row_item[there]] = False
        sets, nodes = np.nonzero(broken)
        return _worst(sets, nodes, self.visits[nodes] - share[sets], LINKS)

    def _site_links(self, marks: Bools, share: Floats, least: float) -> tuple[Ints, Ints]:
        programme, legs = self.programme, self.legs
        looked = np.flatnonzero((self.sites > least) & ~programme.free)
        near: Any = _matrix(legs.near[:, looked].T.astype(np.float32))
        outside = np.asarray(near @ (~marks).T.astype(np.float32)).T
        broken = (outside == 0) & (self.sites[looked][None, :] > share[:, None] + least)
        there = programme.row_kind == SITE_LINK
        place = np.full(programme.m, -1)
        place[looked] = np.arange(len(looked))
        known = place[programme.row_item[there]]
        broken[programme.row_of[there][known >= 0], known[known >= 0]] = False
        sets, at = np.nonzero(broken)
        sites = looked[at]
        left = self.sites[sites] - share[sets]
        pair, place = ragged(np.searchsorted(self.by_site, sites), np.searchsorted(self.by_site, sites, side="right"))
        leg = self.leg_by_site[place]
        far = ~marks[sets[pair], self.ends[leg, 0]] & ~marks[sets[pair], self.ends[leg, 1]]
        left -= np.bincount(pair[far], weights=self.weight[leg[far]], minlength=len(sets))
        worth = left * (left > least) * programme.values[sites]
        keep = left > least
        return _worst(sets[keep], sites[keep], worth[keep], LINKS)


def _worst(sets: Ints, items: Ints, broken: Floats, most: int) -> tuple[Ints, Ints]:
    """The `most` most broken of each set."""
    order = np.lexsort((-broken, sets))
    sets, items = sets[order], items[order]
    first = np.searchsorted(sets, sets)
    keep = np.arange(len(sets)) - first < most
    return sets[keep], items[keep]
