"""Who may do what until when, moment by moment: transit, services, demonstration, plan, stops, emergencies."""

import pytest

from tests.flight.build import Flight, breached, found, plan, utc


def rights(view, citation=""):
    return [(r.who, r.citation) for r in view.rights if r.citation.startswith(citation)]


def owed(view, citation):
    """Open duties under a paragraph: who, and by when."""
    return [(d.who, d.due) for d in view.duties if d.citation == citation and d.done_at is None]


def arrived(**more):
    flight = Flight()
    flight.notify(**more)
    flight.acknowledge()
    flight.arrive()
    return flight


# Transit


def test_a_transit_may_cross_the_parties_of_the_notice_until_arrival():
    flight = Flight()
    flight.notify(transited=["POL", "BLR"])
    flight.acknowledge()

    assert ("DEU", "VII.2.a") in rights(flight.at("16 00:00"))
    flight.arrive()
    assert rights(flight.at("17 09:00"), "VII") == []


@pytest.mark.parametrize(("ran", "verdict"), [(False, "complies"), (True, "breaches")])
def test_sensors_are_off_in_transit(ran, verdict):
    flight = Flight()
    flight.notify(transited=["POL"])
    flight.say("17 06:00", "DEU", "flight.transit", over="POL", starts_in="DEU", on_routes=True, sensors_ran=ran)
    view = flight.at("17 07:00")

    assert found(view, "VII.3.a") == [verdict]
    assert found(view, "VII.1") == ["complies"]
    assert found(view, "VII.2.b") == ["complies"]


def test_a_party_that_refuses_the_transit_is_in_breach_and_a_state_that_is_none_is_not():
    for over, verdict in (("POL", "breaches"), ("SRB", "complies")):
        flight = Flight()
        flight.notify()
        flight.say("13 06:00", "DEU", "flight.transit", over=over, refused=True)

        assert found(flight.at("14 00:00"), "VII.2.a") == [verdict]


@pytest.mark.parametrize(("given", "verdict"), [("13 06:00", "complies"), ("13 06:01", "breaches")])
def test_transit_details_come_within_72_hours(given, verdict):
    flight = Flight()
    flight.notify()
    asked = utc("10 06:00")
    flight.say("12 09:00", "DEU", "flight.transit", over="POL", details_asked_at=asked)
    assert owed(flight.at("13 00:00"), "D22.4") == [("POL", utc("13 06:00"))]

    flight.say("13 07:00", "POL", "flight.transit", over="POL", details_asked_at=asked, details_given_at=utc(given))
    assert verdict in found(flight.at("13 08:00"), "D22.4")


def test_covers_at_a_stop_on_the_way_are_owed_by_the_party_of_the_stop():
    flight = Flight()
    flight.notify()
    stop = {"over": "POL", "landed_at": utc("16 10:00"), "checked_after": utc("16 10:30")}
    flight.say("16 11:00", "DEU", "flight.transit", **stop)
    assert owed(flight.at("16 12:00"), "VII.3.b") == [("POL", None)]

    for n, (left, verdict) in enumerate((("17 07:00", "complies"), ("17 06:59", "breaches"))):
        whole = {**stop, "checked_before": utc("17 07:00"), "left_at": utc(left)}
        flight.say(f"17 07:3{n}", "DEU", "flight.transit", **whole)
        assert verdict in found(flight.at("17 08:00"), "VII.3.b")


# Arrival, services, equipment


def test_the_right_to_arrive_needs_no_consent_and_a_refusal_of_it_is_a_breach():
    flight = Flight()
    flight.notify()
    assert ("DEU", "VI.I.6.c") in rights(flight.at("12 09:00"))
    flight.acknowledge(allows_arrival=False)

    assert found(flight.at("13 00:00"), "VI.I.6.c") == ["breaches"]


def test_a_refusal_of_arrival_after_short_notice_is_none():
    flight = Flight()
    flight.notify("14 20:00")
    flight.acknowledge("15 00:00", allows_arrival=False)

    assert found(flight.at("15 01:00"), "VI.I.6.c") == ["complies"]


