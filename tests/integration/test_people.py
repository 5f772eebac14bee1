"""Cross-indexing: who a patient is at Fullscript, how that is found, and what each side carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import session

from fullscript_embed import ChangeRefused, Patient, cross_index, jobs, links
from fullscript_embed.api import FullscriptClient
from fullscript_embed.connections import access_token
from fullscript_embed.errors import AlreadyLinked
from fullscript_embed.link_models import CrossIndex
from fullscript_embed.models import PatientLink
from fullscript_embed.testing import Sandbox, SandboxApp
from tests.partner_host import (
    JUNIPER,
    PATIENTS,
    Host,
    HostUser,
    at_once,
    create_host,
    plans_of,
    settings_for,
)
from tests.webhook_sender import Sender, event, plan

RECORD = "/fullscript/patients/{}/record"
CLARA = Patient(
    "21",
    first_name="Clara",
    last_name="Dietrich",
    email="Clara.Dietrich@mail.example",
    date_of_birth=date(1982, 5, 5),
)
JONAS = Patient(
    "22",
    first_name="Jonas",
    last_name="Dietrich",
    email="clara.dietrich@mail.example",
    date_of_birth=date(2014, 9, 1),
    is_dependent=True,
)
WALTER = Patient("23", first_name="Walter", last_name="Iverson", email="IVERSONS@mail.example")
JUNE = Patient("24", first_name="June", last_name="Iverson", email="iversons@mail.example")
BORN_OTHERWISE = Patient(
    "25",
    first_name="Amelia",
    last_name="Burton",
    email="amelia.burton@mail.example",
    date_of_birth=date(1999, 1, 1),
)
FAMILY = {one.id: one for one in (CLARA, JONAS, WALTER, JUNE, BORN_OTHERWISE)}


@pytest.fixture(autouse=True)
def _family(monkeypatch: pytest.MonkeyPatch) -> None:
    for patient_id, patient in FAMILY.items():
        monkeypatch.setitem(PATIENTS, patient_id, patient)


def client_of(user: HostUser) -> FullscriptClient:
    """The sandbox's API, as Fullscript's own pages would change it behind the host's back."""
    connection = user.host.connection(user.name)
    token = user.host.asks(lambda: access_token(connection.id, now=datetime.now(UTC)))
    return FullscriptClient(f"{user.host.sandbox.url}/api", token=token)


def person(user: HostUser, name: str) -> str:
    """The id of the sandbox's patient of that name."""
    with client_of(user) as client:
        found = client.patients.search(name, patient_type="all").first()
    assert found is not None
    return found.id


def does(user: HostUser, patient: str, do: str, **fields: str) -> Any:
    """Send a form of the page."""
    return user.submits(RECORD.format(patient), do=do, **fields)


def link_of(user: HostUser, patient: str) -> PatientLink | None:
    """Who the host's patient is in Juniper."""
    return user.host.asks(lambda: links.find_link("local", JUNIPER, patient))


def sweeps(host: Host) -> None:
    """Do what Celery's beat does three times a minute."""
    host.asks(jobs.sweep)


def indexes(host: Host, kind: str = "patient") -> list[CrossIndex]:
    """What Fullscript's records of that kind are to carry."""
    return host.asks(lambda: host.extension.db.session.query(CrossIndex).filter_by(kind=kind).all())


def metadata(user: HostUser, fullscript_id: str) -> str | None:
    """The id that Fullscript's patient carries."""
    with client_of(user) as client:
        return client.patients.retrieve(fullscript_id).metadata.id


def test_the_exact_address_of_the_same_person_is_a_hit(connected: HostUser) -> None:
    """Whatever its case, and without anybody having to choose."""
    answer = does(connected, "7", "find")
    known = link_of(connected, "7")

    assert (answer.status_code, known and known.found_by) == (303, "email")
    assert known is not None
    assert known.fullscript_patient_id == person(connected, "amelia.burton@mail.example")


