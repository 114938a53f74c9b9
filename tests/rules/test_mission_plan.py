"""Article VI, Section II, paragraph by paragraph: before, on and after each limit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from overflight.rules import mission_heights as heights
from overflight.rules import mission_plan as rules
from overflight.rules import mission_shape as shape
from overflight.rules.finding import RULES, Verdict
from overflight.rules.path_facts import Circling, Crossing, LegHeight, NearBorder, PathEnd, StretchOver
from overflight.rules.prohibition import sensors_beyond_50_km_may_be_forbidden
from overflight.terms.amount import Beside
from overflight.treaty.regime import Regime

DAY = date(2021, 5, 17)
REGIME = Regime.on(DAY)
SUBMITTED = datetime(2021, 5, 17, 14, tzinfo=UTC)
ETA = datetime(2021, 5, 17, 8, tzinfo=UTC)
BREACHES, COMPLIES, DISPUTED, OPEN = Verdict.BREACHES, Verdict.COMPLIES, Verdict.DISPUTED, Verdict.UNDETERMINED


def near(km, accuracy=0.0, **more):
    return NearBorder(leg=3, km=km, name="Kazakhstan", lon_deg=47.3, lat_deg=50.38, accuracy_km=accuracy, **more)


@pytest.mark.parametrize(("km", "verdict"), [(9.9, BREACHES), (10.0, COMPLIES), (10.1, COMPLIES), (0.0, BREACHES)])
def test_a_path_keeps_ten_kilometres_from_a_non_party(km, verdict):
    """VI.II.2: up to the limit may be flown, so exactly at it complies."""
    found = rules.keeps_clear_of_non_party_border([near(50.0), near(km)], REGIME)

    assert (found.citation, found.verdict) == ("VI.II.2", verdict)
    assert found.where == {"type": "Point", "coordinates": [47.3, 50.38], "leg": 3}
    assert found.limit["value"] == 10
    assert "in_force" in found.data[0]


@pytest.mark.parametrize(
    ("km", "verdict"), [(8.9, BREACHES), (9.0, BREACHES), (9.1, OPEN), (10.9, OPEN), (11.0, COMPLIES)]
)
def test_within_the_accuracy_of_the_borders_nothing_is_decided(km, verdict):
    assert rules.keeps_clear_of_non_party_border([near(km, accuracy=1.0)], REGIME).verdict is verdict


def test_a_path_far_from_any_non_party_complies():
    assert rules.keeps_clear_of_non_party_border([], REGIME).verdict is COMPLIES


def test_each_neighbour_that_is_too_near_has_its_own_finding():
    """Two States nearer than the limit, one within the borders' accuracy, one far: three findings, worst first."""
    beside = [("Serbia", 3.0), ("Austria", 0.0), ("Moldova", 9.8), ("Switzerland", 40.0), ("Austria", 7.0)]
    rows = [replace(near(km, 0.5), name=name, leg=n) for n, (name, km) in enumerate(beside, 1)]
    found = rules.near_borders(rows, REGIME)

    assert [(f.citation, f.seen["of"], f.verdict) for f in found] == [
        ("VI.II.2", "Austria", BREACHES),
        ("VI.II.2", "Serbia", BREACHES),
        ("VI.II.2", "Moldova", OPEN),
    ]
    assert found[0].because.startswith("leg 2 crosses the border of Austria")
    assert "2 legs in all" in found[0].because
    assert found[1].because.startswith("leg 1 passes 3.00 km from the border of Serbia")
    assert "legs in all" not in found[1].because


@pytest.mark.parametrize(("km", "verdict"), [(9.9, BREACHES), (10.0, COMPLIES), (10.1, COMPLIES)])
def test_if_no_neighbour_is_too_near_the_nearest_is_named(km, verdict):
    (found,) = rules.near_borders([near(km), replace(near(50.0), name="Mongolia")], REGIME)
    assert (found.verdict, found.seen["of"]) == (verdict, "Kazakhstan")
    assert [f.verdict for f in rules.near_borders([], REGIME)] == [COMPLIES]


