"""An agreement of the Parties told as a fact: "unless otherwise agreed" lets it set a paragraph aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from overflight.app.casefile import LawCase
from overflight.errors import OverflightError
from overflight.rules.finding import Finding, Verdict, undetermined
from overflight.terms.words import say
from overflight.treaty import paragraphs

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

AGREED = "agreed"  # the fact: yes, no, or unknown
# A right that an agreement takes away; elsewhere it makes good what would be a breach.
_RIGHTS_TOO = ("VIII.I.2", "AnnF.I.9")


def may_agree(citation: str, folder: Path) -> bool:
    """Whether the text of a paragraph says "unless otherwise agreed"; the table of paragraphs marks those."""
    try:
        return any(p.agreed_otherwise for p in paragraphs.rows_of(folder, citation))
    except OverflightError:
        return False


def set_aside(case: LawCase, found: Finding, regime: Regime) -> Finding:
    """The finding where the case says ``agreed``; a paragraph that knows no agreement stays as it is.

    Under the reading `notice_waiver` = on, the notice of VI.I.5 can be waived too.
    """
    said = case.facts.get(AGREED)
    waived = found.citation == "VI.I.5" and regime.readings.get("notice_waiver") == "on"
    if said in (None, False) or not (waived or may_agree(found.citation, regime.folder)):
        return found
    takes = found.verdict is Verdict.RIGHT and found.citation in _RIGHTS_TOO
    if found.verdict is not Verdict.BREACHES and not takes:
        return found
    if said is True:
        because = say("{because}; the Parties concerned agreed otherwise", because=found.because)
        return replace(found, verdict=Verdict.COMPLIES, because=because)
    why = say("{because}; whether the Parties agreed otherwise is not known", because=found.because)
    return replace(undetermined(why, AGREED, actor=found.actor), citation=found.citation, rule=found.rule)
