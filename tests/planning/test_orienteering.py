"""The point-visit core: distances of TSPLIB, tours within the limit, and bounds that no tour exceeds."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overflight.app.orienteer import orienteer
from overflight.errors import BadInput, OverflightError
from overflight.planning.orienteering.bound import upper_bound
from overflight.planning.orienteering.chain import Chain
from overflight.planning.orienteering.distances import between, matrix, tour_length
from overflight.planning.orienteering.field import Field
from overflight.planning.orienteering.oplib import Instance, read_oplib
from overflight.planning.orienteering.solve import checked, search, solve_small
from tests.planning.orienteering_cases import best_by_branch_and_cut, best_by_trying_all, instance_of


def _bound_alone(field: Field, seconds: float = 5) -> int:
    """The bound of the programme when all that is known is to stay at the start, so that no tour props it up."""
    nowhere = checked(field.instance, np.zeros(1, dtype=np.int64))
    bound = upper_bound(field, nowhere, seconds=seconds).score
    assert bound is not None
    return bound


def test_distances_follow_tsplib() -> None:
    here, there = np.array([0.0, 0.0]), np.array([3.0, 3.0])
    assert between("EUC_2D", here, there) == 4  # 4.243
    assert between("CEIL_2D", here, there) == 5
    assert between("ATT", here, there) == 2  # sqrt(1.8) = 1.34: the nearest, 1, is below it
    assert between("EUC_2D", here, np.array([0.0, 0.5])) == 1  # exactly a half goes up
    # A degree of latitude on TSPLIB's sphere is 111.32 km; minutes stand behind the point.
    assert between("GEO", np.array([10.0, 20.0]), np.array([11.0, 20.0])) == 112
    assert between("GEO", np.array([10.30, 20.0]), np.array([11.30, 20.0])) == 112
    assert between("GEO", np.array([10.0, 20.0]), np.array([10.30, 20.0])) == 56


def test_matrix_is_symmetric_with_nothing_on_the_diagonal() -> None:
    for kind in ("EUC_2D", "CEIL_2D", "ATT", "GEO"):
        far = matrix(instance_of(12, 1, kind=kind))
        assert (far == far.T).all()
        assert not far.diagonal().any()


@settings(max_examples=8, deadline=None)
@given(n=st.integers(1, 7), seed=st.integers(0, 10_000), share=st.sampled_from([0.05, 0.3, 0.5, 0.8]))
def test_small_cases_are_solved_and_bounded(n: int, seed: int, share: float) -> None:
    instance = instance_of(n, seed, share=share)
    truth = best_by_trying_all(instance)
    field = Field.of(instance)
    small = solve_small(field)
    assert small is not None
    assert small.tour.score == truth
    found = search(field, seconds=None, steps=4_000, seed=1).tour
    assert found.score <= truth
    assert _bound_alone(field) >= truth


@pytest.mark.parametrize(("seed", "kind"), [(2, "ATT"), (3, "GEO")])
def test_eleven_nodes_against_an_integer_programme(seed: int, kind: str) -> None:
    instance = instance_of(11, seed, share=0.45, kind=kind)
    if kind == "ATT":
        instance = Instance("att", kind, instance.points, instance.scores, instance.limit // 3)
    truth = best_by_branch_and_cut(instance)
    field = Field.of(instance)
    found = search(field, seconds=None, steps=20_000).tour
    assert found.score == truth
    assert truth <= _bound_alone(field) <= 1.2 * truth + 5


def test_bound_holds_whenever_it_is_stopped() -> None:
    instance = instance_of(60, 5, share=0.7)
    field = Field.of(instance)
    tour = search(field, seconds=None, steps=40_000).tour
    nowhere = checked(instance, np.zeros(1, dtype=np.int64))
    for rounds in (2, 4, 8, 40):  # a clock that counts looks, so that the stop falls after so many rounds
        ticks = iter(range(10_000))
        bound = upper_bound(field, nowhere, seconds=rounds, clock=lambda ticks=ticks: float(next(ticks)))
        assert bound.score is not None
        assert bound.score >= tour.score


def test_interrupted_it_keeps_the_bound_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    from overflight.planning.orienteering.master import Master

    instance = instance_of(60, 5, share=0.7)
    field = Field.of(instance)
    nowhere = checked(instance, np.zeros(1, dtype=np.int64))
    solve, turns = Master.solve, iter(range(1, 100))

    def interrupted(master: Master, seconds: float) -> bool:
        if next(turns) > 7:
            raise KeyboardInterrupt
        return solve(master, seconds)

    monkeypatch.setattr(Master, "solve", interrupted)
    bound = upper_bound(field, nowhere, seconds=1000.0, clock=lambda: 0.0)
    assert bound.score is not None
    assert bound.score < field.score.sum()
    assert bound.note is not None


@pytest.mark.parametrize("seed", range(4))
def test_bound_of_thirteen_nodes_against_every_set(seed: int) -> None:
    field = Field.of(instance_of(13, 30 + seed, share=0.5 + 0.1 * seed))
    small = solve_small(field)
    assert small is not None
    assert small.tour.score <= _bound_alone(field) <= 1.15 * small.tour.score + 5


def test_any_charges_give_a_valid_bound() -> None:
    from overflight.planning.orienteering.bound import _first_edges
    from overflight.planning.orienteering.master import Duals, Master

    instance = instance_of(7, 11, share=0.5)
    truth = best_by_trying_all(instance)
    field = Field.of(instance)
    start = checked(instance, np.zeros(1, dtype=np.int64))
    master = Master(field, _first_edges(field, start))
    master.add_sets([np.array([1, 2]), np.array([2, 3, 4])], np.ones(len(field)))
    rng = np.random.default_rng(0)
    for _ in range(200):
        charges = Duals(rng.normal(0, 20, len(field)), float(rng.random()), rng.random(len(master.sets)) * 10)
        assert master.price(charges, 4)[0] >= truth - 1e-9


def test_same_seed_and_steps_give_the_same_tour() -> None:
    field = Field.of(instance_of(80, 7, share=0.8))
    one = search(field, seconds=None, steps=20_000, seed=3)
    two = search(field, seconds=None, steps=20_000, seed=3)
    assert one.tour.rows.tolist() == two.tour.rows.tolist()
    assert one.steps == two.steps
    assert one.stopped_by == two.stopped_by == "steps"


def test_limit_of_nought_stays_at_the_start_and_still_scores() -> None:
    instance = instance_of(10, 3, share=0.0)
    found = search(Field.of(instance), seconds=None, steps=100).tour
    alone = [row for row in range(10) if (instance.points[row] == instance.points[0]).all()]
    assert found.score == int(instance.scores[alone].sum())
    assert found.length == 0


@pytest.mark.parametrize("past", [-1, 0, 1])
def test_limit_before_on_and_after_the_only_tour(past: int) -> None:
    points = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=np.float64)
    scores = np.array([1, 5, 5, 5], dtype=np.int64)
    found = search(Field.of(Instance("square", "EUC_2D", points, scores, 40 + past)), seconds=None, steps=2_000).tour
    assert found.score == (16 if past >= 0 else 11)


def test_places_on_top_of_each_other_and_scores_of_nought() -> None:
    points = np.array([[5, 5]] * 6 + [[9, 5]] * 6, dtype=np.float64)
    scores = np.array([0, 0, 3, 0, 3, 0, 0, 7, 0, 7, 0, 0], dtype=np.int64)
    field = Field.of(Instance("stack", "EUC_2D", points, scores, 8))
    found = search(field, seconds=None, steps=2_000).tour
    assert found.score == 20
    assert upper_bound(field, found, seconds=2).score == 20


def test_the_check_of_a_tour_sees_what_breaks_the_rules() -> None:
    instance = instance_of(10, 1, share=0.4)
    for rows in ([1, 2], [0, 2, 2], list(range(10))):
        broken = np.array(rows, dtype=np.int64)
        if rows == list(range(10)):
            assert tour_length(instance, broken) > instance.limit
        with pytest.raises(OverflightError):
            checked(instance, broken)


def test_every_look_keeps_the_limit_and_counts_what_is_there() -> None:
    field = Field.of(instance_of(120, 9, share=0.9))
    chain = Chain(field, 5)
    last = 0
    for k in range(60):
        chain.advance(k / 60)
        tour = checked(field.instance, chain.best)
        assert (tour.score, tour.length) == (chain.best_score, chain.best_length)
        assert tour.score >= last
        last = tour.score


@pytest.mark.parametrize(
    ("field", "number"), [("seconds", -1.0), ("seconds", float("nan")), ("steps", -5), ("seed", -1)]
)
def test_options_out_of_range(tmp_path: Path, field: str, number: float) -> None:
    with pytest.raises(BadInput):
        orienteer(tmp_path / "none.oplib", **{field: number})


def test_published_instances() -> None:
    folder = os.environ.get("OVERFLIGHT_OPLIB")
    if not folder:
        pytest.skip("OPLib instances are not here")
    with (Path(folder) / "best_known.csv").open(encoding="utf-8") as file:
        best = {row["instance"]: int(row["best_known_score"]) for row in csv.DictReader(file)}
    for name in ("att48-gen2-50", "eil101-gen3-50"):
        field = Field.of(read_oplib(Path(folder) / f"{name}.oplib"))
        found = search(field, seconds=None, steps=150_000).tour
        assert found.score == best[name]
        bound = upper_bound(field, found, seconds=20).score
        assert bound is not None
        assert best[name] <= bound <= 1.005 * best[name]
