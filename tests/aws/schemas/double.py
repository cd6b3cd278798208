"""A double of EventBridge's schema registries: no emulator at hand has that part of AWS.

It is a small HTTP server on this machine. Routes, members, limits and errors come from the service
model that botocore itself is driven by, so that a request that the model does not allow is refused
and an answer that it does not know cannot be given; what lies behind is a few dictionaries. It
checks no signature and no policy. What AWS does beyond its model (``ConflictException`` of
``CreateSchema``, names, the forms of documents) follows its documentation, and may differ from AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.loaders import Loader
from botocore.model import ServiceModel

_MODEL: Final = ServiceModel(Loader().load_service_model("schemas", "service-2"))
_SCHEMA_NAME: Final = re.compile(r"[A-Za-z0-9_.@-]{1,385}")
_REGISTRY_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ARN: Final = "arn:aws:schemas:eu-central-1:111111111111"


class RefusalError(Exception):
    """An error that the service answers with."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        shape = _MODEL.shape_for(code)
        self.status = int(shape.metadata["error"]["httpStatusCode"])


class _UnansweredError(Exception):
    """The connection ends instead."""


@dataclass
class Version:
    content: str
    type: str


@dataclass
class Schema:
    tags: Mapping[str, str]
    versions: list[Version] = field(default_factory=list)


@dataclass
class Registry:
    tags: Mapping[str, str]
    schemas: dict[str, Schema] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    path: re.Pattern[str]


