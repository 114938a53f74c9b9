"""Versions of the plan, and when there is agreement."""

from overflight.flight.messages import plan_digest
from overflight.flight.negotiation import talks
from tests.flight.build import Flight, plan

SIDES = {"DEU": "observing", "RUS": "observed", "BLR": "observed"}


def made(flight):
    return talks(flight.messages, SIDES)


def test_the_observed_partys_acceptance_of_the_plan_is_agreement():
    flight = Flight()
    version = flight.submit()
    assert made(flight).agreed is None
    flight.say("17 15:00", "RUS", "plan.accept", version=version)

    assert made(flight).agreed.rid == version


def test_taking_up_a_proposal_is_no_agreement_on_the_plan_until_the_observed_party_accepts_it_too():
    flight = Flight()
    version = flight.submit()
    change = flight.say("17 16:00", "RUS", "plan.change", version=version, ground="weather", reason="x", plan=plan())
    flight.say("17 16:10", "DEU", "plan.accept", version=change)
    assert made(flight).agreed is None
    assert made(flight).current.rid == change
    flight.say("17 16:20", "RUS", "plan.accept", version=change)

    assert made(flight).agreed.rid == change


def test_two_signatures_are_agreement_and_one_is_not():
    flight = Flight()
    version = flight.submit()
    flight.say("17 15:00", "DEU", "plan.sign", version=version)
    flight.say("17 15:01", "DEU", "plan.sign", version=version)
    assert made(flight).agreed is None
    flight.say("17 15:02", "BLR", "plan.sign", version=version)  # the group signs through a member

    assert made(flight).agreed.signed_at == flight.messages[-1].at


def test_a_signature_under_another_digest_is_none():
    flight = Flight()
    version = flight.submit()
    right, wrong = plan_digest(plan()), plan_digest(plan("20 06:00"))
    flight.say("17 15:00", "DEU", "plan.sign", version=version, plan_sha256=right)
    flight.say("17 15:00", "RUS", "plan.sign", version=version, plan_sha256=wrong)
    assert made(flight).agreed is None
    flight.say("17 15:01", "RUS", "plan.sign", version=version, plan_sha256=right)

    assert made(flight).agreed.rid == version


def test_nobody_else_can_propose_accept_or_sign():
    flight = Flight()
    version = flight.submit()
    flight.say("17 15:00", "CAN", "plan.change", version=version, ground="weather", reason="x")
    flight.say("17 15:00", "CAN", "plan.accept", version=version)
    flight.say("17 15:00", "CAN", "plan.sign", version=version)
    flight.say("17 15:00", "DEU", "plan.change", version=version, ground="weather", reason="x")

    assert [v.rid for v in made(flight).versions] == [version]
    assert made(flight).agreed is None


def test_an_acceptance_before_its_version_was_made_has_no_effect():
    flight = Flight()
    version = flight.submit("17 14:00")
    flight.say("17 13:00", "RUS", "plan.accept", version=version)

    assert made(flight).agreed is None


def test_a_change_of_the_start_alone_keeps_the_path():
    flight = Flight()
    version = flight.submit()
    change = flight.say(
        "17 16:00", "RUS", "plan.change", version=version, ground="weather", reason="x", take_off="2021-05-19T09:00:00Z"
    )
    found = made(flight).get(change)

    assert found.plan["take_off"] == "2021-05-19T09:00:00Z"
    assert found.plan["waypoints"] == plan()["waypoints"]


def test_the_clocks_run_from_the_original_plan_through_any_number_of_proposals():
    flight = Flight()
    version = flight.submit()
    first = flight.say("17 15:00", "RUS", "plan.change", version=version, ground="weather", reason="x")
    second = flight.say("17 16:00", "RUS", "plan.change", version=first, ground="weather", reason="x")
    other = flight.say("17 17:00", "DEU", "plan.alternative", version=second, plan=plan())
    third = flight.say("17 19:00", "RUS", "plan.change", version=other, ground="weather", reason="x")
    found = made(flight)

    assert found.submission(found.get(third)).rid == version
    assert not found.answers_alternative(found.get(second))
    assert found.answers_alternative(found.get(third))


def test_proposals_that_answer_each_other_in_a_circle_end():
    flight = Flight()
    version = flight.submit()
    a = flight.say("17 15:00", "RUS", "plan.change", version=version, ground="weather", reason="x")
    flight.messages[-1].body["version"] = a  # answers itself
    found = made(flight)

    assert found.submission(found.get(a)).rid == version
    assert not found.answers_alternative(found.get(a))
