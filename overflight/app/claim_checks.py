"""What the engine itself says to each claim of the two news reports: one function a claim.

A check never reads the claim's verdict; it works out its own from rules and data, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from overflight.app import disputes
from overflight.rules import membership, mission_plan, negotiation, notification, output
from overflight.rules.closed_words import OTHER
from overflight.rules.timing import after, before
from overflight.terms.moment import rfc3339
from overflight.terms.words import say
from overflight.treaty import events, instruments
from overflight.treaty.regime import Regime

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = date(2021, 1, 15)  # the day of report A; report B is of three days later
DOZEN = 12
# Where the Parties of January 2021 lie, by the report's own words; general knowledge
FORMER_SOVIET = frozenset(["BLR", "EST", "GEO", "LTU", "LVA", "RUS", "UKR"])
EXERCISE_NOTICE = datetime(2021, 5, 12, 8, tzinfo=UTC)  # any moment serves: what is computed are differences


@dataclass(frozen=True)
class Checked:
    """What the engine says: a verdict, the numbers or findings it rests on, and a sentence.

    `how` is ``computed`` (rules or data decide), ``recorded`` (that it was said or happened is in the
    timeline; what it says is for people) or ``for people`` (nothing of it is in the data).
    """

    verdict: str
    how: str
    because: str
    seen: Mapping[str, Any]


class Book:
    """The regime on any day, and the timeline, for the checks."""

    def __init__(self, folder: Path, readings: Mapping[str, str]):
        self.folder, self.readings = folder, readings

    def on(self, day: date) -> Regime:
        """The regime of a day."""
        return Regime.on(day, readings=self.readings, folder=self.folder)

    def happened(self, start: date, end: date, actor: str = "", words: str = "") -> list[dict[str, Any]]:
        """Events between two days by an actor, with some words in them."""
        found = events.timeline(start, end, actor or None, folder=self.folder)
        return [e.to_json() for e in found if words.casefold() in f"{e.kind} {e.event} {e.note}".casefold()]

    def instrument(self, id: str, day: date) -> events.Instrument:
        """A neighbouring instrument on a day."""
        return next(i for i in events.instruments(day, folder=self.folder) if i.id == id)


Check = Callable[[Book], Checked]


def _yes(holds: bool, because: str, **seen: Any) -> Checked:
    return Checked("holds" if holds else "not borne out", "computed", because, seen)


def _flights(book: Book) -> Checked:
    found = notification.flies_over_a_party_only(observing="DEU", observed="RUS", regime=book.on(WRITTEN))
    words = book.on(WRITTEN).paragraph("II.4").summary
    because = say("flights are by Parties over Parties, aircraft unarmed")
    holds = found.verdict == "complies" and "unarmed" in words
    return _yes(holds, because, finding=found.to_json(), definition=words)


def _purpose(*citations: str) -> Check:
    def check(book: Book) -> Checked:
        told = {c: book.on(WRITTEN).paragraph(c).summary for c in citations}
        return Checked("holds", "recorded", say("the paragraphs say so; what they serve is for people"), told)

    return check


def _signed(book: Book) -> Checked:
    days = sorted(
        m.signed for p in book.on(date(2019, 1, 1)).parties() for m in book.on(WRITTEN).state(p.code).memberships
        if m.signed
    )  # fmt: skip
    return _yes(days[0] == date(1992, 3, 24), say("first signatures {day}", day=days[0]), first=days[0].isoformat(),
                on_that_day=days.count(days[0]))  # fmt: skip


def _in_force(book: Book) -> Checked:
    last, first = date(2001, 12, 31), date(2002, 1, 1)
    counts = {d.isoformat(): len(book.on(d).parties()) for d in (last, first)}
    effect = membership.entry_into_force_for(date(2001, 11, 2), book.on(first))
    return _yes(counts[last.isoformat()] == 0 and counts[first.isoformat()] > 0 and effect == first,
                say("{n} Parties on {day}, none the day before; 60 days after the last deposit",
                    n=counts[first.isoformat()], day=first), parties=counts, computed=effect.isoformat())  # fmt: skip


def _count(book: Book) -> int:
    return len(book.on(WRITTEN).parties())


def _nearly(book: Book) -> Checked:
    n = _count(book)
    return _yes(2.5 * DOZEN <= n < 3 * DOZEN, say("{n} Parties on {day}", n=n, day=WRITTEN), parties=n)


def _more(book: Book) -> Checked:
    days = [date(y, m, 1) for y in range(2002, 2027) for m in range(1, 13)]
    most = max(len(book.on(d).parties()) for d in days)
    signed_only = book.on(WRITTEN).state("KGZ").memberships[-1].since is None
    seen = {"parties": _count(book), "most_ever": most, "with_signatory": most + int(signed_only)}
    return _yes(most + int(signed_only) > 3 * DOZEN,
                say("at most {most} Parties at once, {all} with the one that only signed", most=most,
                    all=seen["with_signatory"]), **seen)  # fmt: skip


def _where(book: Book) -> Checked:
    there = {p.code for p in book.on(WRITTEN).parties()}
    last = [book.on(d).is_party("USA") for d in (date(2020, 11, 21), date(2020, 11, 22))]
    return _yes("CAN" in there and there >= FORMER_SOVIET and last == [True, False],
                say("Canada, {n} States of the former Soviet Union, the rest in Europe; the United States until 2020",
                    n=len(FORMER_SOVIET)), parties=sorted(there))  # fmt: skip


def _notice_hours(book: Book) -> tuple[float, float]:
    """Hours from the notice to the earliest arrival, and to the earliest take-off, at the shortest."""
    regime = book.on(WRITTEN)
    lead = EXERCISE_NOTICE - before(regime, "notice_before_arrival", EXERCISE_NOTICE).at
    plan = after(regime, "plan_before_take_off", EXERCISE_NOTICE).at - EXERCISE_NOTICE
    return lead / timedelta(hours=1), (lead + plan) / timedelta(hours=1)


def _short(book: Book) -> Checked:
    arrival, _ = _notice_hours(book)
    return _yes(arrival <= 4 * 24, say("{h:g} hours before arrival", h=arrival), hours_before_arrival=arrival)


def _seventy_two(book: Book) -> Checked:
    arrival, flight = _notice_hours(book)
    because = say("{a:g} hours run to the arrival; the flight itself starts {f:g} hours after the notice or later, "
                  "unless otherwise agreed (VI.II.4.E)", a=arrival, f=flight)  # fmt: skip
    verdict = "holds" if flight == 72 else "simplified" if arrival == 72 else "not borne out"
    return Checked(verdict, "computed", because, {"hours_before_arrival": arrival, "hours_before_flight": flight})


def _path(book: Book) -> Checked:
    regime = book.on(WRITTEN)
    limit = after(regime, "plan_before_take_off", EXERCISE_NOTICE)
    early = mission_plan.starts_late_enough_after_submission(EXERCISE_NOTICE, limit.at - timedelta(minutes=1), regime)
    exact = mission_plan.starts_late_enough_after_submission(EXERCISE_NOTICE, limit.at, regime)
    ahead = mission_plan.submitted_after_arrival(EXERCISE_NOTICE, EXERCISE_NOTICE + timedelta(hours=1))
    hours = (limit.at - EXERCISE_NOTICE) / timedelta(hours=1)
    core = hours == 24 and early.verdict == "breaches" and exact.verdict == "complies"
    after_arrival = ahead.verdict == "breaches"
    verdict = "simplified" if core and after_arrival else "holds" if core else "not borne out"
    because = say("take-off {h:g} hours after the plan or later; the plan is handed over after arrival only", h=hours)
    seen = {"hours": hours, "at": rfc3339(limit.at), "before_arrival": str(ahead.verdict)}
    return Checked(verdict, "computed", because, seen)


def _changes(book: Book) -> Checked:
    ask = negotiation.proposal_rests_on_a_permitted_ground
    weather, exercise = ask(ground="weather", reason="fog"), ask(ground=OTHER, reason="exercise")
    regime = book.on(WRITTEN)
    hours = regime.value("plan_reply_within")
    late = negotiation.proposes_within_4_hours(
        submitted=EXERCISE_NOTICE,
        proposed=EXERCISE_NOTICE + timedelta(hours=float(hours.value), minutes=1),
        regime=regime,
    )
    may = weather.verdict == "complies"
    limited = exercise.verdict == "breaches" and late.verdict == "breaches"
    verdict = "simplified" if may and limited else "holds" if may else "not borne out"
    because = say("changes may be proposed within {h}, on listed grounds, and close no point", h=hours)
    seen = {"weather": str(weather.verdict), "exercise": str(exercise.verdict), "late": str(late.verdict)}
    return Checked(verdict, "computed", because, seen)


def _copies(book: Book) -> Checked:
    found = output.a_party_may_have_copies(asking="ITA", asked_on=WRITTEN, decided_on=WRITTEN, regime_on=book.on)
    return _yes(found.verdict == "right", found.because, finding=found.to_json())


def _fifteen_hundred(book: Book) -> Checked:
    rows = book.happened(date(2002, 1, 1), WRITTEN, words="1,500 flights")
    return _yes(
        bool(rows), say("1,500 flights were reached by {day}", day=rows[0]["date"] if rows else "-"), events=rows
    )


def _left(book: Book) -> Checked:
    row = book.on(WRITTEN).state("USA").memberships[-1]
    if row.notice is None or row.until is None:
        return _yes(False, say("no notice is in the data"))
    found = membership.gives_six_months_notice(notice=row.notice, intended=row.until, regime=book.on(row.notice))
    in_time = row.notice.year == 2020 and (row.until.year, row.until.month) == (2020, 11)
    return _yes(found.verdict == "complies" and in_time, found.because, finding=found.to_json())


def _dispute(name: str) -> Check:
    def check(book: Book) -> Checked:
        found = disputes.run(book.on(WRITTEN), name)
        under = {r["name"]: r["verdicts"] for r in found["readings"]}
        because = say("the findings differ between {n} readings", n=len(under))
        verdict = "disputed" if found["differ"] else "holds"
        return Checked(verdict, "computed", because, {"dispute": name, "under": under})

    return check


def _said(start: date, end: date, actor: str, words: str = "", verdict: str = "statement") -> Check:
    def check(book: Book) -> Checked:
        rows = book.happened(start, end, actor, words)
        if not rows:
            return Checked(verdict, "for people", say("that it was said stands in the report only"), {})
        return Checked(verdict, "recorded", say("that it was said is in the timeline; what it says is for people"),
                       {"events": rows})  # fmt: skip

    return check


def _announces(book: Book) -> Checked:
    found = membership.announcement_changes_nothing("RUS", kind="announcement", made=WRITTEN, regime=book.on(WRITTEN))
    rows = book.happened(WRITTEN, WRITTEN, "RUS", "announcement")
    notice = book.on(WRITTEN).state("RUS").memberships[-1].notice
    return _yes(bool(rows) and found.verdict == "complies" and notice is not None and notice > WRITTEN, found.because,
                events=rows, notice=notice.isoformat() if notice else None)  # fmt: skip


def _balance(book: Book) -> Checked:
    def sees(a: str, b: str, day: date) -> bool:
        return all(book.on(day).is_party(c) for c in (a, b))

    days = (date(2020, 11, 21), date(2020, 11, 22))
    seen = {
        f"{a} over {b}": [sees(a, b, d) for d in days]
        for a, b in (("RUS", "USA"), ("USA", "RUS"), ("RUS", "DEU"), ("DEU", "RUS"))
    }
    onward = output.data_go_to_parties_only(to="USA", on=WRITTEN, regime=book.on(WRITTEN))
    return Checked("statement", "computed",
                   say("from {day} neither sees the other; with onward passing only one side would", day=days[1]),
                   {"who_sees_whom_before_and_after": seen, "onward": onward.to_json()})  # fmt: skip


def _differs(what: str, start: date, end: date, actor: str, words: str) -> Check:
    """The reports name different sides; the record is the timeline's, and who was a Party on its day."""

    def check(book: Book) -> Checked:
        rows = book.happened(start, end, actor, words)
        usa = book.on(end).is_party("USA")
        return Checked("differs" if rows and not usa else "statement", "recorded" if rows else "for people", what,
                       {"events": rows, "usa_is_party": usa})  # fmt: skip

    return check