class Double:
    """What the account has, and what was asked of it.

    :ivar page: most entries of a page.
    :ivar requests: the name of each operation, in their order.
    :ivar refusals: codes that the next calls of an operation are answered with.
    :ivar unanswered: operations whose next call is done, and not answered.
    """

    def __init__(self) -> None:
        self.url = ""
        self.page = 2
        self.registries: dict[str, Registry] = {}
        self.requests: list[str] = []
        self.refusals: dict[str, list[str]] = {}
        self.unanswered: list[str] = []
        self._tokens: dict[str, str] = {}
        self._lock = Lock()

    def add(self, registry: str, schema: str, *documents: object, type_: str = "OpenApi3") -> None:
        """Put a schema there as others do; each document is one more version."""
        there = self.registries.setdefault(registry, Registry({}))
        versions = there.schemas.setdefault(schema, Schema({})).versions
        for document in documents:
            text = document if isinstance(document, str) else json.dumps(document)
            versions.append(Version(text, type_))

    def documents(self, registry: str, schema: str) -> list[Any]:
        """Every version of a schema."""
        return [
            json.loads(one.content) for one in self.registries[registry].schemas[schema].versions
        ]

    def answer(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.requests.append(operation)
            if self.refusals.get(operation):
                code = self.refusals[operation].pop(0)
                raise RefusalError(code, f"{operation} is refused on purpose")
            work = getattr(self, f"_{operation}", None)
            if work is None:
                raise RefusalError("BadRequestException", f"the double has no {operation}")
            answer: dict[str, Any] = work(given)
            return answer

    def _CreateRegistry(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = given["RegistryName"]
        if not _REGISTRY_NAME.fullmatch(name):
            raise RefusalError("BadRequestException", f"the registry name {name!r} is not valid")
        if name in self.registries:
            raise RefusalError("ConflictException", f"the registry {name} exists")
        self.registries[name] = Registry(given.get("Tags", {}))
        return self._DescribeRegistry(given)

    def _DescribeRegistry(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        registry = self._registry(given)
        name = given["RegistryName"]
        return {
            "RegistryName": name,
            "RegistryArn": f"{_ARN}:registry/{name}",
            "Tags": dict(registry.tags),
        }

    def _ListSchemas(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        prefix = given.get("SchemaNamePrefix", "")
        schemas = self._registry(given).schemas
        names = sorted(name for name in schemas if name.startswith(prefix))
        page, token = self._paged(names, given)
        found = [{"SchemaName": name, "VersionCount": len(schemas[name].versions)} for name in page]
        return {"Schemas": found, **token}

    def _ListSchemaVersions(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        schema = self._schema(given)
        numbers = [str(number) for number in range(len(schema.versions), 0, -1)]
        page, token = self._paged(numbers, given)
        return {
            "SchemaVersions": [
                {
                    "SchemaName": given["SchemaName"],
                    "SchemaVersion": number,
                    "Type": schema.versions[int(number) - 1].type,
                }
                for number in page
            ],
            **token,
        }

    def _DescribeSchema(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        schema = self._schema(given)
        number = given.get("SchemaVersion", str(len(schema.versions)))
        if not number.isdecimal() or not 1 <= int(number) <= len(schema.versions):
            raise RefusalError("NotFoundException", f"there is no version {number}")
        version = schema.versions[int(number) - 1]
        return {"Content": version.content, "Type": version.type, **_about(given, number)}

    def _CreateSchema(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        registry, name = self._registry(given), given["SchemaName"]
        if not _SCHEMA_NAME.fullmatch(name):
            raise RefusalError("BadRequestException", f"the schema name {name!r} is not valid")
        if name in registry.schemas:
            raise RefusalError("ConflictException", f"the schema {name} exists")
        _check_content(given["Content"], given["Type"])
        first = Version(given["Content"], given["Type"])
        registry.schemas[name] = Schema(given.get("Tags", {}), [first])
        return {"Type": given["Type"], **_about(given, "1")}

    def _UpdateSchema(self, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N802
        schema = self._schema(given)
        type_ = given.get("Type", schema.versions[-1].type)
        _check_content(given["Content"], type_)
        token = given["ClientTokenId"]
        if token not in self._tokens:
            schema.versions.append(Version(given["Content"], type_))
            self._tokens[token] = str(len(schema.versions))
        return {"Type": type_, **_about(given, self._tokens[token])}

    def _registry(self, given: Mapping[str, Any]) -> Registry:
        name = given["RegistryName"]
        if name not in self.registries:
            raise RefusalError("NotFoundException", f"the registry {name} does not exist")
        return self.registries[name]

    def _schema(self, given: Mapping[str, Any]) -> Schema:
        name = given["SchemaName"]
        schemas = self._registry(given).schemas
        if name not in schemas:
            raise RefusalError("NotFoundException", f"the schema {name} does not exist")
        return schemas[name]

    def _paged(
        self, names: list[str], given: Mapping[str, Any]
    ) -> tuple[list[str], dict[str, str]]:
        first = int(given.get("NextToken", "0"))
        end = first + min(self.page, given.get("Limit", self.page))
        return names[first:end], ({"NextToken": str(end)} if end < len(names) else {})


def _about(given: Mapping[str, Any], number: str) -> dict[str, Any]:
    name = given["SchemaName"]
    return {
        "SchemaName": name,
        "SchemaArn": f"{_ARN}:schema/{given['RegistryName']}/{name}",
        "SchemaVersion": number,
    }


def _check_content(content: str, type_: str) -> None:
    try:
        document = json.loads(content)
    except ValueError:
        raise RefusalError("BadRequestException", "the content is not JSON") from None
    if type_ == "OpenApi3":
        valid = str(document.get("openapi", "")).startswith("3.0") and "paths" in document
    else:
        valid = "draft-04" in document.get("$schema", "")
    if not valid:
        raise RefusalError("BadRequestException", f"the content is not of type {type_}")


def _routes() -> list[Route]:
    routes: list[Route] = []
    for name in _MODEL.operation_names:
        http = _MODEL.operation_model(name).http
        path = "".join(
            f"(?P<{part[1:-1].replace('-', '_')}>[^/]+)" if part[:1] == "{" else re.escape(part)
            for part in re.split(r"(\{[^}]+\})", http["requestUri"])
        )
        routes.append(Route(name, http["method"], re.compile(path)))
    return routes


_ROUTES: Final = _routes()


def _parameters(route: Route, target: str, body: bytes) -> dict[str, Any]:
    """What a request says, checked by the model."""
    split = urlsplit(target)
    found = route.path.fullmatch(split.path)
    assert found is not None
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    inside: dict[str, Any] = json.loads(body) if body else {}
    given: dict[str, Any] = {}
    shape = _MODEL.operation_model(route.operation).input_shape
    assert shape is not None
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        place = member.serialization.get("location")
        if place == "uri":
            given[name] = unquote(found[wire.replace("-", "_")])
        elif place == "querystring" and wire in query:
            text = query.pop(wire)
            given[name] = int(text) if member.type_name == "integer" else text
        elif place is None and wire in inside:
            given[name] = inside.pop(wire)
    if query or inside:
        raise RefusalError("BadRequestException", f"unknown members: {[*query, *inside]}")
    for name in shape.required_members:
        if name not in given:
            raise RefusalError("BadRequestException", f"{name} is missing")
    for name, value in given.items():
        _check(name, shape.members[name], value)
    return given


def _check(name: str, shape: Any, value: Any) -> None:  # noqa: ANN401
    kinds = {"string": str, "integer": int, "long": int, "map": dict}
    if not isinstance(value, kinds[shape.type_name]):
        raise RefusalError("BadRequestException", f"{name} is no {shape.type_name}")
    size = len(value) if isinstance(value, str) else 0
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", size)
    if not least <= size <= most or value not in (shape.metadata.get("enum") or [value]):
        raise RefusalError("BadRequestException", f"{name} is not valid")


def _written(operation: str, answer: Mapping[str, Any]) -> bytes:
    shape = _MODEL.operation_model(operation).output_shape
    assert shape is not None
    unknown = answer.keys() - shape.members.keys()
    assert not unknown, f"{operation} does not answer with {unknown}"
    wire = {shape.members[name].serialization.get("name", name): answer[name] for name in answer}
    return json.dumps(wire).encode()


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {"Content-Type": "application/json"}
            try:
                status, answer = self._answer(body)
            except _UnansweredError:
                self.close_connection = True
                return
            except RefusalError as refusal:
                status = refusal.status
                answer = json.dumps({"Code": refusal.code, "Message": str(refusal)}).encode()
                headers["x-amzn-ErrorType"] = refusal.code
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _answer(self, body: bytes) -> tuple[int, bytes]:
            if "/schemas/aws4_request" not in self.headers.get("Authorization", ""):
                raise RefusalError("ForbiddenException", "the request is not signed for schemas")
            path = urlsplit(self.path).path
            for route in _ROUTES:
                if route.method == self.command and route.path.fullmatch(path):
                    given = _parameters(route, self.path, body)
                    http = _MODEL.operation_model(route.operation).http
                    answer = double.answer(route.operation, given)
                    if route.operation in double.unanswered:
                        double.unanswered.remove(route.operation)
                        raise _UnansweredError
                    return int(http["responseCode"]), _written(route.operation, answer)
            raise RefusalError("NotFoundException", f"there is no {self.command} {path}")

        do_DELETE = do_GET = do_POST = do_PUT = _handle  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Be silent."""

    return Handler


@contextmanager
def running() -> Generator[Double]:
    """Serve until the block ends."""
    double = Double()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    server.daemon_threads = True
    double.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
