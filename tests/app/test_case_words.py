"""Cases as a lawyer writes them: paragraphs in words, agreements, words for messages, cases to fill in."""

import pytest

from overflight.app.caseciting import plain
from overflight.app.casefile import read_cases
from overflight.app.caserules import example, rules_under
from overflight.app.cases import decide
from overflight.treaty.regime import OPEN_SKIES


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("VI.I.5", "VI.I.5"),
        ("VI.II.4(E)", "VI.II.4.E"),
        ("Article VI, Section I, paragraph 5 (A)", "VI.I.5.A"),
        ("Art. XV, para. 2", "XV.2"),
        ("Annex E, paragraph 7", "AnnE.7"),
        ("Annex F, Section III, paragraph 4", "AnnF.III.4"),
        ("Annex D, Appendix 1, Section I", "AnnD.App1.I"),
        ("VI.II.6#4h", "VI.II.6#4h"),
        ("the notice", "the notice"),
    ],
)
def test_a_paragraph_in_words_is_its_number(written, meant):
    assert plain(written) == meant


def verdict(text):
    return str(decide(read_cases(text.encode())[0]).finding.verdict)


NOTICE = (
    "- {id: a, question: VI.I.5, expected: complies, facts: {eta: 2021-02-04T06:00Z, received: 2021-02-02T06:00Z%s}}"
)
STAY = (
    "- {id: a, question: VI.I.9, expected: complies, facts: {eta: 2021-02-01T06:00Z, completed: 2021-02-05T07:00Z%s}}"
)


def test_an_agreement_helps_where_the_text_knows_one_and_nowhere_else():
    assert verdict(STAY % "") == "breaches"
    assert verdict(STAY % ", agreed: yes") == "complies"
    assert verdict(STAY % ", agreed: no") == "breaches"
    assert verdict(STAY % ", agreed: unknown") == "undetermined"
    assert verdict(NOTICE % ", agreed: yes") == "breaches"


def test_without_a_day_the_latest_day_of_the_facts_decides():
    text = "- {id: a, question: XVIII.II.2, expected: breaches, facts: {category: infra-red}, day: 2005-12-31}"
    assert verdict(text) == "breaches"
    withdrawn = "- {id: a, question: XV.2, expected: complies, facts: {notice: 2020-05-22, intended: 2020-11-22}}"
    assert verdict(withdrawn) == "complies"


def test_a_time_that_does_not_matter_may_stay_unknown():
    text = "- {id: a, day: 2021-02-01, question: XVI.2.a, expected: breaches, facts: {circulated: 2021-01-01, %s}}"
    assert verdict(text % "not_approved_by: [ISL], last_approval: unknown") == "breaches"
    assert verdict(text % "not_approved_by: [], last_approval: unknown") == "undetermined"


@pytest.mark.parametrize("word", ["notice", "notification"])
def test_a_message_may_have_another_word(word):
    told = f"{{{word}: 2021-02-01T06:00Z, eta: 2021-02-04T06:00Z}}"
    text = f"- {{id: a, question: VI.I.5, expected: complies, messages: [{told}]}}"
    assert verdict(text) == "complies"


def test_an_open_duty_is_undetermined_and_hides_behind_no_right():
    text = (
        "- {id: a, question: VI.I.6, now: 2021-02-02T05:00Z, expected: undetermined, "
        "messages: [{notice: 2021-02-01T06:00Z, eta: 2021-02-04T06:00Z}]}"
    )
    assert verdict(text) == "undetermined"


@pytest.mark.parametrize("paragraph", ["XV.2", "VI.I.9", "AnnF.III.6", "III.I.10", "XIII.I.2", "IX.II.3.A"])
def test_the_case_to_fill_in_can_be_read(paragraph):
    for rule in rules_under(paragraph, OPEN_SKIES):
        assert read_cases(example(rule).encode())[0].question.rule == rule.name.replace("_", " ")
