"""The tables of one search: everything that the compiled loops read and write, in two arrays.

One array of floats and one of whole numbers (of 64 bits, as every whole number in a loop is: mixed widths compiled
each function up to five times) hold all tables, one behind the other; the head of the whole numbers says
where each begins.  A compiled function so takes two arguments, not fifty: with an argument for each table, compiling
took a minute and a half, and every call copied three hundred words.

Places are earth-centred, in km.  A leg is the arc in the plane through both ends and the earth's centre, which is a
straight line on the plane of the table FRAME; two grids on that plane find sites and walls beside a leg.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

Array = Any

# Head of the whole numbers: sizes ...
CANDIDATES: Final = 0
SITES: Final = 1
NEAR_WIDTH: Final = 2
CORNER_WIDTH: Final = 3
COLUMNS: Final = 4  # of the grid of sites
ROWS: Final = 5
WALL_COLUMNS: Final = 6
WALL_ROWS: Final = 7
EDGES: Final = 8
PARTS: Final = 9  # of the path, between airfields
REGIONS: Final = 10
TURN: Final = 11  # NO_TURN, SHORT or OVER
# ... and where the tables of whole numbers begin
AFTER: Final = 12  # next waypoint; -1 at the end and for candidates that are not visited
BEFORE: Final = 13  # the one before; -1 at the start, -2 for candidates that are not visited
PART: Final = 14  # how many stops come before
SITE_OF: Final = 15  # site that a candidate stands for, -1 for none
FIXED: Final = 16  # airfields
MARK: Final = 17
WANTED: Final = 18
LOG: Final = 19  # candidate, and where it was taken out, or -1 if it was put in
NEAR: Final = 20  # (m, NEAR_WIDTH): nearest candidates
CORNER: Final = 21  # (m, CORNER_WIDTH): corners of forbidden ground in sight, -1 for none
GROUP: Final = 22  # of a site, -1 for none
MEMBER_START: Final = 23
MEMBER: Final = 24  # sites of each group
COUNT: Final = 25  # legs that observe a site
BY: Final = 26  # start of a leg that observed it last
CELL: Final = 27  # first site of each cell
WALL_START: Final = 28
WALL: Final = 29  # edges of each cell
BUSY: Final = 30  # (rows, columns + 1): cells with edges or wholly forbidden, summed from the west
BLOCKED: Final = 31
SUB_START: Final = 32
# ... and the tables of floats
PLACE: Final = 33  # (m, 3) where a candidate stands
HOME: Final = 34  # (m, 3) where it was given
CORE: Final = 35  # (m, 3) the site that it stands for
GIVE: Final = 36  # how far from its core it may stand; 0 keeps it at home
LEG: Final = 37  # length of the leg that starts here
SITE: Final = 38  # (n, 5): place, half swath, value
EDGE: Final = 39  # (e, 4) on the plane
SUB_EDGE: Final = 40  # (s, 4) on the plane, the region on the left
SUB_MOST: Final = 41
USED: Final = 42  # length of each part, then inside each region
KEYS: Final = 43
LOG_PLACE: Final = 44  # (MOST_LOGGED, 3)
FOUND: Final = 45  # (3, 2): cost and place
WAS: Final = 46  # length inside each region before a change
OTHER: Final = 47  # the second candidate of the same site where corners are cut, -1 for none
ORIGINAL: Final = 48  # how many candidates the problem has; behind them stand the second ones
HEAD: Final = 49

# Head of the floats
LENGTH: Final = 0  # of the path
VALUE: Final = 1  # of what it observes
LIMIT: Final = 2
MIN_LEG: Final = 3
RADIUS: Final = 4  # of turns
RANGE: Final = 5
GRID_WEST: Final = 6
GRID_SOUTH: Final = 7
GRID_CELL: Final = 8
GRID_REACH: Final = 9
WALL_WEST: Final = 10
WALL_SOUTH: Final = 11
WALL_CELL: Final = 12
FRAME: Final = 13  # (3, 3): centre, east, north of the plane
TRIM: Final = 22  # (2, 3): ends of a leg less its turns
FLOAT_HEAD: Final = 28

NO_TURN: Final = 0
SHORT: Final = 1
OVER: Final = 2
MOST_LOGGED: Final = 600


class Tables:
    """The two arrays, and views of their tables by name for code outside the loops."""

    def __init__(self, whole: dict[int, Array], floats: dict[int, Array], sizes: dict[int, int]) -> None:
        head = np.zeros(HEAD, np.int64)
        for name, size in sizes.items():
            head[name] = size
        self._shape: dict[int, tuple[int, tuple[int, ...]]] = {}
        parts_k: list[Array] = [head]
        parts_f: list[Array] = [np.zeros(FLOAT_HEAD)]
        self._floats = frozenset(floats)
        for tables, parts, kind in ((whole, parts_k, np.int64), (floats, parts_f, np.float64)):
            at = len(parts[0])
            for name, table in tables.items():
                flat = np.ascontiguousarray(table, dtype=kind).ravel()
                head[name] = at
                self._shape[name] = (at, np.shape(table))
                parts.append(flat)
                at += len(flat)
        self.k: Array = np.concatenate(parts_k)
        self.f: Array = np.concatenate(parts_f)

    def table(self, name: int) -> Array:
        """A view of one table."""
        at, shape = self._shape[name]
        size = int(np.prod(shape))
        return (self.f if name in self._floats else self.k)[at : at + size].reshape(shape)
