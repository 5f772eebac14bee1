"""What a developer has at Fullscript: apps, and what users granted them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fullscript_sandbox.database import Base, UtcDateTime, new_id
from fullscript_sandbox.models.accounts import Clinic, User

# Guide: "Request an auth code", "Request an access token", "Codify session grants".
CODE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(hours=2)
GRANT_LIFETIME = timedelta(seconds=120)


class App(Base):
    """An application that a partner registered on the dashboard, for one environment.

    `level` is user, or clinic for apps made before 2021-08-26, whose tokens belong to a clinic.
    URI lists hold one URI a line.
    """

    __tablename__ = "app"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str]
    environment: Mapped[str] = mapped_column(default="us-snd")
    level: Mapped[str] = mapped_column(default="user")
    client_id: Mapped[str] = mapped_column(unique=True)
    client_secret: Mapped[str]
    public_key: Mapped[str] = mapped_column(unique=True)
    redirect_uris: Mapped[str] = mapped_column(default="")
    origin_uris: Mapped[str] = mapped_column(default="")
    scopes: Mapped[str] = mapped_column(default="catalog:read")
    # Names of restricted endpoints that this app was approved for (field notes, P36).
    restricted_grants: Mapped[list[str]] = mapped_column(JSON, default=list)
    challenge_token: Mapped[str]
    signature_key: Mapped[str]
    webhook_url: Mapped[str | None]
    webhook_events: Mapped[list[str]] = mapped_column(JSON, default=list)
    webhook_envelope: Mapped[str] = mapped_column(default="event")
    # Since when every attempt failed, and when and why the endpoint was disabled for it.
    webhook_failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    webhook_disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    webhook_disabled_reason: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def country(self) -> str:
        return self.environment[:2].upper()

    @property
    def scope_list(self) -> list[str]:
        return self.scopes.split()


class AuthorizationCode(Base):
    """Good once, for ten minutes. Kept after use, so that a second use can revoke what the first gave."""

    __tablename__ = "authorization_code"

    code: Mapped[str] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    redirect_uri: Mapped[str]
    scope: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    app: Mapped[App] = relationship()
    user: Mapped[User] = relationship()


class Token(Base):
    """A pair of access and refresh token.

    A refresh makes a new row that names the old one as `previous_id`. The old refresh token stays good
    until the new access token is used for the first time (guide: "Refresh an access token"). `chain_id`
    is the id of the first row, the one that the authorization gave.
    """

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"), index=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    code: Mapped[str | None] = mapped_column(index=True)
    previous_id: Mapped[str | None] = mapped_column(ForeignKey("token.id"), index=True)
    chain_id: Mapped[str] = mapped_column(String(36), index=True)
    access_token: Mapped[str] = mapped_column(unique=True)
    refresh_token: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refresh_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    app: Mapped[App] = relationship()
    user: Mapped[User] = relationship()
    clinic: Mapped[Clinic] = relationship()

    @property
    def expires_at(self) -> datetime:
        return self.created_at + TOKEN_LIFETIME

    @property
    def resource_owner(self) -> dict[str, str]:
        """Who the token acts for, as token answers say it."""
        if self.app.level == "clinic":
            return {"id": self.clinic_id, "type": "Clinic"}
        return {"id": self.user_id, "type": self.user.type}


class SessionGrant(Base):
    """Lets an Embed frame in once, as one user, within 120 seconds."""

    __tablename__ = "session_grant"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    secret_token: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    app: Mapped[App] = relationship()
    user: Mapped[User] = relationship()

    @property
    def expires_at(self) -> datetime:
        return self.created_at + GRANT_LIFETIME


class DataToken(Base):
    """A patient's data, handed over before the frame opens, so that no URL carries it."""

    __tablename__ = "data_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FrameSession(Base):
    """A signed-in Embed frame. Its key lives in the frame's page alone: no cookie is read or set."""

    __tablename__ = "frame_session"

    key: Mapped[str] = mapped_column(primary_key=True)
    app_id: Mapped[str] = mapped_column(ForeignKey("app.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("user.id"))
    practitioner_id: Mapped[str | None] = mapped_column(ForeignKey("user.id"))
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"))
    patient_data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    entrypoint: Mapped[str] = mapped_column(default="catalog")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    app: Mapped[App] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
