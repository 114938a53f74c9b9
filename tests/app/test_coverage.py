"""Every row of the treaty's tables is carried by something, every rule is tried, and both are counted."""

from datetime import date

import pytest

from overflight.app.casefile import read_cases
from overflight.app.coverage import MOST_FOR_PEOPLE, coverage
from overflight.errors import BadData
from overflight.rules.finding import RULES, complies, rule
from overflight.treaty.coverage import load_coverage
from overflight.treaty.regime import OPEN_SKIES, Regime

HERE = Regime.on(date(2021, 1, 18))


@pytest.fixture(scope="module")
def found():
    return coverage(HERE)


def test_nothing_is_missing(found):
    """A row without a carrier, a rule without a case or a citation that does not exist fails the build."""
    assert found["missing"] == []


def test_every_paragraph_and_clock_of_the_data_has_its_row(found):
    rows = {(r["table"], r["id"]) for r in found["rows"]}
    assert {("paragraph", p.citation) for p in HERE.paragraphs()} <= rows
    assert {("deadline", d.id) for d in HERE.deadlines()} <= rows
    assert found["paragraphs"] == len(rows)


def test_few_enough_rows_are_left_to_people_and_each_says_why(found):
    people = [r for r in found["rows"] if r["by"] == "people"]
    assert found["for_people"] == len(people) < MOST_FOR_PEOPLE * found["paragraphs"]
    assert all(len(r["why"]) > 15 for r in people)


def test_rules_and_cases_are_counted(found):
    assert found["rules"] == len({r.name for rules in RULES.values() for r in rules})
    assert found["cases"] > 220
    assert found["with_case"] >= found["with_rule"] > 300


def test_a_rule_without_a_case_and_a_citation_that_does_not_exist_are_told():
    @rule("VI.I.99")
    def nobody_tries_this() -> None:
        """A rule that was written a moment ago."""
        return complies("yes")

    try:
        from overflight.app import coverage as module
        from overflight.app.treaty import all_rules

        all_rules.cache_clear()
        told = module.coverage(HERE, [])["missing"]
    finally:
        RULES.pop("VI.I.99")
        all_rules.cache_clear()
    assert any("nobody_tries_this" in sentence and "VI.I.99" in sentence for sentence in told)
    assert sum("nobody_tries_this" in sentence for sentence in told) == 2  # no case; no such paragraph
    assert any("VI.I.5" in sentence for sentence in told)  # no case at all was given


def test_a_row_that_nothing_carries_is_told(tmp_path):
    folder = tmp_path / "regime"
    folder.mkdir()
    for file in OPEN_SKIES.rglob("*.toml"):
        target = folder / file.relative_to(OPEN_SKIES)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text("utf-8")
        if file.name == "coverage.toml":
            text = text.replace('"VI.I.12", ', "").replace(
                'names = ["airspace_is_hazardous"]', 'names = ["no_such_rule"]'
            )
        target.write_text(text, "utf-8")
    told = coverage(Regime.on(date(2021, 1, 18), folder=folder), [])["missing"]
    assert any("VI.I.12 is not in the table of coverage" in sentence for sentence in told)
    assert any("no_such_rule" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[paragraph]]\nid = "I.1"\nby = "magic"\n', "not one of"),
        ('[[paragraph]]\nid = "I.1"\nby = "people"\n', "no reason"),
        ('[[paragraph]]\nids = ["I.1", "I.1"]\nby = "rule"\n', "stands twice"),
        ('[[paragraph]]\nid = "I.1"\nby = "rule"\nname = "x"\n', "unknown key"),
    ],
)
def test_a_wrong_table_of_coverage_is_refused_with_its_row(tmp_path, text, why):
    (tmp_path / "coverage.toml").write_text(text, "utf-8")
    with pytest.raises(BadData, match=why):
        load_coverage(tmp_path)


def test_many_cases_breach_and_many_stay_open():
    from overflight.app.coverage import case_files

    expected = [case.question.expected for file in case_files() for case in read_cases(file)]
    assert sum(v == "breaches" for v in expected) >= 60
    assert sum(v in ("undetermined", "disputed") for v in expected) >= 20