def _ratified(book: Book) -> Checked:
    rows = book.happened(date(2001, 1, 1), date(2001, 12, 31), "RUS", "ratification")
    votes = book.happened(date(2021, 5, 1), date(2021, 6, 30), "RUS", "vote")
    found = membership.announcement_changes_nothing("RUS", kind="vote", made=WRITTEN, regime=book.on(date(2021, 5, 19)))
    days = ", ".join(v["date"] for v in votes)
    because = say("ratified in 2001; votes of {days}; a vote alone changes nothing", days=days)
    holds = bool(rows) and len(votes) == 2 and found.verdict == "complies"
    return _yes(holds, because, events=[*rows, *votes], finding=found.to_json())


def _nato(book: Book) -> Checked:
    allies = {m.code for m in instruments.members("NATO", WRITTEN, folder=book.folder)}
    parties = {p.code for p in book.on(WRITTEN).parties()}
    both = sorted(allies & parties)
    sums = {"n": len(both), "all": len(parties)}
    because = say("{n} of {all} Parties and the United States are members (days unverified, from memory)", **sums)
    return _yes("USA" in allies and len(both) > len(parties) / 2, because, in_both=both)


def _three(book: Book) -> Checked:
    before_, until = date(2017, 1, 20), date(2021, 1, 20)
    rows = {}
    for id in ("OST", "JCPOA", "INF"):
        steps = instruments.standing(id, until, folder=book.folder).steps
        left = [s.day for s in steps if "USA" in s.actors and s.kind == "withdrawal" and before_ <= s.day < until]
        kind = book.instrument(id, until).kind
        rows[id] = {"left": left[0].isoformat() if left else None, "kind": kind, "treaty": "treaty" in kind}
    left_all = all(r["left"] for r in rows.values())
    treaties = sum(bool(r["treaty"]) for r in rows.values())
    return Checked("holds" if left_all and treaties == len(rows) else "simplified" if left_all else "not borne out",
                   "computed", say("three were left, {n} of them treaties", n=treaties), rows)  # fmt: skip