@pytest.mark.parametrize(
    ("sides", "reading", "verdict"),
    [
        (("GEO", "self-administered"), "none", DISPUTED),
        (("RUS", "JPN"), "none", DISPUTED),
        (("RUS", "UKR"), "none", COMPLIES),  # both are Parties on the day
        (("RUS", "JPN"), "base", COMPLIES),
    ],
)
def test_near_a_disputed_area_both_readings_are_shown(sides, reading, verdict):
    """VI.II.2, case 13: who the neighbour is depends on a reading that people must choose."""
    regime = Regime.on(DAY, readings={"recognition": reading}) if reading != "none" else REGIME
    found = rules.keeps_clear_of_disputed_outline([near(3.0, 2.0, disputed="x", sides=sides)], "RUS", regime)

    assert (found.citation, found.verdict) == ("VI.II.2", verdict)
    if verdict is DISPUTED:
        assert {row["verdict"] for row in found.under} == {"complies", "breaches"}


def test_far_from_a_disputed_area_the_reading_does_not_matter():
    found = rules.keeps_clear_of_disputed_outline([near(12.5, 2.0, disputed="x", sides=("RUS", "JPN"))], "RUS", REGIME)
    assert found.verdict is COMPLIES


@pytest.mark.parametrize(("counted", "verdict"), [(4999.9, COMPLIES), (5000.0, COMPLIES), (5000.1, BREACHES)])
def test_the_flight_distance_is_at_most_that_of_the_starting_airfield(counted, verdict):
    """VI.II.4.A: Kubinka, 5,000 km in the treaty's text; a press report gives more and is shown beside it."""
    found = rules.keeps_within_maximum_distance(
        "UUMB",
        length_km=counted + 100,
        over_territory_km=counted,
        counted_km=counted,
        limit=REGIME.max_flight_distance("UUMB"),
        regime=REGIME,
    )

    assert (found.citation, found.verdict) == ("VI.II.4.A", verdict)
    assert found.seen["length_km"] == counted + 100
    assert found.limit["in_force"] != "yes"
    assert found.seen["other_values"][0]["value"] == 5500
    assert found.readings["distance_counts"] == "territory"


def test_distance_over_a_disputed_area_may_decide():
    found = rules.keeps_within_maximum_distance(
        "UUMB",
        length_km=5100.0,
        over_territory_km=4990.0,
        counted_km=4990.0,
        disputed_km=110.0,
        limit=REGIME.max_flight_distance("UUMB"),
        regime=REGIME,
    )
    assert found.verdict is DISPUTED


def test_without_a_known_maximum_the_distance_is_open():
    found = rules.keeps_within_maximum_distance(
        "XXXX", length_km=1.0, over_territory_km=1.0, counted_km=1.0, limit=None, regime=REGIME
    )
    assert (found.verdict, found.missing) == (OPEN, ("max_flight_distance",))


@pytest.mark.parametrize(
    ("after", "verdict"),
    [(timedelta(hours=22), BREACHES), (timedelta(hours=24), COMPLIES), (timedelta(hours=24, minutes=1), COMPLIES)],
)
def test_take_off_comes_a_day_after_submission(after, verdict):
    """VI.II.4.E, case 8."""
    found = rules.starts_late_enough_after_submission(SUBMITTED, SUBMITTED + after, REGIME)
    assert (found.citation, found.verdict) == ("VI.II.4.E", verdict)


def test_without_a_take_off_time_the_day_is_open():
    assert rules.starts_late_enough_after_submission(SUBMITTED, None, REGIME).missing == ("take_off",)


@pytest.mark.parametrize(
    ("found", "missing", "because"),
    [
        (rules.starts_late_enough_after_submission(None, ETA, REGIME), ("submitted_at",), "the time of submission"),
        (rules.starts_late_enough_after_submission(SUBMITTED, None, REGIME), ("take_off",), "the time of take-off"),
        (rules.submitted_after_arrival(None, ETA), ("submitted_at",), "the time of submission"),
        (rules.submitted_after_arrival(SUBMITTED, None), ("arrived_at",), "the time of arrival"),
        (rules.ends_and_stops_within_the_window(ETA, [], None, REGIME), ("lands",), "the time of landing"),
        (
            rules.submitted_after_arrival(None, None),
            ("submitted_at", "arrived_at"),
            "the time of submission, the time of arrival",
        ),
    ],
)
def test_exactly_the_missing_time_is_named(found, missing, because):
    assert (found.verdict, found.missing, found.because) == (OPEN, missing, f"not given: {because}")


