"""A data file that is wrong is refused with the file and the row; another regime is another folder."""

from datetime import date
from pathlib import Path

import pytest

from overflight.errors import BadData, UnknownCitation, UnknownOnDate
from overflight.treaty import events
from overflight.treaty.regime import OPEN_SKIES, Regime

DAY = date(2031, 6, 1)

PARTIES = """
title = "Members"
verified = "yes"
in_force = "yes"
source = "Lake Accord, Article 9"

[[party]]
code = "AAA"
name = "Alder"
how = "ratification"
from = 2030-01-01

[[party]]
code = "BBB"
name = "Birch"
how = "ratification"
from = 2030-01-01
until = 2031-01-01

[[party]]
code = "BBB"
name = "Birch"
how = "accession"
from = 2032-01-01

[[group]]
code = "AAA;BBB"
name = "Both"
members = ["AAA", "BBB"]
from = 2030-01-01
until = 2031-01-01
"""

TABLE = """
name = "passive_quota"
title = "Flights to accept"
unit = "flights/year"
citation = "lake.4"
verified = "yes"
in_force = "yes"

[[value]]
of = "AAA"
is = 3
from = 2030-01-01
source = "lake.4"
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A made-up regime of two States, whole in thirty lines."""
    (tmp_path / "regime.toml").write_text('name = "lake"\ntitle = "Lake Accord"\n', "utf-8")
    (tmp_path / "parties.toml").write_text(PARTIES, "utf-8")
    (tmp_path / "passive_quota.toml").write_text(TABLE, "utf-8")
    (tmp_path / "readings.toml").write_text(
        '[shore]\ntitle = "Where the shore is"\ncitation = "lake.2"\ndefault = "low"\n'
        '[shore.choices]\nlow = "low water"\nhigh = "high water"\n',
        "utf-8",
    )
    return tmp_path


def test_a_regime_is_data(lake):
    here = Regime.on(DAY, folder=lake, readings={"shore": "high"})
    assert (here.name, here.title, here.readings) == ("lake", "Lake Accord", {"shore": "high"})
    assert [p.code for p in here.parties()] == ["AAA"]
    assert here.value("passive_quota", of="AAA").value == 3
    assert (here.airfields(), here.sensors(), here.deadlines(), here.paragraphs()) == ((), (), (), ())
    assert (events.claims(folder=lake), events.timeline(folder=lake), events.instruments(DAY, folder=lake)) == ((),) * 3
    with pytest.raises(UnknownOnDate, match="Lake Accord"):
        here.value("border_clearance")
    with pytest.raises(UnknownCitation):
        here.paragraph("VI.II.2")


@pytest.mark.parametrize(
    ("day", "there"),
    [
        (date(2030, 12, 31), True),
        (date(2031, 1, 1), False),
        (date(2031, 12, 31), False),
        (date(2032, 1, 1), True),
    ],
)
def test_a_state_that_returns_has_two_times_as_a_party(lake, day, there):
    assert Regime.on(day, folder=lake).is_party("BBB") is there


def test_a_changed_file_is_read_again(lake):
    assert Regime.on(DAY, folder=lake).value("passive_quota", of="AAA").value == 3
    file = lake / "passive_quota.toml"
    file.write_text(TABLE.replace("is = 3", "is = 4"), "utf-8")
    import os

    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1_000_000_000))
    assert Regime.on(DAY, folder=lake).value("passive_quota", of="AAA").value == 4


