"""The gateway link: who is matched already, who may be chosen, whose the partner's id is (guide: Redirect)"""

from __future__ import annotations

import pytest

from fullscript_embed.testing import Sandbox
from tests.tab_actors import LinkPartner, TabUser, signed_in

AMELIA = {"email": "amelia.burton@mail.example"}
FAMILY = "clara.dietrich@mail.example"
CLARA = {"email": FAMILY, "first_name": "Clara", "last_name": "Dietrich"}
BORN = {"first_name": "AMELIA", "date_of_birth": "1984-03-12"}


@pytest.fixture
def partner(sandbox: Sandbox) -> LinkPartner:
    return LinkPartner(sandbox)


@pytest.fixture
def maya(partner: LinkPartner) -> TabUser:
    """The owner of Juniper, signed in to Fullscript."""
    return signed_in(partner.sandbox)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(AMELIA, "Amelia Burton", id="an address"),
        pytest.param(AMELIA | BORN, "Amelia Burton", id="address, name and birth"),
        pytest.param(CLARA, "Clara Dietrich", id="a guardian"),
        pytest.param(CLARA | {"first_name": "Jonas"}, "Jonas Dietrich", id="a dependent"),
        pytest.param({"email": FAMILY}, None, id="a family"),
        pytest.param(AMELIA | {"first_name": "Amy"}, None, id="another name"),
        pytest.param(AMELIA | {"date_of_birth": "1990-01-01"}, None, id="another date of birth"),
        pytest.param({"first_name": "Amelia", "last_name": "Burton"}, None, id="a name alone"),
        pytest.param({"email": "nobody.here@mail.example"}, None, id="nobody"),
    ],
)
def test_only_an_exact_match_is_chosen_already(
    partner: LinkPartner, maya: TabUser, data: dict[str, str], name: str | None
) -> None:
    """Everything else is for the practitioner to choose."""
    patient = maya.opens_tab(partner.gateway_link(patient=data)).desk()["patient"]

    assert (patient and patient["name"]) == name


def test_candidates_are_suggested_and_the_form_is_filled(partner: LinkPartner, maya: TabUser) -> None:
    """A child who is not there yet: the family is suggested, and the data waits in the form."""
    data = {"email": FAMILY, "first_name": "Lena", "last_name": "Dietrich", "send_welcome_email": "false"}
    tab = maya.opens_tab(partner.gateway_link(patient=data | {"external_id": "p-7"}))
    found = tab.asks("GET", "patients/suggestions").json()["patients"]

    assert {one["name"] for one in found} == {"Clara Dietrich", "Jonas Dietrich", "Mila Dietrich"}
    assert tab.desk()["patient_data"] == data | {"send_welcome_email": False}


def test_a_dependent_is_added_on_the_guardians_address(partner: LinkPartner, maya: TabUser) -> None:
    """The link's own id for the child is kept, and the event tells whose child it is."""
    tab = maya.opens_tab(partner.gateway_link(patient={"email": FAMILY, "external_id": "p-7"}))
    guardian = tab.finds("Clara Dietrich")["id"]
    child = {"first_name": "Lena", "last_name": "Dietrich", "email": FAMILY, "guardian_patient_id": guardian}
    made = tab.asks("POST", "patients", json=child).json()["patient"]
    patient = partner.patient_named(made["id"])

    assert (patient["guardian_patient_id"], patient["metadata"]) == (guardian, {"id": "p-7"})
    assert len(partner.events("patient.created")) == 1


def test_the_partners_id_is_kept_and_finds_the_patient_next_time(partner: LinkPartner, maya: TabUser) -> None:
    """Whatever else is said the second time."""
    maya.opens_tab(partner.gateway_link(patient=AMELIA | {"external_id": "p-7"}))
    link = partner.gateway_link(patient={"external_id": "p-7", "email": "moved@mail.example"})

    assert maya.opens_tab(link).desk()["patient"]["name"] == "Amelia Burton"


def test_a_patient_of_another_external_id_is_not_matched(partner: LinkPartner, maya: TabUser) -> None:
    """The partner knows somebody else by that record."""
    maya.opens_tab(partner.gateway_link(patient=AMELIA | {"external_id": "p-7"}))

    assert (
        maya.opens_tab(partner.gateway_link(patient=AMELIA | {"external_id": "p-8"})).desk()["patient"]
        is None
    )


def test_a_wrong_match_leaves_the_partners_id_with_the_right_patient_alone(
    partner: LinkPartner, maya: TabUser
) -> None:
    """Choosing somebody else moves it."""
    tab = maya.opens_tab(partner.gateway_link(patient=AMELIA | {"external_id": "p-7"}))
    amelia, walter = tab.desk()["patient"]["id"], tab.finds("Walter Iverson")["id"]
    tab.asks("POST", f"patients/{walter}/selection")

    assert partner.patient_named(amelia)["metadata"] == {"id": None}
    assert partner.patient_named(walter)["metadata"] == {"id": "p-7"}


def test_a_gateway_link_is_tied_to_one_plan(partner: LinkPartner, maya: TabUser) -> None:
    """The plan is made when it is first saved, and opens again by the same link."""
    link = partner.gateway_link(patient=AMELIA)
    tab = maya.opens_tab(link)
    before = tab.desk()
    tab.sends(before["plan_id"], tab.plan())
    after = maya.opens_tab(link).desk()

    assert (before["plan"], after["plan"]["id"]) == (None, before["plan_id"])
    assert after["plan"]["state"] == "active"
