"""Steps 1 to 3: an announcement, a private list of sites, a path drawn by hand, a path that is legal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from overflight.app.story import cast
from overflight.app.story.script import Step, Telling
from overflight.app.story.stage import Stage
from overflight.rules.membership import announcement_changes_nothing
from overflight.sharing.record import EXERCISE_WORDS
from overflight.terms.moment import rfc3339
from overflight.terms.words import say
from overflight.treaty.regime import Regime

Memory = dict[str, Any]


def found(checked: dict[str, Any], citation: str, verdict: str) -> dict[str, Any] | None:
    """The first finding under a paragraph with a verdict."""
    return next(
        (f for f in checked["findings"] if f["citation"].startswith(citation) and f["verdict"] == verdict), None
    )


@dataclass(frozen=True)
class Outcome:
    """Whether something held; `detail` says why it did not."""

    ok: bool
    detail: str

    def __bool__(self) -> bool:
        return self.ok


def all_sent(answer: dict[str, Any]) -> Outcome:
    """What became of the records that an act sent."""
    failed = [d for d in answer["sent"] if not d["ok"]]
    detail = "; ".join(dict.fromkeys(f"{cast.NAMES[d['party']]}: {d['detail']}" for d in failed))
    return Outcome(bool(answer["sent"]) and not failed, detail or say("nothing was sent"))


def others(party: str) -> list[str]:
    """The other Parties of the exercise."""
    return [p for p in cast.PARTIES if p != party]


def opens(stage: Stage, t: Telling, memory: Memory) -> None:
    t.tell(EXERCISE_WORDS)
    t.tell(say("An invented flight; real rules, geography and dates of the regime. Exercise values are marked so."))
    for party in cast.PARTIES:
        answer = stage.do(
            party,
            "issue",
            kind="exercise.open",
            to=others(party),
            body={"exercise": "overflight demo", "accepts_node_messages": True},
            rules=["XI"],
            subject="Exercise opens",
        )
        t.check(
            say(
                "{name} opens the exercise, accepts node messages in it, and both others confirm",
                name=cast.NAMES[party],
            ),
            all_sent(answer),
        )


def announcement(stage: Stage, t: Telling, memory: Memory) -> None:
    everybody = [p.code for p in Regime.on(date(2021, 1, 15)).parties() if p.code != cast.OBSERVED]
    answer = stage.do(
        cast.OBSERVED,
        "issue",
        kind="member.announcement",
        to=everybody,
        body={"text": "Domestic procedures for withdrawal from the Treaty on Open Skies begin."},
        rules=["XV.gap"],
        subject="Announcement of domestic procedures",
    )
    t.tell(say("Russia announces that it begins domestic procedures to leave. No notice reaches a Depositary."))
    before, after = Regime.on(date(2021, 1, 14)), Regime.on(date(2021, 1, 18))
    finding = announcement_changes_nothing(cast.OBSERVED, kind="announcement", made=date(2021, 1, 15), regime=after)
    t.tell(finding.because)
    t.check(say("the announcement reaches Germany and Canada"), all_sent(answer))
    t.check(
        say("the same {n} Parties before and after", n=len(after.parties())),
        [p.code for p in before.parties()] == [p.code for p in after.parties()],
        citation=finding.citation,
    )
    t.check(
        say("every passive quota is the same before and after"),
        [(v.of, v.value) for v in before.values("passive_quota")]
        == [(v.of, v.value) for v in after.values("passive_quota")],
        citation="III.I.4",
    )


def sites_and_drawn_path(stage: Stage, t: Telling, memory: Memory) -> None:
    stage.do(cast.OBSERVING, "keep", name="sites/exercise.csv", text=cast.sites_csv())
    sites = cast.sites()
    t.tell(
        say(
            "Germany keeps a private list of {n} sites on its own node (airports, invented values: {mark}).",
            n=len(sites),
            mark=cast.EXERCISE_MARK,
        )
    )
    checked = stage.do(cast.OBSERVING, "check", plan=cast.drawn_plan())
    near = found(checked, "VI.II.2", "breaches")
    if near:
        t.tell(say("First path, drawn by hand: {because}", because=near["because"]))
    t.check(
        say("the hand-drawn path comes too near a State that is not a Party, and the finding says where"),
        near is not None and near["where"] is not None and not checked["complies"],
        citation="VI.II.2",
        finding=True,
    )


def legal_path(stage: Stage, t: Telling, memory: Memory) -> None:
    result = stage.do(cast.OBSERVING, "optimise", steps=cast.SEARCH_STEPS)
    plan = result["plan"]
    plan["properties"].update(
        take_off="2021-05-18T15:00:00Z",
        lands=rfc3339(cast.landing("2021-05-18T15:00", result["length_km"])),
        ground_speed_kmh=cast.GROUND_SPEED_KMH,
        point_of_exit=cast.POINT_OF_ENTRY,
        swath_km=cast.SWATH_KM,
        support="fuel and ground power at Kubinka",
    )
    memory["plan"] = plan
    memory["length_km"] = result["length_km"]
    stage.do(cast.OBSERVING, "keep", name="plans/first.json", text=cast.as_json(plan))
    t.tell(
        say(
            "The planner's path: {km:.0f} km in all, observes {seen} sites worth {value:g} of {total:g}.",
            km=result["length_km"],
            seen=result["sites_observed"],
            value=result["value"],
            total=result["total_value"],
        )
    )
    t.tell(
        say(
            "What binds is the aircraft ({max:.0f} km, {mark}), not the treaty's {limit:.0f} km from Kubinka.",
            max=cast.MAX_KM,
            mark=cast.EXERCISE_MARK,
            limit=result["limit_km"],
        )
    )
    t.check(
        say("the planner's path complies with every plan rule that can be decided"),
        result["complies"],
        citation="VI.II",
    )
    t.check(say("the whole path is at most {km:.0f} km", km=cast.MAX_KM), result["length_km"] <= cast.MAX_KM)


def steps() -> tuple[Step, ...]:
    """The steps, titles in the reader's language."""
    return (
        Step(say("The exercise opens"), cast.utc("2021-01-15T09:00"), opens),
        Step(say("A Party announces that it will leave"), cast.utc("2021-01-15T10:00"), announcement, page="/treaty"),
        Step(
            say("Germany's sites and its first path, drawn by hand"),
            cast.utc("2021-01-15T14:00"),
            sites_and_drawn_path,
            page="/planner",
        ),
        Step(say("The planner finds a legal path"), cast.utc("2021-01-15T15:00"), legal_path, page="/planner"),
    )
