"""Days and moments: every time is aware and UTC, to the whole second."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from overflight.errors import BadDate
from overflight.terms.words import say

# The form is right; where such a text is still no time, the calendar or the clock has none.
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)", re.ASCII | re.I)


def parse_day(text: str, *, field: str = "--on") -> date:
    """Read ``YYYY-MM-DD``.

    Raises
    ------
    BadDate
        If the text is no date of the calendar; the message shows the form.
    """
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        if _DAY.fullmatch(text):
            told = say("{field}: {text!r} is no date; the calendar has no such day", field=field, text=text)
            raise BadDate(told, field=field) from None
        raise BadDate(
            say("{field}: {text!r} is no date; write YYYY-MM-DD, such as 2021-01-18", field=field, text=text),
            field=field,
        ) from None


def parse_moment(text: str, *, field: str = "time") -> datetime:
    """Read an RFC 3339 time in UTC, such as ``2021-05-12T08:00Z``; a time without a zone is refused.

    Raises
    ------
    BadDate
        If the text is no time, or has no zone.
    """
    try:
        if len(text) < 16 or "T" not in text.upper():
            raise ValueError(text)
        found = datetime.fromisoformat(text.upper())
        if found.tzinfo is None:
            raise ValueError(text)
        return found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        if _TIME.fullmatch(text):
            told = say("{field}: {text!r} is no UTC time; there is no such day or time of day", field=field, text=text)
            raise BadDate(told, field=field) from None
        raise BadDate(
            say(
                "{field}: {text!r} is no UTC time; write YYYY-MM-DDThh:mmZ, such as 2021-05-12T08:00Z",
                field=field,
                text=text,
            ),
            field=field,
        ) from None


def rfc3339(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with whole seconds and ``Z``, as in the signed records."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def readable(moment: datetime) -> str:
    """`moment` as people read it: ``17 May 2021 08:00Z``."""
    return f"{moment.astimezone(UTC).day} {moment.astimezone(UTC):%b %Y %H:%MZ}"
