"""Files that cannot be used, and disks that fail."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from eventroute import EventBus
from eventroute.clock import SystemClock
from eventroute.errors import (
    AdapterError,
    ConfigurationError,
    OutcomeUnknownError,
    UnsupportedError,
)
from eventroute.testing import VirtualClock
from eventroute.topology import Topology
from eventroute_sqlite import create
from eventroute_sqlite.database import check_library
from eventroute_sqlite.failures import commit_failure, failure, opening_failure

from .kit import EVENT, one, opened, outgoing


def refused(path: Path, **options: object) -> str:
    """What an adapter says that cannot be opened."""

    async def main() -> None:
        adapter = create({"path": str(path), **options}, SystemClock())
        try:
            await adapter.open(Topology())
        finally:
            await adapter.close()

    with pytest.raises(ConfigurationError) as caught:
        anyio.run(main)
    return str(caught.value)


def fill(file: Path, events: int) -> None:
    """Make a file with some events."""

    async def main() -> None:
        async with opened(file) as adapter:
            await adapter.publish(outgoing(*[EVENT] * events), timeout=1)

    anyio.run(main)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert f"folder {folder} does not exist; make it" in refused(folder / "events.db")


def test_a_path_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be opened" in refused(tmp_path)


def test_a_file_that_is_no_database_is_left_alone(file: Path) -> None:
    text = "name,price\n" * 200
    file.write_text(text)
    assert f"{file} is not a SQLite database; name another file" in refused(file)
    assert file.read_text() == text


def test_a_database_of_something_else_is_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE customers (id)")
    before = file.read_bytes()
    message = refused(file)
    assert "with the table 'customers'" in message
    assert "sqlite.shared = true" in message
    assert file.read_bytes() == before


async def test_our_tables_can_be_added_to_a_database_that_is_to_be_shared(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE customers (id)")
    async with opened(file, shared=True) as adapter:
        await adapter.publish(outgoing(EVENT), timeout=1)
    async with opened(file) as adapter:  # from then on they are there
        assert (await one(adapter)).event == EVENT
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (0,)
        assert connection.execute("SELECT * FROM customers").fetchall() == []


def test_tables_of_another_version_are_refused_with_both_numbers(file: Path) -> None:
    fill(file, 0)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE eventroute_file SET version = 2")
    assert "tables of version 2, and this eventroute knows version 1" in refused(file)


def test_a_damaged_file_is_said_to_be_damaged(file: Path) -> None:
    fill(file, 50)
    data = bytearray(file.read_bytes())
    data[100:4096] = b"\xff" * 3996
    file.write_bytes(data)
    assert f"{file} is damaged; restore it" in refused(file)


async def test_a_file_that_another_program_keeps_locked_is_named(file: Path) -> None:
    async with opened(file, busy_timeout=0.01) as adapter:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(AdapterError, match=r"events\.db is locked.*sqlite\.busy_timeout"):
                await adapter.publish(outgoing(EVENT), timeout=1)
            other.execute("ROLLBACK")
        assert await adapter.publish(outgoing(EVENT), timeout=1) == [None]
        assert (await adapter.depth("q")).ready == 1, "what failed was not kept"


async def test_an_idle_receiver_needs_no_lock(file: Path) -> None:
    async with opened(file, busy_timeout=0) as adapter:
        await adapter.depth("q")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await adapter.receive("q", limit=1, wait=0) == []


def real_error(make: str, *then: str) -> sqlite3.Error:
    """What SQLite itself raises."""
    with closing(sqlite3.connect(make, uri=True)) as connection:
        try:
            for statement in then:
                connection.execute(statement)
        except sqlite3.Error as error:
            return error
    raise AssertionError("nothing was raised")


def test_a_read_only_file_is_a_mistake_of_the_configuration(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE t (x)")
    error = real_error(f"file:{file}?mode=ro", "INSERT INTO t VALUES (1)")
    found = opening_failure(error, file)
    assert isinstance(found, ConfigurationError)
    assert f"{file} is read-only; make the file and its folder writable" in str(found)


def test_a_full_disk_fails_the_call_and_says_so(file: Path) -> None:
    error = real_error(
        str(file), "PRAGMA max_page_count = 2", "CREATE TABLE t (x)", "CREATE TABLE u (x)"
    )
    found = failure(error, file)
    assert type(found) is AdapterError
    assert f"{file} cannot grow: the disk is full" in str(found)


def test_a_disk_error_at_the_commit_leaves_the_outcome_open(file: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert isinstance(commit_failure(error, file), OutcomeUnknownError)


def test_a_sqlite_that_is_too_old_is_refused_with_both_versions() -> None:
    with pytest.raises(UnsupportedError, match=r"SQLite 3\.34\.1; .* needs 3\.35 or newer"):
        check_library((3, 34, 1))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pth": "x"}, r"^sqlite\.pth is not known; did you mean path\?$"),
        ({"zz": 1}, r"^sqlite\.zz is not known; there are path, shared, synchronous, "),
        ({"capacity": 0, "poll": 1}, r"capacity is 0: it should .*\nsqlite\.poll is not known; "),
        ({"path": ":memory:"}, r"sqlite\.path is .*: .*name a file"),
        ({"path": ""}, r"sqlite\.path is .*: .*name a file"),
        ({"path": "file:x.db?mode=ro"}, r"sqlite\.path is .*: .*name a file"),
        (
            {"synchronous": "off"},
            r"sqlite\.synchronous is \"off\": it should be 'full' or 'normal'",
        ),
        ({"retention": -1}, r"sqlite\.retention is -1: .*greater than or equal to 0"),
        ({"poll_interval": 0}, r"sqlite\.poll_interval is 0: .*greater than 0"),
        ({"capacity": 0}, r"sqlite\.capacity is 0: .*greater than or equal to 1"),
    ],
)
def test_wrong_options_are_refused_by_name(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        create(options, VirtualClock())


def test_making_the_adapter_touches_no_file(file: Path) -> None:
    create({"path": str(file)}, VirtualClock())
    assert not file.exists()


async def test_a_bus_that_failed_to_open_can_be_opened_later(tmp_path: Path) -> None:
    file = tmp_path / "later" / "events.db"
    bus = EventBus("sqlite", options={"path": str(file)})
    with pytest.raises(ConfigurationError):
        async with bus:
            pass
    await anyio.Path(file.parent).mkdir()
    async with bus:
        await bus.publish(EVENT)
