"""Accounts of patients who ordered before: they have chosen a password, the same as everybody's here."""

from __future__ import annotations

from datetime import datetime

from fullscript_sandbox.models import Order, Patient, PatientAccount
from fullscript_sandbox.models.accounts import hash_password
from fullscript_sandbox.seed.people import PASSWORD
from fullscript_sandbox.seed.source import Rows, Seed


def grow(_seed: Seed, world: Rows) -> Rows:
    """One for each who bought, or whose guardian did, as old as the first order."""
    owners = {one["id"]: one["guardian_patient_id"] or one["id"] for one in world[Patient]}
    since: dict[str, datetime] = {}
    for order in sorted(world[Order], key=lambda one: one["completed_at"]):
        since.setdefault(owners[order["patient_id"]], order["completed_at"])
    # One hash for all: the password is the same, and hashing takes time.
    password_hash = hash_password(PASSWORD)
    rows = [{"patient_id": one, "password_hash": password_hash, "created_at": since[one]} for one in since]
    return {PatientAccount: rows}
