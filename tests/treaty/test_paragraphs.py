"""Paragraphs, clocks and worked cases as data."""

from datetime import date

import pytest

from overflight.app import treaty
from overflight.errors import UnknownCitation
from overflight.treaty import events, paragraphs
from overflight.treaty.regime import OPEN_SKIES, Regime

HERE = Regime.on(date(2021, 1, 18))


def test_there_are_all_the_clocks_and_each_stands_under_a_paragraph():
    assert len(HERE.deadlines()) == 84
    for clock in HERE.deadlines():
        HERE.paragraph(clock.citation)
        assert clock.amount is None or clock.amount >= 0


@pytest.mark.parametrize(
    ("id", "relation", "amount", "unit"),
    [
        ("VI.I.5", "before", 72, "hour"),
        ("VI.II.6#4h", "within", 4, "hour"),
        ("XV.2", "before", 6, "month"),
        ("IX.IV.1", "within", None, "none"),  # the treaty sets no time limit
    ],
)
def test_a_clock(id, relation, amount, unit):
    found = HERE.deadline(id)
    assert (found.relation, found.amount, found.unit) == (relation, amount, unit)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("VI.II.2", "VI.II.2"),
        ("vi.ii.2", "VI.II.2"),
        ("Annex E.5", "AnnE.5"),
        ("AnnF.I.3", "AnnF.I.1-3"),  # one row tells three paragraphs
        ("VIII.I.4.C", "VIII.I.4"),  # told by its paragraph
        ("VIII.II.3.B", "VIII.II.3.b"),
        ("II.17", "II.16-17"),
        ("D22.1", "D22.1"),
        ("XV", "XV"),
    ],
)
def test_a_paragraph_is_found_as_people_write_it(asked, found):
    assert HERE.paragraph(asked).citation == found


def test_a_paragraph_in_parts_is_put_together():
    whole = HERE.paragraph("VI.II.6")
    assert len(whole.covers) == 4
    assert "accept the plan" in whole.summary
    assert "sign the agreed plan" in whole.summary


@pytest.mark.parametrize("text", ["VI.II.99", "XX.1", "VI.IX", "../regime", "VI.II.2; DROP", "", "Ann", "AnnZ.1"])
def test_an_unknown_paragraph_is_told(text):
    with pytest.raises(UnknownCitation):
        HERE.paragraph(text)


def test_paragraphs_come_in_the_order_of_the_treaty():
    found = [p.citation for p in HERE.paragraphs()]
    assert len(found) == len(set(found)) > 360
    assert found.index("II.8") < found.index("III.I.1") < found.index("IX.IV.1") < found.index("X.1")
    assert found.index("XIX") < found.index("AnnA.I.1") < found.index("AnnL.IV")


def test_every_rule_of_the_house_stands_under_a_paragraph_of_the_data():
    """A citation that nobody can look up is a slip of the pen."""
    assert len(treaty.all_rules()) > 30
    for citation in treaty.all_rules():
        HERE.paragraph(citation)


def test_worked_cases_and_claims_cite_paragraphs_of_the_data():
    cases = paragraphs.load_cases(OPEN_SKIES)
    assert [c.id for c in cases] == [f"case-{n:02d}" for n in range(1, 21)]
    for citation in [c for case in cases for c in case.citations] + [c for x in events.claims() for c in x.paragraphs]:
        HERE.paragraph(citation)


def test_show_puts_everything_about_a_paragraph_together():
    found = treaty.show(HERE, "VI.II.6")
    assert {"citation", "summary", "rules", "deadlines", "cases", "readings", "sources"} <= set(found)
    assert {r["citation"] for r in found["rules"]} >= {"VI.II.6", "VI.II.6.b"}
    assert [d["id"] for d in found["deadlines"]] == ["VI.II.6#4h", "VI.II.6#8h"]
    assert [r["name"] for r in found["readings"]] == ["silence_after_4h"]
    assert "case-07" in [c["id"] for c in found["cases"]]
    assert "paraphrase" in found["summary_is"]
    assert found["sources"]


def test_summaries_do_not_use_words_that_the_house_avoids():
    for paragraph in HERE.paragraphs():
        text = f"{paragraph.summary} {paragraph.if_fails} {paragraph.also}".casefold()
        assert not any(word in text.split() for word in ("spy", "violator", "violation", "veto", "reject", "deny"))


@pytest.mark.parametrize(
    ("citation", "day", "mark"),
    [
        ("AnnF.I.4", date(2001, 12, 31), "not in force"),
        ("AnnF.I.4", date(2002, 12, 31), "yes"),
        ("AnnF.I.4", date(2003, 1, 1), "last known"),  # later changes of the annexes could not be read
        ("VI.II.6", date(2003, 1, 1), "yes"),
    ],
)
def test_a_paragraph_shows_whether_its_wording_was_in_force(citation, day, mark):
    assert treaty.show(Regime.on(day), citation)["in_force"] == mark
