"""``eventroute schema check`` says what a change of contracts breaks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

import pytest

from eventroute.registry import Contract, FileRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..command import Done
    from ..conftest import Call

APP = """
from pydantic import BaseModel
from eventroute import Event, EventBus, Router, event

router = Router("billing")


@event({topic!r}, {name!r}, version={version})
class Placed(BaseModel):
    {fields}


router.publishes(Placed)


@router.subscribe({{"source": [{topic!r}], "detail": {{"country": ["KR"]}}}})
def korean(event: Event) -> None: ...


@router.subscribe({{"source": [{topic!r}]}})
def audit(event: Event) -> None: ...


bus = EventBus("memory")
bus.include(router)
"""
FIRST = "country: str; note: str = ''"
KEPT = "country: str; note: str = ''; total: int = 0"
BROKEN = "country: str; note: str = ''; total: int"
GONE = "note: str = ''"


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test imports its own application, and none leaves what it compiled."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    sys.modules.pop("app", None)
    sys.modules.pop("generated", None)


class Shop:
    """An application in a folder, with a registry beside it."""

    def __init__(self, folder: Path, call: Call) -> None:
        self.folder = folder
        self.registry = FileRegistry(folder / "schemas")
        self.call = call

    def declare(
        self,
        fields: str,
        version: int = 1,
        topic: str = "shop.orders",
        name: str = "OrderPlaced",
    ) -> None:
        """Write the application; its model has these fields."""
        body = "; ".join(fields.split("; ")).replace("; ", "\n    ")
        text = APP.format(topic=topic, name=name, version=version, fields=body)
        (self.folder / "app.py").write_text(text)

    def register(self, fields: str, version: int = 1, **names: str) -> None:
        """Write the contract of such a model, and then the application."""
        self.declare(fields, version, **names)
        spec = spec_from_file_location("registered", self.folder / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        for declared in module.bus.event_types:
            self.registry.register(declared)

    def check(self, *options: str) -> Done:
        sys.modules.pop("app", None)
        return self.call("schema", "check", "app:bus", "--registry", "schemas", *options)

    def entries(self, *options: str) -> list[dict[str, Any]]:
        """What ``--json`` says of each contract."""
        found: list[dict[str, Any]] = json.loads(self.check("--json", *options).out)["contracts"]
        return found

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=Kim", "-c", "user.email=kim@example.org")
        quiet = ("-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main")
        command = ["git", *who, *quiet, *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("init")
        self.git("add", ".")
        self.git("commit", "--message", "As it was")


@pytest.fixture
def shop(tmp_path: Path, call: Call) -> Shop:
    made = Shop(tmp_path, call)
    made.register(FIRST)
    return made


def test_what_is_registered_as_it_is_declared_passes(shop: Shop) -> None:
    done = shop.check()
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "shop.orders/OrderPlaced/1  ok  unchanged",
        "1 contract: 0 changed, 0 broken, 0 unknown (mode BACKWARD, profile registry)",
    ]


def test_a_model_whose_annotations_changed_passes_and_says_which(shop: Shop) -> None:
    shop.declare(f"'An order.'; {FIRST}")
    done = shop.check()
    assert done.code == 0
    line = "shop.orders/OrderPlaced/1  ok  unchanged; only annotations differ: /description"
    assert done.out.splitlines()[0] == line


def test_a_model_written_from_an_accepted_draft_is_its_contract(
    tmp_path: Path, call: Call, shop: Shop
) -> None:
    (tmp_path / "events.jsonl").write_text(
        '{"source": "s", "detail-type": "T", "detail": {"note": "a", "count": 1}}\n'
        '{"source": "s", "detail-type": "T", "detail": {"count": 2, "lines": [{"sku": "x"}]}}\n'
    )
    call("schema", "infer", "events.jsonl", "--registry", "inferred")
    call("schema", "accept", "--all", "--registry", "inferred")
    call("schema", "models", "--output", "generated.py", "--registry", "inferred")
    (tmp_path / "app.py").write_text(
        "from generated import T\nfrom eventroute import EventBus, Router\n"
        'router = Router("r")\nrouter.publishes(T)\nbus = EventBus()\nbus.include(router)\n'
    )
    sys.modules.pop("app", None)
    done = call("schema", "check", "app:bus", "--registry", "inferred")
    assert (done.code, done.err) == (0, "")
    assert "s/T/1  ok  unchanged; written in other words, and the same events fit" in done.out
    done = call("schema", "register", "app:bus", "--registry", "inferred")
    assert (done.code, done.out) == (0, "unchanged   s/T/1\n")


def test_a_type_that_is_not_registered_is_told_and_passes(shop: Shop) -> None:
    shop.declare(FIRST, name="OrderShipped")
    done = shop.check()
    assert done.code == 0
    assert done.out.splitlines()[:3] == [
        "shop.orders/OrderPlaced/1  ok  registered, and no model declares it",
        "shop.orders/OrderShipped/1  ok  new",
        "  register it: eventroute schema register app:bus --registry schemas",
    ]


def test_a_compatible_version_passes_and_names_who_is_unaffected(shop: Shop) -> None:
    shop.declare(KEPT, version=2)
    done = shop.check()
    assert done.code == 0
    assert "OrderPlaced/2  compatible  added; compatible with version 1" in done.out
    assert "  unaffected: billing.korean, billing.audit" in done.out


def test_an_incompatible_version_fails_with_an_event_that_shows_it(shop: Shop) -> None:
    shop.declare(BROKEN, version=2)
    done = shop.check()
    assert done.code == 1
    assert "OrderPlaced/2  breaks  added; incompatible with version 1" in done.out
    (shown,) = re.findall(
        r"this detail fits version 1, and version 2 refuses it.*: (\{.*\})", done.out
    )
    assert "total" not in json.loads(shown)


def test_it_says_which_cast_would_make_that_good(shop: Shop) -> None:
    shop.declare(BROKEN, version=2)
    told = "declare an @upcast from version 1 to version 2, to read what was sent"
    assert f"  {told}\n" in shop.check().out
    assert "an &#64;&#8288;upcast from version 1" in shop.check("--format", "markdown").out


def test_a_compatible_version_whose_model_refuses_earlier_events_is_warned_of(shop: Shop) -> None:
    shop.declare(KEPT, version=2)
    app = shop.folder / "app.py"
    written = app.read_text().replace("korean(event: Event)", "korean(event: Placed)")
    checks = "field_validator('note')(lambda note: {'': ''}[note])"
    written = written.replace("total: int = 0", f"total: int = 0\n    checked = {checks}")
    app.write_text(written.replace("import BaseModel", "import BaseModel, field_validator"))
    done = shop.check()
    assert done.code == 0
    assert "  by the schemas, every event that fits is read\n" in done.out
    assert "  billing.korean  warns  Placed refuses events of version 1: it raises" in done.out
    assert "  unaffected: billing.audit\n" in done.out


CAST = """
from pydantic import BaseModel
from eventroute import EventBus, Router, event, upcast

