"""Annexes B and C: what a Party tells the others about a sensor and about an aircraft that it designates."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from overflight.rules.closed_words import known
from overflight.rules.finding import Finding, breaches, complies, rule, undetermined
from overflight.terms.words import say

# Items of Annex B, Section I, by paragraph; what the text asks "if applicable" is left out.
SENSOR_ITEMS: Mapping[str, tuple[str, str]] = {
    "panoramic": ("AnnB.I.2", "ABCDEF"),
    "framing": ("AnnB.I.2", "ABCDEFI"),
    "video": ("AnnB.I.3", "ABCDEFG"),
    "infra-red": ("AnnB.I.4", "ABCDEFGI"),
    "radar": ("AnnB.I.5", "ABCDEFGI"),
    "film": ("AnnB.I.6", "ABCD"),
    "other media": ("AnnB.I.7", "ABEF"),
}
# The codes of Appendix 1, paragraph 2.
CODES = {"op": "panoramic", "of": "framing", "tv": "video", "irls": "infra-red", "sar": "radar"}
# Items of Annex C, paragraph by paragraph.
AIRCRAFT_ITEMS = {"1": "AB", "2": "ABC", "3": "AB", "4": "ABCDEF", "5": "ABCD"}


@rule("AnnB.I.1")
def sensor_data_hold_every_item(*, of: str, given: Collection[str], actor: str | None = None) -> Finding:
    """The data on a sensor hold every item that Annex B names for it, apart from those "if applicable".

    `of` is ``panoramic``, ``framing``, ``video``, ``infra-red`` or ``radar``, or ``film`` or ``other media`` for what
    it records on, or a code of the annex such as ``OF`` or ``SAR``; `given` are the letters of the items.
    """
    of = known(of, SENSOR_ITEMS, CODES) or of
    seen = {"of": of, "given": sorted(given)}
    if of not in SENSOR_ITEMS:
        return undetermined(say("{of} is no kind of sensor or medium of this annex", of=of), "of", seen=seen)
    paragraph, letters = SENSOR_ITEMS[of]
    lacking = [f"{paragraph}.{letter}" for letter in letters if letter not in given]
    if lacking:
        return breaches(say("not given: {items}", items=", ".join(lacking)), actor=actor,
                        seen={**seen, "missing": lacking})  # fmt: skip
    return complies(say("every item of {paragraph} is given", paragraph=paragraph), actor=actor, seen=seen)


@rule("AnnC")
def aircraft_data_hold_every_item(*, given: Collection[str], actor: str | None = None) -> Finding:
    """The notice of a designated aircraft holds every item of Annex C.

    `given` are the items by number and letter, such as ``4.B`` for its weights; a number alone stands for the whole
    paragraph.
    """
    lacking = [
        f"AnnC.{number}.{letter}"
        for number, letters in AIRCRAFT_ITEMS.items()
        for letter in letters
        if number not in given and f"{number}.{letter}" not in given
    ]
    seen = {"given": sorted(given), "missing": lacking}
    if lacking:
        return breaches(say("not given: {items}", items=", ".join(lacking)), actor=actor, seen=seen)
    return complies(say("every item of Annex C is given"), actor=actor, seen=seen)
