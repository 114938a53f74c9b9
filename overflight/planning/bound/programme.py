"""The linear programme behind the bound: legs x, visits z, sites y, and sets of candidates u, kept in HiGHS.

Maximise the values of the observed sites y.  Each candidate's legs are twice its visit z; the legs together keep the
limits; a site is observed by a visit near it or by a leg that passes it and begins and ends elsewhere; a group counts
once.  A set S of candidates without the airfields has a share u of being entered: the legs across its edge are at
least 2u, no visit inside S exceeds u, and no site that is seen from S exceeds u plus the legs that pass it outside S.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy import sparse

from overflight.planning.bound.legs import Legs
from overflight.planning.bound.problem import Bools, Floats
from overflight.planning.bound.rows import (
    ENTERED,
    FIXED,
    PAIR,
    SEEN,
    SITE_LINK,
    STRETCH,
    VISIT_LINK,
    Broken,
    Charges,
    Ints,
    ragged,
)
from overflight.planning.orienteering.solver import new_solver, solved_within

VISIT, SITE, LEG, SET = 0, 1, 2, 3  # kinds of columns
TINY: Final = 1e-9
DUAL, PRIMAL = 1, 4  # HiGHS's numbers
BASIC: Final = 1
IDLE: Final = 4  # solves after which a row that charges nothing is taken out


# scipy's constructors carry no types of their own.
_table: Any = sparse.coo_array


class Programme:
    """The programme, so that each solve starts from the last."""

    def __init__(self, legs: Legs, first: Ints) -> None:
        self.legs = legs
        self.n, self.m = len(legs.nodes), len(legs.sites)
        self.solver, self._infinite = new_solver()
        problem = legs.problem
        self.values = problem.values[legs.sites]
        group = np.full(self.m, -1, dtype=np.int64) if problem.group is None else problem.group[legs.sites]
        _, self.group = np.unique(group, return_inverse=True)
        self.group = np.where(group < 0, -1, self.group - (group < 0).any())
        self.groups = int(self.group.max(initial=-1)) + 1
        self.bases = legs.bases
        self.free: Bools = np.asarray(legs.near[: self.bases].any(axis=0), dtype=np.bool_)  # observed whatever is flown
        self.inside: Bools = np.zeros((0, self.n), dtype=bool)  # of each set, or of what lies outside it
        self.set_of: Bools = np.zeros((0, self.n), dtype=bool)  # the set itself
        self.by_edge: Bools = np.zeros(0, dtype=bool)  # of each set: its row is over the legs across its edge
        self.stretches: Bools = np.zeros((0, self.n), dtype=bool)
        self.column_kind = np.zeros(0, dtype=np.int64)
        self.column_of = np.zeros(0, dtype=np.int64)  # node, site, leg or set
        self.row_kind = np.zeros(0, dtype=np.int64)
        self.row_of = np.zeros(0, dtype=np.int64)  # site, set
        self.row_item = np.zeros(0, dtype=np.int64)  # node or site of a link
        self.idle = np.zeros(0, dtype=np.int64)  # solves since the row last charged something
        self.has_leg = np.zeros(len(legs), dtype=bool)
        self.stretch_half = (legs.problem.limit_km + 1e-6) / 2.0
        self._begin()
        self.add_legs(first)

    def _begin(self) -> None:
        n, m, legs = self.n, self.m, self.legs
        visit = np.full(self.bases, 1.0 / self.bases)
        self.least = np.concatenate([visit, np.zeros(n - self.bases)])
        self.most = np.concatenate([visit, np.ones(n - self.bases)])
        lower = np.concatenate([visit, np.zeros(n - self.bases + m)])
        upper = np.concatenate([visit, np.ones(n - self.bases + m)])
        cost = np.concatenate([np.zeros(n), -self.values])
        self._columns(
            np.repeat([VISIT, SITE], [n, m]), np.concatenate([np.arange(n), np.arange(m)]), cost, lower, upper
        )
        node = np.arange(n)
        limits = [legs.problem.limit_km + 1e-6, *(most + 1e-6 for _, most in legs.problem.sub_limits)]
        none = np.zeros(0, dtype=np.int64)
        self._rows(FIXED, -1 + 0 * node, -1 + 0 * node, np.zeros(n), np.zeros(n), node, node, np.full(n, -2.0))
        many = len(limits)
        minus = np.full(many, -1)
        self._rows(FIXED, minus, minus, np.full(many, -self._infinite), np.array(limits), none, none, np.zeros(0))
        if self.groups:
            grouped = np.flatnonzero(self.group >= 0)
            minus = np.full(self.groups, -1)
            self._rows(
                FIXED,
                minus,
                minus,
                np.full(self.groups, -self._infinite),
                np.ones(self.groups),
                self.group[grouped],
                n + grouped,
                np.ones(len(grouped)),
            )
        self.first_seen = n + many + self.groups
        bound = np.flatnonzero(~self.free)
        self.seen_row = np.full(m, -1)
        self.seen_row[bound] = self.first_seen + np.arange(len(bound))
        place = np.full(m, -1)
        place[bound] = np.arange(len(bound))
        node_of, site_of = np.nonzero(legs.near & ~self.free[None, :])
        self._rows(
            SEEN,
            bound,
            bound,
            np.full(len(bound), -self._infinite),
            np.zeros(len(bound)),
            np.concatenate([place[site_of], place[bound]]),
            np.concatenate([node_of, n + bound]),
            np.concatenate([np.full(len(node_of), -1.0), np.ones(len(bound))]),
        )

    def _columns(self, kind: Ints, of: Ints, cost: Floats, lower: Floats, upper: Floats, entries: Any = None) -> None:
        many = len(of)
        if entries is None:
            starts, rows, values = np.zeros(many + 1, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0)
        else:
            row, column, value = entries
            made = _table((value, (row, column)), shape=(len(self.row_kind), many)).tocsc()
            starts, rows, values = made.indptr, made.indices, made.data
        self.solver.addCols(
            many, cost, lower, upper, len(values), starts[:-1].astype(np.int32), rows.astype(np.int32), values
        )
        self.column_kind = np.concatenate([self.column_kind, kind])
        self.column_of = np.concatenate([self.column_of, of])

    def _rows(
        self, kind: int, of: Ints, item: Ints, lower: Floats, upper: Floats, row: Ints, column: Ints, value: Floats
    ) -> None:
        many = len(of)
        made = _table((value, (row, column)), shape=(many, len(self.column_kind))).tocsr()
        self.solver.addRows(
            many, lower, upper, made.nnz, made.indptr[:-1].astype(np.int32), made.indices.astype(np.int32), made.data
        )
        self.row_kind = np.concatenate([self.row_kind, np.full(many, kind)])
        self.row_of = np.concatenate([self.row_of, of])
        self.row_item = np.concatenate([self.row_item, item])
        self.idle = np.concatenate([self.idle, np.zeros(many, dtype=np.int64)])

    def add(self, rows: Broken) -> None:
        """Add the rows that a solution breaks."""
        self.add_sets(rows.sets)
        self.add_visit_links(*rows.visit_links)
        self.add_site_links(*rows.site_links)
        self.add_pairs(*rows.pairs)
        self.add_stretches(rows.stretches)

    def add_legs(self, numbers: Ints) -> None:
        """Add columns for legs that are not there yet."""
        numbers = np.unique(numbers)
        numbers = numbers[~self.has_leg[numbers]]
        if not len(numbers):
            return
        self.has_leg[numbers] = True
        legs, many = self.legs, len(numbers)
        one, two = legs.ends[numbers, 0], legs.ends[numbers, 1]
        at = np.arange(many)
        rows, columns, values = [one, two], [at, at], [np.ones(many), np.ones(many)]

        def put(row: Ints, column: Ints, value: Floats) -> None:
            rows.append(row)
            columns.append(column)
            values.append(value)

        for k, table in enumerate((legs.km, *legs.inside_km)):
            put(np.full(many, self.n + k), at, table[numbers])
        seer, site = self.seen_by(numbers)
        bound = self.seen_row[site] >= 0
        seer, site = seer[bound], site[bound]
        put(self.seen_row[site], seer, np.full(len(site), -1.0))
        leg, both = np.nonzero(legs.near[one] & legs.near[two] & ~self.free[None, :])
        put(self.seen_row[both], leg, np.ones(len(leg)))
        entered = np.flatnonzero(self.row_kind == ENTERED)
        if len(entered):
            row, leg, value = self._in_sets(self.row_of[entered], one, two)
            put(entered[row], leg, value)
        links = np.flatnonzero(self.row_kind == SITE_LINK)
        if len(links) and len(site):
            order = np.argsort(self.row_item[links], kind="stable")
            of_site = self.row_item[links][order]
            pair, place = ragged(np.searchsorted(of_site, site), np.searchsorted(of_site, site, side="right"))
            link = links[order][place]
            leg = seer[pair]
            holds = self.set_of[self.row_of[link]]
            far = ~holds[np.arange(len(link)), one[leg]] & ~holds[np.arange(len(link)), two[leg]]
            put(link[far], leg[far], np.full(int(far.sum()), -1.0))
        stretches = np.flatnonzero(self.row_kind == STRETCH)
        if len(stretches):
            value = self._in_stretches(self.stretches[self.row_of[stretches]], numbers)
            row, leg = np.nonzero(value)
            put(stretches[row], leg, value[row, leg])
        self._columns(
            np.full(many, LEG),
            numbers,
            np.zeros(many),
            np.zeros(many),
            np.ones(many),
            (np.concatenate(rows), np.concatenate(columns), np.concatenate(values)),
        )

    def seen_by(self, numbers: Ints) -> tuple[Ints, Ints]:
        """Place in `numbers` and site, for all sites that those legs observe from their inside."""
        at, place = ragged(self.legs.start[numbers], self.legs.start[numbers + 1])
        return at, self.legs.sees[place].astype(np.int64)

    def add_sets(self, sets: list[Bools]) -> None:
        """Add the share and the row of each new set (marks over the nodes, no airfield)."""
        many, before = len(sets), len(self.set_of)
        if not many:
            return
        marks = np.array(sets)
        other = marks.sum(axis=1) * 2 > self.n
        inside = np.where(other[:, None], ~marks, marks)
        self.set_of = np.concatenate([self.set_of, marks])
        self.inside = np.concatenate([self.inside, inside])
        numbers = np.arange(before, before + many)
        self._columns(np.full(many, SET), numbers, np.zeros(many), np.zeros(many), np.ones(many))
        columns = np.flatnonzero(self.column_kind == LEG)
        one, two = self.legs.ends[self.column_of[columns]].T
        first, second = inside[:, one], inside[:, two]
        by_edge = (first != second).sum(axis=1) < (first & second).sum(axis=1) + inside.sum(axis=1)
        self.by_edge = np.concatenate([self.by_edge, by_edge])
        row, leg, value = self._in_sets(numbers, one, two)
        row_z, node = np.nonzero(inside & ~by_edge[:, None])
        share = np.flatnonzero((self.column_kind == SET) & (self.column_of >= before))
        self._rows(
            ENTERED,
            numbers,
            numbers,
            np.full(many, -self._infinite),
            np.zeros(many),
            np.concatenate([row, row_z, np.arange(many)]),
            np.concatenate([columns[leg], node, share]),
            np.concatenate([value, np.full(len(row_z), -1.0), np.ones(many)]),
        )

    def _in_sets(self, sets: Ints, one: Ints, two: Ints) -> tuple[Ints, Ints, Floats]:
        """Places in `sets` and of legs with those ends, and what each leg counts in the row of each set.

        By the degrees of the candidates, half the legs across the edge are the visits inside less the legs inside;
        the row is over those of which there are fewer.
        """
        inside, by_edge = self.inside[sets], self.by_edge[sets]
        first, second = inside[:, one], inside[:, two]
        row, leg = np.nonzero(np.where(by_edge[:, None], first != second, first & second))
        return row, leg, np.where(by_edge[row], -0.5, 1.0)

    def add_visit_links(self, sets: Ints, nodes: Ints) -> None:
        """No visit of the node exceeds the share of the set that holds it."""
        if not len(sets):
            return
        share = self._share_columns()[sets]
        at = np.arange(len(sets))
        self._rows(
            VISIT_LINK,
            sets,
            nodes,
            np.full(len(sets), -self._infinite),
            np.zeros(len(sets)),
            np.concatenate([at, at]),
            np.concatenate([nodes, share]),
            np.concatenate([np.ones(len(at)), np.full(len(at), -1.0)]),
        )

    def add_site_links(self, sets: Ints, sites: Ints) -> None:
        """A site whose near candidates all lie in the set is observed from it, or by a leg that lies outside it."""
        if not len(sets):
            return
        share = self._share_columns()[sets]
        at = np.arange(len(sets))
        columns = np.flatnonzero(self.column_kind == LEG)
        numbers = self.column_of[columns]
        seer, site = self.seen_by(numbers)
        order = np.argsort(site, kind="stable")
        by_site = site[order]
        row, place = ragged(np.searchsorted(by_site, sites), np.searchsorted(by_site, sites, side="right"))
        leg = seer[order][place]
        ends = self.legs.ends[numbers[leg]]
        holds = self.set_of[sets[row]]
        far = ~holds[np.arange(len(row)), ends[:, 0]] & ~holds[np.arange(len(row)), ends[:, 1]]
        self._rows(
            SITE_LINK,
            sets,
            sites,
            np.full(len(sets), -self._infinite),
            np.zeros(len(sets)),
            np.concatenate([at, at, row[far]]),
            np.concatenate([self.n + sites, share, columns[leg[far]]]),
            np.concatenate([np.ones(len(at)), np.full(len(at), -1.0), np.full(int(far.sum()), -1.0)]),
        )

    def add_pairs(self, legs: Ints, nodes: Ints) -> None:
        """No leg is flown more than the candidate at its end is visited."""
        if not len(legs):
            return
        column = np.full(len(self.legs), -1)
        there = np.flatnonzero(self.column_kind == LEG)
        column[self.column_of[there]] = there
        at = np.arange(len(legs))
        self._rows(
            PAIR,
            legs,
            nodes,
            np.full(len(legs), -self._infinite),
            np.zeros(len(legs)),
            np.concatenate([at, at]),
            np.concatenate([column[legs], nodes]),
            np.concatenate([np.ones(len(at)), np.full(len(at), -1.0)]),
        )

    def add_stretches(self, sets: list[Bools]) -> None:
        """A stretch of the path inside the set is no longer than the limit leaves between coming in and going out."""
        if not sets:
            return
        many, before = len(sets), len(self.stretches)
        marks = np.array(sets)
        self.stretches = np.concatenate([self.stretches, marks])
        columns = np.flatnonzero(self.column_kind == LEG)
        value = self._in_stretches(marks, self.column_of[columns])
        row, leg = np.nonzero(value)
        numbers = np.arange(before, before + many)
        self._rows(
            STRETCH,
            numbers,
            numbers,
            np.full(many, -self._infinite),
            np.zeros(many),
            row,
            columns[leg],
            value[row, leg],
        )

    def _in_stretches(self, marks: Bools, numbers: Ints) -> Floats:
        """What each leg counts in the row of each set: its length inside, less what is left where it crosses."""
        legs = self.legs
        one, two, km = legs.ends[numbers, 0], legs.ends[numbers, 1], legs.km[numbers]
        first, second = marks[:, one], marks[:, two]
        half = self.stretch_half
        out = np.where(first & second, km, 0.0)
        out -= np.where(~first & second, half - legs.away_km[one] - km, 0.0)
        out -= np.where(first & ~second, half - legs.away_km[two] - km, 0.0)
        return np.asarray(out)

    def _share_columns(self) -> Ints:
        out = np.full(len(self.set_of), -1)
        share = np.flatnonzero(self.column_kind == SET)
        out[self.column_of[share]] = share
        return out

    def solve(self, seconds: float) -> bool:
        """Solve within so many seconds; False if it was not solved to the end."""
        solved = solved_within(self.solver, seconds)
        if solved:
            self.idle += 1
            self.idle[np.abs(np.asarray(self.solver.getSolution().row_dual)) > TINY] = 0
        return solved

    @property
    def infeasible(self) -> bool:
        """Whether the last solve found that no path keeps the rows."""
        import highspy

        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible)

    @property
    def objective(self) -> float:
        """Value of the last solve."""
        return -float(self.solver.getInfo().objective_function_value)

    def after_legs(self) -> None:
        """The last solution is still allowed: go on from it."""
        self.solver.setOptionValue("simplex_strategy", PRIMAL)

    def after_rows(self) -> None:
        """The last charges still hold: go on from them."""
        self.solver.setOptionValue("simplex_strategy", DUAL)

    def close_legs(self, numbers: Ints) -> None:
        """Legs that are out are not flown."""
        columns = np.flatnonzero((self.column_kind == LEG) & np.isin(self.column_of, numbers)).astype(np.int32)
        if len(columns):
            none = np.zeros(len(columns))
            self.solver.changeColsBounds(len(columns), columns, none, none)

    def limit_legs(self, allowed: Bools, flown: Ints) -> None:
        """Legs that may be flown, and those that must be."""
        columns = np.flatnonzero(self.column_kind == LEG)
        numbers = self.column_of[columns]
        most = allowed[numbers].astype(np.float64)
        least = np.isin(numbers, flown).astype(np.float64)
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), least, most)

    def keep_legs(self, legs: Legs, keep: Bools) -> None:
        """Go on with the marked legs alone, among them all that have a column or a row."""
        number = np.cumsum(keep) - 1
        self.legs, self.has_leg = legs, self.has_leg[keep]
        leg, pair = self.column_kind == LEG, self.row_kind == PAIR
        self.column_of[leg] = number[self.column_of[leg]]
        self.row_of[pair] = number[self.row_of[pair]]

    def named_legs(self) -> Bools:
        """Legs that have a column or a row."""
        out = self.has_leg.copy()
        out[self.row_of[self.row_kind == PAIR]] = True
        return out

    def limit_visits(self, least: Floats, most: Floats) -> None:
        """Set what the candidates are visited at least and at most, shape (nodes,)."""
        self.least, self.most = least.copy(), most.copy()
        self.solver.changeColsBounds(self.n, np.arange(self.n, dtype=np.int32), least, most)

    def solution(self) -> tuple[Floats, Floats, Ints, Floats]:
        """Visits, sites, and the legs used with their shares."""
        values = np.asarray(self.solver.getSolution().col_value)
        legs = np.flatnonzero((self.column_kind == LEG) & (values > TINY))
        return values[: self.n], values[self.n : self.n + self.m], self.column_of[legs], values[legs]

    def charges(self) -> Charges:
        """What the rows of the last solve charge."""
        dual = np.asarray(self.solver.getSolution().row_dual)
        dual = np.where(np.isfinite(dual), dual, 0.0)  # any charges are valid, but only numbers
        paid = np.maximum(0.0, -dual)
        n, many = self.n, 1 + len(self.legs.inside_km)
        seen, entered = np.zeros(self.m), np.zeros(len(self.set_of))
        rows = np.flatnonzero(self.row_kind == SEEN)
        seen[self.row_of[rows]] = paid[rows]
        rows = np.flatnonzero(self.row_kind == ENTERED)
        entered[self.row_of[rows]] = paid[rows]
        degree = -dual[:n] - self.inside.T @ np.where(self.by_edge, entered / 2.0, 0.0)
        stretch = np.zeros(len(self.stretches))
        rows = np.flatnonzero(self.row_kind == STRETCH)
        stretch[self.row_of[rows]] = paid[rows]
        links: list[tuple[Ints, Ints, Floats]] = []
        for kind in (VISIT_LINK, SITE_LINK, PAIR):
            rows = np.flatnonzero(self.row_kind == kind)
            links.append((self.row_of[rows], self.row_item[rows], paid[rows]))
        return Charges(
            degree,
            paid[n : n + many],
            paid[n + many : n + many + self.groups],
            seen,
            entered,
            links[0],
            links[1],
            links[2],
            stretch,
        )

    def drop_idle(self, dead: Bools) -> None:
        """Take out rows that have charged nothing for some solves, and legs that are dead, so that it stays small.

        Only rows whose slack is in the basis go, and legs that are not in it: the basis that is left holds.
        """
        basis = self.solver.getBasis()
        basic_row = np.array([int(status) for status in basis.row_status]) == BASIC
        basic_column = np.array([int(status) for status in basis.col_status]) == BASIC
        out = np.isin(self.row_kind, (VISIT_LINK, SITE_LINK, PAIR, STRETCH)) & (self.idle >= IDLE) & basic_row
        linked = np.zeros(len(self.set_of) + 1, dtype=bool)
        linked[self.row_of[np.isin(self.row_kind, (VISIT_LINK, SITE_LINK)) & ~out]] = True
        of_set = np.where(self.row_kind == ENTERED, self.row_of, -1)
        out |= (self.row_kind == ENTERED) & ~linked[of_set]
        leg = self.column_kind == LEG
        gone = (self.column_kind == SET) & ~linked[np.where(self.column_kind == SET, self.column_of, -1)]
        gone |= leg & ~basic_column & dead[np.where(leg, self.column_of, 0)]
        self.has_leg[self.column_of[leg & gone]] = False
        if out.any():
            rows = np.flatnonzero(out).astype(np.int32)
            self.solver.deleteRows(len(rows), rows)
        if gone.any():
            columns = np.flatnonzero(gone).astype(np.int32)
            self.solver.deleteCols(len(columns), columns)
        self.row_kind, self.row_of, self.row_item, self.idle = (
            a[~out] for a in (self.row_kind, self.row_of, self.row_item, self.idle)
        )
        self.column_kind, self.column_of = self.column_kind[~gone], self.column_of[~gone]
        used = linked[:-1]
        number = np.cumsum(used) - 1
        mine = np.isin(self.row_kind, (ENTERED, VISIT_LINK, SITE_LINK))
        self.row_of[mine] = number[self.row_of[mine]]
        self.row_item[self.row_kind == ENTERED] = self.row_of[self.row_kind == ENTERED]
        mine = self.column_kind == SET
        self.column_of[mine] = number[self.column_of[mine]]
        self.set_of, self.inside, self.by_edge = self.set_of[used], self.inside[used], self.by_edge[used]
        mine = self.row_kind == STRETCH
        binds = np.zeros(len(self.stretches), dtype=bool)
        binds[self.row_of[mine]] = True
        self.stretches = self.stretches[binds]
        self.row_of[mine] = (np.cumsum(binds) - 1)[self.row_of[mine]]
        self.row_item[mine] = self.row_of[mine]
