"""What a node was not shown is not held against anybody."""

from tests.flight.build import Flight, breached, found


def test_the_observed_party_cannot_tell_whether_others_were_told_when_it_was_not_shown_their_notice():
    flight = Flight()
    flight.notify(others=False)

    seen_by_russia = flight.at("12 20:00", viewer="RUS")
    assert found(seen_by_russia, "VI.I.8") == ["undetermined"]
    assert "VI.I.8" not in breached(seen_by_russia)
    assert "tell all other Parties" not in [d.what for d in seen_by_russia.duties]


def test_the_observing_partys_own_node_does_know_whom_it_told():
    flight = Flight()
    flight.notify(others=False)

    assert found(flight.at("12 20:00", viewer="DEU"), "VI.I.8") == ["breaches"]
