"""HiGHS as both bounds use it: silent, on one thread, and heard to while it solves."""

from __future__ import annotations

from typing import Any, Final

PIECE_S: Final = 2.0  # seconds that the solver runs before it looks up


def new_solver() -> tuple[Any, float]:
    """A solver without a programme, and its infinity."""
    import highspy

    make: Any = highspy.Highs
    solver: Any = make()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver, float(highspy.kHighsInf)


def solved_within(solver: Any, seconds: float) -> bool:
    """Solve from where it was left; False if it was not solved to the end within so many seconds."""
    import highspy

    left = max(seconds, 0.01)
    while left > 0:  # in pieces, between which Ctrl-C is heard
        solver.setOptionValue("time_limit", solver.getRunTime() + min(left, PIECE_S))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kTimeLimit:
            break
        left -= PIECE_S
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)
