"""``eventroute schema register`` writes what an application declares into the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eventroute.registry import FileRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..command import Done
    from ..conftest import Call, Module

APP = '''
from pydantic import BaseModel

from eventroute import EventBus, Router, event


@event("shop.orders", "OrderPlaced")
class OrderPlaced(BaseModel):
    number: str


@event("shop.orders", "OrderShipped", version=2)
class OrderShipped(BaseModel):
    number: str


router = Router("shop")
router.publishes(OrderPlaced)


@router.subscribe(OrderShipped)
def shipped(order: OrderShipped) -> None:
    """Never called."""


bus = EventBus("memory")
bus.include(router)
none = EventBus("memory")
'''


@pytest.fixture(autouse=True)
def app(module: Module) -> Path:
    return module("shop_declares", APP)


def test_what_is_published_and_what_is_handled_is_registered(call: Call, tmp_path: Path) -> None:
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert done.out.splitlines() == [
        "registered  shop.orders/OrderPlaced/1",
        "registered  shop.orders/OrderShipped/2",
    ]
    assert [str(one) for one in FileRegistry(tmp_path / "new")] == [
        "shop.orders/OrderPlaced/1",
        "shop.orders/OrderShipped/2",
    ]


def test_a_second_time_changes_nothing(call: Call) -> None:
    call("schema", "register", "shop_declares:bus", "--registry", "new")
    done = call("schema", "register", "shop_declares:bus", "--registry", "new", "--json")
    assert [one["status"] for one in done.documents] == ["unchanged", "unchanged"]


def test_a_model_that_was_changed_under_its_version_is_refused(
    call: Call, module: Module, tmp_path: Path
) -> None:
    call("schema", "register", "shop_declares:bus", "--registry", "new")
    changed = APP.replace("number: str", "number: int", 1).replace("version=2", "version=3")
    module("shop_declares", changed)
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert done.code == 1
    assert "raise the version: @event(" in done.err
    assert FileRegistry(tmp_path / "new").versions("shop.orders", "OrderShipped") == (2,)


def test_an_application_that_declares_nothing_says_so(call: Call) -> None:
    done = call("schema", "register", "shop_declares:none", "--registry", "new")
    assert (done.code, done.out) == (0, "shop_declares:none declares no event types\n")


def test_a_check_fails_where_something_would_be_written_and_writes_nothing(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "new").mkdir()
    done = register(call, "--check")
    assert (done.code, list((tmp_path / "new").iterdir())) == (1, [])
    assert done.out.splitlines() == [
        "missing     shop.orders/OrderPlaced/1",
        "missing     shop.orders/OrderShipped/2",
    ]
    assert done.err == (
        "eventroute: new lacks 2 contracts that shop_declares:bus declares; register them without "
        "--check\n"
    )


def test_a_check_tells_each_contract_as_json(call: Call, tmp_path: Path) -> None:
    register(call)
    FileRegistry(tmp_path / "new").path_of("shop.orders", "OrderShipped", 2).unlink()
    done = register(call, "--check", "--json")
    assert [(one["type"], one["status"]) for one in done.documents] == [
        ("OrderPlaced", "unchanged"),
        ("OrderShipped", "missing"),
    ]
    assert "new lacks 1 contract that shop_declares:bus declares; register it without" in done.err


def test_a_check_passes_where_everything_is_registered(call: Call) -> None:
    register(call)
    done = register(call, "--check")
    assert (done.code, done.err) == (0, "")


def test_a_check_makes_no_folder(call: Call, tmp_path: Path) -> None:
    done = register(call, "--check")
    assert (done.code, (tmp_path / "new").exists()) == (1, False)
    assert "new is not there; register without --check" in done.err


def test_a_check_refuses_what_would_not_be_registered(
    change: Callable[..., None], call: Call
) -> None:
    change("place: str")
    done = register(call, "--check")
    assert done.code == 1
    assert "1 version is not compatible" in done.err


CONFIGURED = APP.replace('bus = EventBus("memory")', "bus = EventBus.from_config()")


def test_the_first_time_the_configured_folder_is_made(
    call: Call, app: Path, tmp_path: Path
) -> None:
    (tmp_path / "eventroute.toml").write_text('[registry]\npath = "contracts/all"\n')
    app.write_text(CONFIGURED)
    done = call("schema", "register", "shop_declares:bus")
    assert (done.code, done.err) == (0, "made the folder contracts/all\n")
    assert (tmp_path / "contracts/all/shop.orders/OrderPlaced/1.json").is_file()


def test_no_folder_is_left_where_the_bus_cannot_be_imported(
    call: Call, app: Path, tmp_path: Path
) -> None:
    app.write_text("import nothing_of_that_name")
    done = call("schema", "register", "shop_declares:bus", "--registry", "contracts/all")
    assert done.code == 1
    assert not (tmp_path / "contracts").exists()


def test_a_folder_that_is_there_is_used_without_a_word(call: Call, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert call("schema", "register", "shop_declares:bus", "--registry", "new").err == ""


def test_nothing_is_said_of_a_folder_that_is_not_made(call: Call) -> None:
    done = call("schema", "register", "shop_declares:nothing", "--registry", "new")
    assert (done.code, "made the folder" in done.err) == (1, False)


@pytest.mark.parametrize("command", ["register", "check"])
def test_an_empty_path_names_no_registry(call: Call, command: str) -> None:
    done = call("schema", command, "shop_declares:bus", "--registry", "")
    assert done.code == 2
    assert "--registry': it is empty; name a folder, such as schemas" in done.err


def test_a_registry_that_is_a_file_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "new").write_text("")
    done = call("schema", "register", "shop_declares:bus", "--registry", "new")
    assert (done.code, "the registry new cannot be made" in done.err) == (1, True)


NEXT = """
@event("shop.orders", "OrderPlaced", version=2)
class OrderPlaced2(BaseModel):
    number: str
    {field}


