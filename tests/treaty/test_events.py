"""Timeline, neighbouring instruments, claims, and counts of flights as sources report them."""

from datetime import date, timedelta

import pytest

from overflight.app import treaty
from overflight.errors import BadInput
from overflight.treaty import events
from overflight.treaty.regime import Regime

HERE = Regime.on(date(2021, 1, 18))


def test_the_timeline_is_in_order_and_every_event_has_a_source():
    found = events.timeline()
    assert len(found) == 129
    assert [e.first for e in found] == sorted(e.first for e in found)
    assert all(e.sources for e in found)


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        (date(2021, 6, 18), date(2021, 6, 18), True),  # both ends are included
        (date(2021, 6, 19), date(2021, 12, 31), False),
        (date(2021, 1, 1), date(2021, 6, 17), False),
    ],
)
def test_the_notice_of_18_june_2021(start, end, there):
    assert any(e.kind == "withdrawal notice" for e in events.timeline(start, end, "RUS")) is there


def test_an_event_known_by_month_is_in_when_any_of_its_days_is():
    ottawa = next(e for e in events.timeline() if e.when == "1990-02")
    assert ottawa in events.timeline(date(1990, 2, 28), date(1990, 3, 31))
    assert ottawa not in events.timeline(date(1990, 3, 1), None)


def test_actors_by_code_or_by_part_of_a_name():
    assert events.timeline(actor="SWE") == tuple(e for e in events.timeline() if "SWE" in e.parties)
    assert all("OSCC" in e.actor for e in events.timeline(actor="oscc"))
    with pytest.raises(BadInput, match="Atlantis"):
        treaty.timeline(HERE, actor="Atlantis")
    with pytest.raises(BadInput, match="after --to"):
        treaty.timeline(HERE, start=date(2021, 2, 1), end=date(2021, 1, 31))


@pytest.mark.parametrize(
    ("id", "change", "before", "after"),
    [
        ("OST", date(2002, 1, 1), "signed, not in force", "in force"),
        ("INF", date(2019, 8, 2), "suspended by both sides; notice of the United States running", "ended"),
        ("JCPOA", date(2018, 5, 8), "implemented", "implemented, without the United States"),
        ("NEWSTART", date(2026, 2, 5), "in force, participation suspended by the Russian Federation", "expired"),
        ("OST", date(1992, 3, 24), "not yet signed", "signed, not in force"),
    ],
)
def test_an_instrument_the_day_before_and_on_the_day_of_a_change(id, change, before, after):
    for day, status in ((change - timedelta(days=1), before), (change, after)):
        found = next(i for i in events.instruments(day) if i.id == id)
        assert found.status == status
    assert found.since == change


def test_rows_have_the_fields_that_others_rely_on():
    for row in treaty.timeline(HERE, actor="RUS"):
        assert {"date", "actor", "event", "sources"} <= set(row)
    for row in treaty.instruments(HERE):
        assert {"id", "status", "since"} <= set(row)
    assert len(treaty.instruments(HERE)) == 10


def test_claims_have_a_verdict_and_none_is_left_without_words():
    found = events.claims()
    assert len(found) == 41
    assert {c.verdict for c in found} == set(events.CLAIM_VERDICTS)
    assert all(c.claim and c.reports for c in found)


def test_flights_aircraft_and_sensors_show_their_marks():
    assert len(events.flights()) == 143
    assert all(row["source"] and row["verified"] for row in events.flights())
    assert HERE.aircraft("ROU-An30").range_km == 2630
    camera = HERE.sensor("AFA-41-10")
    assert (camera.focal_length_mm, camera.frame_mm, camera.category) == (100, (180.0, 180.0), "optical")
    assert "unverified" in camera.verified
    assert camera.certified_h_min_m is None  # none was published in the sources that were read
    with pytest.raises(BadInput, match="AFA-41-10"):
        HERE.sensor("AFA-41")
