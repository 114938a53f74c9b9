"""Article IX: sealing, developing, duplicates and copies of what the sensors recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.finding import Finding, Verdict, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import rows, timed, within
from overflight.terms.moment import readable, rfc3339
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# The particulars of a request for copies (IX.IV.1 A to F) and the fields of its body.
REQUEST_ITEMS: Mapping[str, tuple[str, ...]] = {
    "A": ("observing",),
    "B": ("observed",),
    "C": ("flown_on",),
    "D": ("sensor",),
    "E": ("portion",),
    "F": ("medium",),
}


@rule("IX.I.2")
def data_stay_aboard_until_completion(*, completed: datetime | None, taken_off: datetime) -> Finding:
    """Sensor data leave the aircraft only after the flight is completed; nothing is sent from the air.

    `taken_off` is when data were first taken off the aircraft.
    """
    seen = {"completed": rfc3339(completed) if completed else None, "taken_off": rfc3339(taken_off)}
    if completed is None or taken_off < completed:
        return breaches(say("data left the aircraft {at}, before completion", at=readable(taken_off)), seen=seen)
    return complies(say("data left the aircraft after completion"), seen=seen)


@rule("IX.I.3")
def media_are_sealed_before_both(*, both_present: bool, sealed: datetime) -> Finding:
    """Each roll, cassette or reel is put into a container and sealed before both Parties as soon as practicable."""
    seen = {"sealed": rfc3339(sealed), "both_present": both_present}
    if not both_present:
        return breaches(say("sealed {at} without both Parties present", at=readable(sealed)), seen=seen)
    return complies(say("sealed {at} before both Parties", at=readable(sealed)), seen=seen)


@rule("IX.I.3")
def seals_are_opened_as_they_were_closed(*, sealed: Mapping[str, datetime], opened: Mapping[str, datetime]) -> Finding:
    """Every container that is opened was sealed, under the same number, before."""
    strange = sorted(n for n, at in opened.items() if n not in sealed or at < sealed[n])
    if strange:
        return breaches(
            say("opened without a recorded seal: {numbers}", numbers=", ".join(strange)), seen={"numbers": strange}
        )
    return complies(say("{n} seals opened as they were closed", n=len(opened)))


@rule("IX.II.3")
def film_is_developed_in_time(
    *,
    at_observed_facility: bool,
    arrived_at_exit: datetime | None,
    left_territory: datetime | None,
    developed: datetime | None,
    regime: Regime,
    developer: str | None = None,
) -> Finding:
    """Film is developed within 3 days of arrival at the point of exit at the observed Party's facility (IX.II.3.A),
    or within 10 days of leaving its territory at the observing Party's (IX.II.3.B).
    """
    citation = "IX.II.3.A" if at_observed_facility else "IX.II.3.B"
    name = "film_observed_facility" if at_observed_facility else "film_observing_facility"
    start = arrived_at_exit if at_observed_facility else left_territory
    if start is None:
        found = undetermined(say("the time for developing has not begun to run"), "departure", actor=developer)
    else:
        held = within(regime, name, start, citation=citation)
        found = timed(held, developed, say("development of the film"), actor=developer, data=rows(regime, name))
    return replace(found, citation=citation)


@rule("IX.II.4")
def officials_may_watch(*, admitted: int, asked: int, regime: Regime, developer: str | None = None) -> Finding:
    """The developing Party admits up to two officials of the other side to watch every step."""
    held = regime.value("observers_of_processing")
    owed = min(asked, int(held.value))
    more: dict[str, Any] = {
        "actor": developer,
        "seen": {"admitted": admitted, "asked": asked},
        "limit": str(held),
        "data": rows(regime, "observers_of_processing"),
    }
    if admitted < owed:
        return breaches(say("{n} officials admitted of {owed} who wished to watch", n=admitted, owed=owed), **more)
    return complies(say("{n} officials admitted, {owed} owed", n=admitted, owed=owed), **more)


@rule("IX.II.6")
def observed_party_may_choose_a_duplicate(*, counted: bool, observed: str | None = None) -> Finding:
    """With one negative the observing Party has the original, and the observed Party may choose a first duplicate."""
    if not counted:
        return complies(say("no data are kept, so there is nothing to duplicate"))
    return right(say("the observed Party may choose a whole or partial first-generation duplicate"), actor=observed)


@rule("IX.IV.1")
def request_states_its_particulars(
    body: Mapping[str, Any], *, told_observed: bool, asking: str | None = None
) -> Finding:
    """A request for copies states A to F, and the observed Party is told of it."""
    missing = [
        f"IX.IV.1.{item}"
        for item, fields in REQUEST_ITEMS.items()
        if any(body.get(f) in (None, "", []) for f in fields)
    ]
    seen = {"missing": missing, "told_observed": told_observed}
    if missing or not told_observed:
        faults = [*missing, *([] if told_observed else [say("notice to the observed Party")])]
        return breaches(say("the request is incomplete: {faults}", faults=", ".join(faults)), actor=asking, seen=seen)
    return complies(say("the request states A to F, and the observed Party is told"), actor=asking, seen=seen)


@rule("IX.IV.1")
def a_party_may_have_copies(
    *,
    asking: str,
    asked_on: date,
    decided_on: date,
    regime_on: Callable[[date], Regime],
    asked_by_party: bool | None = None,
) -> Finding:
    """Any State Party may ask the observing Party for copies; a State that is no Party has no such right.

    A request that was made while a Party, and is undelivered when the State has left, is not
    answered by the text: the finding is `silent` with both readings, and the
    reading `undelivered_request` says what the node does (withhold by default, its own policy).
    """
    then, now = regime_on(asked_on), regime_on(decided_on)
    was = then.is_party(asking) if asked_by_party is None else asked_by_party
    still = now.is_party(asking)
    seen = {
        "asking": asking,
        "asked_on": asked_on.isoformat(),
        "decided_on": decided_on.isoformat(),
        "party_when_asked": was,
        "party_when_decided": still,
    }
    if not was:
        return breaches(
            say("{code} was no Party on {day}: the right to copies is each Party's", code=asking, day=asked_on),
            actor=asking,
            seen=seen,
        )
    if still:
        return right(
            say("{code} is a Party on {day} and may have first-generation copies", code=asking, day=decided_on),
            actor=asking,
            seen=seen,
        )
    reading = now.readings.get("undelivered_request", "withhold")
    return silent(
        say(
            "{code} asked as a Party on {asked} and is none on {decided}; the text does not say which day counts",
            code=asking,
            asked=asked_on,
            decided=decided_on,
        ),
        actor=asking,
        seen=seen,
        readings={"undelivered_request": reading},
        under=(
            {
                "reading": "withhold",
                "verdict": "no right",
                "because": say("the right is each Party's on the day of delivery"),
            },
            {"reading": "deliver", "verdict": "right", "because": say("the right arose when the Party asked")},
        ),
    )


@rule("IX.I.4")
def data_go_to_parties_only(*, to: str, on: date, regime: Regime) -> Finding:
    """Data go to States Parties as Article IX says, and serve the purposes of the treaty only."""
    seen = {"to": to, "on": on.isoformat()}
    if regime.is_party(to):
        return complies(say("{code} is a Party on {day}", code=to, day=on), seen=seen)
    return breaches(say("{code} is no Party on {day}; data go to Parties only", code=to, day=on), seen=seen)


@rule("IX.IV.1")
def delivery_time_of_copies() -> Finding:
    """The article sets no time for delivering copies, no price and no period of storage."""
    return silent(say("the treaty sets no time limit for delivering copies"))


def may_deliver(found: Finding) -> bool:
    """Whether a node hands copies over on this answer of `a_party_may_have_copies`.

    Where the text is silent the node follows its own named reading, and withholds unless that says deliver.
    """
    if found.verdict is Verdict.SILENT:
        return found.readings.get("undelivered_request") == "deliver"
    return found.verdict is Verdict.RIGHT
