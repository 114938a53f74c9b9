"""Each rule is changed a little on purpose, and a law case must notice.

Two sorts of change: the answer is turned round, and each comparison of the rule's own source is
replaced by its neighbour (``<`` by ``<=``, ``and`` by ``or``, ``not`` left out).  A rule whose change no
case notices is a rule that no case tries.
"""

import __future__

import ast
import importlib
import inspect
import sys
import textwrap
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from overflight.app import caserules
from overflight.app.casefile import read_cases
from overflight.app.cases import decide
from overflight.app.coverage import case_files
from overflight.app.treaty import all_rules
from overflight.errors import OverflightError, UnknownOnDate
from overflight.rules.finding import Verdict
from overflight.treaty.regime import Regime

DAY = date(2021, 5, 19)
RULES = {r.name: r for rules in all_rules().values() for r in rules}
TURNED = {
    Verdict.COMPLIES: Verdict.BREACHES,
    Verdict.BREACHES: Verdict.COMPLIES,
    Verdict.RIGHT: Verdict.COMPLIES,
    Verdict.SILENT: Verdict.COMPLIES,
    Verdict.DISPUTED: Verdict.COMPLIES,
    Verdict.UNDETERMINED: Verdict.COMPLIES,
}
NEIGHBOUR = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


@cache
def answers():
    """Every law case with its answer, decided once."""
    return [(case, decide(case)) for file in case_files() for case in read_cases(file)]


@cache
def cases_of():
    """Rule -> the law cases that it answers, those with plain facts first because they are quick."""
    out = defaultdict(list)
    for case, answer in answers():
        for name in answer.asked:
            out[name].append(case)
    return {name: sorted(cases, key=lambda c: (c.plan is not None, bool(c.messages))) for name, cases in out.items()}


@cache
def rules_that_show():
    """(value or clock, its name, of) -> the rules whose answers show that row."""
    out = defaultdict(set)
    for _, answer in answers():
        for row in answer.finding.data:
            key = ("clock", row["id"], None) if "trigger" in row else ("value", row.get("name"), row.get("of"))
            out[key] |= set(answer.asked)
    return out


@contextmanager
def replaced(module, name, function):
    """The rule `name` is `function` wherever it is used, for a while."""
    old = getattr(module, name)
    holders = [
        m
        for key, m in list(sys.modules.items())
        if key.startswith(("overflight.rules", "overflight.flight", "overflight.planning", "overflight.app"))
        and getattr(m, name, None) is old
    ]
    for m in holders:
        setattr(m, name, function)
    caserules.function_of.cache_clear()
    try:
        yield
    finally:
        for m in holders:
            setattr(m, name, old)
        caserules.function_of.cache_clear()


def noticed(name):
    """Whether some law case of the rule is no longer answered as expected."""
    for case in cases_of().get(name, ()):
        try:
            if not decide(case).ok:
                return True
        except (OverflightError, TypeError, ValueError, AttributeError, KeyError):
            return True
    return False


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_case_notices_when_a_rule_answers_the_opposite(name):
    module = importlib.import_module(RULES[name].module)
    plain = getattr(module, name)

    def turned(*args, **facts):
        found = plain(*args, **facts)
        return replace(found, verdict=TURNED[found.verdict])

    turned.__wrapped__ = inspect.unwrap(plain)
    assert name in cases_of(), "no law case asks this rule"
    with replaced(module, name, turned):
        assert noticed(name)


def mutants(function):
    """(what was changed, the changed function) for each comparison, ``and``, ``or`` and ``not`` of a rule."""
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    count = len(list(_places(ast.parse(source))))
    for n in range(count):
        tree = ast.parse(source)
        node, part = list(_places(tree))[n]
        line = " ".join(ast.get_source_segment(source, node).split())
        line = f"{line} <- {source.splitlines()[node.lineno - 1].strip()}"
        _change(node, part)
        tree.body[0].decorator_list = []
        space = dict(inspect.unwrap(function).__globals__)
        exec(compile(ast.fix_missing_locations(tree), "mutant", "exec", __future__.annotations.compiler_flag), space)
        yield f"{type(node).__name__} in: {line}", space[function.__name__]


