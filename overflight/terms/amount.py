"""Amounts beside their limits, in sentences for people."""

from __future__ import annotations

import re

_FIXED = re.compile(r"\.(\d)f")
MOST_DIGITS = 6  # a length in km means something to the millimetre; the rest is rounding


class Beside(float):
    """A number that is written with as many digits as tell it from its limit, and not with fewer than asked.

    Examples
    --------
    >>> "{km:.1f} km".format(km=Beside(50.0001, 50))
    '50.0001 km'
    >>> "{km:.1f} km".format(km=Beside(50.26, 50))
    '50.3 km'
    """

    limit: float

    def __new__(cls, amount: float, limit: float) -> Beside:
        """`amount` and `limit` are in one unit."""
        made = super().__new__(cls, amount)
        made.limit = float(limit)
        return made

    def __format__(self, spec: str) -> str:
        """As a float is written; the spec ``.1f`` is at least one digit."""
        amount, fixed = float(self), _FIXED.fullmatch(spec)
        text = format(amount, spec)
        digits = int(fixed[1]) if fixed else MOST_DIGITS
        amount = round(amount, MOST_DIGITS)
        while digits < MOST_DIGITS and amount != self.limit and not self._told_by(text):
            digits += 1
            text = format(amount, f".{digits}f")
        return text

    def _told_by(self, text: str) -> bool:
        read = float(text)
        return read != self.limit and (read > self.limit) == (self > self.limit)