@pytest.mark.parametrize(("minutes", "verdict"), [(-1, BREACHES), (0, COMPLIES), (60, COMPLIES)])
def test_the_plan_is_handed_over_after_arrival(minutes, verdict):
    found = rules.submitted_after_arrival(ETA + timedelta(minutes=minutes), ETA)
    assert (found.citation, found.verdict) == ("VI.II.1", verdict)


@pytest.mark.parametrize(("hours", "verdict"), [(95.9, COMPLIES), (96, COMPLIES), (96.1, BREACHES), (-1, BREACHES)])
def test_the_flight_ends_within_the_window_from_the_eta(hours, verdict):
    """VI.II.3: stops and the end lie inside the 96 hours of VI.I.9."""
    found = rules.ends_and_stops_within_the_window(ETA, [], ETA + timedelta(hours=hours), REGIME)
    assert (found.citation, found.verdict) == ("VI.II.3", verdict)


def test_a_stop_outside_the_window_is_found_even_without_a_landing_time():
    late = ETA + timedelta(hours=97)
    assert rules.ends_and_stops_within_the_window(ETA, [("UIUU", ETA, late)], None, REGIME).verdict is BREACHES
    assert rules.ends_and_stops_within_the_window(None, [], None, REGIME).missing == ("eta", "lands")


def crossing(passes):
    return Crossing(passes, 40.0, 55.0, (2, 5))


@pytest.mark.parametrize(
    ("crossings", "reading", "verdict"),
    [
        ([], "literal", COMPLIES),
        ([], "strict", COMPLIES),
        ([crossing(2)], "literal", COMPLIES),  # a figure of eight
        ([crossing(2)], "strict", BREACHES),
        ([crossing(2), crossing(3)], "literal", BREACHES),  # a cloverleaf
        (None, "literal", OPEN),
    ],
)
def test_a_path_meets_itself_once_at_a_point(crossings, reading, verdict):
    """VI.II.4.G.1, case 11."""
    regime = Regime.on(DAY, readings={"self_crossing": reading})
    found = shape.crosses_itself_at_most_once_at_a_point(crossings, regime)
    assert (found.citation, found.verdict) == ("VI.II.4.G.1", verdict)


def test_a_full_circle_around_a_point_is_no_straight_flight():
    clear = shape.does_not_circle(None, radius_km=10.0)
    found = shape.does_not_circle(Circling(360.0, 4.0, 40.0, 55.0, (3, 4, 5, 6)), radius_km=10.0)
    assert (found.citation, found.verdict) == ("VI.II.4.G.2", BREACHES)
    assert (clear.verdict, clear.limit["value"], clear.limit["closed_loop"]) == (COMPLIES, 360, 240)


@pytest.mark.parametrize(("closed", "turned", "least"), [(False, 365.0, 360), (True, 322.0, 240), (True, 240.0, 240)])
def test_turns_are_held_against_the_number_that_is_shown(closed, turned, least):
    """VI.II.4.G.2: limit, margin and sentence are of one number, a convention; what breaches is never short of it."""
    found = shape.does_not_circle(Circling(turned, 4.0, 40.0, 55.0, (3, 4, 5, 6), closed), radius_km=10.0)
    assert (found.verdict, found.limit["value"], found.seen["margin_deg"]) == (BREACHES, least, least - turned)
    assert found.limit["source"] == "convention of this software"
    assert f"{least} and more are taken for circling, unless agreed otherwise" in found.because
    assert ("close on themselves" in found.because) is closed


