"""Pages on what is contested answer for every dossier, cite their paragraphs and take no side."""

from datetime import date

import pytest

from overflight.app import disputes
from overflight.treaty.regime import Regime

NAMES = [d["name"] for d in disputes.names(Regime.on(date(2021, 1, 15)))]


def test_the_list_names_every_dossier(client):
    page = client.get("/treaty/disputes")
    assert page.status_code == 200
    assert all(f"/treaty/disputes/{name}" in page.text for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_dossier_shows_each_reading(client, name):
    page = client.get(f"/treaty/disputes/{name}")
    assert page.status_code == 200
    assert "none says which reading is right" in page.text
    assert page.text.count('class="card"') >= 3


def test_an_unknown_dossier_is_a_problem_not_a_fault(client):
    assert client.get("/treaty/disputes/no-such").status_code in (400, 404)


def test_where_reports_differ(client):
    page = client.get("/treaty/reports")
    assert page.status_code == 200
    assert "More than three dozen signatories" in page.text