@pytest.mark.parametrize(
    ("patient", "names"),
    [
        pytest.param("21", ["Clara Dietrich", "Jonas Dietrich", "Mila Dietrich"], id="a guardian's address"),
        pytest.param("22", ["Clara Dietrich", "Jonas Dietrich", "Mila Dietrich"], id="a dependent"),
        pytest.param("24", ["Walter Iverson"], id="another name"),
        pytest.param("25", ["Amelia Burton"], id="another date of birth"),
        pytest.param("9", ["Walter Iverson"], id="a name alone"),
    ],
)
def test_what_is_not_certain_is_left_to_a_person(connected: HostUser, patient: str, names: list[str]) -> None:
    """Candidates with name and date of birth, and no link."""
    user = connected
    if patient == "9":
        user = connected.host.user("sam")
        user.connects()
    page = does(user, patient, "find").text

    assert [name for name in names if f"<strong>{name}</strong>" not in page] == []
    assert link_of(user, patient) is None


def test_our_id_in_the_metadata_decides_before_any_search(connected: HostUser) -> None:
    """A dependent is found among those who share the address, and no search is made."""
    jonas = person(connected, "Jonas Dietrich")
    with client_of(connected) as client:
        client.patients.update(jonas, metadata_id="22")
    connected.host.sandbox.clear_calls()
    does(connected, "22", "find")
    known = link_of(connected, "22")

    assert known is not None
    assert (known.fullscript_patient_id, known.found_by) == (jonas, "metadata")
    assert connected.host.calls("/api/clinic/search/*") == []


def test_the_frame_is_opened_for_whoever_carries_our_id(connected: HostUser) -> None:
    """Without a search, and kept as the link; when it cannot be asked, the frame searches as before."""
    jonas = person(connected, "Jonas Dietrich")
    with client_of(connected) as client:
        client.patients.update(jonas, metadata_id="22")
    connected.host.sandbox.fault("/api/clinic/metadata", status=503, times=5)
    searched = connected.opens_fullscript("22").get_json()["patient"]
    connected.host.sandbox.clear_faults()
    found = connected.opens_fullscript("22").get_json()["patient"]

    assert (searched["firstName"], found) == ("Jonas", {"id": jonas})


@pytest.mark.parametrize(
    "carries",
    [pytest.param("Amos Burton", id="somebody else"), pytest.param("Priya Raman", id="a stranger")],
)
def test_our_id_on_somebody_else_is_not_believed(connected: HostUser, carries: str) -> None:
    """Another application of the clinic may count its patients as we do."""
    with client_of(connected) as client:
        client.patients.update(person(connected, carries), metadata_id="7")
    page = does(connected, "7", "find").text

    assert f"<strong>{carries}</strong>" in page
    assert "Carries this patient&#39;s id" in page
    assert link_of(connected, "7") is None


def test_a_person_chooses_and_fullscript_carries_our_id(connected: HostUser) -> None:
    """The link at once, the metadata by the next sweep, and an entry in the audit trail."""
    jonas = person(connected, "Jonas Dietrich")
    answer = does(connected, "22", "link", fullscript_patient_id=jonas)
    before = metadata(connected, jonas)
    sweeps(connected.host)
    trail = connected.host.asks(lambda: connected.host.extension.audit_trail(action="patient.linked"))

    assert (answer.status_code, before, metadata(connected, jonas)) == (303, None, "22")
    assert [(entry.user_id, entry.patient_id) for entry in trail] == [("maya", "22")]


def test_a_fullscript_patient_is_one_of_ours(connected: HostUser) -> None:
    """A second one is refused, with the name of the first."""
    walter = person(connected, "Walter Iverson")
    does(connected, "23", "link", fullscript_patient_id=walter)
    answer = does(connected, "24", "link", fullscript_patient_id=walter)

    assert answer.status_code == 409
    assert "linked to Walter Iverson already" in answer.text
    assert link_of(connected, "24") is None
    with pytest.raises(AlreadyLinked):
        connected.host.asks(lambda: links.link("local", JUNIPER, "24", walter))


def test_a_choice_in_the_frame_of_somebody_elses_record_is_shown_and_not_linked(connected: HostUser) -> None:
    """The event is a fact; whose it is, the practice decides."""
    walter = person(connected, "Walter Iverson")
    does(connected, "23", "link", fullscript_patient_id=walter)
    moment = datetime.now(UTC)
    connected.host.asks(lambda: keep(connected.host, "24", walter, moment))
    page = connected.browser.get(RECORD.format("24")).text
    does(connected, "24", "dismiss")

    assert "Nothing was linked, because that patient is linked to" in page
    assert link_of(connected, "24") is None
    assert "Nothing was linked, because" not in connected.browser.get(RECORD.format("24")).text


