"""Times that cannot all be true: an end before its beginning leaves what was judged by them open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from overflight.flight.book import Book
from overflight.flight.facts import Event, Facts
from overflight.rules.finding import Finding, Verdict, undetermined
from overflight.terms.moment import readable
from overflight.terms.words import say


def keeps_the_order_of_events(facts: Facts, book: Book) -> None:
    """Let nothing be found in order by two times of which one must be wrong; what breaches by either stays."""
    for (first, begun), (second, ended), citations in _pairs(facts):
        if begun is None or ended is None or ended.at >= begun.at:
            continue
        why = undetermined(
            say(
                "{second} is stated for {end}, before {first} at {begin}; both cannot be",
                second=second,
                end=readable(ended.at),
                first=first,
                begin=readable(begun.at),
            ),
            "order",
        )
        book.entries = [(at, _open(found, why, citations)) for at, found in book.entries]


def _pairs(facts: Facts) -> Iterator[tuple[tuple[str, Event | None], tuple[str, Event | None], frozenset[str]]]:
    arrived, started = (say("the arrival"), facts.arrival), (say("the start"), facts.take_off)
    ended, gone = (say("the completion"), facts.completion), (say("the departure"), facts.departure)
    yield arrived, started, frozenset({"VIII.I.2", "VI.II.4.E"})
    yield started, ended, frozenset({"VI.II.4.E", "VI.I.9", "VI.I.20"})
    yield ended, gone, frozenset({"VI.I.9", "VI.I.20", "VI.I.21"})


def _open(found: Finding, why: Finding, citations: frozenset[str]) -> Finding:
    if found.verdict is not Verdict.COMPLIES or found.citation not in citations:
        return found
    return replace(found, verdict=Verdict.UNDETERMINED, because=why.because, missing=why.missing)