router = Router("billing")


@event("shop.orders", "OrderPlaced", version=1)
class Placed(BaseModel):
    country: str
    note: str = ""


@event("shop.orders", "OrderPlaced", version=2)
class Renamed(BaseModel):
    land: str


@upcast
def up(old: Placed) -> Renamed:
    {body}


router.publishes(Renamed)


@router.subscribe(Placed)
def invoice(placed: Placed) -> None: ...


bus = EventBus("memory")
bus.include(router)
"""


def test_a_break_that_casts_make_good_is_not_shown(shop: Shop) -> None:
    (shop.folder / "app.py").write_text(CAST.format(body="return Renamed(land=old.country)"))
    for options in ((), ("--format", "markdown")):
        written = shop.check(*options).out
        assert "incompatible with version 1, bridged by casts" in written
        assert "version 2 refuses it" not in written


def test_a_handler_that_a_downcast_would_serve_is_told_with_it(shop: Shop) -> None:
    (shop.folder / "app.py").write_text(CAST.format(body="return Renamed(land=old.country)"))
    assert "    declare a @downcast from version 2 to version 1\n" in shop.check().out
    written = shop.check("--format", "markdown").out
    assert "; declare a &#64;&#8288;downcast from version 2 to version 1 |" in written


def test_a_cast_that_fails_is_told_in_the_place_of_one_to_declare(shop: Shop) -> None:
    (shop.folder / "app.py").write_text(CAST.format(body="raise ValueError('no')"))
    done = shop.check()
    assert done.code == 1
    assert "  the upcast up (version 1 to 2) fails: it raises ValueError: no\n" in done.out
    assert "@upcast" not in done.out


def test_a_version_that_reads_all_and_breaks_a_subscription_says_both(shop: Shop) -> None:
    shop.declare(GONE, version=2)
    done = shop.check()
    told = "by the schemas, version 2 reads all events of version 1, but 1 subscription breaks"
    assert f"OrderPlaced/2  breaks  added; {told}\n" in done.out
    assert "every event that fits is read" not in done.out
    written = shop.check("--format", "markdown").out
    assert f"| ❌ breaks | added; {told} |" in written
    assert "every event that fits" not in written.lower()


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("FULL", "by the schemas, version 2 and version 1 read all events of each other"),
        ("NONE", "not compared with version 1"),
    ],
)
def test_what_it_says_of_reading_is_what_the_mode_asks_for(
    shop: Shop, mode: str, told: str
) -> None:
    shop.register("country: str = ''; note: str = ''", name="OrderSeen")
    shop.declare(GONE, version=2, name="OrderSeen")
    done = shop.check("--mode", mode)
    assert f"OrderSeen/2  breaks  added; {told}, but 1 subscription breaks\n" in done.out


def test_a_field_that_a_rule_reads_breaks_the_subscription(shop: Shop) -> None:
    shop.declare(GONE, version=2)
    done = shop.check()
    assert done.code == 1
    assert "  billing.korean /detail/country  breaks  the contract declares no" in done.out
    assert "  unaffected: billing.audit" in done.out


def test_a_change_under_the_same_version_fails(shop: Shop) -> None:
    shop.declare(KEPT)
    done = shop.check()
    assert done.code == 1
    assert "OrderPlaced/1  breaks  changed without raising the version" in done.out
    assert "  a version is for good: raise it, or take the change back" in done.out
    assert "  under a version of its own it would be compatible\n" in done.out


def test_the_mode_decides_which_events_must_stay_readable(shop: Shop) -> None:
    shop.declare("country: str; note: str = ''; total: int", version=2)
    assert [shop.check("--mode", mode).code for mode in ("BACKWARD", "forward", "NONE")] == [
        1,
        0,
        0,
    ]


def test_of_several_versions_the_one_is_named_that_is_not_compatible(shop: Shop) -> None:
    number, text = {"type": "integer"}, {"type": "string"}
    for version, members in enumerate(({"a": text}, {}, {"b": text}), start=1):
        schema = {"type": "object", "properties": members}
        shop.registry.register(Contract("shop.orders", "OrderSeen", version, schema))
    shop.declare("a: int = 0", version=4, name="OrderSeen")
    told = "added; incompatible with version 1 (compared with 1, 2, 3)"
    assert f"OrderSeen/4  breaks  {told}\n" in shop.check("--mode", "BACKWARD_TRANSITIVE").out
    schema = {"type": "object", "properties": {"a": number}}
    shop.registry.register(Contract("shop.orders", "OrderSeen", 4, schema))
    shop.declare("b: int = 0", version=5, name="OrderSeen")
    told = "added; incompatible with version 3 (compared with 3, 4)"
    assert f"OrderSeen/5  breaks  {told}\n" in shop.check("--mode", "BACKWARD_TRANSITIVE").out
    shop.declare("a: str = ''", version=5, name="OrderSeen")
    told = "added; incompatible with version 4"
    assert f"OrderSeen/5  breaks  {told}\n" in shop.check("--mode", "BACKWARD_TRANSITIVE").out


def test_the_configuration_says_what_counts_where_the_command_is_not_told(shop: Shop) -> None:
    shop.declare(KEPT, version=2)
    configured = '[registry]\npath = "schemas"\nmode = "FULL"\nprofile = "strict"\n'
    (shop.folder / "eventroute.toml").write_text(configured)
    done = shop.check()
    assert done.code == 1
    assert done.out.endswith("1 broken, 0 unknown (mode FULL, profile strict)\n")
    done = shop.check("--mode", "BACKWARD", "--profile", "registry")
    assert done.code == 0
    assert done.out.endswith("0 broken, 0 unknown (mode BACKWARD, profile registry)\n")


def test_the_strict_profile_counts_members_that_the_version_before_does_not_declare(
    shop: Shop,
) -> None:
    shop.declare(KEPT, version=2)
    done = shop.check("--profile", "strict")
    assert done.code == 1
    assert done.out.endswith("1 broken, 0 unknown (mode BACKWARD, profile strict)\n")


TWICE, AGAIN = "(.)\\1", "(.)(\\1)"


@pytest.fixture
def undecided(shop: Shop) -> Shop:
    """A change that is harmless, though nobody could prove it."""
    for version, pattern in enumerate((TWICE, AGAIN), start=1):
        member = {"type": "string", "pattern": pattern}
        schema = {"type": "object", "properties": {"code": member}}
        shop.registry.register(Contract("shop.orders", "OrderCoded", version, schema))
        if version == 1:
            shop.commit()
    return shop


def test_what_is_not_decided_fails(undecided: Shop) -> None:
    done = undecided.check("--against", "HEAD")
    assert done.code == 1
    assert "OrderCoded/2  unknown  added; not known to be compatible with version 1" in done.out
    assert "0 broken, 1 unknown" in done.out


def test_what_is_not_decided_may_pass(undecided: Shop) -> None:
    assert undecided.check("--against", "HEAD", "--unknown", "pass").code == 0


def test_a_mode_that_does_not_exist_is_bad_usage(shop: Shop) -> None:
    done = shop.check("--mode", "SIDEWAYS")
    assert (done.code, "SIDEWAYS" in done.err) == (2, True)


def test_the_registry_of_the_configuration_is_the_default(shop: Shop, call: Call) -> None:
    (shop.folder / "eventroute.toml").write_text('[registry]\npath = "schemas"\n')
    assert call("schema", "check", "app:bus").code == 0


def test_the_command_to_register_with_names_the_bus_alone_where_that_is_enough(
    shop: Shop, call: Call
) -> None:
    (shop.folder / "eventroute.toml").write_text('[registry]\npath = "schemas"\n')
    shop.declare(FIRST, name="OrderShipped")
    told = "  register it: eventroute schema register app:bus\n"
    assert told in call("schema", "check", "app:bus").out
    sys.modules.pop("app", None)
    written = call("schema", "check", "app:bus", "--format", "markdown").out
    command = "<code>eventroute schema register app&#58;bus</code>"
    assert f"\nRegister it: {command}\n" in written


@pytest.mark.parametrize(
    ("fields", "options", "flags"),
    [
        (KEPT, (), ""),
        (BROKEN, ("--mode", "FORWARD"), " --mode FORWARD"),
        (BROKEN, (), " --mode NONE"),
        (BROKEN, ("--mode", "FULL"), " --mode NONE"),
    ],
)
def test_the_command_to_register_with_does_what_it_is_told_for(
    shop: Shop, call: Call, fields: str, options: tuple[str, ...], flags: str
) -> None:
    shop.declare(fields, version=2)
    command = f"eventroute schema register app:bus --registry schemas{flags}"
    assert f"egister it{' all the same' * flags.endswith('NONE')}: {command}\n" in (
        shop.check(*options).out
    )
    marked = command.replace(":", "&#58;").replace("_", "&#95;")
    assert f"<code>{marked}</code>\n" in shop.check(*options, "--format", "markdown").out
    sys.modules.pop("app", None)
    assert call(*command.split()[1:]).code == 0


TWO = """
from pydantic import BaseModel
from eventroute import EventBus, Router, event