def keep(host: Host, patient: str, fullscript_id: str, at: datetime) -> None:
    """Keep what happened on a page of the host, as a worker does."""
    links.keep_link("local", JUNIPER, patient, fullscript_id, at=at)
    host.extension.db.session.commit()


def test_unlinking_takes_the_plans_along_and_linking_brings_them_back(connected: HostUser) -> None:
    """They stay at Fullscript, and belong to whoever is linked to their patient."""
    amelia = person(connected, "amelia.burton@mail.example")
    does(connected, "7", "find")
    Sender(connected.host).tells(plan(patient={"id": amelia}))
    counts = [len(plans_of(connected))]
    does(connected, "7", "unlink")
    counts.append(len(plans_of(connected)))
    does(connected, "7", "link", fullscript_patient_id=amelia)

    assert [*counts, len(plans_of(connected))] == [1, 0, 1]


def test_after_unlinking_nobody_but_a_person_links_the_two_again(connected: HostUser) -> None:
    """Neither a look at Fullscript nor an older event; and our id is taken out of the record."""
    amelia = person(connected, "amelia.burton@mail.example")
    does(connected, "7", "find")
    sweeps(connected.host)
    does(connected, "7", "unlink")
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    connected.host.asks(lambda: keep(connected.host, "7", amelia, hour_ago))
    found = does(connected, "7", "find")
    sweeps(connected.host)

    assert (found.status_code, link_of(connected, "7")) == (200, None)
    assert metadata(connected, amelia) is None


def test_an_id_of_another_system_is_written_over_only_by_a_person(connected: HostUser) -> None:
    """The page says so, and offers it."""
    amelia = person(connected, "amelia.burton@mail.example")
    with client_of(connected) as client:
        client.patients.update(amelia, metadata_id="of-another-system")
    does(connected, "7", "find")
    sweeps(connected.host)
    kept, page = metadata(connected, amelia), connected.browser.get(RECORD.format("7")).text
    does(connected, "7", "index")
    sweeps(connected.host)

    assert kept == "of-another-system"
    assert "an id of another system" in page
    assert metadata(connected, amelia) == "7"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        pytest.param({"status": 503, "times": 20}, "server_failed", id="failing"),
        pytest.param({"status": 429, "times": 20}, "rate_limited", id="busy"),
    ],
)
def test_a_failure_is_tried_again_and_loses_no_link(
    connected: HostUser, order: dict[str, Any], reason: str
) -> None:
    """What Fullscript is to carry waits in the database."""
    amelia = person(connected, "amelia.burton@mail.example")
    does(connected, "7", "find")
    connected.host.sandbox.fault("/api/clinic/patients/*", **order)
    sweeps(connected.host)
    (waiting,) = indexes(connected.host)
    connected.host.sandbox.clear_faults()
    connected.host.asks(lambda: cross_index.write_waiting(now=datetime.now(UTC) + timedelta(hours=2)))

    assert (waiting.state, waiting.reason) == ("waiting", reason)
    assert link_of(connected, "7") is not None
    assert metadata(connected, amelia) == "7"


def test_a_record_that_is_gone_keeps_its_link_and_says_so(connected: HostUser) -> None:
    """The page offers to remove the link, or to look for somebody else."""
    connected.host.asks(lambda: links.link("local", JUNIPER, "7", "nobody-any-more"))
    sweeps(connected.host)
    page = connected.browser.get(RECORD.format("7"))

    assert [one.reason for one in indexes(connected.host)] == ["not_found"]
    assert page.status_code == 200
    assert "has no such patient" in page.text
    assert "Remove the link" in page.text


def test_connecting_puts_the_users_id_into_fullscript(connected: HostUser) -> None:
    """Of practitioners as of staff."""
    sam = connected.host.user("sam")
    sam.connects()
    sweeps(connected.host)
    with client_of(connected) as client:
        found = [client.metadata.find(name).first() for name in ("maya", "sam")]

    assert [one and one.type for one in found] == ["practitioner", "staff"]


