"""States Parties and groups of States Parties (Article II, paragraphs 1 to 3; Article III, Section II)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Party:
    """A State for which the treaty is in force from `since`, and until the day before `until`."""

    code: str  # ISO 3166 alpha-3
    name: str
    since: date
    until: date | None
    group: str | None  # code of the group, such as "BLR;RUS"
    source: str
    verified: str

    def on(self, day: date) -> bool:
        """Whether the treaty is in force for this State on `day` (`until` is exclusive)."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Group:
    """Two or more Parties that hold quotas together; `code` joins the members' codes by ``;``."""

    code: str
    name: str
    members: tuple[str, ...]
    since: date
    until: date | None
    source: str

    def on(self, day: date) -> bool:
        """Whether the group exists on `day`."""
        return self.since <= day and (self.until is None or day < self.until)
