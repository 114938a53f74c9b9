"""A regime is data: the agreement of Hungary and Romania, with its gaps kept open, and a third one in a few lines."""

import re
from datetime import date
from pathlib import Path

import pytest

from overflight.app import treaty
from overflight.errors import UnknownOnDate, UnknownParty
from overflight.rules.finding import Verdict
from overflight.rules.membership import has_the_rights_of_a_party
from overflight.treaty.regime import Regime

BILATERAL = Path("hungary-romania")
GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-regime.md"


@pytest.mark.parametrize(
    ("day", "parties"),
    [
        (date(1992, 2, 26), []),
        (date(1992, 2, 27), ["HUN", "ROU"]),
        (date(2001, 12, 31), ["HUN", "ROU"]),
        (date(2002, 1, 1), []),
    ],
)
def test_the_bilateral_agreement_by_name(day, parties):
    here = Regime.on(day, folder=BILATERAL)
    assert here.name == "hungary-romania"
    assert [p.code for p in here.parties()] == parties
    wanted = Verdict.RIGHT if parties else Verdict.BREACHES
    assert has_the_rights_of_a_party("HUN", regime=here).verdict is wanted


def test_what_is_from_memory_says_so_and_what_nobody_read_is_a_slot():
    here = Regime.on(date(1995, 1, 1), folder=BILATERAL)
    four = here.value("flights_a_year")
    assert (four.value, four.verified, four.in_force) == (4, "unverified (from memory)", "last known")
    for name in ("notice_before_arrival", "max_flight_distance", "resolution_limit", "withdrawal_notice"):
        with pytest.raises(UnknownOnDate, match="was not read"):
            here.value(name)
    with pytest.raises(UnknownParty):
        here.party("DEU")


@pytest.mark.parametrize(("day", "there"), [(date(1996, 9, 5), False), (date(1996, 9, 6), True)])
def test_the_measures_of_1996(day, there):
    here = Regime.on(day, folder=BILATERAL)
    if there:
        assert str(here.value("ground_force_notice")) == "42 day"
        assert str(here.value("border_zone")) == "80 km"
    else:
        with pytest.raises(UnknownOnDate):
            here.value("border_zone")


def test_every_paragraph_of_it_can_be_shown():
    here = Regime.on(date(1995, 1, 1), folder=BILATERAL)
    for paragraph in here.paragraphs():
        shown = treaty.show(here, paragraph.citation)
        assert shown["summary"]
        assert shown["sources"]
    assert {d.id for d in here.deadlines()} == {"hurou96.notice"}


def test_the_two_regimes_do_not_mix():
    both = [Regime.on(date(1995, 1, 1)), Regime.on(date(1995, 1, 1), folder=BILATERAL)]
    assert [r.name for r in both] == ["open-skies", "hungary-romania"]
    assert [len(r.parties()) for r in both] == [0, 2]


def test_the_third_regime_of_the_guide_works_as_written(tmp_path):
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.S):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    here = Regime.on(date(2031, 6, 1), folder=tmp_path)
    assert [p.code for p in here.parties()] == ["AAA", "BBB"]
    assert here.value("passive_quota", of="AAA").value == 3
    assert here.paragraph("lake.4").summary
    assert treaty.show(here, "lake.4")["values"]
