"""Plays the steps in order, once each, and tells the pages and the terminal what happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from overflight.app.story.script import Played, Step, Telling
from overflight.app.story.stage import Stage
from overflight.errors import OverflightError
from overflight.terms.moment import rfc3339
from overflight.terms.words import say


class Player:
    """The exercise as it is being played; one step at a time, whoever asks.

    Parameters
    ----------
    stage : Stage
        The running nodes.
    steps : sequence of Step
        In order of their times.
    before : mapping from step number to callable, optional
        What to do to the stage before a step: how a fault is planted.
    """

    def __init__(
        self, stage: Stage, steps: Sequence[Step], *, before: dict[int, Callable[[Stage], None]] | None = None
    ) -> None:
        self.stage = stage
        self.steps = tuple(steps)
        self.before = before or {}
        self.memory: dict[str, Any] = {}
        self.played: list[Played] = []
        self._turn = threading.Lock()

    @property
    def over(self) -> bool:
        """Nothing more to play: the end, or a step in which something did not hold."""
        return len(self.played) == len(self.steps) or (bool(self.played) and not self.played[-1].ok)

    @property
    def ok(self) -> bool:
        """Every step was played and everything held."""
        return len(self.played) == len(self.steps) and all(p.ok for p in self.played)

    def play_next(self) -> Played | None:
        """Play the next step; None when there is none left."""
        with self._turn:
            if self.over:
                return None
            n = len(self.played) + 1
            step = self.steps[n - 1]
            telling = Telling()
            problem = None
            try:
                if n in self.before:
                    self.before[n](self.stage)
                if self.stage.now is None or step.when > self.stage.now:
                    self.stage.set_clock(step.when)
                step.play(self.stage, telling, self.memory)
            except OverflightError as error:
                problem = error.message
            done = Played(n, step, telling, problem)
            self.played.append(done)
            return done

    def _to_come(self) -> list[dict[str, Any]]:
        done = len(self.played)
        return [
            {"n": n, "title": s.title, "when": rfc3339(s.when), "text": "", "done": False, "checks": []}
            for n, s in enumerate(self.steps[done:], start=done + 1)
        ]

    def state(self) -> dict[str, Any]:
        """What the pages show: the steps played, the next one, and the exercise time."""
        following = None if self.over else self.steps[len(self.played)]
        return {
            "title": say("One observation flight over the Belarus and Russia group, an exercise"),
            "now": rfc3339(self.stage.now) if self.stage.now else None,
            "steps": [p.to_json() for p in self.played] + self._to_come(),
            "total": len(self.steps),
            "next": None
            if following is None
            else {"n": len(self.played) + 1, "title": following.title, "when": rfc3339(following.when)},
            "over": self.over,
            "ok": self.ok if self.over else all(p.ok for p in self.played),
        }
