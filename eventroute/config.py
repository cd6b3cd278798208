"""Which backend, and how to work: from ``eventroute.toml`` and ``EVENTROUTE_*`` variables."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from json import dumps
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from eventroute.backend_options import told
from eventroute.errors import ConfigurationError
from eventroute.plugins import (
    KNOWN_BACKENDS,
    KNOWN_STORES,
    installed_adapters,
    installed_stores,
)
from eventroute.registry.judgement import Mode, Profile
from eventroute.short_names import in_any_case
from eventroute.variables import NESTING, PREFIX, Variables

__all__ = ["IdempotencySettings", "RegistrySettings", "Settings", "WorkerSettings", "load_settings"]

FILE: Final = "eventroute.toml"


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("number_expected", "Input should be a number")
    return value


def _path_of(kind: Literal["file", "folder"], example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str | PathLike | None):
            raise PydanticCustomError(
                "path_expected",
                'it should be the path of a {kind}, such as "{example}"',
                {"kind": kind, "example": example},
            )
        if isinstance(value, str) and not value.strip():  # Path("") is the working folder
            raise PydanticCustomError(
                "path_empty", "it is empty; name a {kind}, or leave it out", {"kind": kind}
            )
        return value

    return BeforeValidator(check)


def _any_case(names: object) -> BeforeValidator:
    def spell(value: object) -> object:
        found = in_any_case(value, get_args(names)) if isinstance(value, str) else None
        return value if found is None else found

    return BeforeValidator(spell)


def _stages(value: object) -> object:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(one in ("publish", "handle") for one in listed):
        raise PydanticCustomError(
            "stages_expected", 'Input should list "publish", "handle", or both'
        )
    return listed


Stage = Literal["publish", "handle"]
Stages = Annotated[list[Stage] | Stage, BeforeValidator(_stages)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False), BeforeValidator(_number)]
Count = Annotated[int, Field(ge=1), BeforeValidator(_number)]


def _refuse_unless_table(name: str, value: object, known: Iterable[str], within: str = "") -> None:
    """Let a table of options pass that somebody knows."""
    if name not in known:
        hint = _did_you_mean(name, known)
        raise PydanticCustomError(
            "member_unknown", "{name} is not known; {hint}", {"name": name, "hint": hint}
        )
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "table_expected",
            "{name} is not a table; write [{table}] and its members below",
            {"name": name, "table": f"{within}{name}"},
        )


class RegistrySettings(BaseModel):
    """Where the contracts of untyped events are.

    Any other member is the table of a store, and must be named after one.

    :ivar path: folder of the registry; ``None`` checks nothing.
    :ivar unregistered: whether untyped events without a contract may be published and handled.
    :ivar check: when untyped events are checked.
    :ivar mode: what a new version of a contract must be to those before it.
    :ivar profile: how two versions are compared; see :func:`eventroute.registry.compatibility`.
    :ivar store: name of the store that contracts are pushed to and pulled from.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    path: Annotated[Path | None, _path_of("folder", "schemas")] = Field(
        default=None, description="Folder of the registry, beside this file."
    )
    unregistered: Literal["allow", "refuse"] = Field(
        default="allow", description="Whether an untyped event may have no contract."
    )
    check: Stages = Field(
        default=["publish", "handle"], description="When untyped events are checked."
    )
    mode: Annotated[Mode, _any_case(Mode)] = Field(
        default="BACKWARD", description="What a new version must be to those before it."
    )
    profile: Annotated[Profile, _any_case(Profile)] = Field(
        default="registry", description="How versions are compared: the truth is strict."
    )
    store: str | None = Field(
        default=None,
        min_length=1,
        description="Where contracts are pushed to and pulled from, such as eventbridge.",
    )

    @model_validator(mode="after")
    def _only_tables_of_stores(self) -> Self:
        if not self.model_extra:
            return self  # to look for what is installed takes milliseconds
        stores = {*KNOWN_STORES, *installed_stores(), *([self.store] if self.store else [])}
        for name, value in self.model_extra.items():
            _refuse_unless_table(
                name, value, [*type(self).model_fields, *sorted(stores)], "registry."
            )
        return self

    @model_validator(mode="after")
    def _refuse_needs_a_path(self) -> Self:
        if self.unregistered == "refuse" and self.path is None:
            raise PydanticCustomError(
                "path_missing", 'unregistered = "refuse" would refuse every event; set path too'
            )
        return self

    @model_validator(mode="after")
    def _refuse_needs_a_check(self) -> Self:
        if self.unregistered == "refuse" and not self.check:
            raise PydanticCustomError(
                "check_missing",
                'unregistered = "refuse" refuses nothing with check = [], as no event is checked; '
                'list "publish", "handle", or both in check, or set unregistered = "allow"',
            )
        return self

    def options_for(self, store: str) -> Mapping[str, object]:
        """The table of a store, as written; empty where there is none."""
        return MappingProxyType(dict((self.model_extra or {}).get(store, {})))


