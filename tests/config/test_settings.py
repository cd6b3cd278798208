from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from eventroute.config import RegistrySettings, Settings, WorkerSettings, load_settings
from eventroute.errors import ConfigurationError

Configure = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("EVENTROUTE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    def load(toml: str = "", **variables: str) -> Settings:
        (tmp_path / "eventroute.toml").write_text(toml, "utf-8")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return load


def test_without_a_file_and_variables_the_defaults_hold() -> None:
    settings = load_settings()

    assert settings.backend == "memory"
    assert settings.registry == RegistrySettings(path=None, unregistered="allow")
    assert settings.worker == WorkerSettings(grace=30.0, concurrency=10, publish_timeout=30.0)


def test_the_file_beside_the_process_is_read(configure: Configure) -> None:
    assert configure('backend = "sqlite"').backend == "sqlite"


def test_a_given_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("worker.grace = 1")

    assert load_settings(tmp_path / "other.toml").worker.grace == 1.0


def test_a_variable_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text("worker.grace = 1")
    monkeypatch.setenv("EVENTROUTE_CONFIG", "other.toml")

    assert load_settings().worker.grace == 1.0


def test_a_variable_wins_over_the_file(configure: Configure) -> None:
    settings = configure(
        'backend = "sqlite"\n[worker]\ngrace = 1\nconcurrency = 2',
        EVENTROUTE_BACKEND="memory",
        EVENTROUTE_WORKER__GRACE="2.5",
    )

    assert (settings.backend, settings.worker.grace, settings.worker.concurrency) == (
        "memory",
        2.5,
        2,
    )


def test_a_registry_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "a.toml").write_text('registry.path = "schemas"')

    assert load_settings("etc/a.toml").registry.path == Path("etc/schemas")


def test_a_registry_that_a_variable_names_lies_beside_the_process(configure: Configure) -> None:
    settings = configure(EVENTROUTE_REGISTRY__PATH="schemas")

    assert settings.registry.path == Path("schemas")


def test_options_of_a_backend_are_handed_on_as_written(configure: Configure) -> None:
    settings = configure('[memory]\ncapacity = 5\nlabels = ["a"]\n[sns]\nregion = "x"')

    assert settings.options_for("memory") == {"capacity": 5, "labels": ["a"]}
    assert settings.options_for("sns") == {"region": "x"}
    assert settings.options_for("sqlite") == {}


def test_options_from_variables_are_json_where_they_can_be(configure: Configure) -> None:
    settings = configure(
        "[memory]\ncapacity = 5\nkept = 1",
        EVENTROUTE_MEMORY__CAPACITY="9",
        EVENTROUTE_MEMORY__NAME="east",
        EVENTROUTE_MEMORY__STRICT="true",
        EVENTROUTE_MEMORY__NESTED__KEY="[1]",
    )

    assert settings.options_for("memory") == {
        "capacity": 9,
        "kept": 1,
        "name": "east",
        "strict": True,
        "nested": {"key": [1]},
    }


def test_a_table_may_be_one_variable(configure: Configure) -> None:
    settings = configure(EVENTROUTE_WORKER='{"grace": 3}', EVENTROUTE_MEMORY='{"capacity": 3}')

    assert (settings.worker.grace, settings.options_for("memory")) == (3.0, {"capacity": 3})


def test_the_chosen_backend_may_have_a_table_of_any_name(configure: Configure) -> None:
    settings = configure('backend = "kafka"\n[kafka]\nbrokers = 3')

    assert settings.options_for("kafka") == {"brokers": 3}


