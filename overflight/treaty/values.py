"""A value of a treaty table on a day: number, unit, source and its two marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Value:
    """One dated value as it stood on the day that was asked for.

    `verified` says whether a source of the wording was read; `in_force` whether it held on
    that day (yes, last known, contradicted).  `others` are further rows that hold on the
    same day, such as a distance that a press report gives; a named reading chose between them.
    """

    name: str
    title: str
    value: Any
    unit: str
    of: str | None
    by: str | None
    since: date
    until: date | None
    source: str
    verified: str
    in_force: str
    note: str = ""
    others: tuple[Value, ...] = ()
    variant: str = ""
    citation: str = ""
    ended: str = ""

    def __str__(self) -> str:
        number = f"{self.value:g}" if isinstance(self.value, float) else str(self.value)
        return f"{number} {self.unit}" if self.unit else number

    @property
    def marked(self) -> str:
        """The value with its marks in words, empty marks left out: ``5000 km (last known)``."""
        return f"{self} ({self.marks})" if self.marks else str(self)

    @property
    def marks(self) -> str:
        """The marks that a reader must see: what is not verified, or not known to be in force."""
        said = [self.verified] if self.verified != "yes" else []
        if self.in_force != "yes":
            said.append(self.in_force)
        return ", ".join(said)

    def to_json(self) -> dict[str, Any]:
        """The contract's row: value, unit, of, by, since, until, source, verified, in_force, and more."""
        return {
            "name": self.name,
            "title": self.title,
            "citation": self.citation,
            "value": self.value,
            "unit": self.unit,
            "of": self.of,
            "by": self.by,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "source": self.source,
            "verified": self.verified,
            "in_force": self.in_force,
            "variant": self.variant,
            "ended": self.ended,
            "note": self.note,
            "others": [other.to_json() for other in self.others],
        }
