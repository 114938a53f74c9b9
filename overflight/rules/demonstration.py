"""Annex F: what an inspection may use, and the demonstration flight."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.closed_words import OTHER, one_of
from overflight.rules.finding import Finding, breaches, complies, right, rule, undetermined
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# Non-destructive test equipment of the observed Party's inspectors (AnnF.I.7); the Commission may add to it.
EQUIPMENT = (
    "borescope",
    "X-ray and backscatter",
    "ultrasound",
    "logic analyser",
    "passive infra-red sensor",
    "35 mm camera",
)
# What inspectors of either side may use (AnnD.II.5, by AnnF.I.2.B and AnnF.II.2.B); more by consent.
HAND_EQUIPMENT = ("video camera", "audio recorder", "hand-held computer")


@rule("AnnF.I.7")
def inspection_uses_listed_equipment(
    *, equipment: Collection[str], added_by_oscc: Collection[str] = (), by_observing: bool = False
) -> Finding:
    """Inspectors use the equipment that the annexes list, and what the Commission has added.

    The list is that of `EQUIPMENT`, for the observed Party's inspectors only, and of `HAND_EQUIPMENT` for all
    (AnnD.II.5). Section II gives the observing Party's inspectors (`by_observing`) no test equipment.
    """
    allowed = {*HAND_EQUIPMENT, *added_by_oscc, *(() if by_observing else EQUIPMENT)}
    strange = sorted(set(equipment) - allowed)
    seen = {"equipment": sorted(equipment)}
    if strange:
        return breaches(say("not on the list: {names}", names=", ".join(strange)), seen=seen)
    return complies(say("all of it is on the list"), seen=seen)


@rule("AnnF.I.8")
def equipment_that_cannot_be_shown_out_gives_a_choice(*, all_out: bool, observing: str | None = None) -> Finding:
    """If inspectors cannot show that all their equipment is out, the observing Party may fly or cancel.

    A flight that is cancelled so counts for nobody.
    """
    if all_out:
        return complies(say("all equipment is out of the aircraft"), seen={"all_out": True})
    return right(say("the observing Party may fly or cancel, at no cost to its quota"), actor=observing,
                 seen={"all_out": False})  # fmt: skip


@rule("AnnF.II.7")
def equipment_in_the_observed_partys_aircraft_may_prohibit(*, all_out: bool, observed: str | None = None) -> Finding:
    """If inspectors of the observing Party cannot show that all is out, the observed Party may prohibit the flight."""
    if all_out:
        return complies(say("all equipment is out of the aircraft"), seen={"all_out": True})
    return right(say("the observed Party may prohibit the flight; no quota is counted"), actor=observed,
                 seen={"all_out": False})  # fmt: skip


@rule("AnnF.III.1-2")
def demonstration_is_asked_for_by_the_other_side(
    *, asked_by: str, supplier: str, inspected: bool, observing: str, observed: str
) -> Finding:
    """After the inspection the side that does not supply the aircraft may ask for a demonstration flight."""
    seen = {"asked_by": asked_by, "supplier": supplier, "inspected": inspected}
    if asked_by not in (observing, observed) or asked_by == supplier:
        return breaches(
            say("{code} supplies the aircraft, or is neither side", code=asked_by), actor=asked_by, seen=seen
        )
    if not inspected:
        return breaches(say("the inspection is not over"), actor=asked_by, seen=seen)
    return right(say("{code} may ask for a demonstration flight", code=asked_by), actor=asked_by, seen=seen)


@rule("AnnF.III.3.B")
def demonstration_lasts_at_most_2_hours(
    *, started: datetime, ended: datetime | None, excused_min: float = 0.0, regime: Regime
) -> Finding:
    """A demonstration flight lasts at most two hours; weather and the observed Party's own delay do not count."""
    counted = ended - timedelta(minutes=excused_min) if ended is not None else None
    return keeps_the_clock(
        "AnnF.III.3.B", trigger=started, event=counted, regime=regime, what=say("end of the demonstration flight")
    )


@rule("AnnF.III.6")
def observed_party_may_act_on_an_unsatisfactory_sensor(
    *, satisfied: bool, act: str | None = None, depends_on_height: bool | None = None, observed: str | None = None
) -> Finding:
    """Not satisfied, the observed Party may propose another height, forbid a sensor, or prohibit the flight.

    It may propose another height only for a sensor whose resolution depends on it (A), and forbid only one whose
    resolution does not (B). `act` is ``propose height``, ``forbid sensor``, ``prohibit`` or ``other``.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    if act is not None:
        act = one_of(act, ("propose height", "forbid sensor", "prohibit", OTHER), field="act", citation="AnnF.III.6")
    seen = {"satisfied": satisfied, "act": act, "depends_on_height": depends_on_height}
    if satisfied:
        answer = complies if act is None else breaches
        return answer(say("the demonstration was satisfactory"), actor=observed, seen=seen)
    if act in ("forbid sensor", "propose height"):
        if depends_on_height is None:
            return undetermined(
                say("whether height matters is not known"), "depends_on_height", actor=observed, seen=seen
            )
        if act == "propose height" and not depends_on_height:
            return breaches(say("another height is proposed only for a sensor that depends on it"),
                            actor=observed, seen=seen)  # fmt: skip
        if act == "forbid sensor" and depends_on_height:
            return breaches(say("a sensor that depends on height is not forbidden; another height is proposed"),
                            actor=observed, seen=seen)  # fmt: skip
    if act == OTHER:
        return breaches(say("it did something else than the paragraph gives"), actor=observed, seen=seen)
    return right(say("it may propose another height, forbid a sensor that height does not touch, or prohibit"),
                 actor=observed, seen=seen)  # fmt: skip


@rule("AnnF.III.7")
def observing_party_may_choose_after_an_unsatisfactory_demonstration(
    *, satisfied: bool, observing: str | None = None
) -> Finding:
    """Not satisfied, the observing Party may take another package or height, fly on, wait, or cancel."""
    seen = {"satisfied": satisfied}
    if satisfied:
        return complies(say("the demonstration was satisfactory"), seen=seen)
    return right(say("another package, another height, as planned, wait, or cancel"), actor=observing, seen=seen)


@rule("AnnF.III.8")
def who_stops_after_a_demonstration_tells_the_commission(
    *, stopped_by: str, asked_by: str, told_oscc: bool | None, counted: int = 0
) -> Finding:
    """A flight stopped by the Party that asked for the demonstration counts for nobody, and it tells the OSCC."""
    seen = {"stopped_by": stopped_by, "asked_by": asked_by, "told_oscc": told_oscc, "counted": counted}
    if stopped_by != asked_by:
        return complies(say("the Party that stopped the flight had not asked for the demonstration"), seen=seen)
    if counted:
        return breaches(say("counted {n}; such a flight counts for nobody", n=counted), actor=stopped_by, seen=seen)
    if told_oscc is None:
        return undetermined(
            say("whether the Commission was told is not known"), "told_oscc", actor=stopped_by, seen=seen
        )
    answer = complies if told_oscc else breaches
    words = say("the Commission was told") if told_oscc else say("the Commission was not told")
    return answer(words, actor=stopped_by, seen=seen)