def test_what_the_parties_may_agree_on_is_said_with_the_breach():
    """VI.II.1, VI.II.3 (VI.I.9), VI.II.4.E, VI.II.4.G: each holds unless agreed otherwise, which no plan tells."""
    early, late = SUBMITTED + timedelta(hours=23), ETA + timedelta(hours=97)
    for found in (
        rules.submitted_after_arrival(SUBMITTED, SUBMITTED + timedelta(minutes=1)),
        rules.ends_and_stops_within_the_window(ETA, [], late, REGIME),
        rules.starts_late_enough_after_submission(SUBMITTED, early, REGIME),
        shape.crosses_itself_at_most_once_at_a_point([Crossing(3, 40.0, 55.0, (1, 3, 5))], REGIME),
    ):
        assert (found.verdict, found.citation.startswith("VI.II.")) == (BREACHES, True)
        assert found.because.endswith("in order only where the Parties agreed otherwise"), found.citation


def test_a_number_beside_its_limit_reads_differently_from_it():
    """50.0001 km is told apart from 50 km, 9.9999 km from 10 km; what is a rounding away is the limit itself."""
    told = [f"{Beside(amount, 50):.1f}" for amount in (49.96, 50.0, 50.0001, 50.26, 50.00000004)]
    assert told == ["49.96", "50.0", "50.0001", "50.3", "50.0"]
    found = rules.keeps_clear_of_non_party_border([near(9.9999)], REGIME)
    assert "passes 9.9999 km" in found.because
    far = sensors_beyond_50_km_may_be_forbidden(deviation_km=50.0001, regime=REGIME)
    assert far.because.startswith("50.0001 km from the plan, more than 50 km")
    low = heights.keeps_certified_height("AFA-41-10", 1500.0, [leg(1499.9)])
    assert "planned at 1499.9 m above ground, 0.1 m below 1500 m" in low.because


def end(**more):
    facts = {
        "which": "start", "icao": "UUMB", "name": "Kubinka", "party": "RUS", "roles": frozenset({"open_skies"}),
        "off_km": 0.0, "lon_deg": 36.65, "lat_deg": 55.6, "leg": 1,
    }  # fmt: skip
    return PathEnd(**(facts | more))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, COMPLIES),
        ({"roles": frozenset({"point_of_entry_exit"})}, COMPLIES),
        ({"roles": frozenset({"refuelling"})}, BREACHES),
        ({"party": "DEU"}, BREACHES),
        ({"off_km": 5.0}, COMPLIES),
        ({"off_km": 5.1}, BREACHES),
        ({"open_on_day": False, "note": "not listed"}, BREACHES),
    ],
)
def test_a_flight_starts_at_an_airfield_of_the_treaty(facts, verdict):
    found = rules.starts_or_ends_at_an_airfield_of_the_treaty(end(**facts), "start", {"RUS", "BLR"})
    assert (found.citation, found.verdict) == ("AnnE.1", verdict)


def test_a_path_that_starts_nowhere_known_is_open():
    assert rules.starts_or_ends_at_an_airfield_of_the_treaty(None, "end", {"RUS"}).missing == ("end_airfield",)


@pytest.mark.parametrize(("day", "verdict"), [(date(2021, 12, 17), COMPLIES), (date(2021, 12, 18), BREACHES)])
def test_only_parties_are_observed_and_observe(day, verdict):
    """I.1: the last day of a membership still counts, the first day after does not."""
    assert rules.observed_is_a_party("RUS", Regime.on(day)).verdict is verdict
    assert rules.observing_is_a_party("RUS", Regime.on(day)).verdict is verdict
    assert rules.observing_is_a_party(None, Regime.on(day)).missing == ("observing",)


def leg(height, rise=None, error=None):
    return LegHeight(2, height, rise, error, 40.0, 55.0)


@pytest.mark.parametrize(
    ("legs", "verdict"),
    [
        ([leg(2000), leg(1499)], BREACHES),
        ([leg(1500)], COMPLIES),
        ([leg(1501)], COMPLIES),
        ([leg(2000, rise=300, error=200)], COMPLIES),
        ([leg(2000, rise=301, error=200)], OPEN),
        ([], OPEN),
    ],
)
def test_a_sensor_runs_no_lower_than_its_certificate(legs, verdict):
    """VI.II.4.D: certified minimum 1,500 m above ground; rising ground within the height to spare leaves it open."""
    found = heights.keeps_certified_height("AFA-41-10", 1500.0, legs)
    assert (found.citation, found.verdict) == ("VI.II.4.D", verdict)


