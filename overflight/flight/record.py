"""The flight record: what held after each message, for a reader who wants to see how a flight went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from overflight.flight.facts import in_order
from overflight.flight.lifecycle import FlightState, state
from overflight.flight.messages import Message

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


def replay(
    messages: Iterable[Message], regime_on: Callable[[date], Regime], *, viewer: str | None = None
) -> Iterator[FlightState]:
    """What held right after each message, in their order."""
    ordered = in_order(messages)
    for n, message in enumerate(ordered, start=1):
        yield state(ordered[:n], message.at, regime_on, viewer=viewer)
