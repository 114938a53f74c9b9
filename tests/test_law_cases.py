"""Every law case of the files in tests/cases, decided as `overflight case run` decides it."""

from pathlib import Path

import pytest

from overflight.app.casefile import read_cases
from overflight.app.cases import decide
from overflight.treaty.paragraphs import load_cases
from overflight.treaty.regime import OPEN_SKIES

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for file in FILES for case in read_cases(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}:{case.id}")
def test_law_case(case):
    answer = decide(case)
    assert answer.ok, (*answer.wrong, answer.finding.because)


def test_case_names_stand_once_over_all_files():
    names = [case.id for case in CASES]
    assert len(set(names)) == len(names)


def test_every_worked_case_of_the_treaty_data_is_carried_out():
    worked = {c.id for c in load_cases(OPEN_SKIES)}
    assert {case.origin for case in CASES if case.origin} == worked
