"""A registry as it was at a revision of git, read without a checkout."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from eventroute.cli.failure import CommandError
from eventroute.cli.schema.whole import whole
from eventroute.errors import EventRouteError
from eventroute.registry import FileRegistry

if TYPE_CHECKING:
    from collections.abc import Generator

    from eventroute.registry import Contract

__all__ = ["contracts_at"]

_SECONDS: Final = 60
_MOST_BYTES: Final = 256 << 20
_BLOB: Final = re.compile(rb"100(?:644|755) blob ([0-9a-f]{40,64}) +([0-9]+)\t(.+)", re.DOTALL)
_OF_HOOKS: Final = frozenset(("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"))
# What a partial clone lacks is not fetched, and nobody is asked for a password.
_QUIET: Final = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_DEPTH: Final = 3  # TOPIC/TYPE/VERSION.json


def contracts_at(revision: str, folder: Path) -> list[Contract]:
    """Read the contracts that a folder held at a revision; none where it held no such files.

    :param folder: exists, inside a repository of git.
    :raises CommandError: git is missing, the folder is in no repository, there is no such
        revision, or what lies there is no registry.
    """
    if not revision or revision.startswith("-"):
        raise CommandError(
            f"--against {revision!r} is no revision of git; name a branch, a tag or a commit",
            exit_code=2,
        )
    git = _Git(folder)
    commit = git.commit_of(revision)
    with _copied(git, commit) as copy:
        registry = FileRegistry(copy)
        try:
            return whole(registry, registry) if any(copy.iterdir()) else []
        except EventRouteError as error:
            # What is wrong lies at the revision, not where it was copied to.
            told = str(error).replace(str(copy), f"{revision}:{folder}")
            raise CommandError(told) from None


@contextmanager
def _copied(git: _Git, commit: str) -> Generator[Path]:
    """The schema files of a commit, in a folder of their own for as long as they are read."""
    with TemporaryDirectory(prefix="eventroute-") as name:
        copy = Path(name)
        for path, content in git.schemas(commit):
            place = copy / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        yield copy


class _Git:
    """Git in a folder; what it prints of paths is relative to that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def commit_of(self, revision: str) -> str:
        done = self._run("rev-parse", "--show-toplevel")
        if done.returncode:
            raise CommandError(
                f"{self._folder} is in no repository that git can read ({_said(done)}); "
                "--against compares with what is committed"
            )
        wanted = f"{revision}^{{commit}}"
        done = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        if done.returncode:
            raise CommandError(
                f"git knows no revision {revision!r} in {self._folder}; correct it, or fetch it: "
                "a shallow clone has one commit alone"
            )
        return done.stdout.decode("ascii", "replace").strip()

    def schemas(self, commit: str) -> list[tuple[Path, bytes]]:
        """Each schema file below the folder, by its place in it."""
        done = self._checked("ls-tree", "-r", "-z", "--long", commit, "--", ".")
        found: list[tuple[Path, bytes]] = []
        total = 0
        for entry in done.stdout.split(b"\0"):
            blob = _BLOB.fullmatch(entry)
            if blob is None:
                continue
            path = Path(os.fsdecode(blob[3]))
            if path.is_absolute() or ".." in path.parts or len(path.parts) != _DEPTH:
                continue
            total += int(blob[2])
            if total > _MOST_BYTES:
                raise CommandError(
                    f"{self._folder} holds over {_MOST_BYTES:,} bytes of schemas at {commit[:12]}; "
                    "name the folder of the registry alone"
                )
            if path.suffix == ".json":
                found.append((path, blob[1]))
        return list(zip((path for path, _ in found), self._contents(found), strict=True))

    def _contents(self, found: list[tuple[Path, bytes]]) -> list[bytes]:
        asked = b"".join(name + b"\n" for _, name in found)
        text = self._checked("cat-file", "--batch", given=asked).stdout
        contents: list[bytes] = []
        for _ in found:
            head, _, text = text.partition(b"\n")
            size = int(head.split()[-1])
            contents.append(text[:size])
            text = text[size + 1 :]
        return contents

    def _checked(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        done = self._run(*arguments, given=given)
        if done.returncode:
            raise CommandError(f"git {arguments[0]} failed in {self._folder}: {_said(done)}")
        return done

    def _run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        # In a hook of git, variables name the repository that runs it; the folder's is meant.
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS}
        try:
            return subprocess.run(  # noqa: S603  no shell, and no argument that begins with "-"
                ["git", *arguments],  # noqa: S607  the user's git, wherever it is
                cwd=self._folder,
                env={**inherited, **_QUIET},
                input=given,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise CommandError(
                "--against needs git, which is not installed; leave it out, or install git"
            ) from None
        except subprocess.TimeoutExpired:
            raise CommandError(
                f"git {arguments[0]} took over {_SECONDS} seconds in {self._folder}"
            ) from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"exit code {done.returncode}"
