"""What several commands take."""

from __future__ import annotations

import os
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, get_args

import typer

from eventroute.cli.failure import CommandError
from eventroute.cli.loading import REGISTRY_VARIABLE
from eventroute.cli.output import report
from eventroute.config import load_settings
from eventroute.registry import FileRegistry, Mode, Profile
from eventroute.registry.unread import unread
from eventroute.short_names import in_any_case

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "Json",
    "JsonLines",
    "ModeOption",
    "ProfileOption",
    "Registry",
    "Seconds",
    "Unknown",
    "open_registry",
    "tell_unread",
    "telling_made",
]

_MOST_WARNINGS: Final = 10


def _one_of(known: tuple[str, ...], given: str) -> str:
    """Read a name, in upper or lower case."""
    found = in_any_case(given, known)
    if found is not None:
        return found
    near = get_close_matches(given.casefold()[:64], {one.casefold(): one for one in known}, 1)
    meant = [one for one in known if one.casefold() in near]
    hint = f"; did you mean {meant[0]}?" if meant else ""
    raise typer.BadParameter(f"{given[:64]!r} is none of {', '.join(known)}{hint}")


def _folder(text: str) -> Path:
    # Path("") is the working folder, and a variable that is not set leaves "" behind.
    if not text.strip():
        raise typer.BadParameter("it is empty; name a folder, such as schemas")
    return Path(text)


Registry = Annotated[
    Path | None,
    typer.Option(
        "--registry",
        metavar="FOLDER",
        parser=_folder,
        help="Folder of the contracts, instead of the one in eventroute.toml.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        metavar="MODE",
        parser=partial(_one_of, get_args(Mode)),
        help="BACKWARD, FORWARD or FULL, each also with _TRANSITIVE, or NONE; what eventroute.toml "
        "says when left out, and else BACKWARD.",
        show_default=False,
    ),
]
ProfileOption = Annotated[
    Profile | None,
    typer.Option(
        "--profile",
        metavar=f"[{'|'.join(get_args(Profile))}]",
        parser=partial(_one_of, get_args(Profile)),
        help="How contracts are compared with contracts: 'registry' takes members that a version "
        "does not declare to be absent, 'strict' for anything; what eventroute.toml says when left "
        "out, and else 'registry'. Handlers' models are always tried by 'registry', and rules by "
        "what a contract declares.",
        show_default=False,
    ),
]
Unknown = Annotated[
    Literal["fail", "pass"],
    typer.Option("--unknown", help="What a change means that is not decided."),
]
Seconds = Annotated[
    float,
    typer.Option(
        "--seconds",
        metavar="NUMBER",
        min=0.01,
        max=3600,
        help="Longest time for one comparison.",
    ),
]


def tell_unread(registry: FileRegistry) -> None:
    """Warn of what in the folder is taken for no contract."""
    found = list(unread(registry.root))
    for one in found[:_MOST_WARNINGS]:
        report(f"warning: {one}; name it so, or move it elsewhere")
    if len(found) > _MOST_WARNINGS:
        more = len(found) - _MOST_WARNINGS
        report(f"warning: nor are {more:,} more files or folders in {registry.root}")


@contextmanager
def telling_made(folder: Path) -> Generator[None]:
    """Tell of a folder that was made meanwhile: the path of another may have been misspelt."""
    there = folder.is_dir()
    yield
    if not there and folder.is_dir():
        report(f"made the folder {folder}")


def open_registry(folder: Path | None, *, must_exist: bool = True) -> FileRegistry:
    """The registry that the command works on.

    :param folder: what ``--registry`` said.
    :raises CommandError: nothing names a folder, or there is none.
    """
    chosen = folder or load_settings().registry.path
    if chosen is None:
        raise CommandError(
            'no registry: write --registry FOLDER, or path = "schemas" under [registry] in '
            "eventroute.toml",
            exit_code=2,
        )
    if must_exist and not chosen.is_dir():
        raise CommandError(
            f"the registry {chosen} is no folder; correct {_named_by(folder)}, or make it: mkdir, "
            "or eventroute schema register MODULE:BUS"
        )
    return FileRegistry(chosen)


def _named_by(folder: Path | None) -> str:
    if folder is not None:
        return "--registry"
    if REGISTRY_VARIABLE in os.environ:
        return REGISTRY_VARIABLE
    return "registry.path in eventroute.toml"
