"""Every rule that concerns one flight is asked by its lifecycle, or it is said here where it is asked instead."""

import ast
import re
from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

import overflight.flight as package
from overflight.app.treaty import all_rules
from overflight.flight.lifecycle import state
from tests.flight.build import Flight, regime_on, utc
from tests.flight.lives import IN_ORDER, flight_of, usual

# Articles IV to IX and the annexes of a flight, with the words that they use (II), the channel (XI) and damage (XII).
OF_A_FLIGHT = re.compile(r"(I\.1|II\.|IV\.|V\.|VI\.|VII\.|VIII\.|IX\.|XI$|XII$|AnnB|AnnC|AnnE|AnnF|AnnG|AnnK|D22)")

STANDING = "a notice to all that belongs to no flight"
SENSOR = "asked of the picture or the sensor when images are taken in"
COPIES = "asked when a request for copies is decided"
_HERE = Path(package.__file__).parent
ELSEWHERE = {
    "extra_distance_of_a_deviation_does_not_count": "asked as II.11 of the track, which knows both distances",
    "has_the_rights_of_a_party": "asked of a Party on a day; a flight asks `flies_over_a_party_only` of both",
    "observation_aircraft_is_unarmed_fixed_wing_and_registered": STANDING + ": the designation of an aircraft",
    "sensor_data_come_with_the_designation": STANDING,
    "sensor_data_hold_every_item": STANDING,
    "representatives_operate_sensors_after_notice": "no message says who works the sensors; a case asks it",
    "aircraft_data_hold_every_item": STANDING,
    "sensor_change_is_notified_90_days_before": STANDING,
    "a_stated_concern_is_met": STANDING,
    "registered_in_a_party": STANDING,
    "designation_is_notified_30_days_before": STANDING,
    "deletion_is_notified_90_days_before": STANDING,
    "one_example_of_each_type_is_certified": STANDING + ": the certificate of a type",
    "standing_notice_comes_within_90_days": STANDING,
    "site_change_is_notified_90_days_before": STANDING,
    "film_samples_come_within_30_days": STANDING,
    "airfield_is_reached_within_five_hours": "how far a place is, not how long one journey took, which may hold a rest",
    "every_point_is_within_reach": "asked of a Party's airfields",
    "separated_part_has_a_way_of_its_own": "asked of a Party's airfields",
    "separate_distance_stands_in_annex_a": "asked by the dispute over a part of a territory",
    "sensor_category_is_permitted": SENSOR,
    "sensors_are_within_their_number": SENSOR,
    "output_is_not_finer_than_agreed": SENSOR,
    "ground_coverage_is_no_wider_than_agreed": SENSOR,
    "frame_is_taken_at_minimum_height": SENSOR,
    "data_go_to_parties_only": COPIES,
    "request_states_its_particulars": COPIES,
    "delivery_time_of_copies": COPIES,
    "any_point_may_be_observed": "asked of a point, by the planner's user or a dispute",
    "no_site_is_closed": "a closed site reaches a flight as a proposal, which VI.II.6.b judges; otherwise a dispute",
    "costs_follow_the_commissions_scale": "the scale is the Commission's; costs are settled after the flight",
    "media_of_a_doubted_sensor_are_the_observed_partys": "a question of cost, settled after the flight",
}
# Other askers, each with the source that names the rules it asks. The lifecycle gets the breaches of the plan check
# for the right to prohibit; the track is held against the plan by `flight track`.
ASKERS = {
    "the plan check": ("planning/*.py", "rules/mission_plan.py"),
    "the track": ("flight/track*.py", "app/flight_track.py"),
}


def of_a_flight():
    """Rules by name that stand under a paragraph of a flight."""
    return {r.name: c for c, rules in all_rules().items() for r in rules if OF_A_FLIGHT.match(c)}


@cache
def named_in(*patterns):
    """Names that source files use: what they do not name they cannot ask."""
    out = set()
    for file in (file for pattern in patterns for file in _HERE.parent.glob(pattern)):
        tree = ast.parse(file.read_text())
        out |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
        out |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return out


