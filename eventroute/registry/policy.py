"""What a publisher does with an event whose type has no contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from eventroute.errors import ConfigurationError, ContractNotFoundError
from eventroute.registry.files import FileRegistry

if TYPE_CHECKING:
    from pathlib import Path

    from eventroute.envelope import Event
    from eventroute.registry.port import Registry

__all__ = ["ContractPolicy", "policy_from"]


class ContractPolicy:
    """Checks untyped events before they are published; typed ones pydantic has checked.

    :param registry: where the contracts are.
    :param unregistered: ``"allow"`` lets an event through whose type has no contract;
        ``"refuse"`` does not.
    """

    def __init__(
        self, registry: Registry, unregistered: Literal["allow", "refuse"] = "allow"
    ) -> None:
        self.registry = registry
        self.unregistered = unregistered

    def check(self, event: Event) -> None:
        """Check an event against the latest contract of its type.

        :raises ContractViolationError: the detail breaks the contract.
        :raises ContractNotFoundError: there is none, and such events are refused.
        :raises ContractError: the contract itself cannot be used.
        """
        if self.registry.versions(event.source, event.detail_type):
            self.registry.validate(event)
        elif self.unregistered == "refuse":
            try:
                self.registry.get(event.source, event.detail_type)
            except ContractNotFoundError as error:
                raise ContractNotFoundError(
                    f'{error}, or set registry.unregistered = "allow"'
                ) from None


class _Chosen(Protocol):
    @property
    def path(self) -> Path | None: ...

    @property
    def unregistered(self) -> Literal["allow", "refuse"]: ...


def policy_from(settings: _Chosen) -> ContractPolicy | None:
    """Make the policy that the ``[registry]`` table asks for; ``None`` where it names no folder.

    :raises ConfigurationError: the folder does not exist.
    """
    if settings.path is None:
        return None
    if not settings.path.is_dir():
        raise ConfigurationError(
            f"registry.path is {settings.path}, which is no folder; correct it, or register a "
            "contract there first"
        )
    return ContractPolicy(FileRegistry(settings.path), settings.unregistered)
