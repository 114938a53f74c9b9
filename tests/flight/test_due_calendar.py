"""Due times for calendar programs."""

from overflight.flight.due_calendar import due_calendar
from tests.flight.build import Flight


def test_open_duties_and_bounds_become_events():
    flight = Flight()
    flight.notify()
    text = due_calendar(flight.at("12 09:00"), marking="EXERCISE")
    whole = text.replace("\r\n ", "")

    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "DTEND:20210513T080000Z\r\nSUMMARY:EXERCISE OS1017 RUS: acknowledge the notice (VI.I.6)" in whole
    assert "DTEND:20210521T080000Z" in whole
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert whole.count("BEGIN:VEVENT") == whole.count("END:VEVENT") > 2
