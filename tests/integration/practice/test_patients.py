"""The list of patients, the form and the chart."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ehr.database import db
from ehr.models import Patient, User
from tests.practice_host import Visitor, words

NEW = {"first_name": "Ines", "last_name": "Calloway", "sex": "", "email": "ines.calloway@mail.example"}


def rows(answer: TestResponse) -> list[str]:
    """The names in the list, in its order."""
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', answer.text)


def add_patients(app: Flask, number: int, owner: str) -> None:
    """Give the practice of that user so many patients more."""
    with app.app_context():
        practice = db.session.scalars(select(User).where(User.email == owner)).one().practice_id
        for n in range(number):
            patient = Patient(practice_id=practice, first_name="Many", last_name=f"Person{n:05}")
            patient.index_for_search()
            db.session.add(patient)
        db.session.commit()


def test_the_list_shows_a_page_of_patients_by_name(maya: Visitor) -> None:
    """The first page has 25 names, sorted, of 68 patients."""
    answer = maya.opens("/patients")

    assert len(rows(answer)) == 25
    assert rows(answer) == sorted(rows(answer))
    assert "68 patients" in words(answer)


@pytest.mark.parametrize(
    ("asked", "number"),
    [("2", 25), ("3", 18), ("99", 18), ("0", 25), ("-1", 25), ("many", 25)],
    ids=["second", "last", "beyond the last", "zero", "negative", "no number"],
)
def test_every_page_number_shows_a_page(maya: Visitor, asked: str, number: int) -> None:
    """A number that is no page shows the nearest one, and never an error."""
    assert len(rows(maya.opens(f"/patients?page={asked}"))) == number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("burton", ["Burton, Amelia", "Burton, Amos"], id="last name"),
        pytest.param("BURT ame", ["Burton, Amelia"], id="two words, any case, any order"),
        pytest.param("iversons@mail", ["Iverson, June", "Iverson, Walter"], id="a shared address"),
        pytest.param("5550134", ["Burton, Amelia"], id="digits of a phone number"),
        pytest.param("1990-06-18", ["Raman, Priya"], id="date of birth"),
        pytest.param("100%", [], id="a character that means anything in SQL"),
        pytest.param("nobody at all", [], id="nobody"),
    ],
)
def test_a_search_finds_patients_in_whom_every_word_occurs(
    maya: Visitor, query: str, found: list[str]
) -> None:
    """Names, addresses, phone numbers and dates of birth are searched."""
    assert rows(maya.submits("/patients", {"query": query})) == found


def test_an_empty_result_says_what_to_do(maya: Visitor) -> None:
    """Who finds nobody is told how to search, and can create a patient."""
    answer = maya.submits("/patients", {"query": "nobody at all"})

    assert "Nobody found" in words(answer)
    assert 'href="/patients/new"' in answer.text


def test_a_search_stays_out_of_addresses(maya: Visitor) -> None:
    """The form is posted: names of patients do not reach the history or a proxy's log."""
    page = maya.opens("/patients").text

    assert re.search(r'<form[^>]*role="search"[^>]*method="post"', page)


def test_a_page_of_thousands_of_results_is_reached_by_the_form(maya: Visitor, practice_app: Flask) -> None:
    """Paging within a search goes on through the posted form."""
    add_patients(practice_app, 5000, "maya.chen@juniper.example")

    answer = maya.submits("/patients", {"query": "person", "page": "200"})

    assert rows(answer)[0] == "Person04975, Many"
    assert "5000 patients match" in words(answer)


def test_a_search_from_a_script_gets_the_list_alone(maya: Visitor) -> None:
    """What htmx puts into the page is the list, without the page around it."""
    answer = maya.submits("/patients", {"query": "burton"}, headers={"HX-Target": "patient-results"})

    assert "<html" not in answer.text
    assert len(rows(answer)) == 2


def test_a_new_patient_is_on_the_list(maya: Visitor) -> None:
    """A patient of whom only the name is known can be created and opened."""
    answer = maya.submits("/patients/new", NEW, follow_redirects=True)

    assert "Ines Calloway" in words(answer)
    assert rows(maya.submits("/patients", {"query": "calloway"})) == ["Calloway, Ines"]


def test_a_phone_number_is_kept_as_entered_and_as_fullscript_takes_it(
    maya: Visitor, practice_app: Flask
) -> None:
    """The chart shows what was typed; Fullscript gets the international form."""
    maya.submits("/patients/new", NEW | {"phone": "503.555.0188"})

    with practice_app.app_context():
        kept = db.session.scalars(select(Patient).where(Patient.last_name == "Calloway")).one()

        assert (kept.phone, kept.phone_e164) == ("503.555.0188", "+15035550188")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param({"first_name": "   "}, "Enter a first name.", id="no first name"),
        pytest.param({"last_name": ""}, "Enter a last name.", id="no last name"),
        pytest.param({"last_name": "x" * 101}, "longer than 100", id="endless name"),
        pytest.param({"first_name": "Nul\x00"}, "Remove the control characters.", id="control character"),
        pytest.param({"email": "ines at home"}, "Enter a full address", id="no e-mail address"),
        pytest.param({"date_of_birth": "2999-01-01"}, "from 1900 until today", id="born in the future"),
        pytest.param({"date_of_birth": "1850-01-01"}, "from 1900 until today", id="too long ago"),
        pytest.param({"date_of_birth": "12/03/84"}, "Not a valid date", id="no date"),
        pytest.param({"sex": "other"}, "Not a valid choice", id="a sex that is no choice"),
        pytest.param({"phone": "12345"}, "Enter a phone number", id="no phone number"),
        pytest.param({"guardian_id": "999999"}, "Choose a guardian", id="a guardian who does not exist"),
    ],
)
def test_wrong_entries_are_explained_beside_the_field(
    maya: Visitor, damage: dict[str, str], said: str
) -> None:
    """Nothing is saved, the form keeps what was entered, and says what is wanted."""
    answer = maya.submits("/patients/new", NEW | damage)

    assert answer.status_code == 422
    assert said in words(answer)
    assert rows(maya.submits("/patients", {"query": "calloway"})) == []