@pytest.mark.parametrize(("expected", "linked"), [(True, True), (False, False)], ids=["ours", "not ours"])
def test_an_event_that_tells_our_id_links_when_we_gave_it(
    connected: HostUser, expected: bool, linked: bool
) -> None:
    """A link to Fullscript carries the patient's id, and the event of a new patient tells it back."""
    if expected:
        connected.host.asks(lambda: expect(connected.host, "8"))
    told = {"patient": {"id": "fullscript-new", "metadata": {"id": "8"}}}
    Sender(connected.host).tells(event("patient.created", told))

    assert (link_of(connected, "8") is not None) is linked


def expect(host: Host, patient: str) -> None:
    """Have given Fullscript our id of a patient."""
    links.expect("local", JUNIPER, patient, at=datetime.now(UTC))
    host.extension.db.session.commit()


@pytest.fixture
def taken(connected: HostUser, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the host was told to take into its own records."""
    changes: dict[str, Any] = {}

    def update(patient_id: str, new: Mapping[str, Any]) -> None:
        changes[patient_id] = dict(new)

    monkeypatch.setattr(connected.host.extension, "update_patient", update)
    return changes


def seen(user: HostUser, patient: str = "7") -> str:
    """The version of the values that the page shows."""
    page = user.browser.get(RECORD.format(patient)).text
    return page.partition('name="seen" value="')[2].partition('"')[0]


@pytest.fixture
def moved(connected: HostUser, taken: dict[str, Any]) -> HostUser:
    """A practitioner whose patient has another name and mobile number at Fullscript."""
    assert taken == {}
    does(connected, "7", "find")
    with client_of(connected) as client:
        amelia = person(connected, "amelia.burton@mail.example")
        client.patients.update(amelia, last_name="Burton-Hale", mobile_number="+15035550199")
    return connected


def test_differences_are_applied_as_they_were_chosen(moved: HostUser, taken: dict[str, Any]) -> None:
    """One is taken by the host, one is sent to Fullscript, the rest stays."""
    choice = {"field-last_name": "take", "field-mobile_number": "send", "seen": seen(moved)}
    answer = does(moved, "7", "choose", **choice)
    with client_of(moved) as client:
        there = client.patients.retrieve(person(moved, "amelia.burton@mail.example"))

    assert (answer.status_code, taken) == (303, {"7": {"last_name": "Burton-Hale"}})
    assert (there.last_name, there.mobile_number) == ("Burton-Hale", "+15035550142")


def test_values_that_changed_meanwhile_are_not_applied(moved: HostUser, taken: dict[str, Any]) -> None:
    """The answer is 409, with a fresh page."""
    version = seen(moved)
    with client_of(moved) as client:
        client.patients.update(person(moved, "amelia.burton@mail.example"), last_name="Hale")
    answer = does(moved, "7", "choose", **{"field-last_name": "take", "seen": version})

    assert (answer.status_code, taken) == (409, {})
    assert '<td data-label="Fullscript">Hale</td>' in answer.text


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param({"field-email": "take"}, id="a field that does not differ"),
        pytest.param({"field-discount": "send"}, id="a field that is not offered"),
        pytest.param({"field-__class__": "take"}, id="no field"),
    ],
)
def test_only_what_was_offered_can_be_chosen(
    moved: HostUser, taken: dict[str, Any], choice: dict[str, str]
) -> None:
    """A form that was made up is refused as a page that is old."""
    answer = does(moved, "7", "choose", **choice, seen=seen(moved))

    assert (answer.status_code, taken) == (409, {})


def test_what_the_host_refuses_is_said_in_its_words(moved: HostUser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own rules are its own."""

    def refuse(_patient_id: str, _changes: Mapping[str, Any]) -> None:
        raise ChangeRefused("Names are changed at the front desk.")

    monkeypatch.setattr(moved.host.extension, "update_patient", refuse)
    answer = does(moved, "7", "choose", **{"field-last_name": "take", "seen": seen(moved)})

    assert answer.status_code == 422
    assert "Names are changed at the front desk." in answer.text


def test_what_fullscript_refuses_is_said_in_its_words(connected: HostUser) -> None:
    """An address that another patient of the clinic has."""
    does(connected, "7", "link", fullscript_patient_id=person(connected, "Priya Raman"))
    answer = does(connected, "7", "choose", **{"field-email": "send", "seen": seen(connected)})

    assert answer.status_code == 422
    assert "Email has already been taken" in answer.text


def test_a_patient_who_came_of_age_is_shown(connected: HostUser, taken: dict[str, Any]) -> None:
    """`patient.emancipated` is applied, and what follows from it is offered."""
    jonas = person(connected, "Jonas Dietrich")
    does(connected, "22", "link", fullscript_patient_id=jonas)
    connected.host.sandbox.emit("patient.emancipated", patient_id=jonas)
    does(connected, "22", "choose", **{"field-is_dependent": "take", "seen": seen(connected, "22")})

    assert taken == {"22": {"is_dependent": False}}


def test_an_update_at_fullscript_is_told_on_other_pages_without_asking(connected: HostUser) -> None:
    """`patient.updated` changes what is kept of Fullscript's patient, never the host's own record."""
    does(connected, "7", "find")
    known = link_of(connected, "7")
    assert known is not None
    changed = {"id": known.fullscript_patient_id, "last_name": "Burton-Hale"}
    later = datetime.now(UTC) + timedelta(minutes=1)
    Sender(connected.host).tells(event("patient.updated", {"patient": changed}, created_at=later.isoformat()))
    connected.host.sandbox.clear_calls()
    with connected.host.app.test_request_context():
        session["user"] = "maya"
        kept = connected.host.extension.people.kept("7")

    assert "Burton-Hale" in [one.theirs for one in kept.differences]
    assert connected.host.calls("*") == []


def test_two_at_once_cannot_link_one_fullscript_patient_to_two_of_ours(
    sandbox: Sandbox, partner_app: SandboxApp, engine_url: str
) -> None:
    """On each engine the database keeps the second out, and the answer says why."""
    config = {"SQLALCHEMY_DATABASE_URI": engine_url, **settings_for(sandbox, partner_app)}
    with Host(sandbox, partner_app, create_host(config)) as host:
        host.make_tables()

        def attempt(number: int) -> str:
            try:
                host.asks(lambda: links.link("local", JUNIPER, str(21 + number), "one-of-theirs"))
            except AlreadyLinked:
                return "refused"
            return "linked"

        outcomes = at_once(2, attempt)

    assert sorted(outcomes) == ["linked", "refused"]


def test_what_is_kept_is_shown_while_fullscript_is_away(moved: HostUser) -> None:
    """With the reason, and nothing to choose that could not be checked."""
    moved.browser.get(RECORD.format("7"))
    moved.host.sandbox.fault("/api/*", status=503, times=50)
    page = moved.browser.get(RECORD.format("7"))

    assert (page.status_code, "Burton-Hale" in page.text) == (200, True)
    assert "Fullscript cannot be reached" in page.text
    assert "Apply what I chose" not in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [pytest.param("404", 404, id="nobody's"), pytest.param("9", 404, id="one who is not theirs to see")],
)
def test_only_who_may_see_the_patient_sees_the_record(connected: HostUser, path: str, status: int) -> None:
    """The host decides, for the page as for its forms."""
    answers = [connected.browser.get(RECORD.format(path)), does(connected, path, "unlink")]

    assert [answer.status_code for answer in answers] == [status, status]


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        pytest.param(lambda _user: None, "Connect your Fullscript account first.", id="never connected"),
        pytest.param(
            lambda user: (user.connects(), user.host.change_connection(status="reconnect_required")),
            "Fullscript no longer accepts this connection.",
            id="revoked",
        ),
    ],
)
def test_without_a_connection_the_page_leads_to_connecting(
    maya: HostUser, ends: Callable[[HostUser], Any], text: str
) -> None:
    """The page as well as each of its forms."""
    ends(maya)
    answers = [maya.browser.get(RECORD.format("7")), does(maya, "7", "find")]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert [text in answer.text for answer in answers] == [True, True]


def test_no_name_that_is_looked_for_is_in_an_address_or_a_log(
    connected: HostUser, caplog: pytest.LogCaptureFixture
) -> None:
    """Searches are posted, and what is logged of a call is its route."""
    with caplog.at_level("DEBUG", logger="fullscript_embed"):
        page = does(connected, "7", "search", query="Dietrich")
    logged = "".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)

    assert "Clara Dietrich" in page.text
    assert "Dietrich" not in logged + page.request.url
