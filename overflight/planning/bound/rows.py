"""What passes between the programme and those who look at it: charges of its rows, and rows to add."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overflight.planning.bound.problem import Bools, Floats

Ints = NDArray[np.int64]
FIXED, SEEN, ENTERED, VISIT_LINK, SITE_LINK, PAIR, STRETCH = 0, 1, 2, 3, 4, 5, 6  # kinds of rows


@dataclass(frozen=True)
class Charges:
    """What the rows charge, with the signs that make the bound valid whatever the solver returned."""

    degree: Floats  # (nodes,), any sign
    limits: Floats  # (1 + sub-limits,)
    group: Floats
    seen: Floats  # (sites,)
    entered: Floats  # (sets,)
    visit_links: tuple[Ints, Ints, Floats]  # set, node, charge
    site_links: tuple[Ints, Ints, Floats]  # set, site, charge
    pairs: tuple[Ints, Ints, Floats]  # leg, node, charge
    stretch: Floats  # (stretches,)


@dataclass(frozen=True)
class Broken:
    """Rows to add: new sets, and links by number of the set (old ones first, new ones behind)."""

    sets: list[Bools]
    visit_links: tuple[Ints, Ints]
    site_links: tuple[Ints, Ints]
    pairs: tuple[Ints, Ints]
    stretches: list[Bools]

    @property
    def many(self) -> int:
        """Rows in all."""
        links = len(self.visit_links[0]) + len(self.site_links[0]) + len(self.pairs[0])
        return len(self.sets) + links + len(self.stretches)


def ragged(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """For the ranges from each low to each high, one behind the other: the number of the range, and what is in it."""
    count = high - low
    row = np.repeat(np.arange(len(count)), count)
    return row, np.repeat(low - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