def asked_by_the_lifecycle():
    """Names that the lifecycle's own source uses."""
    return named_in(*sorted(f"flight/{f.name}" for f in _HERE.glob("*.py") if not f.name.startswith("track")))


def test_every_rule_of_a_flight_is_asked_or_has_a_reason():
    rules, asked = of_a_flight(), asked_by_the_lifecycle()
    by_others = {name for patterns in ASKERS.values() for name in named_in(*patterns)}
    neither = {name: c for name, c in rules.items() if name not in asked | by_others and name not in ELSEWHERE}
    both = sorted(set(ELSEWHERE) & (asked | by_others))
    gone = sorted(set(ELSEWHERE) - set(rules))

    assert neither == {}, "wire it into overflight/flight/steps_*.py, or say in ELSEWHERE where it is asked"
    assert both == [], "asked after all: take it out of ELSEWHERE"
    assert gone == [], "no rule of a flight any more: take it out of ELSEWHERE"
    assert all(len(why) > 10 for why in ELSEWHERE.values())


def lives():
    """Two hundred lives of a flight, always the same ones, and short ones for what ends a flight early."""
    random = Random(20210512)
    for _ in range(200):
        steps = [
            (random.randint(0, 9), random.choice([30, 120, 240, 480, 1500]), random.randint(0, 5), n)
            for n in (random.randint(0, 11) for _ in IN_ORDER)
        ]
        yield flight_of(usual(steps))
    for stop in ("prohibit", "decline", "cancel"):
        for n in range(4):
            begin = [(480, "ack", "RUS", 1), (5760, "arrive", "DEU", 1), (60, "inspect", "RUS", n + 1)]
            middle = [(60, "demonstrate", "RUS", 9), (60, "submit", "DEU", 5), (600, stop, "RUS", n)]
            end = [(60, "depart", "DEU", 1), (60, "report", "RUS", 1), (60, "report", "DEU", 2)]
            yield flight_of([*begin, *middle, *[(60, stop, "DEU", n)], *end])


# Asked with facts of other flights, of shared flights or of the people aboard: their own tests try these.
_WITH_OTHER_FACTS = {"aboard.py", "together.py"}


def test_what_is_asked_is_answered_in_some_life():
    heard: Counter[str] = Counter()
    for messages in lives():
        view = state(messages, messages[-1].at + timedelta(days=30), regime_on)
        heard.update(f.rule for f in view.findings)
    other = " ".join((_HERE / name).read_text() for name in _WITH_OTHER_FACTS if (_HERE / name).exists())
    silent = sorted(
        name
        for name in of_a_flight()
        if name in asked_by_the_lifecycle() and not heard[name] and not re.search(rf"\b{name}\b", other)
    )

    assert silent == sorted(BY_HAND), "asked nowhere in two hundred lives"


# What only a state of affairs shows that random lives do not reach: each is tried by hand below.
BY_HAND = (
    "a_party_may_have_copies",  # of a request by a State that is no Party
    "second_flight_at_one_time_may_be_refused",
)


def test_a_state_that_left_has_no_right_to_copies_and_who_asked_before_meets_silence():
    def asked(at, party):
        flight = Flight().whole()
        flight.say(at, party, "data.request", to=("DEU", "RUS"), flown_on="2021-05-19", sensor="AFA-41-10",
                   portion="all", medium="film")  # fmt: skip
        return [f for f in flight.at("30 00:00").findings if f.rule == "a_party_may_have_copies"]

    assert [(str(f.verdict), f.actor) for f in asked("25 10:00", "USA")] == [("breaches", "USA")]
    assert asked("25 10:00", "CAN") == []  # a Party's right stands among the rights


def test_a_second_flight_at_one_time_may_be_refused_and_a_third_after_it_not():
    first = Flight()
    first.notify()
    (line,) = [first.at("13 00:00").ledger]
    second = Flight()
    second.notify("12 12:00", "21 07:59")
    third = Flight()
    third.notify("12 12:00", "21 08:00")

    def refusal(flight):
        view = flight.at("13 00:00", earlier=[line])
        return [r.who for r in view.rights if r.citation == "VI.I.3.b"]

    assert refusal(second) == ["RUS"]
    assert refusal(third) == []
    assert line.eta == utc("17 08:00")
