"""Stopping rules for a search: small callables that say why to stop, or None to go on."""

from __future__ import annotations

from collections.abc import Callable

StopRule = Callable[[int], str | None]


def after_steps(most: int) -> StopRule:
    """Stop after `most` steps; results then depend on input and seed only."""

    def rule(step: int) -> str | None:
        return "steps" if step >= most else None

    return rule


def after_seconds(seconds: float, clock: Callable[[], float]) -> StopRule:
    """Stop `seconds` after this rule was made, by `clock` (such as `time.monotonic`)."""
    due = clock() + seconds

    def rule(step: int) -> str | None:
        return "time" if clock() >= due else None

    return rule


def first_of(*rules: StopRule) -> StopRule:
    """Stop when the first of several rules says so."""

    def rule(step: int) -> str | None:
        for one in rules:
            reason = one(step)
            if reason:
                return reason
        return None

    return rule