def _jcpoa(book: Book) -> Checked:
    days = (date(2018, 5, 7), date(2018, 5, 8))
    out = ["USA" in instruments.standing("JCPOA", d, folder=book.folder).out for d in days]
    later = [s for s in instruments.standing("JCPOA", WRITTEN, folder=book.folder).steps
             if s.actors == ("IRN",) and s.day > days[1]]  # fmt: skip
    return _yes(out == [False, True] and bool(later),
                say("left on {day}; {n} steps of Iran after it, their days unverified", day=days[1], n=len(later)),
                steps=[f"{s.day.isoformat()} {s.text}" for s in later])  # fmt: skip


def _inf(book: Book) -> Checked:
    end = date(2019, 8, 2)
    status = [book.instrument("INF", d).status for d in (end - timedelta(days=1), end)]
    term = instruments.standing("INF", end, folder=book.folder).term
    due = term.earliest(date(2019, 2, 2)) if term else None
    return _yes(status[1] == "ended" and status[0] != "ended" and due == end,
                say("notice of 2 February 2019, six months, ended {day}", day=end), status=status)  # fmt: skip


def _new_start(book: Book) -> Checked:
    day = date(2021, 1, 18)
    here = instruments.standing("NEWSTART", day, folder=book.folder)
    then = instruments.standing("NEWSTART", date(2021, 2, 5), folder=book.folder)
    return _yes(here.lapses == date(2021, 2, 5) and book.instrument("NEWSTART", day).status.startswith("in force"),
                say("in force, lapsing on {day}; then extended to {later}", day=here.lapses, later=then.lapses),
                lapses=str(here.lapses), extended_to=str(then.lapses))  # fmt: skip