class WorkerSettings(BaseModel):
    """How a process works.

    :ivar grace: seconds that handlers have to finish when the bus stops.
    :ivar concurrency: most attempts under way at once, for each subscription that does not say.
    :ivar max_concurrency: most attempts under way at once in a process, of all subscriptions.
    :ivar publish_timeout: seconds that a publish may take, repeated calls included.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    grace: Seconds = Field(
        default=30.0, description="Seconds that handlers have to finish on a stop."
    )
    concurrency: Count = Field(
        default=10, description="Most attempts under way at once, a subscription."
    )
    max_concurrency: Count | None = Field(
        default=None, description="Most attempts under way at once in a process."
    )
    publish_timeout: Seconds = Field(
        default=30.0, description="Seconds that a publish may take, repeated calls included."
    )


class IdempotencySettings(BaseModel):
    """What remembers which events were handled, for subscribers that name no store.

    :ivar store: ``None`` is the one in memory where the backend is in memory too, else none.
    :ivar path: file of the SQLite store.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Literal["memory", "sqlite"] | None = Field(
        default=None, description="What remembers which events were handled."
    )
    path: Annotated[Path | None, _path_of("file", "handled.db")] = Field(
        default=None, description="File of the SQLite store, beside this file."
    )

    @model_validator(mode="after")
    def _a_path_goes_with_sqlite(self) -> Self:
        if self.store == "sqlite" and self.path is None:
            raise PydanticCustomError("path_missing", 'store = "sqlite" needs a file; set path too')
        if self.store != "sqlite" and self.path is not None:
            raise PydanticCustomError("path_unused", 'only store = "sqlite" has a path')
        return self


class Settings(BaseSettings):
    """What :func:`load_settings` reads. Made directly, it reads neither file nor environment.

    Any other member is the table of a backend, and must be named after one.

    :ivar backend: name of the adapter that runs the application.
    """

    model_config = SettingsConfigDict(
        extra="allow", frozen=True, env_prefix=PREFIX, env_nested_delimiter=NESTING
    )

    backend: str = Field(
        default="memory", min_length=1, description="Which adapter runs the application."
    )
    registry: RegistrySettings = Field(default_factory=RegistrySettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    idempotency: IdempotencySettings = Field(default_factory=IdempotencySettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but the arguments: :func:`load_settings` does the reading."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @model_validator(mode="after")
    def _only_tables_of_backends(self) -> Self:
        for name, value in (self.model_extra or {}).items():
            _refuse_unless_table(name, value, [*type(self).model_fields, *_backends(self.backend)])
        return self

    def options_for(self, backend: str) -> Mapping[str, object]:
        """The table of a backend, as written; empty where there is none."""
        return MappingProxyType(dict((self.model_extra or {}).get(backend, {})))


def load_settings(path: str | Path | None = None) -> Settings:
    """Read the configuration; variables win over the file, and the file over the defaults.

    :param path: the file; ``EVENTROUTE_CONFIG``, or ``./eventroute.toml`` if there is one, when
        left out.
    :raises ConfigurationError: naming the file or variable, the key, the value and the remedy.
    """
    file = _chosen_file(path)
    written: dict[str, Any] = {} if file is None else _read(file)
    chosen = os.environ.get(f"{PREFIX}BACKEND", written.get("backend"))
    variables = Variables(
        os.environ,
        scalars=("backend",),
        tables=_TABLES,
        backends=_backends(chosen),
    )
    above = EnvSettingsSource(Settings)() | variables.backend_tables()
    try:
        return Settings(**_merge(written, above))
    except ValidationError as error:
        items = error.errors(include_url=False)
        problems = [_problem(dict(item), file, variables) for item in items]
        raise ConfigurationError("\n".join(problems)) from None


_TABLES: Final[dict[str, type[BaseModel]]] = {
    "idempotency": IdempotencySettings,
    "registry": RegistrySettings,
    "worker": WorkerSettings,
}


def _backends(chosen: object) -> list[str]:
    named = {chosen} if isinstance(chosen, str) and chosen else set[str]()
    return sorted({*KNOWN_BACKENDS, *installed_adapters()} | named)


def _chosen_file(path: str | Path | None) -> Path | None:
    named = os.environ.get(f"{PREFIX}CONFIG")
    if path is None and not named:
        file = Path(FILE)
        return file if file.is_file() else None
    file = Path(path if path is not None else str(named))
    if not file.is_file():
        source = "" if path is not None else f" ({PREFIX}CONFIG)"
        raise ConfigurationError(f"{file}{source} is not a file; correct the path")
    return file


def _read(file: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{file}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None
    except RecursionError:
        raise ConfigurationError(f"{file} is nested too deeply; flatten it") from None
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    for name in written:
        if name.startswith("_"):  # pydantic-settings would take it for an option of its own
            raise ConfigurationError(f"{file}: {name} is not known; remove it")
    for name in ("idempotency", "registry"):
        table: dict[str, Any] = written[name] if _is_table(written.get(name)) else {}
        if isinstance(table.get("path"), str) and table["path"].strip():
            table["path"] = str(file.parent / table["path"])
    return written


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        both = _is_table(value) and _is_table(below.get(name))
        merged[name] = _merge(below[name], value) if both else value
    return merged


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _problem(item: dict[str, Any], file: Path | None, variables: Variables) -> str:
    """Say in one line what pydantic found, and where the value came from."""
    named = item.get("ctx", {}).get("name")
    key = [str(step) for step in item["loc"]] + ([str(named)] if named else [])
    origin = variables.that_set(tuple(key)) if key else None
    place = f"{origin or file or 'the configuration'}: {'.'.join(key)}"
    if item["type"] == "extra_forbidden":
        return f"{place} is not known; {_did_you_mean(key[-1], _TABLES[key[0]].model_fields)}"
    if item["type"] == "member_unknown":
        return f"{place} is not known; {item['ctx']['hint']}"
    if item["type"] in ("model_type", "table_expected"):
        return f"{place} is not a table; write [{'.'.join(key)}] and its members below"
    value = item["input"]
    shown = "" if isinstance(value, Mapping) else f" is {dumps(value, default=str)[:60]}"
    return f"{place}{shown}: {told(item)}"


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
