"""Law cases in YAML: facts in, one rule asked by its name, verdict and paragraph out.

A case has `id`, `situation`, `day` (of the regime), `question` (the rule's name), `facts` (its keyword
arguments), `expected` (verdict) and `citation`; `readings`, `values` (set for this run) and `from` (the
worked case of the data that it carries out) are optional.
"""

import importlib
import inspect
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from overflight.app.treaty import all_rules
from overflight.rules.finding import Finding, Verdict
from overflight.treaty.paragraphs import load_cases
from overflight.treaty.regime import OPEN_SKIES, Regime

KEYS = {"id", "from", "situation", "day", "readings", "values", "question", "facts", "expected", "citation"}
NEEDED = KEYS - {"from", "readings", "values"}


def cases() -> list[dict[str, Any]]:
    """Every case of every file beside this one."""
    files = sorted(Path(__file__).parent.glob("*.yaml"))
    return [case for file in files for case in yaml.safe_load(file.read_text("utf-8"))]


def decide(case: dict[str, Any]) -> Finding:
    """The finding of the rule that the case asks, under the regime of its day."""
    named = {r.name: r for rules in all_rules().values() for r in rules}
    rule = getattr(importlib.import_module(named[case["question"]].module), case["question"])
    here = Regime.on(case["day"], readings=case.get("readings"))
    for value in case.get("values", ()):
        given = dict(value)
        here = here.with_value(given.pop("name"), given.pop("value"), **given)
    facts = dict(case["facts"])
    for name in inspect.signature(rule).parameters:
        if name == "regime":
            facts[name] = here
        elif name == "regime_on":
            facts[name] = lambda day: Regime.on(day, readings=case.get("readings"))
    return rule(**facts)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_law_case(case):
    found = decide(case)
    assert (str(found.verdict), found.citation) == (case["expected"], case["citation"]), found.because


def test_cases_are_whole_and_cite_the_data():
    found = cases()
    assert len({case["id"] for case in found}) == len(found)
    known = {c.id for c in load_cases(OPEN_SKIES)}
    for case in found:
        assert set(case) <= KEYS, case["id"]
        assert set(case) >= NEEDED, case["id"]
        assert isinstance(case["day"], date)
        assert case["expected"] in set(Verdict)
        assert case.get("from", "case-01") in known
        Regime.on(case["day"]).paragraph(case["citation"])