def test_the_briefing_is_owed_from_arrival_to_the_start_and_names_what_it_lacks():
    flight = arrived()
    assert owed(flight.at("17 08:00"), "VI.I.13") == [("RUS", None)]
    assert owed(flight.at("17 07:59"), "VI.I.13") == []
    flight.say("17 09:00", "RUS", "flight.services", given_at=utc("17 09:00"), briefing=["weather", "navigation"])
    view = flight.at("17 10:00")

    assert owed(view, "VI.I.13") == []
    assert found(view, "VI.I.13") == ["breaches"]
    assert ("DEU", "VI.I.17") in rights(view)


def test_a_service_that_is_refused_is_a_breach():
    for refused, verdict in (([], "complies"), (["fuel and service"], "breaches")):
        flight = arrived()
        asked = {"given_at": utc("17 09:00"), "asked_for": ["fuel and service"], "refused": refused}
        flight.say("17 09:00", "DEU", "flight.services", **asked)

        assert found(flight.at("17 10:00"), "VI.I.17") == [verdict]


@pytest.mark.parametrize(
    ("begun", "ended", "verdict"),
    [
        ("17 09:00", "17 10:00", "complies"),
        ("17 09:01", "17 10:00", "breaches"),
        ("17 09:00", "17 10:01", "breaches"),
        (None, None, "undetermined"),
    ],
)
def test_the_inventory_begins_in_an_hour_and_ends_in_an_hour(begun, ended, verdict):
    flight = arrived()
    times = {"begun_at": begun and utc(begun), "ended_at": ended and utc(ended)}
    flight.say("17 12:00", "RUS", "flight.inventory", inspecting="RUS", arrived_at=utc("17 08:00"), **times)
    view = flight.at("17 13:00")

    assert found(view, "AnnE.7") == [verdict]
    dues = [d.due for d in view.duties if d.citation == "AnnE.7"]
    assert dues[0] == utc("17 09:00")
    assert [d.late(view.now) for d in view.duties if d.citation == "AnnE.7"].count(True) == (verdict != "complies")


def test_items_that_are_on_no_list_are_sealed_or_refused():
    flight = arrived()
    listed = {"inspecting": "RUS", "arrived_at": utc("17 08:00"), "unlisted": ["lamp", "rope"], "sealed": ["lamp"]}
    flight.say("17 09:00", "RUS", "flight.inventory", **listed)

    assert found(flight.at("17 10:00"), "AnnE.8") == ["breaches"]


# Inspection and demonstration flight


def test_equipment_that_cannot_be_shown_out_lets_the_observing_party_fly_or_cancel():
    flight = arrived()
    flight.inspect(all_out=False)
    assert ("DEU", "AnnF.I.8") in rights(flight.at("17 13:00"))
    flight.say("17 14:00", "DEU", "flight.cancel", reason="AnnF.I.8")
    view = flight.at("17 15:00")

    assert (view.state, view.ledger.counted.observing) == ("cancelled", 0)


def test_under_the_taxi_option_the_observed_party_may_prohibit_for_it():
    flight = Flight()
    flight.notify()
    flight.acknowledge(supplies_aircraft=True, aircraft="An-30")
    flight.arrive()
    flight.inspect(inspecting="DEU", all_out=False, inspectors=5)

    assert ("RUS", "AnnF.II.7") in rights(flight.at("17 13:00"))


def test_equipment_that_listens_is_a_breach():
    flight = arrived()
    flight.inspect(other_signals=True)

    assert "IV.7" in breached(flight.at("17 13:00"))


