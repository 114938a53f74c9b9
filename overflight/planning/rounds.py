"""Slices of work and short rounds, so that a search ends soon after it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from overflight.planning.stop import StopRule, share_of
from overflight.planning.swath.leg_tables import OutOfTime, Pause

LONGEST: Final = 8  # steps that are made at once while only a clock can stop the search
ROUND_S: Final = 0.1


class Rounds:
    """Asks a stopping rule between slices of work, and says how many steps a round may have.

    `deadline_s` is what a clock alone gives the search; None where the number of steps decides, which then is
    all that a result hangs on.
    """

    def __init__(self, stop: StopRule, deadline_s: float | None, clock: Callable[[], float]) -> None:
        self.reason: str | None = None  # why to stop, as told in a pause
        self._stop, self._deadline_s, self._clock = stop, deadline_s, clock
        self._many, self._begun = 1, clock()

    def pause_for(self, step: int, share: float) -> Pause:
        """A pause for work that may take a share of the time that is left; it raises `OutOfTime`."""
        due = None
        if self._deadline_s is not None:
            left = 1.0 - (share_of(self._stop, step) or 0.0)
            due = self._clock() + share * left * self._deadline_s

        def pause() -> None:
            self.reason = self._stop(step)
            if self.reason is not None or (due is not None and self._clock() >= due):
                raise OutOfTime

        return pause

    def begin(self, share: float | None) -> int:
        """A round begins: how many steps to make; one where their number may decide."""
        if share is None or self._deadline_s is None:
            return 1
        self._begun = self._clock()
        return self._many

    def end(self) -> None:
        """The round is over: the next has as many steps as fit in a tenth of a second."""
        took = max(self._clock() - self._begun, 1e-6)
        self._many = min(max(1, int(self._many * ROUND_S / took)), LONGEST, 2 * self._many)
