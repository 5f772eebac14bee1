"""What Fullscript's ids are called: products and practitioners, looked up once for each environment.

Plans carry ids only (field notes, P34). A name that cannot be had now is asked for again later; nothing waits
for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError

from fullscript_embed import connections
from fullscript_embed.api import FullscriptClient, FullscriptError, FullscriptUnreachable, RateLimited
from fullscript_embed.api.records.catalog import Variant
from fullscript_embed.errors import EmbedError
from fullscript_embed.logs import say
from fullscript_embed.models import CONNECTED, Connection, Name, TreatmentPlan
from fullscript_embed.state import current

VARIANT, PRACTITIONER = "variant", "practitioner"
INFO = 20
# The first repetition comes after a minute, each later one after twice as long, up to a day.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
MOST_DOUBLINGS = 11
# In one go, so that a sweep ends in time even where every call takes its while.
MOST_PLANS_AT_ONCE = 20

Key = tuple[str, str, str]
Found = dict[str, str | int | None]
COLUMNS = ("name", "brand", "size", "image_url", "units", "unit_of_measure")


def keys_of(plan: TreatmentPlan) -> set[Key]:
    """What a plan needs names for, as (environment, kind, id)."""
    variants = {(plan.environment, VARIANT, str(line["variant_id"])) for line in plan.recommendations}
    if plan.practitioner_id:
        variants.add((plan.environment, PRACTITIONER, plan.practitioner_id))
    return variants


def find(keys: Iterable[Key]) -> dict[Key, Name]:
    """What is kept under *keys*, names that could not be had too."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for environment, kind, fullscript_id in keys:
        ids[environment, kind].add(fullscript_id)
    if not ids:
        return {}
    wanted = [
        and_(Name.environment == environment, Name.kind == kind, Name.fullscript_id.in_(sorted(some)))
        for (environment, kind), some in ids.items()
    ]
    rows = current().db_session.scalars(select(Name).where(or_(*wanted)))
    return {(row.environment, row.kind, row.fullscript_id): row for row in rows}


def are_known(keys: set[Key]) -> bool:
    """True when each of them has a name, and what belongs to it."""
    named = find(keys)
    return all(key in named and is_whole(named[key]) for key in keys)


def is_whole(name: Name) -> bool:
    """True when there is nothing to look up."""
    return bool(name.name) and name.has_details


def complete(plan_ids: Iterable[int], *, now: datetime) -> None:
    """Look up what these plans lack and may be asked for by now. Commits; a failure is for next time."""
    session = current().db_session
    for plan_id in plan_ids:
        plan = session.get(TreatmentPlan, plan_id)
        if plan is not None:
            _complete(plan, now=now)


def complete_waiting(*, now: datetime) -> None:
    """The same for the plans that lack a name, the newest first."""
    lacking = select(TreatmentPlan.id).where(TreatmentPlan.names_missing.is_(True))
    newest = lacking.order_by(TreatmentPlan.id.desc()).limit(MOST_PLANS_AT_ONCE)
    complete(list(current().db_session.scalars(newest)), now=now)


def look_up(keys: Iterable[Key], connection_id: int, *, now: datetime) -> None:
    """Look up those of *keys* that lack a name and may be asked for by now. Commits."""
    wanted = set(keys)
    known = find(wanted)
    current().db_session.rollback()
    _look_up(sorted(key for key in wanted if _is_due(known.get(key), now=now)), connection_id, now=now)


def _complete(plan: TreatmentPlan, *, now: datetime) -> None:
    plan_id, keys = plan.id, keys_of(plan)
    known = find(keys)
    due = [key for key in keys if _is_due(known.get(key), now=now)]
    connection_id = _who_may_ask(plan) if due else None
    if connection_id is not None:
        _look_up(due, connection_id, now=now)
    session = current().db_session
    fresh, named = session.get(TreatmentPlan, plan_id), find(keys)
    if fresh is not None:
        fresh.names_missing = not all(key in named and is_whole(named[key]) for key in keys)
        fresh.revision += 1 if due else 0
        session.commit()


def _is_due(name: Name | None, *, now: datetime) -> bool:
    if name is None:
        return True
    return not is_whole(name) and (name.try_again_at is None or now >= name.try_again_at)


def _who_may_ask(plan: TreatmentPlan) -> int | None:
    """A connection of the plan's clinic, best of who made the plan."""
    wanted = select(Connection.id).filter_by(
        environment=plan.environment, clinic_id=plan.clinic_id, status=CONNECTED
    )
    return current().db_session.scalar(
        wanted.order_by(Connection.user_id != plan.user_id, Connection.id).limit(1)
    )


def _look_up(keys: Iterable[Key], connection_id: int, *, now: datetime) -> None:
    """Ask for one after the other. When Fullscript is away or busy the rest waits too, and so does nobody."""
    for key in keys:
        _environment, kind, fullscript_id = key
        found: Found = {}
        try:
            found = connections.call(connection_id, partial(_ask, kind, fullscript_id), now=now)
        except (FullscriptUnreachable, RateLimited, EmbedError) as error:
            say(INFO, "names have to wait", error=type(error).__name__)
            return
        except FullscriptError as error:
            say(INFO, "a name cannot be had", kind=kind, fullscript_id=fullscript_id, reason=error.reason)
        _keep(key, found, now=now)


def _ask(kind: str, fullscript_id: str, client: FullscriptClient) -> Found:
    if kind == PRACTITIONER:
        practitioner = client.practitioners.retrieve(fullscript_id)
        return {"name": " ".join(filter(None, (practitioner.first_name, practitioner.last_name)))}
    variant = client.variants.retrieve(fullscript_id)
    product = variant.product
    brand = product.brand.name if product and product.brand else None
    return {"name": product.name if product else None, "brand": brand, **details_of(variant)}


def details_of(variant: Variant) -> Found:
    """What a variant says of itself, as it is kept with its name."""
    pictures = (variant.image_url_small, variant.image_url_medium, variant.image_url_large)
    return {
        "size": size_of(variant),
        # The reference's own example is a path without a host, of which a page elsewhere makes nothing.
        "image_url": next((url for url in pictures if url and url.startswith(("https://", "http://"))), None),
        "units": variant.units,
        "unit_of_measure": (variant.unit_of_measure or "")[:64] or None,
    }


def size_of(variant: Variant) -> str | None:
    """How much one unit holds, such as "120 capsules"."""
    return " ".join(str(part) for part in (variant.units, variant.unit_of_measure) if part) or None


def _keep(key: Key, found: Found, *, now: datetime) -> None:
    session = current().db_session
    environment, kind, fullscript_id = key
    row = session.get(Name, key)
    if row is None:
        row = Name(environment=environment, kind=kind, fullscript_id=fullscript_id, attempts=0)
        session.add(row)
    if found or row.name is None:
        for column in COLUMNS:
            setattr(row, column, found.get(column) or None)
        row.has_details = bool(found)
    row.known_at, row.attempts = now, row.attempts + 1
    pause = FIRST_PAUSE * 2 ** min(row.attempts - 1, MOST_DOUBLINGS)
    row.try_again_at = None if is_whole(row) else now + min(pause, LONGEST_PAUSE)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()  # somebody else looked it up in the same moment
