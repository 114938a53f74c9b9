"""Times of pictures and particulars of requests, held against the flight as this node knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from overflight.app.flight_holdings import Holdings, regime_of
from overflight.flight.facts import Facts, gather
from overflight.imagery import catalogue
from overflight.rules.finding import Finding, undetermined
from overflight.rules.sensors import exposures_lie_within_the_flight
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.app.node import Node
    from overflight.imagery.frames import Frame


def facts_of(node: Node, flight: str) -> Facts | None:
    """What this node knows of a flight by now, or None while it holds no notice of it."""
    found = Holdings(node).messages(flight)
    return gather(found, node.now(), regime_of(node), viewer=node.party) if found else None


def exposure_times(node: Node, flight: str, frames: Sequence[Frame]) -> list[Finding]:
    """One finding if a frame was exposed outside the flight, or after now; none where all may be right."""
    facts = facts_of(node, flight)
    took_off = facts.take_off.at if facts and facts.take_off else None
    completed = facts.completion.at if facts and facts.completion else None
    found = exposures_lie_within_the_flight(
        {frame.file: frame.at for frame in frames}, took_off=took_off, completed=completed, now=node.now()
    )
    return [found] if found else []


def strange_particulars(node: Node, flight: str, asked: Mapping[str, Any]) -> list[Finding]:
    """Date and sensor of a request that nothing which this node knows of the flight bears out.

    The article asks that they be stated, not that the asking Party knows more, so the answer is undetermined.
    """
    facts = facts_of(node, flight)
    out: list[Finding] = []
    if facts is None:
        return out
    day, sensor = asked.get("flown_on"), asked.get("sensor")
    flown = facts.take_off.at.date().isoformat() if facts.take_off else None
    if day and flown and day != flown:
        found = undetermined(
            say("{flight} took off on {flown} by this node's messages, not on {day}", flight=flight, flown=flown,
                day=day),
            "flown_on", seen={"flown_on": day, "took_off_on": flown},
        )  # fmt: skip
        out.append(replace(found, citation="IX.IV.1.C"))
    known = {row.camera for row in catalogue.search(node.images, flight=flight)} | {
        str(use.get("sensor"))
        for message in facts.messages
        if isinstance(plan := message.body.get("plan"), Mapping)
        for use in plan.get("sensors", ())
    }
    if sensor and known and sensor not in known:
        found = undetermined(
            say("no plan or picture of {flight} in this node names the sensor {sensor}; known: {known}", flight=flight,
                sensor=sensor, known=", ".join(sorted(known))),
            "sensor", seen={"sensor": sensor, "known": sorted(known)},
        )  # fmt: skip
        out.append(replace(found, citation="IX.IV.1.D"))
    return out
