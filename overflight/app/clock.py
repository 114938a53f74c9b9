"""Clocks: the system's, and the one file that all nodes of an exercise share."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from overflight.errors import BadFile, ClockBackwards, OverflightError
from overflight.terms.moment import parse_moment, readable, rfc3339
from overflight.terms.words import say


class Clock(Protocol):
    """Tells the time, UTC, whole seconds."""

    def now(self) -> datetime:
        """The time now."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The time now."""
        return datetime.now(UTC).replace(microsecond=0)


class ExerciseClock:
    """The time that stands in an exercise's ``clock`` file; the machine's until somebody sets it.

    A step back from what this process has seen is refused.
    """

    def __init__(self, file: Path, *, offset_s: int = 0):
        self.file = file
        self._offset = timedelta(seconds=offset_s)
        self._seen: datetime | None = None

    def now(self) -> datetime:
        """The exercise's time now.

        Raises
        ------
        ClockBackwards
            If the file was set back since this process last read it.
        """
        found = read_clock(self.file)
        if found is None:
            return SystemClock().now() + self._offset
        if self._seen is not None and found < self._seen:
            raise _backwards(self._seen, found)
        self._seen = found
        return found + self._offset


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
