"""What is safe to repeat, and when."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from secrets import SystemRandom

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from fullscript_embed.api.errors import FullscriptUnreachable, RateLimited, ServerFailed

logger = logging.getLogger(__name__)

# Doing these twice is doing them once. PATCH is not among them: activating a plan twice is an error the
# second time.
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
# A gateway's "not now". A plain 500 would most likely fail again, and louder.
PASSING = frozenset({502, 503, 504})
# So that many processes that were told the same second do not come back in the same instant.
SPREAD_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how patiently to repeat. All times are in seconds.

    Any call is repeated after a 429 and when no connection came about, for then nothing was done; GET, PUT
    and DELETE also after 502, 503, 504 and a connection that broke. A call that timed out is not repeated:
    somebody has waited long enough. Waits grow exponentially with jitter; a Retry-After is followed exactly,
    and one longer than `longest_retry_after` ends the attempts at once. `attempts=1` repeats nothing.
    """

    attempts: int = 4
    wait_initial: float = 0.2
    wait_max: float = 5.0
    wait_jitter: float = 0.5
    total: float = 30.0
    longest_retry_after: float = 15.0

    def attempts_at(self, method: str, route: str) -> Retrying:
        """The attempts at one call, with the pauses between them; the last error comes out as it was."""

        def wait(state: RetryCallState) -> float:
            pause = self.pause(_error_of(state), method)
            return self._backoff(state) if pause is True else float(pause)

        def tell(state: RetryCallState) -> None:
            reason = getattr(_error_of(state), "reason", "failed")
            seconds = state.next_action.sleep if state.next_action else 0.0
            logger.info("%s: %s, trying again in %.1f s", route, reason, seconds)

        return Retrying(
            retry=retry_if_exception(lambda error: self.pause(error, method) is not False),
            wait=wait,
            stop=stop_after_attempt(self.attempts) | stop_after_delay(self.total),
            before_sleep=tell,
            reraise=True,
        )

    def _backoff(self, state: RetryCallState) -> float:
        growing = wait_exponential(multiplier=self.wait_initial, max=self.wait_max)
        return (growing + wait_random(0, self.wait_jitter))(state)

    def pause(self, error: BaseException | None, method: str) -> bool | float:
        """False: give up. True: wait as long as the backoff says. A number: wait that many seconds."""
        match error:
            case RateLimited(status=429):
                return self._asked_for(error.retry_after)
            case ServerFailed(status=status) if status in PASSING and method in REPEATABLE:
                return self._asked_for(error.retry_after)
            case FullscriptUnreachable(sent=False):
                return True
            case FullscriptUnreachable(reason="unreachable"):
                return method in REPEATABLE
            case _:
                return False

    def _asked_for(self, retry_after: float | None) -> bool | float:
        if retry_after is None:
            return True
        if retry_after > self.longest_retry_after:
            return False
        return retry_after + SystemRandom().uniform(0, SPREAD_SECONDS)


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
