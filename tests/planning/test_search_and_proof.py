"""The search and its proof together: what one tells the other, and what is said when they disagree."""

import ast
import importlib.util
import time
from datetime import date

import numpy as np
import pytest

from overflight.errors import NothingToPlan
from overflight.planning.optimise import Found, Nominal, finish, solve
from overflight.planning.orienteering import compiled
from overflight.planning.request import PlanRequest
from overflight.planning.stop import after_seconds, after_steps, first_of, postponed
from overflight.planning.swath import prover
from overflight.planning.swath.lane import Lanes
from overflight.planning.task import prepare
from overflight.terms.place import Site
from overflight.treaty.geography import Borders
from overflight.treaty.regime import Regime

DAY = date(2021, 5, 17)


def strewn(many=40, seed=0, **more):
    """A request over made-up sites around Wunstorf."""
    rng = np.random.default_rng(seed)
    rows = zip(rng.uniform(8, 12, many), rng.uniform(51, 53.3, many), rng.integers(1, 6, many), strict=True)
    sites = tuple(Site(f"S{n}", float(a), float(b), float(v)) for n, (a, b, v) in enumerate(rows))
    return PlanRequest("DEU", "ETNW", "ETNW", more.pop("sites", sites), 10.0, **{"max_km": 600.0} | more)


def searched(request, steps=10):
    task, ignored = prepare(request, Regime.on(DAY), Borders.load())
    lanes = Lanes(task.problem, task.first, 0)
    lanes.first()
    for n in range(steps):
        lanes.advance(n / steps)
    lanes.close()
    return task, ignored, lanes


def test_a_bound_below_what_was_found_is_reported_and_not_raised():
    """A planted wrong proof: the result has no proven bound, no gap, and a sentence that asks for a report."""
    task, ignored, lanes = searched(strewn())
    order = lanes.discrete.chain.best_order()
    found = Found(order, lanes.shifted.chain.best_order(), 10, "steps")
    right = finish(task, found, ignored, bound=1e6)
    wrong = finish(task, found, ignored, bound=right.discrete_value - 1.0)
    assert (wrong.bound, wrong.gap, wrong.proven) == (None, None, False)
    assert "please report" in wrong.bound_note
    assert wrong.to_json()["bound_note"] == wrong.bound_note
    assert right.bound_note is None
    assert not right.proven  # the sum within reach
    on_it = finish(task, found, ignored, bound=right.discrete_value)
    assert (on_it.bound, on_it.gap, on_it.proven) == (right.discrete_value, 0.0, True)


@pytest.mark.skipif(importlib.util.find_spec("highspy") is None, reason="needs highspy")
def test_the_search_tells_the_proof_what_it_has_found():
    """Told the best value from outside, a proof comes down to it and ends; it is asked nothing else."""
    task, _, lanes = searched(strewn(12), steps=4)
    best = Nominal(task)
    value = best.look(lanes.discrete, 0.0)
    assert value == best.of_one(lanes.discrete.chain.best_order())[1]
    running = prover.Prover()
    running.give(prover.stated(task.problem, task.half_km, task.values, lanes.discrete))
    running.tell(value)
    assert running._process.wait(60) == 0
    assert running.end() >= value
    assert running.lower == value


def test_a_search_that_observes_everything_ends_before_its_time():
    found = solve(strewn(3), Regime.on(DAY), borders=Borders.load(), stop=after_seconds(300.0, time.monotonic), seed=0)
    assert found.stopped_by == "proven"
    assert found.value == found.total_value == found.bound


def test_one_site_beside_foreign_land_is_reached_around_its_corner():
    """12.2 E, 50.3 N lies in Germany beside a salient of the Czech Republic, which was a Party but gave no consent."""
    request = PlanRequest("DEU", "ETSA", "ETNW", (Site("vogtland", 12.2, 50.3),), 10.0, max_km=900.0)
    found = solve(request, Regime.on(date(2003, 10, 1)), borders=Borders.load(), stop=after_steps(2))
    assert (found.value, found.discrete_value) == (1.0, 1.0)
    assert found.check.complies
    assert found.check.length_km < 700


@pytest.mark.parametrize("seed", range(4))
def test_the_value_is_never_below_the_discrete_one_with_required_sites(seed):
    plain = strewn(60, seed)
    sites = tuple(Site(s.name, s.lon_deg, s.lat_deg, s.value, required=n % 15 == 0) for n, s in enumerate(plain.sites))
    for steps in (1, 6):
        try:
            found = solve(
                strewn(sites=sites, max_km=900.0), Regime.on(DAY), borders=Borders.load(), stop=after_steps(steps),
                seed=seed,
            )  # fmt: skip
        except NothingToPlan:
            continue
        assert found.value >= found.discrete_value
        assert found.discrete_value > 0 or "required" in found.bound_note


@pytest.mark.parametrize("seed", [0, 1])
def test_the_discrete_value_is_never_below_what_the_point_tours_observe(seed):
    task, _, lanes = searched(strewn(150, seed, max_km=900.0), steps=12)
    best = Nominal(task)
    assert lanes.discrete.tours
    chosen = best.of(lanes.on_candidates())
    for order in (*lanes.discrete.tours, lanes.discrete.chain.best_order()):
        assert best.of_one(chosen)[1] >= best.of_one(order)[1]
    given = {tuple(place) for place in task.problem.points}
    assert all(tuple(place) in given for _, place in chosen)


def test_the_api_refuses_what_contradicts_itself():
    request = strewn(4, range_km=100.0, stops=("ETSA",))
    with pytest.raises(NothingToPlan, match="range"):
        solve(request, Regime.on(DAY), borders=Borders.load(), stop=after_steps(1))


def test_a_deadline_is_postponed_by_what_was_compiled():
    rule = after_seconds(5.0, lambda: 0.0)
    assert postponed(rule, 3.0).due == rule.due + 3.0
    assert postponed(first_of(rule, after_steps(2)), 3.0).rules[0].due == rule.due + 3.0
    assert postponed(after_steps(2), 3.0) == after_steps(2)


PACKAGES = ("swath", "orienteering", "bound")


@pytest.mark.parametrize("name", PACKAGES)
def test_the_kept_machine_code_belongs_to_the_text_of_all_that_is_compiled(name, tmp_path):
    """Another file of the loops: another folder.  A file without loops: the same."""
    package = compiled._HERE.parent / name
    files = compiled.compiled_files(package)
    for file in files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = compiled._text_of(tmp_path)
    (tmp_path / "beside.py").write_text("x = 1\n")
    assert compiled._text_of(tmp_path) == before
    changed = tmp_path / files[0].name
    changed.write_text(changed.read_text() + "\n# another text\n")
    assert compiled._text_of(tmp_path) != before


@pytest.mark.parametrize("name", PACKAGES)
def test_loops_take_loops_and_numbers_only_from_files_that_name_the_folder(name):
    """Else a change there would be missed: from other places come tools that no loop uses."""
    package = compiled._HERE.parent / name
    counted = set(compiled.compiled_files(package))
    for file in counted:
        tree = ast.parse(file.read_text())
        outside = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("overflight"):
                source = compiled._HERE.parents[2] / ((node.module or "").replace(".", "/") + ".py")
                if source not in counted:
                    outside |= {alias.asname or alias.name: node.module for alias in node.names}
        loops = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(d, ast.Name) and d.id in ("compiled", "inner") for d in node.decorator_list)
        ]
        for loop in loops:
            used = {n.id for part in loop.body for n in ast.walk(part) if isinstance(n, ast.Name)}
            assert not used & set(outside), (file.name, loop.name, used & set(outside))