@pytest.mark.parametrize(("taxi", "who"), [(False, "RUS"), (True, "DEU")])
def test_after_the_inspection_the_side_without_the_aircraft_may_ask_for_a_demonstration(taxi, who):
    flight = Flight()
    flight.notify()
    flight.acknowledge(supplies_aircraft=taxi, aircraft="An-30")
    flight.arrive()
    flight.inspect(inspecting=who)

    assert rights(flight.at("17 12:59"), "AnnF.III") == []
    assert rights(flight.at("17 13:00"), "AnnF.III") == [(who, "AnnF.III.1-2")]
    flight.say("17 13:30", who, "flight.demonstration", asked_by=who)
    view = flight.at("17 14:00")
    assert found(view, "AnnF.III.1-2") == ["right"]
    assert rights(view, "AnnF.III") == []


def test_the_side_that_supplies_the_aircraft_cannot_ask_for_a_demonstration():
    flight = arrived()
    flight.inspect()
    flight.say("17 13:30", "DEU", "flight.demonstration", asked_by="DEU")

    assert found(flight.at("17 14:00"), "AnnF.III.1-2") == ["breaches"]


def test_a_later_choice_of_the_aircraft_does_not_unmake_what_was_asked_out_of_turn():
    flight = Flight()
    flight.notify()
    flight.arrive()
    flight.inspect()
    flight.say("17 13:30", "DEU", "flight.demonstration", asked_by="DEU")
    before = found(flight.at("17 13:30"), "AnnF.III.1-2")
    flight.acknowledge("17 14:00", supplies_aircraft=True, aircraft="An-30")

    assert before == found(flight.at("17 15:00"), "AnnF.III.1-2") == ["breaches"]


@pytest.mark.parametrize(
    ("ended", "excused", "verdict"),
    [("17 16:00", 0, "complies"), ("17 16:01", 0, "breaches"), ("17 16:30", 30, "complies")],
)
def test_a_demonstration_lasts_two_hours_without_weather_and_delay(ended, excused, verdict):
    flight = arrived()
    flight.inspect()
    times = {"started_at": utc("17 14:00"), "ended_at": utc(ended), "excused_min": excused}
    flight.say(ended, "RUS", "flight.demonstration", asked_by="RUS", **times)
    view = flight.at("17 17:00")

    assert found(view, "AnnF.III.3.B") == [verdict]
    assert [d.due for d in view.duties if d.citation == "AnnF.III.3.B"] == [utc("17 16:00")]


@pytest.mark.parametrize(("end", "verdict"), [("22 08:00", "complies"), ("22 08:01", "breaches")])
def test_a_demonstration_that_the_observed_party_asked_for_adds_up_to_24_hours(end, verdict):
    flight = arrived()
    flight.inspect()
    flight.say("17 13:30", "RUS", "flight.demonstration", asked_by="RUS", satisfied=True)
    flight.agree(flight.submit(), "17 17:00")
    flight.fly("22 03:00", end)

    assert [v for c in ("VI.I.9", "AnnF.III.4") for v in found(flight.at("22 09:00"), c)] == [verdict]


def test_a_demonstration_that_is_told_only_after_the_96_hours_adds_nothing():
    flight = arrived()
    flight.inspect()
    flight.agree(flight.submit(), "17 17:00")
    flight.fly("21 03:00", "21 10:00")
    flight.say("21 11:00", "RUS", "flight.demonstration", asked_by="RUS")

    assert found(flight.at("21 12:00"), "VI.I.9") == ["breaches"]


def test_who_stops_the_flight_after_its_own_demonstration_owes_the_commission_an_account():
    flight = arrived()
    flight.inspect()
    flight.say("17 13:30", "RUS", "flight.demonstration", asked_by="RUS", satisfied=False)
    assert ("RUS", "AnnF.III.6") in rights(flight.at("17 14:00"))
    flight.say("17 15:00", "RUS", "flight.prohibition", ground="AnnF.III.6", facts="sensor", in_plan=True)
    assert owed(flight.at("17 16:00"), "AnnF.III.8") == [("RUS", None)]
    flight.say("18 15:00", "RUS", "flight.demonstration", asked_by="RUS", told_oscc=True)
    view = flight.at("19 00:00")

    assert owed(view, "AnnF.III.8") == []
    assert "complies" in found(view, "AnnF.III.8")


