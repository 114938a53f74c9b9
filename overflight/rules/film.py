"""Article IX and Annex K: originals, duplicates, test strips and samples of film."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.finding import Finding, breaches, complies, right, rule, silent, undetermined
from overflight.rules.timing import rows
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime


@rule("IX.II.1")
def duplicate_cameras_are_alike(*, same_cameras: bool, same_film: bool, same_processing: bool) -> Finding:
    """Where two cameras record, they are the same, with the same film, processed in the same way."""
    seen = {"same_cameras": same_cameras, "same_film": same_film, "same_processing": same_processing}
    unlike = [name.removeprefix("same_") for name, same in seen.items() if not same]
    if unlike:
        return breaches(say("not the same: {names}", names=", ".join(unlike)), seen=seen)
    return complies(say("the same cameras, film and processing"), seen=seen)


@rule("IX.II.2")
def developer_answers_for_the_quality(
    *, developer: str, aircraft_of: str, observing: str, agreed: bool = False
) -> Finding:
    """Who develops a film answers for its quality.

    Where the observing Party by agreement processes film from the observed Party's aircraft, the
    observed Party is free of that duty. `aircraft_of` is the Party that supplied the aircraft. Who develops a
    single negative the text left to the Commission, so without an agreement it is silent.
    """
    seen = {"developer": developer, "aircraft_of": aircraft_of, "agreed": agreed}
    if developer == observing and aircraft_of != observing and not agreed:
        why = say("who develops film from the aircraft of {code} was left to the Commission; no agreement is known",
                  code=aircraft_of)  # fmt: skip
        return silent(why, actor=developer, seen=seen)
    return complies(say("{code} answers for the quality", code=developer), actor=developer, seen=seen)


@rule("IX.II.5")
def strip_is_on_each_roll(
    *, steps: int | None, rolls: int, rolls_with_strip: int, regime: Regime, developer: str | None = None
) -> Finding:
    """Each roll bears a test strip or wedge of 21 steps, by which both sides judge the quality."""
    need = regime.value("test_steps")
    more: dict[str, Any] = {
        "actor": developer,
        "seen": {"steps": steps, "rolls": rolls, "rolls_with_strip": rolls_with_strip},
        "limit": need.value,
        "data": rows(regime, "test_steps"),
    }
    if steps is None:
        return undetermined(say("how many steps the strip has is not known"), "steps", **more)
    if rolls_with_strip < rolls:
        return breaches(say("{n} rolls bear no test strip", n=rolls - rolls_with_strip), **more)
    answer = complies if steps == need.value else breaches
    return answer(say("a strip of {n} steps; it has {need}", n=steps, need=need), **more)


@rule("IX.II.6")
def duplicate_is_handed_over_at_once(
    *, developed: datetime, handed_over: datetime | None, generation: int = 1, agreed: bool = False,
    observed: str | None = None,
) -> Finding:  # fmt: skip
    """The duplicate is of the first generation, and handed over at once after development, unless agreed otherwise.

    The paragraph gives no number of hours: on the same day is at once, and of a later day it is silent.
    """
    seen = {"generation": generation, "agreed": agreed}
    if generation != 1:
        return breaches(say("a duplicate of generation {n}; the first is owed", n=generation), seen=seen)
    if handed_over is None:
        return undetermined(say("no handing over is recorded"), "handed_over", actor=observed, seen=seen)
    if handed_over < developed:
        return undetermined(say("handed over before development"), "developed", actor=observed, seen=seen)
    if agreed or handed_over.date() == developed.date():
        return complies(say("handed over after development, as owed or agreed"), actor=observed, seen=seen)
    days = (handed_over.date() - developed.date()).days
    return silent(say("handed over {days} days after development; the text says immediately and gives no number",
                      days=days), actor=observed, seen=seen)  # fmt: skip


@rule("IX.II.7")
def party_without_the_aircraft_picks_first(*, sets: int, aircraft_of: str, picked_first: str | None) -> Finding:
    """Of two negatives, or two sets of originals, the Party that did not supply the aircraft picks first.

    The same holds for other media (IX.III.3).
    """
    seen = {"sets": sets, "aircraft_of": aircraft_of, "picked_first": picked_first}
    if sets != 2:
        return complies(say("there are not two sets to pick from"), seen=seen)
    if picked_first is None:
        return right(say("the Party that did not supply the aircraft picks first"), seen=seen)
    if picked_first == aircraft_of:
        return breaches(say("{code} supplied the aircraft and picked first", code=picked_first), actor=picked_first,
                        seen=seen)  # fmt: skip
    return complies(say("{code} picked first", code=picked_first), actor=picked_first, seen=seen)


@rule("IX.III.1")
def at_least_one_original_is_recorded(*, sets: int, regime: Regime, supplier: str | None = None) -> Finding:
    """On media other than film the Party that supplies the aircraft records at least one set of originals."""
    need = regime.value("originals_recorded")
    answer = complies if sets >= need.value else breaches
    return answer(say("{n} sets of originals; at least {need}", n=sets, need=need), actor=supplier,
                  seen={"sets": sets}, limit=need.value, data=rows(regime, "originals_recorded"))  # fmt: skip


@rule("IX.III.2")
def original_is_the_observing_partys(
    *, original_to: str, copy_to: str | None, observing: str, observed: str
) -> Finding:
    """Of one set on other media the observing Party has the original and the observed Party a first copy.

    That holds whoever supplied the aircraft.
    """
    seen = {"original_to": original_to, "copy_to": copy_to}
    if original_to != observing:
        return breaches(say("the original went to {code}", code=original_to), actor=original_to, seen=seen)
    if copy_to is None:
        return right(say("the observed Party may have a first-generation copy"), actor=observed, seen=seen)
    return complies(say("original to {a}, copy to {b}", a=original_to, b=copy_to), seen=seen)


@rule("IX.III.4-5")
def form_of_radar_data_is_the_others_choice(*, wanted: str, given: str, chosen_by: str, aircraft_of: str) -> Finding:
    """Radar data come as initial phase data or as an image; the Party that did not supply the aircraft chooses."""
    seen = {"wanted": wanted, "given": given, "chosen_by": chosen_by}
    if chosen_by == aircraft_of:
        return breaches(say("{code} supplied the aircraft and chose the form", code=chosen_by), actor=chosen_by,
                        seen=seen)  # fmt: skip
    answer = complies if wanted == given else breaches
    return answer(say("{a} was chosen, {b} given", a=wanted, b=given), actor=aircraft_of, seen=seen)


@rule("AnnK.I.3")
def film_samples_come_within_30_days(
    *, asked: datetime, given: datetime | None, regime: Regime, actor: str | None = None
) -> Finding:
    """Unexposed film, chemicals and instructions come within 30 days of a request."""
    return keeps_the_clock("AnnK.I.3", trigger=asked, event=given, regime=regime, actor=actor, what=say("samples"))


@rule("AnnK.II.3")
def film_waits_for_the_test(
    *, test_meets_notified_data: bool | None, tested: datetime | None, processed: datetime
) -> Finding:
    """Before any film is processed a test shows that the processing meets the data that were notified."""
    if tested is None:
        return breaches(say("film was processed without a test"))
    if test_meets_notified_data is None:
        return undetermined(say("what the test showed is not known"), "test_meets_notified_data")
    if processed < tested:
        return breaches(say("film was processed before the test"))
    if not test_meets_notified_data:
        return breaches(say("film was processed though the test did not meet the notified data"))
    return complies(say("tested first, and the test meets the notified data"))
