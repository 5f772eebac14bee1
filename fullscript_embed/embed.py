"""Session grants: what lets one frame in, minted when the practitioner asks for it and never earlier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fullscript_embed import audit, connections, inbox, recognising, records
from fullscript_embed.api.records.tokens import SessionGrant
from fullscript_embed.environments import Environment
from fullscript_embed.errors import EventRefused, FullscriptUserUnknown, LabsNotOffered, PatientNotFound
from fullscript_embed.models import Connection
from fullscript_embed.patient_data import for_embed
from fullscript_embed.people import Patient, User
from fullscript_embed.state import current

ENTRYPOINTS = ("catalog", "labs")


@dataclass(frozen=True, slots=True)
class Opening:
    """Everything that the browser library needs to open the feature, once and within two minutes."""

    grant: SessionGrant
    environment: Environment
    patient: dict[str, Any] | None
    entrypoint: str

    def as_json(self) -> dict[str, Any]:
        """In the browser library's spelling. The origin is always named, so that it is the one that our
        Content-Security-Policy names, whatever a later library takes for its default."""
        ends = self.grant.expires_at
        return {
            "secret_token": self.grant.secret_token,
            "expires_at": ends.isoformat() if ends else None,
            "client": {
                "publicKey": self.environment.public_key,
                "env": self.environment.library_name,
                "domain": self.environment.hosts.embed_origin,
            },
            "environment": self.environment.name,
            "patient": self.patient,
            "entrypoint": self.entrypoint,
        }


def visible_patient(patient_id: str) -> Patient:
    """The patient, if the signed-in user may see them. Raises PatientNotFound."""
    patient = current().extension.find_patient(patient_id)
    if patient is None:
        raise PatientNotFound
    return patient


def open_feature(user: User, patient_id: str, entrypoint: str, *, now: datetime) -> Opening:
    """Mint a session grant for *user*, to recommend to that patient. Commits an audit entry.

    Raises a Refusal, or the FullscriptError that kept Fullscript from giving a grant.
    """
    state = current()
    environment = state.environment_of(user)
    patient = visible_patient(patient_id)
    if entrypoint == "labs" and environment.is_canadian:
        raise LabsNotOffered
    connection = connections.require(user, environment)
    person = _named(user, connection)
    grant = connections.call(connection.id, lambda client: client.session_grants.create(**person), now=now)
    inbox.settle(environment.name, patient.id)
    known = records.fullscript_patient_id(environment.name, connection.clinic_id, patient.id)
    known = known or recognising.by_our_id(connection, patient, now=now)
    connections.mark_used(connection, now=now)
    audit.record(
        state.db_session,
        "session_grant.minted",
        user_id=user.id,
        environment=environment.name,
        patient_id=patient.id,
        details={"entrypoint": entrypoint},
    )
    state.db_session.commit()
    return Opening(grant, environment, for_embed(patient, known), entrypoint)


def check_entrypoint(value: Any) -> str:
    """*value* as one of the feature's entrypoints, catalog when there is none."""
    if value in (None, ""):
        return "catalog"
    if value not in ENTRYPOINTS:
        raise EventRefused('"entrypoint" has to be "catalog" or "labs".', code="invalid_request")
    return str(value)


def _named(user: User, connection: Connection) -> dict[str, str]:
    """For whom the grant is, where the token does not say it. Raises FullscriptUserUnknown."""
    if connection.user_type != "Clinic":
        return {}
    if user.fullscript_user_id is None:
        raise FullscriptUserUnknown
    return {"user_id": user.fullscript_user_id, "user_type": user.fullscript_user_type}
