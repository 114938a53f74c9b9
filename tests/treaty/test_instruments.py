"""Neighbouring instruments the day before, on and after each change, and who was in which alliance."""

from datetime import date, timedelta

import pytest

from overflight.app import treaty
from overflight.errors import BadData, BadInput
from overflight.treaty import events, instruments
from overflight.treaty.instruments import Term, standing
from overflight.treaty.regime import Regime

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("id", "notice", "by", "effect"),
    [
        ("INF", date(2019, 2, 2), "USA", date(2019, 8, 2)),
        ("OST", date(2020, 5, 22), "USA", date(2020, 11, 22)),
        ("OST", date(2021, 6, 18), "RUS", date(2021, 12, 18)),
        ("CFE", date(2023, 6, 9), "RUS", date(2023, 11, 7)),
    ],
)
def test_a_notice_runs_until_the_withdrawal_takes_effect_and_not_longer(id, notice, by, effect):
    assert not [n for n in standing(id, notice - DAY).notices if n["by"] == by]
    for day in (notice, effect - DAY):
        found = standing(id, day)
        running = next(n for n in found.notices if n["by"] == by)
        assert date.fromisoformat(running["earliest_effect"]) <= effect
        assert by not in found.out
    after = standing(id, effect)
    assert by in after.out
    assert not [n for n in after.notices if n["by"] == by]


@pytest.mark.parametrize(
    ("id", "notice", "earliest"),
    [
        ("INF", date(2019, 2, 2), date(2019, 8, 2)),
        ("CFE", date(2023, 6, 9), date(2023, 11, 6)),
        ("INF", date(2019, 8, 31), date(2020, 2, 29)),  # six months end on a day that does not exist
    ],
)
def test_the_notice_rule_of_each(id, notice, earliest):
    term = standing(id, date(2024, 1, 1)).term
    assert term is not None
    assert term.earliest(notice) == earliest


def test_the_notice_rule_agrees_with_the_rule_on_withdrawal():
    from overflight.rules.membership import earliest_withdrawal

    term = standing("OST", date(2021, 1, 1)).term
    regime = Regime.on(date(2021, 1, 1))
    assert term == Term("OST", "XV.2", 6, "month", term.source, "yes")
    for day in (date(2020, 5, 22), date(2021, 6, 18), date(2021, 8, 31), date(2024, 12, 31)):
        assert term.earliest(day) == earliest_withdrawal(day, regime)[0]


def test_new_start_lapses_then_is_extended_then_lapses():
    assert standing("NEWSTART", date(2011, 2, 4)).lapses is None
    assert standing("NEWSTART", date(2021, 2, 4)).lapses == date(2021, 2, 5)
    assert standing("NEWSTART", date(2021, 2, 5)).lapses == date(2026, 2, 5)
    assert standing("NEWSTART", date(2023, 2, 27)).suspended_by == ()
    assert standing("NEWSTART", date(2023, 2, 28)).suspended_by == ("RUS",)
    assert standing("NEWSTART", date(2026, 2, 5)).suspended_by == ()  # nothing is left to suspend


def test_suspension_is_not_withdrawal_and_ends_with_it():
    assert standing("CFE", date(2023, 11, 6)).suspended_by == ("RUS",)
    after = standing("CFE", date(2023, 12, 7))
    assert (after.out, after.suspended_by) == (("RUS",), ("USA",))
    assert standing("INF", date(2019, 8, 1)).suspended_by == ("RUS", "USA")
    assert standing("INF", date(2019, 8, 2)).suspended_by == ()
    assert standing("OST", date(2012, 4, 3)).suspended_by == ("GEO towards RUS",)


@pytest.mark.parametrize(
    ("day", "views"), [(date(2025, 9, 27), 0), (date(2025, 9, 28), 1), (date(2025, 10, 17), 1), (date(2025, 10, 18), 2)]
)
def test_the_end_of_the_jcpoa_is_contested_with_each_view_and_its_holders(day, views):
    found = standing("JCPOA", day)
    assert len(found.views) == views
    assert found.contested is (views == 2)
    assert all(v.held_by and v.source for v in found.views)


def test_iran_suspended_commitments_only_after_the_united_states_had_left():
    steps = [s for s in standing("JCPOA", date(2021, 1, 18)).steps if s.actors == ("IRN",) and s.kind == "step"]
    assert len(steps) == 6
    assert min(s.day for s in steps) > date(2018, 5, 8)
    assert {s.verified for s in steps} == {"unverified (from memory)"}


def test_steps_and_states_tell_the_same_dates():
    """Where the table of states names who is out, the steps do too."""
    for day in (date(2020, 11, 21), date(2020, 11, 22), date(2021, 12, 18)):
        found = next(i for i in events.instruments(day) if i.id == "OST")
        assert ("United States" in found.status) is ("USA" in standing("OST", day).out)
        assert ("Russian" in found.status) is ("RUS" in standing("OST", day).out)


def test_rows_for_commands_and_pages_hold_both():
    rows = {r["id"]: r for r in treaty.instruments(Regime.on(date(2020, 6, 1)))}
    assert rows["OST"]["notices"][0]["earliest_effect"] == "2020-11-22"
    assert {"status", "since", "lapses", "views", "steps", "suspended_by"} <= rows["DAYTON4"].keys()
    assert len(rows) == 10


@pytest.mark.parametrize(
    ("alliance", "day", "n"),
    [
        ("NATO", date(2020, 3, 26), 29),
        ("NATO", date(2020, 3, 27), 30),
        ("NATO", date(2023, 4, 4), 31),
        ("NATO", date(2024, 3, 7), 32),
        ("EU", date(2020, 1, 31), 28),
        ("EU", date(2020, 2, 1), 27),
        ("CSTO", date(2021, 1, 15), 6),
    ],
)
def test_members_of_alliances(alliance, day, n):
    found = instruments.members(alliance, day)
    assert len(found) == n
    assert {m.verified for m in found} == {"unverified (from memory)"}
    assert [m.code for m in found] == sorted({m.code for m in found})


def test_an_unknown_alliance_and_a_strange_step_are_refused(tmp_path):
    with pytest.raises(BadInput, match="NATO, EU, CSTO"):
        instruments.members("SEATO", date(1960, 1, 1))
    (tmp_path / "instruments_steps.toml").write_text(
        '[[step]]\ninstrument = "X"\ndate = 2020-01-01\nactor = "A"\nkind = "exit"\nis = "x"\nsource = "s"\n'
        'verified = "yes"\n',
        "utf-8",
    )
    with pytest.raises(BadData, match=r"instruments_steps.toml, step row 1: kind"):
        standing("X", date(2020, 1, 1), folder=tmp_path)