router = Router("shop")
router.publishes(OrderPlaced2)
"""
CAST = """
@upcast
def with_place(old: OrderPlaced) -> OrderPlaced2:
    return OrderPlaced2(number=old.number, place="")
"""


@pytest.fixture
def change(module: Module, call: Call) -> Callable[[str, str], None]:
    """Register version 1, and declare a version 2 with a field more."""

    def changed(field: str, cast: str = "") -> None:
        assert call("schema", "register", "shop_declares:bus", "--registry", "new").code == 0
        later = NEXT.format(field=field).replace("\n\n\nrouter", f"\n\n{cast}\n\nrouter")
        text = APP.replace('\nrouter = Router("shop")\n', later)
        module("shop_declares", text.replace("import EventBus", "import upcast, EventBus"))

    return changed


def register(call: Call, *options: str) -> Done:
    return call("schema", "register", "shop_declares:bus", "--registry", "new", *options)


def test_a_compatible_version_is_registered_with_what_it_is_to_the_one_before(
    change: Callable[..., None], call: Call
) -> None:
    change('place: str = ""')
    line = "registered  shop.orders/OrderPlaced/2  compatible with version 1"
    assert line in register(call).out.splitlines()


def test_of_versions_that_are_not_compatible_nothing_is_registered(
    change: Callable[..., None], call: Call, tmp_path: Path
) -> None:
    change("place: str")
    done = register(call)
    assert done.code == 1
    first, *rest = done.out.splitlines()
    assert first == "shop.orders/OrderPlaced/2  breaks  added; incompatible with version 1"
    assert any("this detail fits version 1, and version 2 refuses it" in line for line in rest)
    assert "nothing was registered: 1 version is not compatible (mode BACKWARD" in done.err
    assert "--mode NONE" in done.err
    assert FileRegistry(tmp_path / "new").versions("shop.orders", "OrderPlaced") == (1,)


def test_what_is_refused_is_told_as_json_with_the_event_that_shows_it(
    change: Callable[..., None], call: Call
) -> None:
    change("place: str")
    (told,) = register(call, "--json").documents
    assert (told["version"], told["status"], told["against"]) == (2, "refused", [1])
    assert told["compatibility"]["verdict"] == "incompatible"
    assert "place" not in told["compatibility"]["witness"]


def test_without_a_mode_any_version_is_registered(change: Callable[..., None], call: Call) -> None:
    change("place: str")
    done = register(call, "--mode", "NONE")
    line = "registered  shop.orders/OrderPlaced/2  not compared with version 1"
    assert (done.code, line in done.out.splitlines()) == (0, True)


def test_the_mode_says_who_must_read_whom(change: Callable[..., None], call: Call) -> None:
    change("place: str")
    assert register(call, "--mode", "FULL").code == 1
    assert register(call, "--mode", "FORWARD").code == 0


def test_the_profile_says_what_is_a_break(change: Callable[..., None], call: Call) -> None:
    change('place: str = ""')
    assert register(call, "--profile", "strict").code == 1
    assert register(call, "--profile", "registry").code == 0


def test_a_cast_makes_good_what_is_not_compatible(change: Callable[..., None], call: Call) -> None:
    change("place: str", CAST)
    line = "registered  shop.orders/OrderPlaced/2  incompatible with version 1, bridged by casts"
    assert line in register(call).out.splitlines()


def test_versions_that_are_registered_at_once_are_compared_with_each_other(
    change: Callable[..., None], call: Call, tmp_path: Path
) -> None:
    change("place: str")
    done = call("schema", "register", "shop_declares:bus", "--registry", "other")
    assert (done.code, "version 2 refuses it" in done.out) == (1, True)
    assert not (tmp_path / "other").exists()


IN_OTHER_WORDS = """
from pydantic import BaseModel, Field, create_model

from eventroute import EventBus, Router, event

MANY = {f"m{n}": (str, Field(pattern=f"^[ab]*a[ab]{{{n % 9 + 3}}}$")) for n in range(600)}
Many = event("shop.orders", "Many")(create_model("Many", **MANY))
router = Router("shop")
router.publishes(Many)
bus = EventBus("memory")
bus.include(router)
"""


@pytest.mark.parametrize(("seconds", "code"), [("0.01", 1), ("60", 0)])
def test_sameness_is_proven_within_the_time_that_is_given(
    seconds: str, code: int, module: Module, call: Call, tmp_path: Path
) -> None:
    module("shop_declares", IN_OTHER_WORDS)
    register(call)
    path = FileRegistry(tmp_path / "new").path_of("shop.orders", "Many", 1)
    path.write_text(path.read_text().replace("[ab]", "(a|b)"))
    module("shop_declares", IN_OTHER_WORDS)
    done = register(call, "--seconds", seconds)
    assert (done.code, "holds another schema" in done.err) == (code, code == 1)