@pytest.mark.parametrize(
    ("rise", "error", "finer"),
    [(300, 201, True), (501, 200, True), (700, 200, True), (701, 200, False), (501, 0, False)],
)
def test_finer_heights_are_asked_for_where_the_error_bar_leaves_it_open(rise, error, finer):
    """VI.II.4.D with 500 m to spare."""
    found = heights.keeps_certified_height("AFA-41-10", 1500.0, [leg(2000, rise, error)])
    assert found.verdict is OPEN
    assert ("load finer ground heights with --elevation to decide" in found.because) is finer


def test_without_a_certificate_or_a_sensor_the_height_is_open():
    assert heights.keeps_certified_height("AFA-41-10", None, [leg(2000)]).missing == ("certified_h_min_m",)
    assert heights.keeps_certified_height(None, None, []).missing == ("sensors",)


LITHUANIA = StretchOver(100.0, 200.0, "LTU", "Lithuania", 24.0, 55.0, 2)
HIGH_SEAS = StretchOver(300.0, 400.0, None, "the high seas", 20.0, 56.0, 3)


@pytest.mark.parametrize(
    ("stretches", "on", "verdict"),
    [
        ([], None, COMPLIES),
        ([HIGH_SEAS], None, COMPLIES),
        ([LITHUANIA], None, OPEN),
        ([LITHUANIA], [(0.0, 100.0), (200.0, 900.0)], COMPLIES),
        ([LITHUANIA], [(0.0, 100.1)], BREACHES),
        ([HIGH_SEAS], [(0.0, 300.0)], COMPLIES),
        ([HIGH_SEAS], [(0.0, 300.1)], Verdict.SILENT),
        ([LITHUANIA, HIGH_SEAS], [(350.0, 360.0)], Verdict.SILENT),
        ([LITHUANIA, HIGH_SEAS], [(150.0, 360.0)], BREACHES),
    ],
)
def test_sensors_are_off_over_another_state(stretches, on, verdict):
    found = heights.sensors_off_over_other_states(stretches, on)
    assert (found.citation, found.verdict) == ("VII.3", verdict)


def test_how_far_sensors_run_over_another_state_is_told():
    found = heights.sensors_off_over_other_states([LITHUANIA], [(90.0, 110.0), (150.0, 250.0)])
    assert [(s["from_km"], s["to_km"]) for s in found.seen["stretches"]] == [(100.0, 110.0), (150.0, 200.0)]
    assert "60.0 km" in found.because


def test_a_crossed_state_must_be_asked():
    """D22.2: an open item, named."""
    found = heights.has_consent_of_crossed_states([LITHUANIA, HIGH_SEAS], REGIME)
    assert (found.citation, found.verdict, found.missing) == ("D22.2", OPEN, ("consent of LTU",))
    assert heights.has_consent_of_crossed_states([HIGH_SEAS], REGIME).verdict is COMPLIES


def test_whose_territory_a_disputed_area_is_remains_open():
    crimea = StretchOver(10.0, 20.0, "crimea", "Crimea", 34.0, 45.0, 1, ("UKR", "RUS"))
    found = heights.stays_off_disputed_territory([crimea], REGIME)
    assert (found.citation, found.verdict) == ("II.8", DISPUTED)
    assert {row["territory_of"] for row in found.under} == {"UKR", "RUS"}


def test_a_view_decides_only_the_areas_that_it_is_about():
    """II.8: what one side says of one area does not settle another to which it is no side."""
    crimea = StretchOver(10.0, 20.0, "crimea", "Crimea", 34.0, 45.0, 1, ("UKR", "RUS"))
    other = StretchOver(30.0, 40.0, "other", "Another", 38.0, 48.0, 2, ("UKR", "-"))
    as_one = Regime.on(REGIME.day, readings={"recognition": "RUS"})
    assert heights.stays_off_disputed_territory([crimea], as_one).verdict is COMPLIES
    assert heights.stays_off_disputed_territory([crimea, other], as_one).verdict is DISPUTED


def test_every_paragraph_here_exists():
    ours = {c for c, many in RULES.items() for r in many if r.module.startswith("overflight.rules.mission_")}
    for citation in sorted(ours):
        assert REGIME.paragraph(citation), citation
