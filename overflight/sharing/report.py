"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """`entries` of the log, records `checked`, and every problem in a sentence; `ok` when there is none."""

    entries: int = 0
    checked: int = 0
    problems: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "checked": self.checked,
            "problems": self.problems,
            **self.more,
        }
