"""A PostgreSQL server of the tests' own, where its programs are installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import URL, create_engine, text

__all__ = ["Postgres", "running"]


@dataclass
class Postgres:
    """A server that listens on a socket in its own folder, and on nothing else."""

    folder: Path
    _numbers: count[int] = field(default_factory=count)

    def url(self, database: str, driver: str = "psycopg") -> URL:
        """How SQLAlchemy reaches one of its databases."""
        place = {"host": str(self.folder)}
        return URL.create(f"postgresql+{driver}", "tester", database=database, query=place)

    def new_database(self) -> URL:
        """An empty database."""
        name = f"test_{next(self._numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)


@contextmanager
def running() -> Generator[Postgres]:
    """Start a server in a folder of its own; skip the test where that cannot be."""
    programs = _programs()
    user = _user()
    # Not pytest's folder: the path of a socket has at most 107 bytes, and the server's user, who
    # is not root, must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="eventroute-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        options = ["--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(
            [str(programs / "initdb"), "--username", "tester", *options, "--pgdata", str(data)],
            user=user,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "fsync=off"]
        given = [part for setting in settings for part in ("-c", setting)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), *given],
                user=user,
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        try:
            _wait(programs, folder, server)
            yield Postgres(folder)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once, as nothing is worth keeping
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if all((place / name).is_file() for name in ("initdb", "postgres", "pg_isready")):
            return place
    pytest.skip("no PostgreSQL: neither on PATH nor in /usr/lib/postgresql are its server programs")


def _user() -> str | None:
    """Who runs the server, which refuses to run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody'")


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    ready = [str(programs / "pg_isready"), "--host", str(folder), "--timeout", "1"]
    while subprocess.run(ready, capture_output=True, check=False).returncode:
        if server.poll() is not None:
            log = (folder / "log").read_text(errors="replace")
            raise RuntimeError(f"PostgreSQL did not start: {log[-2000:]}")
        sleep(0.02)
