"""Which events are checked against their contracts, and what becomes of those without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

from eventroute.errors import ConfigurationError, ContractError, ContractNotFoundError
from eventroute.registry.files import FileRegistry

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from eventroute.envelope import Event
    from eventroute.registry.port import Registry

__all__ = ["ContractPolicy", "Stage", "policy_from"]

Stage: TypeAlias = Literal["publish", "handle"]


class ContractPolicy:
    """Checks untyped events; typed ones pydantic checks.

    :param registry: where the contracts are.
    :param unregistered: ``"allow"`` lets an event through that has no contract: of its type, or of
        the version that it names; ``"refuse"`` does not.
    :param check: when: before events are published, before they are handled, or both.
    :ivar stages: the same, as a set.
    :raises ConfigurationError: ``check`` names something else; or nothing, while events without a
        contract are to be refused, which only a check can do.
    """

    def __init__(
        self,
        registry: Registry,
        unregistered: Literal["allow", "refuse"] = "allow",
        *,
        check: Stage | Collection[Stage] = ("publish", "handle"),
    ) -> None:
        self.registry = registry
        self.unregistered = unregistered
        listed = [check] if isinstance(check, str) else check
        if not all(one in get_args(Stage) for one in listed):
            raise ConfigurationError(f'check={check!r}: list "publish", "handle", or both')
        if unregistered == "refuse" and not listed:
            raise ConfigurationError(
                f'unregistered="refuse" refuses nothing with check={check!r}, as no event is '
                'checked; name "publish", "handle", or both, or set unregistered="allow"'
            )
        self.stages = frozenset(listed)

    def check(self, event: Event, version: int | None = None) -> int | None:
        """Check an event that is to be published.

        :param version: which version of its contract it is to fit; the latest when left out.
        :returns: the version that it fits; ``None`` where there is no contract, and such events are
            let through.
        :raises ContractViolationError: the detail breaks the contract.
        :raises ContractNotFoundError: there is none, and such events are refused.
        :raises ContractError: the contract itself cannot be used.
        """
        versions = self.registry.versions(event.source, event.detail_type)
        chosen = versions[-1] if version is None and versions else version
        return self._checked(event, versions, chosen)

    def check_received(self, event: Event, version: int | None) -> int | None:
        """Check an event that is to be handled, as :meth:`check` does.

        :param version: the one that it names. One that names none is version 1, as eventroute
            does not name that; where that is not registered, a stranger wrote it for the latest.
        :raises ContractError: also where the registry itself cannot be found.
        """
        try:
            versions = self.registry.versions(event.source, event.detail_type)
        except ContractNotFoundError as error:  # no event may be given up for that
            raise ContractError(str(error)) from error
        if version is None and versions:
            version = 1 if 1 in versions else versions[-1]
        return self._checked(event, versions, version)

    def _checked(self, event: Event, versions: Sequence[int], version: int | None) -> int | None:
        if version in versions:
            self.registry.validate(event, version)
            return version
        if self.unregistered == "refuse":
            try:
                self.registry.get(event.source, event.detail_type, version)
            except ContractNotFoundError as error:
                raise ContractNotFoundError(
                    f'{error}, or set registry.unregistered = "allow"'
                ) from None
        return None


class _Chosen(Protocol):
    @property
    def path(self) -> Path | None: ...

    @property
    def unregistered(self) -> Literal["allow", "refuse"]: ...
    @property
    def check(self) -> Stage | Collection[Stage]: ...


def policy_from(settings: _Chosen) -> ContractPolicy | None:
    """Make the policy that the ``[registry]`` table asks for; ``None`` where it names no folder.

    :raises ConfigurationError: the folder does not exist.
    """
    if settings.path is None:
        return None
    if not settings.path.is_dir():
        raise ConfigurationError(
            f"registry.path is {settings.path}, which is no folder; correct it, or make it: mkdir, "
            "or eventroute schema register MODULE:BUS"
        )
    return ContractPolicy(FileRegistry(settings.path), settings.unregistered, check=settings.check)
