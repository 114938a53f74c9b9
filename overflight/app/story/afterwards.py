"""Steps after the flight: images and copies (Article IX), leaving the treaty (Article XV), the records."""

from __future__ import annotations

from datetime import date
from typing import Any

from overflight.app.exchange import verify_path
from overflight.app.story import cast
from overflight.app.story.conduct import PAGE, act
from overflight.app.story.leaks import leaks_of
from overflight.app.story.prologue import Memory, Outcome, all_sent, found, others
from overflight.app.story.script import Step, Telling
from overflight.app.story.stage import Stage
from overflight.rules.membership import conference_window, earliest_withdrawal, gives_six_months_notice
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.words import say
from overflight.treaty.regime import Regime


def developed(stage: Stage, t: Telling, memory: Memory) -> None:
    act(stage, cast.OBSERVING, "open", containers=["EX-001"], opened_at="2021-05-25T08:00Z", both_present=True)
    answer = act(
        stage,
        cast.OBSERVING,
        "develop",
        facility=cast.OBSERVING,
        developed_at="2021-05-25T12:00Z",
        observers_asked=2,
        observers_admitted=2,
        test_strip=True,
    )
    t.tell(say("Seals opened before both; film developed at Germany's facility, two Russian officials watching."))
    t.check(say("developed within 10 days of leaving"), found(answer, "IX.II.3", "complies"), citation="IX.II.3.B")
    t.check(
        say("the officials that were asked for were admitted"),
        not found(answer, "IX.II.4", "breaches"),
        citation="IX.II.4",
    )


def catalogued(stage: Stage, t: Telling, memory: Memory) -> None:
    made = stage.do(cast.OBSERVING, "fly", flight=cast.FLIGHT, plan=memory["plan"])
    memory["images"] = made["images"]
    t.tell(say("{n} frames are scanned, hashed, checked and catalogued; no pixel is changed.", n=len(made["images"])))
    t.check(
        say(
            "every frame from at least the certified minimum height of {m:.0f} m ({mark})",
            m=cast.CERTIFIED_H_MIN_M,
            mark=cast.EXERCISE_MARK,
        ),
        made["images"] and made["complies"],
        citation="VI.II.4.D",
    )
    t.check(say("the list of frames is signed and Russia confirms it"), made["record"] and all_sent(made))
    duplicate = stage.do(cast.OBSERVING, "deliver_copies", images=made["images"], to=cast.OBSERVED)
    t.check(say("Russia takes its first-generation duplicate"), all_sent(duplicate), citation="IX.II.6")


def canada_asks(stage: Stage, t: Telling, memory: Memory) -> None:
    asked = stage.do(
        cast.DEPOSITARY,
        "request_copies",
        flight=cast.FLIGHT,
        **{
            "with": {
                "observing": cast.OBSERVING,
                "observed": cast.OBSERVED,
                "flown_on": "2021-05-19",
                "sensor": cast.CAMERA,
                "portion": "whole observation period",
                "medium": "digital copy of the film scan",
            }
        },
    )
    memory["canada"] = asked["record"]
    t.tell(say("Canada asks Germany for copies with the six particulars and tells Russia."))
    t.check(say("request complete, Russia told"), asked["complies"] and all_sent(asked), citation="IX.IV.1")


def canada_gets(stage: Stage, t: Telling, memory: Memory) -> None:
    given = stage.do(cast.OBSERVING, "deliver_copies", to=cast.DEPOSITARY, request=memory["canada"])
    t.check(say("Germany delivers and Canada's node answers with a receipt"), all_sent(given), citation="IX.IV.1")
    taken = stage.do(cast.DEPOSITARY, "receive_copies")
    there = stage.do(cast.DEPOSITARY, "search", flight=cast.FLIGHT)
    t.tell(say("Canada checks {n} copies against Germany's signed list and catalogues them.", n=len(there["images"])))
    t.check(say("Canada holds the same images"), sorted(there["images"]) == sorted(memory["images"]) and taken)


def letter_refused(stage: Stage, t: Telling, memory: Memory) -> None:
    entered = stage.do(
        cast.OBSERVING,
        "letter",
        **{
            "with": {
                "state": "USA",
                "flight": cast.FLIGHT,
                "sent_on": "2021-06-02",
                "channel": "diplomatic note",
                "number": "exercise value",
                "text": "asks for copies of all images of the flight",
                "particulars": {"observing": cast.OBSERVING, "observed": cast.OBSERVED, "flown_on": "2021-05-19"},
            }
        },
    )
    refused = stage.do(cast.OBSERVING, "refuse", request=entered["record"])
    t.tell(
        say(
            "A letter of the United States, out since 22 November 2020, asks for copies; Germany enters and refuses it."
        )
    )
    cited = refused.get("rules") or [f["citation"] for f in refused.get("findings", ())]
    t.check(
        say("refused to a State that is not a Party, with the paragraphs"),
        {"IX.I.4", "IX.IV.1"} <= set(cited),
        citation="IX.IV.1",
        finding=True,
    )


