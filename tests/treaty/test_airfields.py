"""Airfields: coordinates in use against those that Annex E prints."""

from datetime import date

import pytest

from overflight.app import treaty
from overflight.errors import UnknownParty
from overflight.treaty.printed import FLAGGED_KM, apart_km, read_printed
from overflight.treaty.regime import Regime

JANUARY = date(2021, 1, 18)
EARLY = date(2002, 1, 1)


def printed_rows():
    here = Regime.on(EARLY)
    return [(field, row) for field in here.airfields() for row in here.airfield_rows(field.icao) if row.printed_km]


def test_coordinates_differ_from_the_print_by_what_the_data_say():
    """Read again from the print; sites of the United Kingdom are printed in decimal minutes."""
    checked = 0
    for field, row in printed_rows():
        km = []
        for decimal in (False, True):
            place = read_printed(row.printed, decimal_minutes=decimal)
            if place:
                km.append(apart_km(place, (field.lat_deg, field.lon_deg)))
        assert any(abs(x - row.printed_km) < max(0.15, 0.005 * row.printed_km) for x in km), (field.icao, km, row)
        checked += 1
    assert checked > 60


def test_misprints_of_the_annex_are_flagged_and_no_other():
    far = {field.icao: row.printed_km for field, row in printed_rows() if row.printed_km > FLAGGED_KM}
    assert far == {
        "EGQL": 166.8, "EPWA": 7.0, "LBSF": 1507.2, "LGTS": 7.2, "LTCC": 785.2, "LZIB": 111.1, "UHMM": 37.4,
    }  # fmt: skip
    shown = {r["icao"] for r in treaty.airfields(Regime.on(EARLY)) if r["printed_differs"]}
    assert shown == set(far)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("N 55-36-30 E 036-39-10", (55.6083333, 36.6527778)),
        ("S 01-00-00 W 180-00-00", (-1.0, -180.0)),
        ("N 52-27-48 E 009-2570", None),  # as printed for Wunstorf
        ("N 45-55-45 N 026-05-11", None),  # as printed for Urlati
        ("N 91-00-00 E 000-00-00", None),
        ("", None),
    ],
)
def test_reading_a_printed_place(text, place):
    assert read_printed(text) == place


def test_airfields_of_a_group_are_those_of_its_members():
    """III.II.3.E; on 18 December 2021 the group is gone."""
    here = Regime.on(JANUARY)
    assert {a.icao for a in here.airfields("BLR")} == {a.icao for a in here.airfields("RUS")}
    assert {"UUMB", "UIUU", "UHMM", "UUYW"} <= {a.icao for a in here.airfields("RUS", "open_skies")}
    assert Regime.on(date(2021, 12, 18)).airfields("BLR") == ()
    with pytest.raises(UnknownParty):
        Regime.on(date(2021, 12, 18)).airfields("RUS")


@pytest.mark.parametrize(("day", "here"), [(date(2020, 11, 21), True), (date(2020, 11, 22), False)])
def test_airfields_of_a_state_that_left_are_gone(day, here):
    assert any(a.party == "USA" for a in Regime.on(day).airfields()) is here


def test_no_airfield_before_entry_into_force():
    assert Regime.on(date(2001, 12, 31)).airfields() == ()


def test_an_airfield_from_a_press_report_shows_that():
    field = Regime.on(JANUARY).airfield("UEEE")
    assert field.verified == "press report"
    assert Regime.on(date(2016, 7, 21)).airfields("RUS", "refuelling") == ()


def test_roles_follow_the_day():
    """Cologne is a point of entry; a report of November 2019 names it as a starting airfield."""
    assert "open_skies" not in Regime.on(date(2019, 11, 3)).airfield("EDDK").roles
    assert "open_skies" in Regime.on(date(2019, 11, 4)).airfield("EDDK").roles


def test_fixes_and_targets_without_a_code_are_kept_apart():
    assert {p.name for p in Regime.on(JANUARY).places()} == {"Chouchouligovo", "Urlati", "Dunavat Nord Murighiol"}


def test_coordinates_in_use_are_those_of_the_airport_data_they_name():
    import airportsdata

    world = airportsdata.load("ICAO")
    here = Regime.on(JANUARY)
    named = [a for a in here.airfields() if here.coordinates_source(a.icao) == "airportsdata"]
    assert len(named) > 60
    for field in named:
        assert apart_km((field.lat_deg, field.lon_deg), (world[field.icao]["lat"], world[field.icao]["lon"])) < 0.02
    assert all(here.coordinates_source(a.icao) for a in here.airfields())
