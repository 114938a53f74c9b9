"""Articles X and Annex L: the Open Skies Consultative Commission."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from overflight.rules.clocks import keeps_the_clock
from overflight.rules.closed_words import one_of
from overflight.rules.finding import Finding, breaches, complies, disputed, right, rule, undetermined
from overflight.rules.timing import rows
from overflight.terms.words import say

if TYPE_CHECKING:
    from overflight.treaty.regime import Regime

# What a decision of the Commission settles without amending the treaty (X.5).
BY_DECISION = (
    "distribution of active quotas",
    "sensor categories and capabilities",
    "cost shares",
    "sharing and availability of data",
    "handling of mission reports",
    "minor administrative or technical matters",
)
# What stands in the text itself and is on no list of X.5: an amendment under XVI changes it.
BY_AMENDMENT = ("passive quotas", "hours of notice", "distance from the border", "rights and duties of the Parties")
DISTANCES = "maximum flight distances"  # on no list; readings differ
SUBJECTS = (*BY_DECISION, *BY_AMENDMENT, DISTANCES)
# Other words for the same.
SUBJECT_NAMES = {
    "active quotas": BY_DECISION[0],
    "annual distribution of active quotas": BY_DECISION[0],
    "sensors": BY_DECISION[1],
    "sensor categories": BY_DECISION[1],
    "sensor capabilities": BY_DECISION[1],
    "costs": BY_DECISION[2],
    "share of costs": BY_DECISION[2],
    "sharing of data": BY_DECISION[3],
    "availability of data": BY_DECISION[3],
    "mission reports": BY_DECISION[4],
    "minor matters": BY_DECISION[5],
    "minor administrative matters": BY_DECISION[5],
    "minor technical matters": BY_DECISION[5],
    "flight distances": DISTANCES,
}
LANGUAGES = ("English", "French", "German", "Italian", "Russian", "Spanish")  # AnnL.I.7 and XIX


@rule("X.2")
def decides_when_nobody_objects(*, objections: Collection[str], regime: Regime) -> Finding:
    """The Commission decides by consensus: one Party's objection blocks, silence and absence do not.

    To object is each Party's right, so the answer is then `right`, and no decision has come about.
    """
    objectors = sorted({code for code in objections if regime.is_party(code)})
    others = sorted(set(objections) - set(objectors))
    seen = {"objections": objectors, "no_parties": others}
    if objectors:
        return right(say("{names} objected, as each Party may: no decision came about", names=", ".join(objectors)),
                     seen=seen)  # fmt: skip
    return complies(say("no Party objected: decided"), seen=seen)


@rule("X.3")
def any_party_may_raise_any_issue(*, by: str, regime: Regime) -> Finding:
    """Any Party may put any question about the treaty on the Commission's agenda."""
    seen = {"by": by}
    if regime.is_party(by):
        return right(say("{code} may raise it", code=by), actor=by, seen=seen)
    return breaches(say("{code} is no Party on {day}", code=by, day=regime.day), actor=by, seen=seen)


@rule("X.5.b")
def decision_is_enough(*, subject: str) -> Finding:
    """Some matters need no amendment: a decision of the Commission is enough.

    Maximum flight distances are not in that list, and readings of what may be done about them differ. `subject` is
    ``distribution of active quotas``, ``sensor categories and capabilities``, ``cost shares``, ``sharing and
    availability of data``, ``handling of mission reports``, ``minor administrative or technical matters``; or
    ``passive quotas``, ``hours of notice``, ``distance from the border``, ``rights and duties of the Parties``; or
    ``maximum flight distances``.

    Raises
    ------
    UnknownWord
        If it is none of these; the message lists them.
    """
    subject = one_of(subject, SUBJECTS, SUBJECT_NAMES, field="subject", citation="X.5")
    seen = {"subject": subject}
    if subject in BY_DECISION:
        return complies(say("a decision is enough for: {subject}", subject=subject), seen=seen)
    if subject == DISTANCES:
        return disputed(
            say("the list of what needs no amendment does not name maximum flight distances"),
            seen=seen,
            under=(
                {"reading": "notice", "verdict": "complies", "because": say("a notice of the Party is enough")},
                {"reading": "decision", "verdict": "complies", "because": say("the Commission can decide it")},
                {"reading": "amendment", "verdict": "breaches", "because": say("only an amendment under XVI can")},
            ),
        )
    return breaches(say("{subject} needs an amendment under Article XVI", subject=subject), seen=seen)


