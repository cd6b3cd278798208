"""Real distributions, laid out in a folder as an installer would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eventroute.clock import SystemClock
from eventroute.errors import BackendNotFoundError, ConfigurationError, MissingExtraError
from eventroute.plugins import backend_name, installed_adapters, load_adapter_factory

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a distribution with one entry point and one module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def add(
        distribution: str, entry_point: str, module: str = "", code: str = "", extra: str = ""
    ) -> None:
        info = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
            + (f"Provides-Extra: {extra}\n" if extra else "")
        )
        (info / "entry_points.txt").write_text(f"[eventroute.adapters]\n{entry_point}\n")
        if module:
            (tmp_path / f"{module}.py").write_text(code)

    return add


def test_an_installed_adapter_is_listed(install: Install) -> None:
    install("er-kafka", "kafka = er_listed:create")

    assert {"kafka", "memory"} <= set(installed_adapters())


def test_adapters_are_listed_once_and_in_order(install: Install) -> None:
    install("er-zebra", "zebra = er_order:create")
    install("er-ant", "ant = er_order:create")

    assert installed_adapters() == sorted(set(installed_adapters()))


def test_the_adapter_of_a_backend_is_loaded(install: Install) -> None:
    install("er-a", "kafka = er_loaded:create", "er_loaded", "def create(options, clock): ...")

    assert load_adapter_factory("kafka").__module__ == "er_loaded"


def test_the_memory_adapter_is_loaded() -> None:
    import eventroute_memory

    assert load_adapter_factory("memory") is eventroute_memory.create


def test_an_unknown_backend_names_those_that_are_installed(install: Install) -> None:
    install("er-kafka", "kafka = er_unknown:create")

    with pytest.raises(BackendNotFoundError, match=r"'memroy': installed are .*kafka.*memory"):
        load_adapter_factory("memroy")


@pytest.mark.parametrize("backend", ["sns", "eventbridge"])
def test_a_backend_that_an_extra_brings_names_the_extra(install: Install, backend: str) -> None:
    install("eventroute", "kafka = er_extra:create", extra="aws")

    with pytest.raises(BackendNotFoundError, match=r'pip install "eventroute\[aws\]"'):
        load_adapter_factory(backend)


@pytest.mark.parametrize("backend", ["sns", "eventbridge"])
def test_a_backend_to_come_is_said_to_be_missing_from_this_version(
    install: Install, backend: str
) -> None:
    install("eventroute", "kafka = er_to_come:create", extra="trio")

    with pytest.raises(BackendNotFoundError, match="this version of eventroute has no") as caught:
        load_adapter_factory(backend)
    assert "pip install" not in str(caught.value)


def test_an_adapter_that_lacks_a_package_names_it_and_the_command(install: Install) -> None:
    install("er-b", "kafka = er_lacking:create", "er_lacking", "import er_absent.client")

    with pytest.raises(MissingExtraError, match="run pip install er_absent") as caught:
        load_adapter_factory("kafka")
    assert caught.value.name == "er_absent"


def test_an_adapter_of_an_extra_that_lacks_a_package_names_the_extra(install: Install) -> None:
    install(
        "eventroute", "sns = er_lacking_sns:create", "er_lacking_sns", "import er_absent", "aws"
    )

    with pytest.raises(MissingExtraError, match=r'er_absent.*pip install "eventroute\[aws\]"'):
        load_adapter_factory("sns")


def test_an_adapter_is_not_said_to_need_an_extra_that_does_not_exist(install: Install) -> None:
    install("eventroute", "sns = er_bare_sns:create", "er_bare_sns", "import er_absent")

    with pytest.raises(MissingExtraError, match="run pip install er_absent"):
        load_adapter_factory("sns")


def test_an_entry_point_that_names_nothing_is_reported_with_its_package(install: Install) -> None:
    install("er-d", "kafka = er_empty:create", "er_empty")

    with pytest.raises(ConfigurationError, match="kafka = er_empty:create of er-d is broken"):
        load_adapter_factory("kafka")


def test_an_entry_point_that_names_no_function_is_reported(install: Install) -> None:
    install("er-e", "kafka = er_value:create", "er_value", "create = 5")

    with pytest.raises(ConfigurationError, match="names a int, not a function"):
        load_adapter_factory("kafka")


def test_a_backend_that_two_packages_offer_is_refused(install: Install) -> None:
    install("er-f", "kafka = er_one:create")
    install("er-g", "kafka = er_two:create")

    with pytest.raises(ConfigurationError, match="er-f and er-g; uninstall all but one"):
        load_adapter_factory("kafka")


def test_a_misspelt_backend_names_the_one_that_was_meant() -> None:
    with pytest.raises(BackendNotFoundError, match="did you mean 'eventbridge'"):
        load_adapter_factory("evenbridge")


@pytest.mark.parametrize("backend", ["memory", "sns", "eventbridge", "aws"])
def test_an_adapter_is_named_as_in_the_configuration(backend: str) -> None:
    adapter = load_adapter_factory(backend)({}, SystemClock())
    assert backend_name(adapter) == backend