def withdrawal_notice(stage: Stage, t: Telling, memory: Memory) -> None:
    day = date(2021, 6, 18)
    regime = Regime.on(day)
    answer = stage.do(
        cast.OBSERVED,
        "issue",
        kind="member.notice",
        to=[p.code for p in regime.parties() if p.code != cast.OBSERVED],
        body={"text": "Notice of withdrawal from the Treaty on Open Skies, effective 18 December 2021."},
        rules=["XV.2"],
        subject="Notice of withdrawal",
    )
    effect, _ = earliest_withdrawal(day, regime)
    first, last = conference_window(day, regime)
    six_months = gives_six_months_notice(notice=day, intended=date(2021, 12, 18), regime=regime, code=cast.OBSERVED)
    t.tell(
        say(
            "Notice to the Depositaries and all Parties. Conference between {first} and {last}; effect {effect}.",
            first=first,
            last=last,
            effect=effect,
        )
    )
    t.check(say("six months between notice and effect"), six_months.verdict == "complies", citation="XV.2")
    t.check(
        say("conference window 18 July to 17 August"),
        (first, last) == (date(2021, 7, 18), date(2021, 8, 17)),
        citation="XV.3",
    )
    t.check(say("Germany and Canada (Depositary) confirm receipt"), all_sent(answer))
    before, after = Regime.on(date(2021, 12, 17)), Regime.on(date(2021, 12, 18))
    t.tell(
        say(
            "Effect on 18 December: {a} Parties become {b}; the group's passive quota of {q} ends; "
            "what follows for Belarus the text does not say.",
            a=len(before.parties()),
            b=len(after.parties()),
            q=before.value("passive_quota", of="BLR;RUS").value,
        )
    )
    t.check(
        say("Russia keeps every right until then"),
        before.is_party("RUS") and not after.is_party("RUS"),
        citation="XV.2",
    )


def left(stage: Stage, t: Telling, memory: Memory) -> None:
    asked = stage.do(
        cast.OBSERVED,
        "request_copies",
        flight=cast.FLIGHT,
        expect_refusal=True,
        **{
            "with": {
                "observing": cast.OBSERVING,
                "flown_on": "2021-05-19",
                "sensor": cast.CAMERA,
                "portion": "whole",
                "medium": "scan",
            }
        },
    )
    problem = asked.get("problem") or {}
    to_germany = [d for d in asked.get("sent", ()) if d["party"] == cast.OBSERVING]
    refused = asked["refused"] or (bool(to_germany) and not any(d["ok"] for d in to_germany))
    t.tell(str(problem.get("detail") or "; ".join(d["detail"] for d in to_germany)))
    t.check(say("from 00:00Z on a new request of Russia is refused"), refused, citation="XV.2", finding=True)


def everything_verifies(stage: Stage, t: Telling, memory: Memory) -> None:
    for party in others(cast.OBSERVED):
        answer = stage.do(
            party,
            "issue",
            kind="exercise.close",
            to=[p for p in others(party) if p != cast.OBSERVED],
            body={"exercise": "overflight demo"},
            rules=["XI"],
            subject="Exercise closes",
        )
        t.check(say("{name} closes the exercise", name=cast.NAMES[party]), all_sent(answer))
    verify(stage, t)
    t.tell(EXERCISE_WORDS)


def verify(stage: Stage, t: Telling) -> None:
    """Read every byte of the three nodes, and look for what must not have left Germany's."""
    for party in cast.PARTIES:
        report: Any = verify_path(stage.node(party))
        t.tell(
            say(
                "{name}'s node: {n} log entries, {checked} things checked, {problems} problems",
                name=cast.NAMES[party],
                n=report.entries,
                checked=report.checked,
                problems=len(report.problems),
            )
        )
        for problem in report.problems[:3]:
            t.tell(f"  {cast.NAMES[party]}: {problem}")
        first = "; ".join(str(problem) for problem in report.problems[:2])
        t.check(say("all of {name}'s records verify", name=cast.NAMES[party]), Outcome(report.ok, first))
    names = [s.name for s in cast.sites()]
    leaked = [leak for party in others(cast.OBSERVING) for leak in leaks_of(stage.node(party), names)]
    for leak in leaked[:3]:
        t.tell(leak)
    t.check(say("no name of Germany's private sites is in any byte that another Party holds"), not leaked)
    people = [cast.person(n)["name"] for n in range(1, 13)]
    t.check(
        say("the list of people is with Russia, and no name of it with Canada"),
        leaks_of(stage.node(cast.OBSERVED), people) and not leaks_of(stage.node(cast.DEPOSITARY), people),
        citation="VI.I.5.H",
    )


def steps() -> tuple[Step, ...]:
    """The steps, titles in the reader's language."""
    rows = (
        (say("Film developed"), "2021-05-25T12:00", developed, PAGE),
        (say("Images checked and catalogued"), "2021-05-26T09:00", catalogued, "/images"),
        (say("Canada asks for copies"), "2021-06-01T09:00", canada_asks, "/images"),
        (say("Canada gets its copies"), "2021-06-02T09:00", canada_gets, "/images"),
        (say("A State that is not a Party asks"), "2021-06-03T09:00", letter_refused, "/images"),
        (say("Notice of withdrawal"), "2021-06-18T10:00", withdrawal_notice, "/treaty"),
        (say("The withdrawal takes effect"), "2021-12-18T00:00", left, "/treaty"),
        (say("Everybody's records verify"), "2021-12-18T00:10", everything_verifies, "/records"),
    )
    return tuple(Step(title, cast.utc(when), play, page=page) for title, when, play, page in rows)