# The plan


def test_changes_may_be_proposed_until_the_fourth_hour_and_alternatives_afterwards():
    flight = Flight()
    version = flight.to_the_plan()

    assert ("RUS", "VIII.I.4") in rights(flight.at("17 18:00"))
    assert rights(flight.at("17 18:01"), "VIII.I.4") == []
    flight.say("17 15:00", "RUS", "plan.change", version=version, ground="weather", reason="fog")
    assert ("DEU", "VIII.I.5") in rights(flight.at("17 15:00"))


def test_a_plan_whose_check_finds_a_breach_may_be_prohibited_until_a_version_complies():
    flight = Flight()
    version = flight.to_the_plan()
    near = plan()

    def checks(body):
        return ["VI.II.2"] if body["take_off"] == near["take_off"] else []

    view = flight.at("17 14:30", checks=checks)
    assert ("RUS", "VIII.I.1") in rights(view)
    assert ("RUS", "VIII.I.4.C") in rights(view)
    assert "VI.II.2" in next(r.what for r in view.rights if r.citation == "VIII.I.1")
    assert ("RUS", "VIII.I.1") not in rights(flight.at("17 14:30"))  # nobody has checked it here

    change = flight.say("17 15:00", "RUS", "plan.change", version=version, ground="inconsistent",
                        inconsistent_with="VI.II.2", reason="too near")  # fmt: skip
    other = flight.say("17 16:00", "DEU", "plan.alternative", version=change, plan=plan("19 07:00"))
    flight.agree(other, "17 17:00")
    assert ("RUS", "VIII.I.1") not in rights(flight.at("17 18:00", checks=checks))


def test_what_the_flight_itself_decides_is_not_taken_from_the_plan_check():
    flight = Flight()
    flight.to_the_plan()

    view = flight.at("17 14:30", checks=lambda body: ["VI.II.1", "VI.II.3", "VI.II.4.E"])

    assert ("RUS", "VIII.I.1") not in rights(view)


def test_a_hazard_that_is_no_hazardous_airspace_is_said_so():
    for kind, published, purpose, verdict in (
        ("danger area", True, "flight safety", "complies"),
        ("danger area", False, "flight safety", "breaches"),
        ("danger area", True, "other", "breaches"),
        ("other", True, "public safety", "breaches"),
    ):
        flight = Flight()
        version = flight.to_the_plan()
        about = {"hazard": "D 12", "hazard_kind": kind, "hazard_published": published, "hazard_purpose": purpose}
        flight.say("17 15:00", "RUS", "plan.change", version=version, ground="hazardous_airspace", reason="firing",
                   makes_room=True, **about)  # fmt: skip
        view = flight.at("17 16:00")

        assert found(view, "II.32") == [verdict]
        assert owed(view, "VI.II.5") == []


def test_the_route_near_a_border_may_be_told_once_the_plan_is_agreed():
    flight = Flight()
    flight.agree(flight.to_the_plan(), "17 17:00")

    assert rights(flight.at("17 16:59"), "VI.II.7") == []
    assert rights(flight.at("17 17:00"), "VI.II.7") == [("RUS", "VI.II.7")]


def test_a_flight_may_be_left_unflown_until_it_starts_and_then_counts_nothing():
    flight = Flight()
    flight.agree(flight.to_the_plan(), "17 17:00")
    assert ("DEU", "III.I.8") in rights(flight.at("19 05:59"))
    flight.fly()
    assert ("DEU", "III.I.8") not in rights(flight.at("19 06:00"))

    other = Flight()
    other.to_the_plan()
    other.say("17 15:00", "DEU", "flight.cancel", reason="weather")
    assert other.at("17 16:00").ledger.counted.observing == 0


# In the air


