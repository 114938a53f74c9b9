"""An agreement of the Parties told as a fact: "unless otherwise agreed" lets it set a paragraph aside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from overflight.app.casefile import LawCase
from overflight.rules.finding import Finding, Rule, Verdict, undetermined
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

AGREED = "agreed"  # the fact: yes, no, or unknown
# Paragraphs whose text lets the Parties concerned agree otherwise, and whose rules do not ask for it themselves.
OTHERWISE_AGREED = (
    "VI.I.9", "VI.I.10", "VI.I.11", "VI.I.20", "VI.II.1", "VI.II.4.E", "VI.II.4.G", "VIII.I.2", "IX.II.3.A",
    "AnnE.8", "AnnF.I.2", "AnnF.II.2", "AnnF.I.9", "AnnK.II.3",
)  # fmt: skip
# A right that an agreement takes away; elsewhere it makes good what would be a breach.
_RIGHTS_TOO = ("VIII.I.2", "AnnF.I.9")


def _stands_under(citation: str, those: tuple[str, ...]) -> bool:
    return any(citation == c or citation.startswith(c + ".") for c in those)


def may_agree(rule: Rule) -> bool:
    """Whether a case may say of this rule's paragraph that the Parties agreed otherwise."""
    return _stands_under(rule.citation, OTHERWISE_AGREED)


def set_aside(case: LawCase, rule: Rule, found: Finding, regime: Regime) -> Finding:
    """The finding where the case says ``agreed``; a paragraph that knows no agreement stays as it is.

    Under the reading `notice_waiver` = on, the notice of VI.I.5 can be waived too.
    """
    said = case.facts.get(AGREED)
    waived = found.citation == "VI.I.5" and regime.readings.get("notice_waiver") == "on"
    if said in (None, False) or not (waived or _stands_under(found.citation, OTHERWISE_AGREED)):
        return found
    takes = found.verdict is Verdict.RIGHT and _stands_under(found.citation, _RIGHTS_TOO)
    if found.verdict is not Verdict.BREACHES and not takes:
        return found
    if said is True:
        because = say("{because}; the Parties concerned agreed otherwise", because=found.because)
        return replace(found, verdict=Verdict.COMPLIES, because=because)
    why = say("{because}; whether the Parties agreed otherwise is not known", because=found.because)
    return replace(undetermined(why, AGREED, actor=found.actor), citation=found.citation, rule=found.rule)
