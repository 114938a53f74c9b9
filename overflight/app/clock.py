"""Clocks: the system's, and the one file that all nodes of an exercise share."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from overflight.errors import BadFile, BadInput, ClockBackwards, OverflightError
from overflight.terms.moment import parse_moment, readable, rfc3339
from overflight.terms.words import say

# A longer step at once is taken for a slip of the pen: the clock cannot be set back afterwards.
LONGEST_STEP = timedelta(days=3653)


class Clock(Protocol):
    """Tells the time, UTC, whole seconds."""

    def now(self) -> datetime:
        """The time now."""

    def keep(self) -> None:
        """An act was done at this time: make a time that was only asked for the clock's own."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The time now."""
        return datetime.now(UTC).replace(microsecond=0)

    def keep(self) -> None:
        """Nothing; nobody sets the machine's clock here."""


class ExerciseClock:
    """The time that stands in an exercise's ``clock`` file; the machine's until somebody sets it.

    A step back from what this process has seen is refused.  A time that ``--now`` asked for is told at once,
    and written to the file by the first act alone (`keep`): looking, a draft or a failure moves no clock.
    """

    def __init__(self, file: Path, *, offset_s: int = 0, asked: datetime | None = None):
        self.file = file
        self._offset = timedelta(seconds=offset_s)
        self._seen: datetime | None = None
        self._asked = asked
        if asked is not None:
            check_step(file, asked)

    def now(self) -> datetime:
        """The exercise's time now.

        Raises
        ------
        ClockBackwards
            If the file was set back since this process last read it, or past the time that was asked for.
        """
        found = read_clock(self.file)
        if self._asked is not None:
            if found is not None and found > self._asked:
                raise _backwards(found, self._asked)
            found = self._asked
        if found is None:
            return SystemClock().now() + self._offset
        if self._seen is not None and found < self._seen:
            raise _backwards(self._seen, found)
        self._seen = found
        return found + self._offset

    def keep(self) -> None:
        """Write the time that was asked for; from then on the file alone counts.

        Raises
        ------
        ClockBackwards
            If the file was set past that time meanwhile.
        """
        if self._asked is not None:
            set_clock(self.file, self._asked)
            self._asked = None


def check_step(file: Path, moment: datetime) -> None:
    """Check that ``--now`` may set the clock to `moment`; nothing is written.

    Raises
    ------
    ClockBackwards
        If the clock already shows a later time.
    BadInput
        If the step is longer than ten years at once.
    """
    found = read_clock(file)
    if found is None:
        return
    if moment < found:
        raise _backwards(found, moment)
    if moment - found > LONGEST_STEP:
        raise BadInput(
            say(
                "the exercise clock shows {seen}; --now {asked} is more than ten years later, and it could not go back",
                seen=readable(found),
                asked=readable(moment),
            ),
            field="--now",
        )


def read_clock(file: Path) -> datetime | None:
    """The time in the file, None if there is none yet.

    Raises
    ------
    BadFile
        If the file holds something else.
    """
    try:
        text = file.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise BadFile(say("{file} cannot be read as an exercise clock", file=file), field=str(file)) from None
    try:
        return parse_moment(text[:40], field=str(file))
    except OverflightError as error:
        raise BadFile(error.message, field=str(file)) from None


def set_clock(file: Path, moment: datetime) -> None:
    """Set an exercise's clock forward; the same time again changes nothing.

    Raises
    ------
    ClockBackwards
        If the clock already shows a later time.
    """
    found = read_clock(file)
    if found is not None and moment < found:
        raise _backwards(found, moment)
    if found == moment:
        return
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".clock-")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(rfc3339(moment) + "\n")
    os.chmod(name, 0o644)
    os.replace(name, file)


def _backwards(seen: datetime, asked: datetime) -> ClockBackwards:
    return ClockBackwards(
        say(
            "the exercise clock shows {seen} and cannot go back to {asked}; give --now a later time",
            seen=readable(seen),
            asked=readable(asked),
        ),
        field="--now",
        seen=rfc3339(seen),
        asked=rfc3339(asked),
    )
