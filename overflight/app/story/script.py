"""A story is a list of steps; each does something on the stage and checks what must then hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from overflight.app.story.stage import Stage
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say


@dataclass(frozen=True)
class Check:
    """One thing that must hold after a step, with the paragraph when there is one."""

    text: str
    ok: bool
    citation: str | None = None
    finding: bool = False  # a planned finding: the step is right when the breach or refusal was found

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "ok": self.ok, "citation": self.citation, "finding": self.finding}


@dataclass
class Telling:
    """What a step tells while it plays: lines for the transcript, checks, and links for the pages."""

    lines: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Add a line of the transcript."""
        self.lines.append(line)

    def check(self, text: str, ok: object, *, citation: str | None = None, finding: bool = False) -> None:
        """State what must hold, and whether it does; what does not says why, where `ok` has a `detail`."""
        why = "" if ok else getattr(ok, "detail", "")
        text = f"{text}: {why}" if why else text
        self.checks.append(Check(text, bool(ok), citation, finding))


@dataclass(frozen=True)
class Step:
    """One step: at `when`, under `title`, `play` acts on the stage and tells."""

    title: str
    when: datetime
    play: Callable[[Stage, Telling, dict[str, Any]], None]
    page: str = "/"  # where the observing Party's pages show it


@dataclass
class Played:
    """A step that was played."""

    n: int
    step: Step
    telling: Telling
    problem: str | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None and all(c.ok for c in self.telling.checks)

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "title": self.step.title,
            "when": rfc3339(self.step.when),
            "text": "\n".join(self.telling.lines),
            "done": True,
            "ok": self.ok,
            "problem": self.problem,
            "page": self.step.page,
            "checks": [c.to_json() for c in self.telling.checks],
        }

    def transcript(self) -> str:
        """The step as a planner reads it."""
        out = [f"{self.n}. {readable(self.step.when)}  {self.step.title}"]
        out += [f"     {line}" for line in self.telling.lines]
        for c in self.telling.checks:
            mark = say("found") if c.ok and c.finding else say("holds") if c.ok else say("FAILS")
            out.append(f"   [{mark}] {c.text}" + (f"  ({c.citation})" if c.citation else ""))
        if self.problem:
            out.append("   " + say("[STOPPED] {problem}", problem=self.problem))
        return "\n".join(out)
