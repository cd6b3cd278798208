"""Adapters, found by name through the entry-point group ``eventroute.adapters``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eventroute.errors import BackendNotFoundError, ConfigurationError, MissingExtraError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints

    from eventroute.port import Adapter, AdapterFactory

__all__ = ["KNOWN_BACKENDS", "backend_name", "installed_adapters", "load_adapter_factory"]

GROUP: Final = "eventroute.adapters"

_EXTRAS: Final = {"aws": "aws", "eventbridge": "aws", "sns": "aws", "sqlite": None}
"""Which extra brings what a backend needs; ``None`` where it needs nothing more."""

KNOWN_BACKENDS: Final = frozenset({"memory"} | _EXTRAS.keys())
"""Names that belong to eventroute's own adapters, whether or not they are installed."""


def installed_adapters() -> list[str]:
    """Names of the backends that may be chosen here, in alphabetical order."""
    return sorted({found.name for found in _entry_points()})


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
    found = tuple(one for one in _entry_points() if one.name == backend)
    if not found:
        raise BackendNotFoundError(_not_found(backend))
    if len({entry.value for entry in found}) > 1:
        packages = " and ".join(sorted(map(_package, found)))
        raise ConfigurationError(
            f"the backend {backend!r} is offered by {packages}; uninstall all but one"
        )
    entry = found[0]
    try:
        factory: object = entry.load()
    except ImportError as error:
        raise MissingExtraError(
            f"the backend {backend!r} cannot be loaded: {error}; run {_install(backend, error)}",
            name=error.name,
        ) from error
    except AttributeError as error:
        raise ConfigurationError(
            f"{_broken(entry)}: {error}; install another version of {_package(entry)}"
        ) from error
    if not callable(factory):
        raise ConfigurationError(
            f"{_broken(entry)}: it names a {type(factory).__name__}, not a function that makes "
            f"an adapter; install another version of {_package(entry)}"
        )
    return cast("AdapterFactory", factory)


def _not_found(backend: str) -> str:
    installed = installed_adapters()
    known = f"installed are {', '.join(installed)}" if installed else "none is installed"
    command = _extra(backend)
    if command:
        return f"no adapter for the backend {backend!r}: {known}; run {command}"
    if backend in _EXTRAS:
        return (
            f"no adapter for the backend {backend!r}: {known}; this version of eventroute has no "
            "such backend yet, choose another"
        )
    from difflib import get_close_matches  # noqa: PLC0415  only for the message

    near = get_close_matches(backend, [*installed, *KNOWN_BACKENDS], 1)
    meant = f"did you mean {near[0]!r}? If not, " if near else ""
    return (
        f"no adapter for the backend {backend!r}: {known}; {meant}correct the name, or install "
        "the package that brings it"
    )


def _install(backend: str, error: ImportError) -> str:
    package = (error.name or backend).partition(".")[0]
    return _extra(backend) or f"pip install {package}"


def _extra(backend: str) -> str | None:
    """The command that brings a backend, where this version of eventroute has an extra for it."""
    from importlib.metadata import PackageNotFoundError, metadata  # noqa: PLC0415  heavy, see below

    extra = _EXTRAS.get(backend)
    try:
        provided: list[str] = metadata("eventroute").get_all("Provides-Extra") or []
    except PackageNotFoundError:
        provided = []
    return f'pip install "eventroute[{extra}]"' if extra in provided else None


def _broken(entry: EntryPoint) -> str:
    return f"the entry point {entry.name} = {entry.value} of {_package(entry)} is broken"


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else entry.value


def _entry_points() -> EntryPoints:
    from importlib.metadata import entry_points  # noqa: PLC0415  as heavy as half of pydantic

    return entry_points(group=GROUP)