def airborne():
    flight = Flight()
    flight.agree(flight.to_the_plan(), "17 17:00")
    flight.say("19 06:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc("19 06:00"))
    return flight


def test_in_the_air_the_plan_may_be_left_on_the_grounds_and_the_flight_cut_short():
    flight = airborne()
    view = flight.at("19 07:00")
    assert {("DEU", "VIII.II.1"), ("DEU", "VIII.II.4")} <= set(rights(view))
    assert ("DEU", "VIII.II.1") not in rights(flight.at("19 05:59"))
    flight.say("19 11:30", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 11:30"))

    assert rights(flight.at("19 12:00"), "VIII") == []


def test_a_flight_that_is_held_back_for_regular_traffic_is_a_breach_of_priority():
    flight = Flight()
    flight.agree(flight.to_the_plan(), "17 17:00")
    flight.say("19 08:00", "DEU", "flight.takeoff", airfield="UUMB", took_off_at=utc("19 08:00"),
               held_back_for_traffic=True)  # fmt: skip

    assert "VI.I.15" in breached(flight.at("19 09:00"))


@pytest.mark.parametrize(("said", "verdict"), [(True, "complies"), (False, "breaches"), (None, "undetermined")])
def test_orders_of_traffic_control_are_a_ground_only_with_force_majeure(said, verdict):
    flight = airborne()
    more = {} if said is None else {"force_majeure": said}
    flight.say("19 07:00", "DEU", "flight.deviation", ground="traffic_control", began_at=utc("19 07:00"), **more)

    assert found(flight.at("19 08:00"), "VIII.II.1") == [verdict]


@pytest.mark.parametrize(("metres", "may"), [(50_000, False), (50_001, True)])
def test_beyond_50_km_the_observed_party_may_forbid_the_sensors_while_the_flight_lasts(metres, may):
    flight = airborne()
    flight.say("19 07:00", "DEU", "flight.deviation", ground="weather_safety", began_at=utc("19 07:00"),
               told_at=utc("19 07:00"), lateral_m=metres)  # fmt: skip

    assert bool(rights(flight.at("19 08:00"), "VIII.II.3.B")) is may
    flight.say("19 11:30", "DEU", "flight.completed", airfield="UUMB", completed_at=utc("19 11:30"))
    assert rights(flight.at("19 12:00"), "VIII.II.3") == []


def test_a_deviation_for_the_sensors_keeps_three_conditions_and_is_told():
    for kept, verdict in ((True, "complies"), (False, "breaches")):
        flight = airborne()
        flight.say("19 07:00", "DEU", "flight.deviation", ground="weather_sensors", began_at=utc("19 07:00"),
                   safe=True, permitted=True, resolution_kept=kept)  # fmt: skip
        view = flight.at("19 08:00")

        assert found(view, "VIII.II.2") == [verdict]
        assert owed(view, "VIII.II.8") == [("DEU", None)]


def test_a_stop_for_fuel_is_served_and_the_flight_goes_on():
    flight = airborne()
    stop = {"airfield": "UUBW", "purpose": "refuelling", "landed_at": utc("19 09:00")}
    flight.say("19 09:00", "DEU", "flight.stop", **stop)
    view = flight.at("19 09:30")
    assert owed(view, "VI.I.17") == [("RUS", None)]
    assert ("DEU", "VI.II.3") in rights(view)
    flight.say("19 10:00", "DEU", "flight.stop", **stop, left_at=utc("19 10:00"))
    after = flight.at("19 10:30")

    assert after.state == "airborne"
    assert owed(after, "VI.I.17") == []
    assert rights(after, "VI.II.3") == []


def test_an_emergency_and_an_accident_call_for_help_search_and_an_investigation():
    flight = airborne()
    flight.say("19 07:00", "DEU", "flight.emergency", nature="accident", began_at=utc("19 07:00"), return_asked=True,
               damage_caused_by="DEU", compensated=False)  # fmt: skip
    view = flight.at("19 08:00")

    assert owed(view, "VIII.III.1-2") == [("RUS", None)]
    assert len(owed(view, "VIII.III.3-5")) == 3
    assert ("DEU", "VIII.III.3-5") in rights(view)
    assert "XII" in breached(view)
