"""Stopping rules for a search: small callables that say why to stop, or None to go on.

A rule that knows how much of its run is over says so in `share`, so that a search can cool down in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field

StopRule = Callable[[int], str | None]


@dataclass(frozen=True)
class Steps:
    """Stops after `most` steps."""

    most: int

    def __call__(self, step: int) -> str | None:
        """ "steps" once they are made."""
        return "steps" if step >= self.most else None

    def share(self, step: int) -> float:
        """Share of the run that is over."""
        return step / max(1, self.most)


@dataclass(frozen=True)
class Seconds:
    """Stops `seconds` after it was made."""

    seconds: float
    clock: Callable[[], float]
    due: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "due", self.clock() + self.seconds)

    def __call__(self, step: int) -> str | None:
        """ "time" once it is over."""
        return "time" if self.clock() >= self.due else None

    def share(self, step: int) -> float:
        """Share of the run that is over."""
        return 1.0 - (self.due - self.clock()) / self.seconds if self.seconds > 0 else 1.0


@dataclass(frozen=True)
class FirstOf:
    """Stops when the first of several rules says so."""

    rules: tuple[StopRule, ...]

    def __call__(self, step: int) -> str | None:
        """The reason of the first rule that has one."""
        for one in self.rules:
            reason = one(step)
            if reason:
                return reason
        return None

    def share(self, step: int) -> float:
        """The largest share of any rule that knows its own."""
        known = [share for share in (share_of(rule, step) for rule in self.rules) if share is not None]
        return max(known, default=-1.0)


def after_steps(most: int) -> StopRule:
    """Stop after `most` steps; results then depend on input and seed only."""
    return Steps(most)


def after_seconds(seconds: float, clock: Callable[[], float]) -> StopRule:
    """Stop `seconds` after this rule was made, by `clock` (such as `time.monotonic`)."""
    return Seconds(seconds, clock)


def first_of(*rules: StopRule) -> StopRule:
    """Stop when the first of several rules says so."""
    return FirstOf(rules)


def postponed(rule: StopRule, seconds: float) -> StopRule:
    """The rule with every deadline `seconds` later, as for what was prepared before its clock should have begun."""
    if isinstance(rule, FirstOf):
        return FirstOf(tuple(postponed(one, seconds) for one in rule.rules))
    if not isinstance(rule, Seconds):
        return rule
    later = copy(rule)
    object.__setattr__(later, "due", rule.due + seconds)
    return later


def part_of(rule: StopRule, share: float) -> StopRule:
    """The rule for a part of its run, which begins where the rule was made; at least one step."""
    if isinstance(rule, FirstOf):
        return FirstOf(tuple(part_of(one, share) for one in rule.rules))
    if isinstance(rule, Steps):
        return Steps(max(1, round(rule.most * share)))
    return Seconds(rule.seconds * share, rule.clock) if isinstance(rule, Seconds) else rule


def deadline_of(rule: StopRule) -> float | None:
    """The least seconds after which a clock stops the search; None if no clock does, or if steps may.

    A rule that is only somebody's word to stop, as of a button, says nothing either way.
    """
    rules = list(_each(rule))
    if any(isinstance(one, Steps) for one in rules):
        return None
    return min((one.seconds for one in rules if isinstance(one, Seconds)), default=None)


def _each(rule: StopRule) -> Iterator[StopRule]:
    if isinstance(rule, FirstOf):
        for one in rule.rules:
            yield from _each(one)
    else:
        yield rule


def share_of(rule: StopRule, step: int) -> float | None:
    """Share of the run that is over, 0 to 1; None if the rule cannot say."""
    if not isinstance(rule, Steps | Seconds | FirstOf):
        return None
    share = rule.share(step)
    return min(1.0, share) if share >= 0 else None