def _places(tree):
    """Places to change; what stands inside the words of a sentence changes no answer."""
    worded = {
        id(inner)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "say"
        for inner in ast.walk(call)
    }
    for node in ast.walk(tree):
        if id(node) in worded:
            continue
        if isinstance(node, ast.Compare):
            yield from ((node, k) for k, op in enumerate(node.ops) if type(op) in NEIGHBOUR)
        elif isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            yield node, 0


def _change(node, part):
    if isinstance(node, ast.Compare):
        node.ops[part] = NEIGHBOUR[type(node.ops[part])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    else:  # `not x` becomes `not not x`
        node.operand = ast.UnaryOp(ast.Not(), node.operand)


# Changes that touch no answer, only what is shown beside it: rule -> a piece of the line.
HARMLESS = {
    "costs_follow_the_commissions_scale": "parties > 1",  # how many share is said, the answer is silent either way
    "covers_are_checked_at_a_stop": "actor=at or None",
    "crosses_itself_at_most_once_at_a_point": '"literal": "complies"',
    # the second half says again what the first says; which of two sentences says what is missing
    "flies_above_the_certified_height": "error_m == 0 and|why or say",
    "frame_is_taken_at_minimum_height": '"source": certificate or',
    "has_consent_of_crossed_states": "outside = ",
    "has_active_quota_left": "marks = ",  # the marks shown beside the number
    "hazard_is_named_and_room_made": "if not hazard:",  # which of two sentences says what is missing
    "keeps_certified_height": "or 0.0",
    # how many numbers are shown, and "crosses" or "passes" of a path that is too near either way
    "keeps_clear_of_non_party_border": (
        "if in_doubt or too_near:|len(too_near) > 1|closest.km > 0|len(legs) > 1|== closest.name"
    ),
    "keeps_within_maximum_distance": "if disputed_km > 0:",  # nothing disputed adds nothing
    "partner_acts_for_the_observing_side": 'reading == "any"',  # the words of a silent answer; the readings are tested
    "review_conference_is_held_in_its_year": "held < due.at",  # the same moment is the same year, decided before
    "second_flight_at_one_time_may_be_refused": "if demonstration_by_observed and|if eta < other_eta",  # which sentence
    "starts_or_ends_at_an_airfield_of_the_treaty": 'if which == "start"',
    "tells_all_others_at_the_same_moment": "len(left_out) <= 6",
    "track_has_no_gaps": 'name == "gaps"',  # whether an empty list is shown
}


def test_a_case_notices_when_a_comparison_of_a_rule_is_changed():
    unnoticed, made = defaultdict(list), 0
    for name, rule in sorted(RULES.items()):
        module = importlib.import_module(rule.module)
        plain = getattr(module, name)
        for what, mutant in mutants(plain):
            made += 1

            def stamped(*args, mutant=mutant, rule=rule, **facts):
                found = mutant(*args, **facts)
                return replace(found, citation=found.citation or rule.citation, rule=rule.name)

            stamped.__wrapped__ = inspect.unwrap(plain)
            with replaced(module, name, stamped):
                harmless = any(piece in what for piece in HARMLESS.get(name, "\n").split("|"))
                if not harmless and not noticed(name):
                    unnoticed[name].append(what)
    assert made > 400
    assert not unnoticed, "\n".join(f"{name}: {what}" for name, whats in unnoticed.items() for what in whats)


# Numbers that a clock of the same paragraph decides with (a test below holds the two together), and one that
# says only which States to name.
UNUSED = {
    ("demonstration_longest", None): "AnnF.III.3.B",
    ("inventory_start_within", None): "AnnE.7#start",
    ("inventory_end_within", None): "AnnE.7#end",
    ("personnel_objection", None): "XIII.I.2",
    ("passive_quota_needed", None): None,
}
# Numbers that stand in the table of clocks too.
TWICE = {
    "notice_before_arrival": "VI.I.5", "acknowledge_within": "VI.I.6", "late_arrival": "VIII.I.2",
    "flight_window": "VI.I.9", "demonstration_extension": "AnnF.III.4", "inspection_longest": "AnnF.I.4",
    "inspection_before_start": "VI.I.11", "plan_reply_within": "VI.II.6#4h", "plan_agreement_within": "VI.II.6#8h",
    "plan_before_take_off": "VI.II.4.E", "leave_after_completion": "VI.I.20", "report_within": "VI.I.21#send",
    "prohibition_reasons_within": "VIII.I.3#expl", "decline_reasons_within": "VIII.I.6#expl",
    "film_observed_facility": "IX.II.3.A", "film_observing_facility": "IX.II.3.B", "withdrawal_notice": "XV.2",
    "conference_earliest": "XV.3#min", "conference_latest": "XV.3#max", "accession_effect": "XVII.6",
    "airfield_from_entry_within": "AnnE.1", **{name: id for (name, _), id in UNUSED.items() if id},
}  # fmt: skip


@pytest.mark.parametrize(("name", "id"), TWICE.items())
def test_a_number_is_the_same_in_both_tables(name, id):
    here = Regime.on(DAY)
    value, clock = here.value(name), here.deadline(id)
    assert (value.value, value.unit[0]) == (clock.amount, clock.unit[0])


def cases_that_show(kind, name, of):
    """The law cases of the rules whose answers show a dated value or a clock."""
    rules = rules_that_show()[kind, name, of]
    return sorted({c.id: c for rule in rules for c in cases_of()[rule]}.values(), key=lambda c: bool(c.messages))


SINGLE = [n for n in Regime.on(DAY).table_names() if n not in ("active_quota", "max_flight_distance")]
NUMBERS = [(v.name, v.of, v.by) for n in SINGLE for v in Regime.on(DAY).values(n) if isinstance(v.value, int | float)]


@pytest.mark.parametrize(("name", "of", "by"), NUMBERS, ids=lambda x: str(x))
def test_a_case_notices_when_a_number_of_the_treaty_is_another(name, of, by):
    """Each number is made a little larger, and a little smaller; quotas of each Party stand for one another."""
    if name == "passive_quota" and of not in ("DEU", "HUN", "BLR;RUS"):
        return
    if (name, of) in UNUSED:
        return
    shown = cases_that_show("value", name, of)
    assert shown, "no law case shows this value"
    for step in (1, -1):

        def other(here, step=step):
            try:
                row = here.value(name, of=of, by=by)
            except UnknownOnDate:
                return here
            part = 0.2 if row.unit == "share" else 0.01
            more = row.value * (1 + part * step) if isinstance(row.value, float) else row.value + step
            return here.with_value(name, more, of=of, by=by)

        assert any(not decide(case, change=other).ok for case in shown), f"{step:+d}"


@pytest.mark.parametrize("id", [d.id for d in Regime.on(DAY).deadlines() if d.unit not in ("calendar", "none")])
def test_a_case_notices_when_a_clock_runs_longer_or_shorter(id, monkeypatch):
    shown = cases_that_show("clock", id, None)
    plain = Regime.deadline
    for step in (1, -1):

        def other(self, wanted, step=step):
            row = plain(self, wanted)
            return replace(row, amount=(row.amount or 0) + step) if wanted == id else row

        if plain(Regime.on(DAY), id).amount == 0 and step < 0:
            continue
        monkeypatch.setattr(Regime, "deadline", other)
        assert any(not decide(case).ok for case in shown), f"{step:+d}"
        monkeypatch.setattr(Regime, "deadline", plain)