def _rethink(book: Book) -> Checked:
    effective = date(2021, 12, 18)
    found = [
        membership.return_is_an_accession(
            "RUS", asked=asked, effective=effective, oscc_consents=None, regime=book.on(asked)
        )
        for asked in (effective - timedelta(days=1), effective)
    ]
    because = say("before the effect the text is silent, afterwards a return is an accession")
    return Checked("statement", "computed", because, {"before": found[0].to_json(), "after": found[1].to_json()})


_JAN = (date(2021, 1, 1), date(2021, 1, 31))
CHECKS: Mapping[str, Check] = {
    "purpose-flights": _flights,
    "purpose-forces": _purpose("Preamble", "IX.I.4"),
    "signed-1992": _signed,
    "in-force-2002": _in_force,
    "members-nearly": _nearly,
    "members-more": _more,
    "members-where": _where,
    "short-notice": _short,
    "72-hours": _seventy_two,
    "24-hours-path": _path,
    "suggest-changes": _changes,
    "copies": _copies,
    "flights-1500": _fifteen_hundred,
    "monitor-others": _purpose("Preamble"),
    "us-left-2020": _left,
    "us-accuses-sites": _dispute("closed-sites"),
    "us-accuses-exercise": _dispute("exercise-september-2019"),
    "russia-denies": _said(*_JAN, "Russia", "denial"),
    "russia-announces": _announces,
    "no-progress": _said(WRITTEN, WRITTEN, "Russia", "lack of progress"),
    "balance": _balance,
    "proposals-refused-us": _differs(
        "report A names Washington, report B its allies; the record seen is a reply of 16 ministers",
        date(2020, 12, 30), date(2020, 12, 30), "16 foreign ministers", "",
    ),
    "proposals-refused-allies": _differs(
        "report A names Washington, report B its allies; the record seen is a reply of 16 ministers",
        date(2020, 12, 30), date(2020, 12, 30), "16 foreign ministers", "",
    ),
    "ratified-2001": _ratified,
    "terms-not-met": _said(WRITTEN, WRITTEN, "Russia", "predictable"),
    "assurances-members": _differs(
        "report A names the remaining signatories, report B NATO allies; the note went to all Parties",
        date(2020, 12, 22), date(2020, 12, 22), "Russia", "to all parties",
    ),
    "assurances-nato": _differs(
        "report A names the remaining signatories, report B NATO allies; the note went to all Parties",
        date(2020, 12, 22), date(2020, 12, 22), "Russia", "to all parties",
    ),
    "us-nato-member": _nato,
    "blame-west": _said(WRITTEN, WRITTEN, "Russia", "blame"),
    "nato-selective": _said(WRITTEN, WRITTEN, "NATO", "selective", verdict="disputed"),
    "nato-committed": _said(WRITTEN, WRITTEN, "NATO", "committed"),
    "eu-appeal": _said(date(2020, 5, 22), date(2020, 5, 22), "EU", "reconsider"),
    "kaliningrad": _dispute("kaliningrad-500km"),
    "kaliningrad-forces": _said(*_JAN, "Kaliningrad forces"),
    "alaska": _dispute("alaska-hawaii"),
    "three-treaties": _three,
    "jcpoa": _jcpoa,
    "inf": _inf,
    "new-start": _new_start,
    "no-us-return": _said(WRITTEN, WRITTEN, "Russia", "return"),
    "rethink": _rethink,
}  # fmt: skip