def test_an_edit_changes_the_patient_and_leaves_the_rest(maya: Visitor) -> None:
    """Saving the form as it is, with one change, changes that one thing."""
    number = maya.patient("Amelia Burton")
    fields = {
        "first_name": "Amelia",
        "last_name": "Burton-Reyes",
        "sex": "female",
        "date_of_birth": "1984-03-12",
    }

    answer = maya.submits(f"/patients/{number}/edit", fields, follow_redirects=True)

    assert "Amelia Burton-Reyes" in words(answer)
    assert rows(maya.submits("/patients", {"query": "reyes"})) == ["Burton-Reyes, Amelia"]


def test_a_dependent_starts_with_the_guardians_address(maya: Visitor) -> None:
    """ "Add a dependent" fills in what families share."""
    page = maya.opens(f"/patients/new?guardian={maya.patient('Clara Dietrich')}")

    assert "Dependent of Clara Dietrich" in words(page)
    assert 'value="clara.dietrich@mail.example"' in page.text


def test_a_dependent_stands_on_the_guardians_chart(maya: Visitor) -> None:
    """After creating a dependent both charts lead to each other."""
    guardian = maya.patient("Walter Iverson")

    made = maya.submits("/patients/new", NEW | {"guardian_id": str(guardian)}, follow_redirects=True)

    assert "dependent of Walter Iverson" in words(made)
    assert "Ines Calloway" in words(maya.opens(f"/patients/{guardian}"))


def test_a_dependent_cannot_be_a_guardian(maya: Visitor) -> None:
    """Chains of guardians would have no end."""
    answer = maya.submits("/patients/new", NEW | {"guardian_id": str(maya.patient("Jonas Dietrich"))})

    assert answer.status_code == 422


def test_unticking_the_guardian_makes_a_patient_independent(maya: Visitor) -> None:
    """Without the checkbox the patient depends on nobody."""
    number = maya.patient("Jonas Dietrich")
    fields = {"first_name": "Jonas", "last_name": "Dietrich", "sex": "male"}

    answer = maya.submits(f"/patients/{number}/edit", fields, follow_redirects=True)

    assert "dependent of" not in words(answer)


def test_a_note_is_on_the_chart_with_its_author(maya: Visitor) -> None:
    """What is written into the chart is shown there as text, newest first."""
    number = maya.patient("Noah Whitfield")

    answer = maya.submits(
        f"/patients/{number}/notes", {"note": "<b>Sleeps</b> better."}, follow_redirects=True
    )

    assert "&lt;b&gt;Sleeps&lt;/b&gt; better." in answer.text
    assert "Dr. Maya Chen <b>Sleeps</b> better." in words(answer)


def test_an_empty_note_is_refused(maya: Visitor) -> None:
    """The chart says what is missing, and nothing is added."""
    answer = maya.submits(f"/patients/{maya.patient('Noah Whitfield')}/notes", {"note": "  "})

    assert answer.status_code == 422
    assert "Write something first." in words(answer)


@pytest.mark.parametrize(
    ("role", "patient", "practice", "offered"),
    [
        ("practitioner", "Amelia Burton", "Juniper Integrative Health", True),
        ("canadian", "Margaux Pelletier", "Cedar & Stone Naturopathic", False),
    ],
    ids=["United States", "Canada"],
)
def test_labs_are_offered_in_the_united_states_only(
    visitor: Visitor, role: str, patient: str, practice: str, offered: Any
) -> None:
    """In Canada the chart has no button for labs, which Fullscript does not sell there."""
    visitor.signs_in_as(role)

    page = visitor.opens(f"/patients/{visitor.patient(patient, practice)}").text

    assert ('data-entrypoint="labs"' in page) is offered
    assert 'data-entrypoint="catalog"' in page


def test_a_chart_says_who_opened_it(maya: Visitor, admin: Visitor) -> None:
    """The administrator reads in the trail whose chart was opened by whom."""
    number = maya.patient("Amelia Burton")
    maya.opens(f"/patients/{number}")

    trail = words(admin.opens(f"/admin/audit?patient={number}"))

    assert f"Dr. Maya Chen Opened a chart Patient {number}" in trail


def test_a_page_with_patients_is_kept_in_no_cache(maya: Visitor) -> None:
    """After signing out, the browser's Back shows nobody's data."""
    answer = maya.opens(f"/patients/{maya.patient('Amelia Burton')}")

    assert answer.headers["Cache-Control"] == "no-store"


def test_a_chart_without_the_feature_asks_for_no_connection(visitor: Visitor) -> None:
    """Staff see the same chart and the same button as practitioners."""
    visitor.signs_in_as("staff")

    page = visitor.opens(f"/patients/{visitor.patient('Amelia Burton')}")

    assert "Recommend with Fullscript" in words(page)
