"""What can go wrong, by kind, each with a stable code.

Two kinds of failure are kept apart everywhere: a breach of the treaty is a
finding (data, see `overflight.rules.finding`); misuse or a broken file is one
of the errors below (raised).  Each carries one sentence for people that says
what was wrong, where, the limit and what to do, and fields for programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class OverflightError(Exception):
    """Base of everything that Overflight raises on purpose.

    Parameters
    ----------
    message : str
        One sentence for people: what, where, limit, paragraph or field, what to do.
    citation : str, optional
        Paragraph that decides, such as ``VI.II.4.A``.
    field : str, optional
        Name of the option, field, row or file that is at fault.
    **facts
        Further JSON-able fields for programs.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, citation: str | None = None, field: str | None = None, **facts: Any):
        super().__init__(message)
        self.message = message
        self.citation = citation
        self.field = field
        self.facts: Mapping[str, Any] = facts

    def to_json(self) -> dict[str, Any]:
        """The error as a JSON-able mapping, the same on the command line and over HTTP."""
        out: dict[str, Any] = {"code": self.code, "detail": self.message}
        if self.citation:
            out["citation"] = self.citation
        if self.field:
            out["field"] = self.field
        out.update(self.facts)
        return out


class BadInput(OverflightError):
    """Something that was handed in cannot be used; nothing was changed."""

    code = "bad-input"


class BadDate(BadInput):
    """A text is no date or no UTC time."""

    code = "bad-date"


class BadFile(BadInput):
    """A file is malformed, too large, or not of the kind that it claims."""

    code = "bad-file"


class UnknownParty(BadInput):
    """No State Party has that code, on that day or on any."""

    code = "unknown-party"


class UnknownAirfield(BadInput):
    """No airfield of the treaty has that ICAO code, on that day or on any."""

    code = "unknown-airfield"


class UnknownOnDate(BadInput):
    """The treaty's tables hold no such value on that day."""

    code = "unknown-on-date"


class NoValueOnDate(UnknownOnDate):
    """The table is known and what is asked about too, but it holds no value on that day: no answer, not a slip."""

    exit_code = 3


class UnknownCitation(BadInput):
    """No paragraph has that number."""

    code = "unknown-citation"


class UnknownReading(BadInput):
    """No named reading, or no such choice of it."""

    code = "unknown-reading"


class BadData(OverflightError):
    """A data file of a regime is inconsistent; the message names file and row."""

    code = "bad-data"


class NothingToPlan(OverflightError):
    """No legal path exists; the message names the constraint that binds and by how much."""

    code = "no-legal-path"
    exit_code = 1


class NodeBusy(OverflightError):
    """Another process has this node open for writing."""

    code = "node-busy"


class NoNode(BadInput):
    """The folder is no node, or no node was named."""

    code = "no-node"


class ClockBackwards(BadInput):
    """A clock was told to go back, or runs behind what this node already signed."""

    code = "clock-backwards"


class Conflict(OverflightError):
    """Another writer came first; nothing was stored."""

    code = "conflict"


class Refused(OverflightError):
    """A Party asked for what it has no right to; the citation says why."""

    code = "refused"
    exit_code = 1


class NotVerified(OverflightError):
    """A record, log or file does not verify; the message says which byte range or row."""

    code = "not-verified"
    exit_code = 1


class CannotAnswer(OverflightError):
    """The question itself cannot be answered, for want of a fact that is named."""

    code = "cannot-answer"
    exit_code = 3


class PeerUnreachable(OverflightError):
    """Another Party's node did not answer."""

    code = "peer-unreachable"
    exit_code = 1
