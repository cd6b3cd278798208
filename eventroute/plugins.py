"""Adapters and stores of contracts, found by name through entry points.

Their groups are ``eventroute.adapters`` and ``eventroute.contract_stores``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eventroute.errors import BackendNotFoundError, ConfigurationError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.metadata import EntryPoint, EntryPoints

    from eventroute.contract_store import ContractStoreFactory
    from eventroute.port import Adapter, AdapterFactory

__all__ = [
    "KNOWN_BACKENDS",
    "KNOWN_STORES",
    "backend_name",
    "installed_adapters",
    "installed_stores",
    "load_adapter_factory",
    "load_store_factory",
]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is found by name.

    :ivar what: in words, such as ``"backend"``.
    :ivar none: begins the message that there is none of a name.
    :ivar makes: what the entry point's function makes.
    :ivar extras: which extra brings what eventroute's own need; ``None`` where nothing more.
    """

    group: str
    what: str
    none: str
    makes: str
    extras: Mapping[str, str | None]


_ADAPTERS: Final = _Kind(
    "eventroute.adapters",
    "backend",
    "no adapter for the backend",
    "an adapter",
    {"aws": "aws", "eventbridge": "aws", "sns": "aws", "sqlite": None},
)
_STORES: Final = _Kind(
    "eventroute.contract_stores",
    "contract store",
    "no package for the contract store",
    "a contract store",
    {"eventbridge": "aws"},
)

KNOWN_BACKENDS: Final = frozenset({"memory"} | _ADAPTERS.extras.keys())
"""Names that belong to eventroute's own adapters, whether or not they are installed."""

KNOWN_STORES: Final = frozenset(_STORES.extras)
"""Names that belong to eventroute's own stores of contracts, whether or not they are installed."""


def installed_adapters() -> list[str]:
    """Names of the backends that may be chosen here, in alphabetical order."""
    return _installed(_ADAPTERS)


def installed_stores() -> list[str]:
    """Names of the stores of contracts that may be chosen here, in alphabetical order."""
    return _installed(_STORES)


def backend_name(adapter: Adapter) -> str:
    """How people know an adapter's backend, such as ``"memory"``.

    A package that has several says it in the adapter's attribute ``backend``.
    """
    said: str | None = getattr(adapter, "backend", None)
    return said or type(adapter).__module__.partition(".")[0].removeprefix("eventroute_")


def load_adapter_factory(backend: str) -> AdapterFactory:
    """Import the adapter of a backend.

    :param backend: the name of the entry point, such as ``"memory"``.
    :raises BackendNotFoundError: no installed package offers it.
    :raises MissingExtraError: its package needs another one that is not installed.
    :raises ConfigurationError: two packages offer it, or its entry point is broken.
    """
    return cast("AdapterFactory", _load(_ADAPTERS, backend))


def load_store_factory(store: str) -> ContractStoreFactory:
    """Import a store of contracts.

    :param store: the name of the entry point, such as ``"eventbridge"``.
    :raises BackendNotFoundError: no installed package offers it.
    :raises MissingExtraError: its package needs another one that is not installed.
    :raises ConfigurationError: two packages offer it, or its entry point is broken.
    """
    return cast("ContractStoreFactory", _load(_STORES, store))


def _installed(kind: _Kind) -> list[str]:
    return sorted({found.name for found in _entry_points(kind)})


def _load(kind: _Kind, name: str) -> Callable[..., object]:
    found = tuple(one for one in _entry_points(kind) if one.name == name)
    if not found:
        raise BackendNotFoundError(_not_found(kind, name))
    if len({entry.value for entry in found}) > 1:
        packages = " and ".join(sorted(map(_package, found)))
        raise ConfigurationError(
            f"the {kind.what} {name!r} is offered by {packages}; uninstall all but one"
        )
    entry = found[0]
    try:
        factory: object = entry.load()
    except ImportError as error:
        raise MissingExtraError(
            f"the {kind.what} {name!r} cannot be loaded: {error}; run "
            f"{_install(kind, name, error)}",
            name=error.name,
        ) from error
    except AttributeError as error:
        raise ConfigurationError(
            f"{_broken(entry)}: {error}; install another version of {_package(entry)}"
        ) from error
    if not callable(factory):
        raise ConfigurationError(
            f"{_broken(entry)}: it names a {type(factory).__name__}, not a function that makes "
            f"{kind.makes}; install another version of {_package(entry)}"
        )
    return factory


def _not_found(kind: _Kind, name: str) -> str:
    installed = _installed(kind)
    known = f"installed are {', '.join(installed)}" if installed else "none is installed"
    command = _extra(kind, name)
    if command:
        return f"{kind.none} {name!r}: {known}; run {command}"
    if name in kind.extras:
        return (
            f"{kind.none} {name!r}: {known}; this version of eventroute has no "
            f"such {kind.what} yet, choose another"
        )
    from difflib import get_close_matches  # noqa: PLC0415  only for the message

    near = get_close_matches(name, [*installed, *kind.extras], 1)
    meant = f"did you mean {near[0]!r}? If not, " if near else ""
    return (
        f"{kind.none} {name!r}: {known}; {meant}correct the name, or install the package that "
        "brings it"
    )


def _install(kind: _Kind, name: str, error: ImportError) -> str:
    package = (error.name or name).partition(".")[0]
    return _extra(kind, name) or f"pip install {package}"


def _extra(kind: _Kind, name: str) -> str | None:
    """The command that brings it, where this version of eventroute has an extra for it."""
    from importlib.metadata import PackageNotFoundError, metadata  # noqa: PLC0415  heavy, see below

    extra = kind.extras.get(name)
    try:
        provided: list[str] = metadata("eventroute").get_all("Provides-Extra") or []
    except PackageNotFoundError:
        provided = []
    return f'pip install "eventroute[{extra}]"' if extra in provided else None


def _broken(entry: EntryPoint) -> str:
    return f"the entry point {entry.name} = {entry.value} of {_package(entry)} is broken"


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.value


def _entry_points(kind: _Kind) -> EntryPoints:
    from importlib.metadata import entry_points  # noqa: PLC0415  as heavy as half of pydantic

    return entry_points(group=kind.group)
