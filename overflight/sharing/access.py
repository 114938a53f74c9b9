"""Who may be handed what, on which day, under which paragraph."""

from __future__ import annotations

from dataclasses import replace

from overflight.errors import Refused
from overflight.rules.finding import Finding, Verdict, breaches, complies
from overflight.sharing.record import Record
from overflight.terms.words import say
from overflight.treaty.regime import Regime


def party_on_the_day(code: str, regime: Regime) -> Finding:
    """What was gathered and agreed under the treaty goes to States Parties (IX.I.4).

    Membership is asked at the moment of sending, so what waits for a Party that leaves stays.
    """
    day = regime.day.isoformat()
    if regime.is_party(code):
        found = complies(say("{party} is a Party on {day}", party=code, day=day))
    else:
        found = breaches(say("{party} is no Party on {day} (XV.2)", party=code, day=day), actor=code)
    return replace(found, citation="IX.I.4", rule="party_on_the_day")


def check_may_send(record: Record, addressee: str, regime: Regime) -> None:
    """Let a record go to `addressee` on the regime's day, or stop it.

    Raises
    ------
    Refused
        If the addressee is not in the record's audience, or is no Party on the day.
    """
    if addressee not in record.audience:
        raise Refused(
            say("record {rid} is not addressed to {party}", rid=record.rid[:12], party=addressee),
            field="to",
            party=addressee,
        )
    found = party_on_the_day(addressee, regime)
    if found.verdict is not Verdict.COMPLIES:
        raise Refused(
            say("nothing is sent to {party}: {why}", party=addressee, why=found.because),
            citation=found.citation,
            party=addressee,
        )


def check_may_receive(sender: str, me: str, regime: Regime) -> None:
    """Accept records between `sender` and this node's Party on the regime's day, or not.

    Raises
    ------
    Refused
        If one of the two is no Party on the day.
    """
    for code in (sender, me):
        found = party_on_the_day(code, regime)
        if found.verdict is not Verdict.COMPLIES:
            raise Refused(
                say("the record is not taken up: {why}", why=found.because), citation=found.citation, party=code
            )
