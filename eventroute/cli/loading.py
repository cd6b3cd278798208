"""From ``module:attribute`` to a bus."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eventroute.bus import EventBus
from eventroute.cli.application_code import application_code, is_ours, last_own_line
from eventroute.cli.failure import CommandError, message_of
from eventroute.errors import EventRouteError
from eventroute.variables import NESTING, PREFIX

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import ModuleType

__all__ = ["REGISTRY_VARIABLE", "load_bus", "split_target"]

REGISTRY_VARIABLE: Final = f"{PREFIX}REGISTRY{NESTING}PATH"


def split_target(target: str) -> tuple[str, str]:
    """Split ``module:attribute``.

    :raises CommandError: it has another shape.
    """
    module, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *attribute.split(".")]):
        raise CommandError(
            f"{target!r} names no bus; write MODULE:ATTRIBUTE, such as shop.app:bus", exit_code=2
        )
    return module, attribute


def load_bus(target: str, *, registry: Path | None = None, keep_stdout: bool = False) -> EventBus:
    """Import a bus; modules of the working folder come first.

    :param registry: what ``--registry`` said; a bus that is made of the configuration has it, too.
    :param keep_stdout: whether what they print stays on standard output.
    :raises CommandError: the module or the attribute is missing, or is no bus.
    """
    module_name, attribute = split_target(target)
    importing = application_code(f"importing {module_name}", keep_stdout=keep_stdout)
    with importing, _configured(registry):
        found: object = _import(module_name)
        for name in attribute.split("."):
            if not hasattr(found, name):
                raise CommandError(f"{module_name} has no {name!r}{_suggestion(found, name)}")
            found = getattr(found, name)
    if not isinstance(found, EventBus):
        raise CommandError(f"{target} is {_described(found)}, not an EventBus{_remedy(found)}")
    return found


@contextmanager
def _configured(registry: Path | None) -> Generator[None]:
    """Have the configuration name this registry, as variables win over its file."""
    before = os.environ.get(REGISTRY_VARIABLE)
    if registry is not None:
        os.environ[REGISTRY_VARIABLE] = str(registry.absolute())
    try:
        yield
    finally:
        if registry is not None:
            del os.environ[REGISTRY_VARIABLE]
            if before is not None:
                os.environ[REGISTRY_VARIABLE] = before


def _import(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise CommandError(
                f"there is no module {error.name!r} in {here} or among the installed packages"
            ) from None
        raise CommandError(_failure(name, error)) from None
    except Exception as error:  # a module may raise anything when it is imported
        raise CommandError(_failure(name, error)) from None


def _failure(name: str, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        place, reason = f"{error.filename}:{error.lineno}", error.msg
    else:
        # A refused declaration is raised in this package; its author looks for their own line.
        frames: list[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
        frames = list(dropwhile(is_ours, frames))  # which import the module
        if isinstance(error, EventRouteError):  # which an adapter may have raised, whosoever it is
            frames = list(takewhile(lambda frame: not is_ours(frame), frames))
        place, reason = last_own_line(frames), message_of(error)
    kind = "" if isinstance(error, EventRouteError) else f"{type(error).__name__}: "
    return f"importing {name} failed at {place}: {kind}{reason}"


def _suggestion(found: object, name: str) -> str:
    members: dict[str, object] = getattr(found, "__dict__", {})
    buses = [known for known, value in members.items() if isinstance(value, EventBus)]
    names = buses or get_close_matches(name, list(members), n=3)
    return f"; did you mean {' or '.join(map(repr, names))}?" if names else ""


def _described(found: object) -> str:
    if isinstance(found, type):
        return f"the class {found.__name__}"
    return f"a {type(found).__name__}"


def _remedy(found: object) -> str:
    if type(found).__name__ == "Router":
        return "; include it in one: bus = EventBus(); bus.include(router)"
    if callable(found) and not isinstance(found, type):
        return "; name what it returns: bus = make_bus()"
    return ""