WRONG_TABLES = {
    "an unknown key": (TABLE + "untill = 2032-01-01\n", "row 1.*untill"),
    "no source": (TABLE.replace('source = "lake.4"\n', ""), "row 1.*no source"),
    "an empty source": (TABLE.replace('source = "lake.4"', 'source = " "'), "row 1.*no source"),
    "no value": (TABLE.replace("is = 3\n", ""), "row 1.*no is"),
    "not a number": (TABLE.replace("is = 3", "is = nan"), "finite"),
    "a word for a number of flights": (TABLE.replace("is = 3", 'is = "twelve"'), "row 1.*finite"),
    "flights below none": (TABLE.replace("is = 3", "is = -12"), "row 1.*below 0"),
    "half a flight": (TABLE.replace("is = 3", "is = 2.5"), "row 1.*no whole number"),
    "a whole time that ends before it begins": (
        TABLE + "[[complete]]\nfrom = 2031-01-01\nuntil = 2030-01-01\nsource = 'x'\n",
        "complete 1.*ends",
    ),
    "infinite": (TABLE.replace("is = 3", "is = inf"), "finite"),
    "true for a number": (TABLE.replace("is = 3", "is = true"), "finite"),
    "no date": (TABLE.replace("from = 2030-01-01\n", ""), "row 1.*no from"),
    "a text for a date": (TABLE.replace("from = 2030-01-01", 'from = "2030"'), "no date"),
    "a time for a date": (TABLE.replace("from = 2030-01-01", "from = 2030-01-01T10:00:00"), "no date"),
    "a day that is none": (TABLE.replace("2030-01-01", "2030-02-30"), "no TOML"),
    "ends before it begins": (TABLE + "until = 2030-01-01\n", "ends"),
    "a strange mark": (TABLE + 'in_force = "maybe"\n', "in_force"),
    "no mark": (TABLE.replace('in_force = "yes"\n', ""), "no in_force"),
    "times that overlap": (
        TABLE + 'until = 2031-01-01\n[[value]]\nof = "AAA"\nis = 4\nfrom = 2030-12-31\nsource = "x"\n',
        "row 2.*same time as row 1",
    ),
    "an end by an unknown reading": (TABLE + 'until = "never"\n', "until"),
    "another name": (TABLE.replace('name = "passive_quota"', 'name = "active_quota"'), "name of the file"),
    "rows that are no list": (TABLE.split("[[value]]")[0] + "value = 3\n", "no list"),
    "deep nesting": ("x = " + "[" * 5000, "no TOML"),
    "not TOML": ("\x00", "no TOML"),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_a_wrong_table_is_refused_with_file_and_row(lake, case):
    text, words = WRONG_TABLES[case]
    (lake / "passive_quota.toml").write_text(text, "utf-8")
    with pytest.raises(BadData, match=words) as told:
        Regime.on(DAY, folder=lake).value("passive_quota", of="AAA")
    assert "passive_quota.toml" in str(told.value)


def test_rows_that_meet_without_overlapping_are_fine_and_variants_may_overlap(lake):
    more = 'until = 2031-01-01\n[[value]]\nof = "AAA"\nis = 4\nfrom = 2031-01-01\nsource = "x"\n'
    more += '[[value]]\nof = "AAA"\nis = 9\nfrom = 2031-01-01\nsource = "y"\nvariant = "reported"\n'
    (lake / "passive_quota.toml").write_text(TABLE + more, "utf-8")
    assert Regime.on(date(2030, 12, 31), folder=lake).value("passive_quota", of="AAA").value == 3
    found = Regime.on(date(2031, 1, 1), folder=lake).value("passive_quota", of="AAA")
    assert (found.value, [o.value for o in found.others]) == (4, [9])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('code = "AAA"\n', "", "party row 1.*no code"),
        ("from = 2032-01-01", "from = 2030-06-01", "twice at the same time"),
        ('members = ["AAA", "BBB"]', 'members = ["AAA", "CCC"]', "CCC is no State"),
        ("until = 2031-01-01\n\n[[party]]", "until = 2029-01-01\n\n[[party]]", "ends"),
        ('name = "Alder"', 'name = "Alder"\nflag = "tree"', "flag"),
    ],
)
def test_a_wrong_list_of_parties_is_refused(lake, old, new, words):
    assert old in PARTIES
    (lake / "parties.toml").write_text(PARTIES.replace(old, new, 1), "utf-8")
    with pytest.raises(BadData, match=words):
        Regime.on(DAY, folder=lake).parties()


def test_a_reading_whose_default_is_no_choice_is_refused(lake):
    file = lake / "readings.toml"
    file.write_text(file.read_text("utf-8").replace('default = "low"', 'default = "mid"'), "utf-8")
    with pytest.raises(BadData, match="mid"):
        Regime.on(DAY, folder=lake)


def test_an_airfield_off_the_earth_is_refused(lake):
    (lake / "airfields.toml").write_text(
        'verified = "yes"\nin_force = "yes"\n[[airfield]]\nicao = "XXXX"\nname = "X"\nparty = "AAA"\n'
        'lat = 120.0\nlon = 10.0\n[[airfield.role]]\nis = "open_skies"\nfrom = 2030-01-01\nsource = "x"\n',
        "utf-8",
    )
    with pytest.raises(BadData, match="Earth"):
        Regime.on(DAY, folder=lake).airfields()


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_a_regime_is_refused(tmp_path, folder):
    with pytest.raises(BadData, match="holds no regime"):
        Regime.on(DAY, folder=tmp_path / folder)


def test_a_name_that_climbs_out_of_the_folder_finds_nothing(lake):
    with pytest.raises(UnknownOnDate):
        Regime.on(DAY, folder=lake).value("../passive_quota")


def test_every_file_of_the_regime_loads_and_every_row_has_a_source():
    here = Regime.on(date(2021, 1, 18))
    for name in here.table_names():
        table = here.table(name)
        assert table.title
        assert all(row.source for row in table.rows), name
        here.paragraph(table.citation)
    assert not [f for f in OPEN_SKIES.rglob("*.toml") if f.stat().st_size > 60_000]


def test_readings_the_whole_house_uses_are_there():
    chosen = Regime.on(date(2021, 1, 18)).readings
    assert {
        "distance_source": "lower", "distance_counts": "territory", "self_crossing": "literal", "recognition": "none",
        "notice_counts": "receipt", "undelivered_request": "withhold", "territory_sublimit": "annex_entry",
    }.items() <= chosen.items()  # fmt: skip
    here = Regime.on(date(2021, 1, 18))
    for reading in here.all_readings():
        here.paragraph(reading.citation)


def test_views_of_recognition_are_the_sides_of_the_disputed_areas():
    from overflight.treaty.geography import Borders

    sides = {side for area in Borders.load().disputed() for side in area.sides}
    assert set(Regime.on(date(2021, 1, 18)).reading("recognition").choices) == {"none", "base", *sides}


@pytest.mark.parametrize(("day", "most"), [(date(2005, 12, 31), 0), (date(2006, 1, 1), 1)])
def test_infra_red_devices_wait_for_the_end_of_the_phase_in(day, most):
    """XVIII.II.1-2: until 31 December of the third year after entry into force."""
    assert Regime.on(day).value("sensors_most", of="infra-red").value == most
