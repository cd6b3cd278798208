"""Looks and changes until nothing differs; others may be changing the same things."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import anyio

from eventroute.errors import AdapterError, ConfigurationError
from eventroute_aws.provisioning.apply import MovedError
from eventroute_aws.provisioning.steps import changes_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eventroute.port import Change
    from eventroute_aws.calls import Calls
    from eventroute_aws.provisioning.steps import Told

__all__ = ["Surveyed", "refuse_differences", "settle"]

_ROUNDS: Final = 6

logger = logging.getLogger("eventroute.aws")


class Surveyed(Protocol):
    """How things are and should be."""

    @property
    def phases(self) -> Sequence[Sequence[Told]]:
        """The steps between."""
        ...


SurveyT = TypeVar("SurveyT", bound=Surveyed)


async def settle(
    survey: Callable[[], Awaitable[SurveyT]],
    apply: Callable[[SurveyT], Awaitable[None]],
    needs_another_look: Callable[[SurveyT], bool],
    calls: Calls,
) -> tuple[SurveyT, list[Change]]:
    """Do what has to be done.

    :param apply: does the steps; a :class:`MovedError` says that they no longer fit.
    :param needs_another_look: whether something may be left to do after these steps.
    :returns: the last look, and what was done.
    :raises AdapterError: others do not stop changing the same things.
    """
    done: list[Change] = []
    rounds = 0
    while True:
        rounds += 1
        surveyed = await survey()
        try:
            await apply(surveyed)
        except MovedError as error:
            if rounds == _ROUNDS:
                raise AdapterError(
                    f"others keep changing the same resources ({error}); open the bus again"
                ) from error
            await anyio.sleep(calls.pause() * rounds)
            continue
        changes = changes_of(surveyed.phases)
        for change in changes:
            logger.info("%s %s %s", change.action, change.resource, "; ".join(change.details))
        done += [change for change in changes if change not in done]
        # AWS may still tell how things were, so that doing it again must come to an end.
        if not changes or rounds == _ROUNDS or not needs_another_look(surveyed):
            return surveyed, done


def refuse_differences(surveyed: Surveyed, remedy: str) -> None:
    """Refuse where something is not as it should be.

    :raises ConfigurationError: naming every difference.
    """
    changes = changes_of(surveyed.phases)
    if changes:
        listed = "".join(f"\n  {_told(change)}" for change in changes)
        raise ConfigurationError(
            f"what there is on AWS is not what the application declares; {remedy}, or open with "
            f'provision = "create":{listed}'
        )


def _told(change: Change) -> str:
    details = f" ({', '.join(change.details)})" if change.details else ""
    return f"{change.action} the {change.resource}{details}"
