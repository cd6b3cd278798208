"""What lies in the folder of a registry and is read by nobody, though somebody may think so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from eventroute.errors import ContractError
from eventroute.registry.file_names import from_file_name, to_file_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Unread", "unread"]

_FOR_PEOPLE: Final = (
    "README*",
    "LICENSE*",
    "LICENCE*",
    "CHANGELOG*",
    "CODEOWNERS",
    "*.MD",
    "*.RST",
)
_OF_PACKAGES: Final = ("__INIT__.PY", "PY.TYPED", "__PYCACHE__")
_FOR_EDITORS: Final = tuple(
    f"eventroute/{name}.json" for name in ("config", "event", "pattern", "rules")
)
"""Where ``python -m eventroute.schema_files`` writes, if the registry is the folder ``schemas``."""
_NUMBERED: Final = re.compile(r"v?0*([1-9][0-9]{0,8})\.json", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that is no contract, or a folder in which none is looked for.

    :ivar expected: where a contract would lie; what is written in capitals stands for any name.
    """

    path: Path
    expected: str

    def __str__(self) -> str:
        return f"{self.path} is not read: a contract lies at {self.expected}"


def unread(root: Path) -> Iterator[Unread]:
    """List what no contract is made of, by its place; what cannot be listed is left out.

    Files in the place of a version whose name ends with ``.json`` are not among it: the registry
    reads them, or refuses their names. Nor are hidden files, those for people (``README*``,
    ``*.md``), those that make a Python package of the folder, and eventroute's schemas for editors.
    """
    for topic in _listed(root):
        if not topic.is_dir():
            yield Unread(topic, f"{root}/TOPIC/TYPE/{_version(topic)}")
            continue
        for type_ in _listed(topic):
            if type_.relative_to(root).as_posix() in _FOR_EDITORS:
                continue
            if not type_.is_dir():
                yield Unread(type_, f"{topic}/TYPE/{_version(type_)}")
                continue
            for path in _listed(type_):
                if path.suffix == ".json":
                    continue
                if not path.is_dir():
                    yield Unread(path, f"{type_}/{_free_version(path)}")
                elif _listed(path):
                    yield Unread(path, _one_higher(path))


def _listed(folder: Path) -> list[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in found if not _is_fine(path.name)]


def _is_fine(name: str) -> bool:
    patterns = (".*", *_FOR_PEOPLE, *_OF_PACKAGES)
    return any(fnmatchcase(name.upper(), pattern) for pattern in patterns)


def _version(path: Path) -> str:
    """The name of a version's file: with the number that is in the name of this one, if any."""
    numbered = _NUMBERED.fullmatch(path.name)
    return f"{numbered[1] if numbered else 'VERSION'}.json"


def _free_version(path: Path) -> str:
    """The same, but no name that another file beside it has already."""
    name = _version(path)
    try:
        taken = not path.samefile(path.with_name(name))  # case may not count in file names
    except OSError:
        taken = False
    return "VERSION.json" if taken else name


def _one_higher(folder: Path) -> str:
    """Where the files of a folder would lie whose topic was made of two, as with a slash in it."""
    topic, type_ = folder.parent.parent, folder.parent
    try:
        name = to_file_name(f"{from_file_name(topic.name)}/{from_file_name(type_.name)}")
    except ContractError:
        name = "TOPIC"
    return f"{topic.parent}/{name}/{folder.name}/VERSION.json"
