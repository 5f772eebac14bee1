"""Rotation of refresh tokens in the sandbox, over HTTP (guide: "Refresh an access token").

The old refresh token stays good until the new access token is first used; then only the new one works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fullscript_embed.testing import Sandbox, SandboxApp
from tests.sandbox_actors import Partner, at_once


@pytest.fixture
def partner(sandbox: Sandbox, sandbox_app: SandboxApp) -> Partner:
    """The server of the demo's own app."""
    return Partner(sandbox, sandbox_app)


def test_the_old_refresh_token_stays_good_until_the_new_access_token_is_used(partner: Partner) -> None:
    """An answer that was lost can be asked for again, several times."""
    first = partner.gets_pair()
    answers = [partner.refreshes(first["refresh_token"]) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["oauth"]["refresh_token"] for answer in answers}) == 3


def test_the_first_use_ends_the_old_refresh_token(partner: Partner) -> None:
    """Once the new access token is used, the old refresh token gives nothing."""
    first = partner.gets_pair()
    second = partner.refreshes(first["refresh_token"]).json()["oauth"]
    partner.uses(second["access_token"])
    answer = partner.refreshes(first["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_the_new_refresh_token_works_after_the_first_use(partner: Partner) -> None:
    """Only the new refresh token is valid then, and it is."""
    first = partner.gets_pair()
    second = partner.refreshes(first["refresh_token"]).json()["oauth"]
    partner.uses(second["access_token"])

    assert partner.refreshes(second["refresh_token"]).status_code == 200


def test_the_first_use_ends_pairs_whose_answer_was_lost(partner: Partner) -> None:
    """Of several pairs from one refresh token the one that is used lives, the others are revoked."""
    first = partner.gets_pair()
    lost, kept = (partner.refreshes(first["refresh_token"]).json()["oauth"] for _ in range(2))
    partner.uses(kept["access_token"])

    assert partner.uses(lost["access_token"]).json() == {"error": "The access token was revoked"}
    assert partner.refreshes(lost["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refused_call_settles_nothing(sandbox: Sandbox, partner: Partner) -> None:
    """An access token that expired unused does not end the refresh token that it came from."""
    first = partner.gets_pair()
    second = partner.refreshes(first["refresh_token"]).json()["oauth"]
    sandbox.advance(7200)
    partner.uses(second["access_token"])

    assert partner.refreshes(first["refresh_token"]).status_code == 200


def test_the_old_access_token_lives_out_its_two_hours(partner: Partner) -> None:
    """The guide ends the old refresh token only, so that calls under way are not cut off."""
    first = partner.gets_pair()
    second = partner.refreshes(first["refresh_token"]).json()["oauth"]
    partner.uses(second["access_token"])

    assert partner.uses(first["access_token"]).status_code == 200


def test_refreshes_at_once_are_all_answered(partner: Partner) -> None:
    """Two workers that refresh in the same moment both get a pair."""
    first = partner.gets_pair()
    answers = at_once(*[lambda: partner.refreshes(first["refresh_token"])] * 4)

    assert {answer.status_code for answer in answers} == {200}


def test_of_first_uses_at_once_one_pair_is_settled_on(partner: Partner) -> None:
    """When two workers use their new pairs in the same moment, one pair lives."""
    first = partner.gets_pair()
    pairs = [partner.refreshes(first["refresh_token"]).json()["oauth"] for _ in range(4)]
    answers = at_once(*(lambda pair=pair: partner.uses(pair["access_token"]) for pair in pairs))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_a_first_use_ends_every_refresh_token_that_led_to_it(partner: Partner) -> None:
    """Refreshing twice without a use in between leaves two old refresh tokens, and the use ends both."""
    first, second, third = _line_of_three(partner)
    partner.uses(third["access_token"])
    answers = [partner.refreshes(pair["refresh_token"]) for pair in (first, second)]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_a_late_first_use_of_an_older_pair_ends_nothing(partner: Partner) -> None:
    """When the newest pair is in use already, the first use of one before it leaves it alone."""
    first, _, third = _line_of_three(partner)
    partner.uses(third["access_token"])
    partner.uses(first["access_token"])

    assert partner.uses(third["access_token"]).status_code == 200


def test_a_first_use_leaves_what_was_refreshed_from_it(partner: Partner) -> None:
    """A pair that is refreshed before it is used keeps the pairs that came from it."""
    _, second, third = _line_of_three(partner)
    partner.uses(second["access_token"])

    assert partner.uses(third["access_token"]).status_code == 200


def _line_of_three(partner: Partner) -> list[dict[str, Any]]:
    """Three pairs, each refreshed from the one before, none of them used."""
    pairs = [partner.gets_pair()]
    for _ in range(2):
        pairs.append(partner.refreshes(pairs[-1]["refresh_token"]).json()["oauth"])
    return pairs


@dataclass(eq=False)
class Pair:
    """What the machine knows of a pair: where it came from and what happened to it."""

    access_token: str
    refresh_token: str
    parent: Pair | None = None
    used: bool = False
    expired: bool = False
    chain_revoked: bool = False

    @property
    def line(self) -> list[Pair]:
        """This pair and those before it, back to the authorization."""
        return [self, *(self.parent.line if self.parent else [])]


def late(machine: Rotation) -> bool:
    """What ends much comes late, so that there is much to end."""
    return len(machine.pairs) > 5


class Rotation(RuleBasedStateMachine):
    """Any sequence of refreshes, uses, revocations and waits, held against the guide's own words.

    A pair's refresh token works while every used pair of its chain stands on the line that leads to it;
    its access token works while every used pair stands on its line, or it on theirs.
    """

    def __init__(self, partner: Partner) -> None:
        super().__init__()
        self.partner = partner
        self.pairs: list[Pair] = []

    @initialize(times=st.integers(1, 2))
    def authorize(self, times: int) -> None:
        """A user authorizes the app, perhaps twice."""
        for _ in range(times):
            self._add(self.partner.gets_pair(), None)

    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        """Refresh with any refresh token that was ever given."""
        pair = self._any(data)
        answer = self.partner.refreshes(pair.refresh_token)
        good = not pair.chain_revoked and all(used in pair.line for used in self._used(pair))

        assert answer.status_code == (200 if good else 400)
        if good:
            self._add(answer.json()["oauth"], pair)

    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        """Call the API with any access token that was ever given."""
        pair = self._any(data)
        related = all(used in pair.line or pair in used.line for used in self._used(pair))
        good = related and not pair.chain_revoked and not pair.expired

        assert self.partner.uses(pair.access_token).status_code == (200 if good else 401)
        pair.used = pair.used or good

    @precondition(late)
    @rule(data=st.data(), kind=st.sampled_from(["access_token", "refresh_token"]))
    def revoke(self, data: st.DataObject, kind: str) -> None:
        """Revoke any token that was ever given."""
        pair = self._any(data)

        assert self.partner.revokes(getattr(pair, kind)).json() == {}
        for other in self._chain(pair):
            other.chain_revoked = True

    @precondition(late)
    @rule()
    def wait(self) -> None:
        """Let two hours pass."""
        self.partner.sandbox.advance(7200)
        for pair in self.pairs:
            pair.expired = True

    def _any(self, data: st.DataObject) -> Pair:
        return data.draw(st.sampled_from(self.pairs))

    def _add(self, pair: dict[str, Any], parent: Pair | None) -> None:
        self.pairs.append(Pair(pair["access_token"], pair["refresh_token"], parent))

    def _chain(self, pair: Pair) -> list[Pair]:
        return [other for other in self.pairs if other.line[-1] is pair.line[-1]]

    def _used(self, pair: Pair) -> list[Pair]:
        return [other for other in self._chain(pair) if other.used]


def test_rotation_follows_the_guide_in_any_sequence(partner: Partner) -> None:
    """However refreshes, uses, revocations and time are mixed, exactly the right tokens work."""
    bounds = settings(
        max_examples=60,
        stateful_step_count=20,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(lambda: Rotation(partner), settings=bounds)