@event("s", "T")
class One(BaseModel):
    a: str


@event("s", "T")
class Other(BaseModel):
    a: int


router = Router("r")
bus = EventBus("memory")
bus.include(router)
router.publishes(One, Other)
"""


def test_two_models_of_one_version_that_were_declared_late_are_told_as_such(
    tmp_path: Path, call: Call
) -> None:
    (tmp_path / "app.py").write_text(TWO)
    (tmp_path / "schemas").mkdir()
    done = call("schema", "check", "app:bus", "--registry", "schemas")
    assert done.code == 1
    assert "s/T/1  breaks  is declared with two schemas\n" in done.out
    assert "  raise the version of one of them: @event(…, version=N)\n" in done.out
    assert "this detail fits one of them, and the other refuses it at" in done.out


def test_a_registry_that_is_not_there_fails(shop: Shop, call: Call) -> None:
    done = call("schema", "check", "app:bus", "--registry", "nowhere")
    assert (done.code, "nowhere is no folder" in done.err) == (1, True)


def test_a_broken_file_of_the_registry_fails_without_a_traceback(shop: Shop) -> None:
    shop.registry.path_of("shop.orders", "OrderPlaced", 1).write_text("{")
    done = shop.check()
    assert done.code == 1
    assert done.err.startswith("eventroute: ")
    assert "1.json is not a JSON Schema" in done.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"type": "strin"}', "strin"),
        ('{"$schema": "https://example.org/none"}', "https://example.org/none"),
        (r'{"properties": {"a": {"pattern": "^(a+)+\\1$"}}}', "could take too long"),
    ],
)
def test_a_file_that_no_event_could_be_checked_against_fails(
    shop: Shop, text: str, reason: str
) -> None:
    path = shop.registry.path_of("shop", "T", 1)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    done = shop.check()
    assert (done.code, done.out) == (1, "")
    assert "schemas/shop/T/1.json" in done.err
    assert reason in done.err


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ('{"type": "strin"}', "is not a valid JSON Schema, at /type: "),
        ('{"properties": {"a": {"$ref": "#/gone"}}}', "the $ref '#/gone' leads nowhere"),
        (r'{"properties": {"a": {"pattern": "^(a+)+\\1$"}}}', "could take too long"),
    ],
)
def test_a_file_to_which_another_refers_is_not_trusted(
    shop: Shop, schema: str, reason: str
) -> None:
    for name, text in (("After", schema), ("Before", '{"$ref": "/shop/After/1"}')):
        path = shop.registry.path_of("shop", name, 1)
        path.parent.mkdir(parents=True)
        path.write_text(text)
    done = shop.check()
    assert (done.code, done.out) == (1, "")
    assert "After/1" in done.err
    assert reason in done.err


def test_at_the_end_of_a_chain_of_contracts_the_file_itself_is_named(shop: Shop) -> None:
    for number in range(30):
        path = shop.registry.path_of("shop", f"T{number}", 1)
        path.parent.mkdir(parents=True)
        path.write_text(f'{{"properties": {{"next": {{"$ref": "/shop/T{number + 1}/1"}}}}}}')
    last = shop.registry.path_of("shop", "T30", 1)
    last.parent.mkdir()
    last.write_text('{"required": "no"}')
    assert "schemas/shop/T30/1.json is not a valid JSON Schema, at /required" in shop.check().err
    last.write_text('{"required": []}')
    assert shop.check().code == 0


def test_an_application_without_contracts_is_told_how_to_declare_them(
    tmp_path: Path, call: Call
) -> None:
    (tmp_path / "app.py").write_text("from eventroute import EventBus\nbus = EventBus()\n")
    (tmp_path / "schemas").mkdir()
    done = call("schema", "check", "app:bus", "--registry", "schemas")
    assert (done.code, "router.publishes(...)" in done.err) == (1, True)


def test_json_has_every_contract(shop: Shop) -> None:
    shop.declare(GONE, version=2)
    (entry,) = shop.entries()
    assert (entry["version"], entry["status"], entry["breaks"]) == (2, "added", True)
    assert [effect["kind"] for effect in entry["impact"]["effects"]] == ["field-gone"]
    assert shop.check("--format", "json").out == shop.check("--json").out


def test_json_and_markdown_at_once_are_bad_usage(shop: Shop) -> None:
    assert shop.check("--json", "--format", "markdown").code == 2


def test_against_a_revision_an_unchanged_registry_passes(shop: Shop) -> None:
    shop.commit()
    assert shop.check("--against", "HEAD").code == 0


def test_a_version_registered_since_the_revision_is_judged(shop: Shop) -> None:
    shop.commit()
    shop.register(BROKEN, version=2)
    assert shop.check().code == 0
    done = shop.check("--against", "main")
    assert done.code == 1
    assert "OrderPlaced/2  breaks  added; incompatible with version 1" in done.out
    assert "register it" not in done.out


def test_a_file_removed_since_the_revision_breaks(shop: Shop) -> None:
    shop.register(KEPT, version=2)
    shop.commit()
    shop.registry.path_of("shop.orders", "OrderPlaced", 1).unlink()
    done = shop.check("--against", "HEAD")
    assert done.code == 1
    assert "OrderPlaced/1  breaks  removed" in done.out
    assert "put its file back" in done.out


def test_a_file_changed_since_the_revision_breaks_though_the_model_agrees(shop: Shop) -> None:
    shop.commit()
    shop.registry.path_of("shop.orders", "OrderPlaced", 1).unlink()
    shop.register(KEPT)
    assert shop.check().code == 0
    assert "OrderPlaced/1  breaks  changed" in shop.check("--against", "HEAD").out


def test_a_revision_without_the_folder_has_no_contracts(shop: Shop) -> None:
    shop.git("init")
    shop.git("commit", "--allow-empty", "--message", "Nothing yet")
    (entry,) = shop.entries("--against", "HEAD")
    assert (entry["status"], entry["registered"]) == ("new", True)


def test_a_revision_in_which_nothing_is_compared_is_warned_of(shop: Shop) -> None:
    shop.commit()
    (shop.folder / "schemas").rename(shop.folder / "contracts")
    sys.modules.pop("app", None)
    done = shop.call("schema", "check", "app:bus", "--registry", "contracts", "--against", "HEAD")
    assert done.code == 0
    assert done.err == (
        "warning: HEAD has no contract in contracts: nothing was compared with it; if the folder "
        "was moved, or is another one, that hides what changed\n"
    )


def test_a_revision_with_contracts_is_compared_without_a_warning(shop: Shop) -> None:
    shop.commit()
    assert shop.check("--against", "HEAD").err == ""


def test_a_registry_without_any_contract_is_warned_of(shop: Shop) -> None:
    shop.registry.path_of("shop.orders", "OrderPlaced", 1).unlink()
    done = shop.check()
    assert done.code == 0
    assert done.err == "warning: schemas holds no contract yet; is it the right folder?\n"


def test_names_that_files_cannot_have_are_read_from_a_revision(shop: Shop) -> None:
    shop.registry.register(Contract("a/b", "Größe: 5", 1, {"type": "object"}))
    shop.commit()
    (entry, _) = shop.entries("--against", "HEAD")
    assert (entry["topic"], entry["type"], entry["status"]) == ("a/b", "Größe: 5", "undeclared")


def test_a_contract_that_refers_to_another_is_compared_with_it_inside(shop: Shop) -> None:
    for version, kind in ((1, "number"), (2, "string")):
        shop.registry.register(Contract("shop.common", "Money", version, {"type": kind}))
    for version in (1, 2):
        member = {"$ref": f"/shop.common/Money/{version}"}
        schema = {"type": "object", "properties": {"total": member}}
        shop.registry.register(Contract("shop.orders", "OrderPaid", version, schema))
        if version == 1:
            shop.commit()
    done = shop.check("--against", "HEAD")
    assert done.code == 1
    assert "OrderPaid/2  breaks  added; incompatible with version 1" in done.out


def test_what_else_lies_in_the_folder_at_a_revision_is_left_alone(shop: Shop) -> None:
    schemas = shop.folder / "schemas"
    (schemas / "README.md").write_text("Ours.")
    (schemas / "shop.orders" / "OrderPlaced" / "2.json").symlink_to("1.json")
    shop.commit()
    (schemas / "shop.orders" / "OrderPlaced" / "2.json").unlink()
    assert shop.check("--against", "HEAD").code == 0


def test_the_folder_may_lie_deeper_in_the_repository(shop: Shop, call: Call) -> None:
    nested = shop.folder / "services" / "contracts"
    nested.parent.mkdir()
    (shop.folder / "schemas").rename(nested)
    shop.commit()
    options = ("--registry", "services/contracts", "--against", "HEAD")
    done = call("schema", "check", "app:bus", *options)
    assert (done.code, done.err) == (0, "")
    assert "OrderPlaced/1  ok  unchanged" in done.out


def test_a_hook_of_another_repository_does_not_lead_astray(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.commit()
    monkeypatch.setenv("GIT_DIR", "elsewhere")
    assert shop.check("--against", "HEAD").code == 0


def test_a_broken_file_at_a_revision_is_named_as_it_lies_there(shop: Shop) -> None:
    path = shop.registry.path_of("shop.orders", "OrderPlaced", 1)
    whole = path.read_text()
    path.write_text("{")
    shop.commit()
    path.write_text(whole)
    done = shop.check("--against", "HEAD")
    assert done.code == 1
    assert "HEAD:schemas/shop.orders/OrderPlaced/1.json is not a JSON Schema" in done.err


def test_a_revision_that_does_not_exist_is_an_error(shop: Shop) -> None:
    shop.commit()
    done = shop.check("--against", "origin/main")
    assert (done.code, done.out) == (1, "")
    assert "git knows no revision 'origin/main' in schemas" in done.err


@pytest.mark.parametrize("revision", ["--output=x", "-v", ""])
def test_what_git_would_take_for_an_option_is_refused(shop: Shop, revision: str) -> None:
    shop.commit()
    done = shop.check(f"--against={revision}")
    assert done.code == 2
    assert "is no revision of git" in done.err


def test_a_folder_in_no_repository_is_an_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.folder.parent))
    done = shop.check("--against", "HEAD")
    assert done.code == 1
    assert "schemas is in no repository that git can read (not a git repository" in done.err


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_files_that_are_no_contracts_are_warned_of_and_fail_nothing(
    shop: Shop, options: tuple[str, ...]
) -> None:
    folder = shop.registry.path_of("shop.orders", "OrderPlaced", 1).parent
    (folder / "1.json.bak").touch()
    done = shop.check(*options)
    place = "schemas/shop.orders/OrderPlaced"
    told = f"warning: {place}/1.json.bak is not read: a contract lies at {place}/VERSION.json;"
    assert (done.code, done.err.startswith(told)) == (0, True)
    assert "1.json.bak" not in done.out


def test_without_git_it_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop.folder))
    done = shop.check("--against", "HEAD")
    assert (done.code, "needs git, which is not installed" in done.err) == (1, True)


def test_markdown_is_a_table_with_folded_details(shop: Shop) -> None:
    shop.declare("note: str = ''; total: int", version=2)
    done = shop.check("--format", "markdown")
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[:6] == [
        "## Contracts",
        "",
        "1 contract: 1 changed, 1 broken, 0 unknown (mode BACKWARD, profile registry)",
        "",
        "| event type | version | verdict | what happened |",
        "| --- | --- | --- | --- |",
    ]
    assert lines[6] == (
        "| <code>shop.orders/OrderPlaced</code> | 2 | ❌ breaks | "
        "added; incompatible with version 1 |"
    )
    assert lines.count("</details>") == 1
    start = lines.index("```json")
    shown = json.loads("\n".join(lines[start + 1 : lines.index("```")]))
    assert "total" not in shown
    assert any(line.startswith("| <code>billing.korean</code> | ❌ breaks |") for line in lines)
    assert "Not affected: <code>billing.audit</code>" in lines


def test_markdown_of_nothing_that_changed_has_no_details(shop: Shop) -> None:
    assert "<details" not in shop.check("--format", "markdown").out


HOSTILE = "x|y`</code><img src=x onerror=alert(1)>@all #1 [a](http://b) www.c.d *e* __f__ \\"


def test_a_hostile_name_breaks_neither_the_table_nor_the_page(shop: Shop) -> None:
    shop.register("country: str", name=HOSTILE)
    shop.declare("country: str; total: int", version=2, name=HOSTILE)
    done = shop.check("--format", "markdown")
    assert done.code == 1
    rows = [line for line in done.out.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}
    tags = set(re.findall(r"<[^>]*>", done.out))
    assert tags == {"<code>", "</code>", "<details open>", "</details>", "<summary>", "</summary>"}
    outside = re.sub(r"```json.*?```", "", done.out, flags=re.DOTALL)
    for mark in ("`", "@", "[", "](", "*", "http://", "www.", " __"):
        assert mark not in outside


def test_a_hostile_name_sends_no_command_to_a_terminal(shop: Shop) -> None:
    shop.declare(FIRST, name="x\x1b[2J")
    done = shop.check()
    assert "\x1b" not in done.out
    assert "x\\x1b[2J" in done.out


@pytest.mark.parametrize(
    ("option", "given", "told"),
    [
        ("--mode", "bckward", "none of BACKWARD, BACKWARD_TRANSITIVE, "),
        ("--mode", "bckward", "did you mean BACKWARD?"),
        ("--mode", "full_transitiv", "did you mean FULL_TRANSITIVE?"),
        ("--profile", "strct", "did you mean strict?"),
        ("--mode", "quux", "FULL_TRANSITIVE, NONE; see eventroute schema check --help"),
    ],
)
def test_a_misspelt_choice_is_told_with_the_nearest(
    call: Call, option: str, given: str, told: str
) -> None:
    done = call("schema", "check", "app:bus", "--registry", "contracts", option, given)
    assert (done.code, told in done.err, "Value error" in done.err) == (2, True, False)


def test_a_mode_may_be_written_in_lower_case(call: Call) -> None:
    done = call("schema", "check", "app:bus", "--registry", "contracts", "--mode", "full")
    assert (done.code, "the registry contracts is no folder" in done.err) == (1, True)


def test_a_choice_of_the_command_alone_is_told_plainly(call: Call) -> None:
    done = call("schema", "check", "app:bus", "--unknown", "maybe")
    assert (done.code, "Invalid value for '--unknown': 'maybe' is not" in done.err) == (2, True)