def test_a_store_of_contracts_has_a_table_of_its_own(configure: Configure) -> None:
    settings = configure(
        '[registry]\nstore = "ours"\n[registry.ours]\nplace = 1',
        EVENTROUTE_REGISTRY__EVENTBRIDGE__REGION="eu-central-1",
    )

    assert settings.registry.store == "ours"
    assert settings.registry.options_for("ours") == {"place": 1}
    assert settings.registry.options_for("eventbridge") == {"region": "eu-central-1"}


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('bakend = "memory"', "bakend is not known; did you mean backend?"),
        ("[memroy]\na = 1", "memroy is not known; did you mean memory?"),
        ("[zzz]\na = 1", "zzz is not known; there are backend, registry, worker,"),
        ("_env_file = 'x'", "_env_file is not known"),
        ("memory = 1", "memory is not a table; write [memory] and its members below"),
        ("worker = 1", "worker is not a table; write [worker]"),
        ("worker.gracee = 1", "worker.gracee is not known; did you mean grace?"),
        ("worker.grace = -1", "worker.grace is -1: it should be greater than or equal to 0"),
        ("worker.grace = inf", "worker.grace is Infinity: it should be a finite number"),
        ("worker.concurrency = 0", "worker.concurrency is 0: it should be greater than"),
        ("worker.concurrency = true", "worker.concurrency is true: it should be a number"),
        ("worker.concurrency = 1.5", "worker.concurrency is 1.5: it should be a valid integer"),
        ("backend = 3", "backend is 3: it should be a valid string"),
        ('backend = ""', 'backend is ""'),
        ('registry.unregistered = "deny"', "it should be 'allow' or 'refuse'"),
        ('registry.unregistered = "refuse"', "set path too"),
        (
            '[registry]\npath = "."\nunregistered = "refuse"\ncheck = []',
            'check = [], as no event is checked; list "publish", "handle", or both in check',
        ),
        ("registry.path = ''", 'registry.path is "": it is empty; name a folder'),
        ("registry.path = ' '", "it is empty; name a folder"),
        ("registry.paht = 'x'", "registry.paht is not known; did you mean path?"),
        (
            "registry.eventbridge = 1",
            "registry.eventbridge is not a table; write [registry.eventbridge] and its members",
        ),
        (
            "registry.path = 3",
            'registry.path is 3: it should be the path of a folder, such as "schemas"',
        ),
        (
            "[registry.path]\na = 1",
            'registry.path: it should be the path of a folder, such as "schemas"',
        ),
        ('registry.store = ""', 'registry.store is "": it should have at least 1 character'),
        (
            "[idempotency]\nstore = 'sqlite'\npath = true",
            'idempotency.path is true: it should be the path of a file, such as "handled.db"',
        ),
        (
            "[idempotency]\nstore = 'sqlite'\npath = ''",
            'idempotency.path is "": it is empty; name a file, or leave it out',
        ),
        ("registry.mode = 'back'", "registry.mode is \"back\": it should be 'BACKWARD', '"),
        ("[registry.eventbrige]\na = 1", "registry.eventbrige is not known; did you mean eventb"),
        ("=", "is not TOML"),
        ("a = 1\na = 2", "is not TOML"),
    ],
)
def test_a_mistake_in_the_file_names_file_key_and_remedy(
    configure: Configure, toml: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configure(toml)
    assert str(caught.value).startswith("eventroute.toml")
    assert message in str(caught.value)


@pytest.mark.parametrize("variable", [False, True])
def test_modes_and_profiles_are_read_in_upper_and_lower_case(
    configure: Configure, variable: bool
) -> None:
    if variable:
        settings = configure(
            EVENTROUTE_REGISTRY__MODE="Full_Transitive", EVENTROUTE_REGISTRY__PROFILE="STRICT"
        )
    else:
        settings = configure('[registry]\nmode = "full_transitive"\nprofile = "Strict"')
    assert (settings.registry.mode, settings.registry.profile) == ("FULL_TRANSITIVE", "strict")


def test_every_mistake_is_reported_at_once(configure: Configure) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configure("[worker]\ngrace = -1\nconcurrency = 0")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("EVENTROUTE_WORKER__GRACE", "soon", 'worker.grace is "soon": it should be a valid number'),
        ("EVENTROUTE_WORKER__GRACEE", "1", "did you mean grace?"),
        ("EVENTROUTE_WORKER", "5", "but it sets a table; write a JSON object"),
        ("EVENTROUTE_BAKEND", "x", "did you mean EVENTROUTE_BACKEND?"),
        ("EVENTROUTE_BACKEND__X", "x", "did you mean EVENTROUTE_BACKEND?"),
        ("EVENTROUTE_MEMROY__CAPACITY", "1", "did you mean EVENTROUTE_MEMORY?"),
        ("EVENTROUTE_CONFG", "x.toml", "did you mean EVENTROUTE_CONFIG?"),
        ("EVENTROUTE_CONFIG", "none.toml", "is not a file; correct the path"),
    ],
)
def test_a_mistake_in_a_variable_names_it_and_the_remedy(
    configure: Configure, name: str, value: str, message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configure(**{name: value})
    assert name in str(caught.value)
    assert message in str(caught.value)


def test_variables_that_contradict_each_other_are_refused(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match="unset one of them"):
        configure(EVENTROUTE_MEMORY__A="1", EVENTROUTE_MEMORY__A__B="2")


def test_variables_that_kubernetes_sets_for_a_service_are_left_alone(configure: Configure) -> None:
    configure(EVENTROUTE_PORT="tcp://10.0.0.1:80", EVENTROUTE_SERVICE_HOST="10.0.0.1")


def test_a_given_file_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml is not a file"):
        load_settings("none.toml")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b'backend = "\xff"')

    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_settings("a.toml")


@pytest.mark.parametrize(
    "name", ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP", "PORT_80_TCP_ADDR"]
)
def test_so_are_those_of_a_service_that_is_called_as_a_table_is(
    name: str, configure: Configure
) -> None:
    assert configure(**{f"EVENTROUTE_WORKER_{name}": "10.0.0.1"}).backend == "memory"


def test_settings_made_in_code_read_no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTROUTE_BACKEND", "sqlite")

    assert Settings().backend == "memory"


def test_settings_made_in_code_refuse_an_unknown_member() -> None:
    with pytest.raises(ValidationError, match="did you mean backend"):
        Settings.model_validate({"bakend": "memory"})


def test_options_cannot_be_changed_by_their_reader(configure: Configure) -> None:
    options = configure("memory.capacity = 1").options_for("memory")

    with pytest.raises(TypeError):
        options["capacity"] = 2  # type: ignore[index]  # pyright: ignore[reportIndexIssue]  on purpose