@rule("AnnL.I.2")
def first_session_opens_within_60_days(*, signed: datetime, opened: datetime | None, regime: Regime) -> Finding:
    """The first session of the Commission opens within 60 days after signature."""
    return keeps_the_clock("AnnL.I.2", trigger=signed, event=opened, regime=regime, what=say("first session"))


@rule("AnnL.I.3")
def meets_four_times_a_year(*, sessions: int, decided_otherwise: bool = False, regime: Regime) -> Finding:
    """The Commission has at least four regular sessions a year, unless it decides otherwise."""
    need = regime.value("sessions_each_year")
    answer = complies if sessions >= need.value or decided_otherwise else breaches
    return answer(
        say("{n} regular sessions; at least {need}, unless decided otherwise", n=sessions, need=need),
        seen={"sessions": sessions, "decided_otherwise": decided_otherwise},
        limit=need.value,
        data=rows(regime, "sessions_each_year"),
    )


@rule("AnnL.I.3.x")
def extraordinary_session_opens_within_15_days(
    *, asked: datetime, opened: datetime | None, regime: Regime, chair: str | None = None
) -> Finding:
    """At the request of one or more Parties the chair opens an extraordinary session within 15 days."""
    return keeps_the_clock(
        "AnnL.I.3", trigger=asked, event=opened, regime=regime, actor=chair, what=say("extraordinary session")
    )


@rule("AnnL.I.4")
def session_lasts_at_most_four_weeks(
    *, opened: datetime, closed: datetime | None, decided_otherwise: bool = False, regime: Regime
) -> Finding:
    """A session lasts no longer than four weeks, unless the Commission decides otherwise."""
    found = keeps_the_clock("AnnL.I.4", trigger=opened, event=closed, regime=regime, what=say("end of the session"))
    if found.verdict == "breaches" and decided_otherwise:
        return complies(say("the Commission decided on a longer session"), seen=found.seen)
    return found


@rule("AnnL.I.5-7")
def works_in_six_languages(*, language: str) -> Finding:
    """The working languages are English, French, German, Italian, Russian and Spanish."""
    seen = {"language": language}
    if language in LANGUAGES:
        return complies(say("{language} is a working language", language=language), seen=seen)
    return breaches(say("{language} is none of the six working languages", language=language), seen=seen)


@rule("AnnL.I.8")
def proceedings_stay_confidential(*, published: bool, agreed: bool | None, decision: bool = False) -> Finding:
    """Proceedings are confidential unless agreed otherwise; the Commission may publish its decisions."""
    seen = {"published": published, "agreed": agreed, "decision": decision}
    if not published:
        return complies(say("nothing was published"), seen=seen)
    if agreed is None:
        return undetermined(say("whether publication was agreed is not known"), "agreed", seen=seen)
    if agreed:
        what = say("the decision") if decision else say("the proceedings")
        return complies(say("the Commission agreed to publish {what}", what=what), seen=seen)
    return breaches(say("published without agreement"), seen=seen)


@rule("AnnL.III.1-4")
def flight_outside_the_quotas_has_consent(
    *,
    consent: bool | None,
    counted: int,
    asked_by: str,
    data_given: bool | None = True,
    agreed: bool = False,
    observed: str | None = None,
) -> Finding:
    """A flight for another body, or a voluntary one between two Parties, needs consent and counts for nobody.

    `asked_by` says for whom: ``organisation`` or ``party``. Its data go to the body concerned (AnnL.III.2), or to the
    Commission, where the Parties concerned did not agree otherwise (AnnL.III.3): `data_given`, `agreed`.

    Raises
    ------
    UnknownWord
        If `asked_by` is neither; the message lists them.
    """
    asked_by = one_of(asked_by, ("organisation", "party"), field="asked_by", citation="AnnL.III.1")
    seen = {"consent": consent, "counted": counted, "asked_by": asked_by, "data_given": data_given}
    if consent is None:
        return undetermined(say("whether the overflown State consents is not known"), "consent", seen=seen)
    if not consent:
        return breaches(say("the overflown State did not consent"), actor=observed, seen=seen)
    if counted:
        return breaches(say("counted {n}; such a flight counts against no quota", n=counted), seen=seen, limit=0)
    if asked_by == "party" and agreed:
        return complies(say("with consent, counted for nobody, its data as agreed"), seen=seen, limit=0)
    if data_given is None:
        return undetermined(say("whether its data were made available is not known"), "data_given", seen=seen)
    if not data_given:
        return breaches(say("its data were not made available to those who are to have them"), seen=seen)
    return complies(say("with consent, and counted for nobody"), seen=seen, limit=0)
