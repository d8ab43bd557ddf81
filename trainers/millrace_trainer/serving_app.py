"""The HTTP application: MLflow's own scoring server, with what it lacks added around it."""

from __future__ import annotations

import io
import json
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable

from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Identity:
    """Which model answers here."""

    name: str
    version: str
    model_id: str
    threshold: float | None

    def document(self) -> dict[str, Any]:
        """The members that `GET /model` and the log lines share."""
        return {"model": self.name, "version": self.version, "modelId": self.model_id, "threshold": self.threshold}

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Sent with every answer, so that a caller knows which version it was that predicted."""
        named = (("x-millrace-model", self.name), ("x-millrace-model-version", self.version), ("x-millrace-model-id", self.model_id))
        return [(key.encode("ascii"), value.encode("utf-8")) for key, value in named if value and "\n" not in value and "\r" not in value]


def _error(status: int, code: str, message: str) -> tuple[int, bytes]:
    return status, json.dumps({"error_code": code, "message": message}).encode("utf-8")


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
    if status == 413:
        # The rest of the body was not read: the connection cannot be used again.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _TooLarge(Exception):
    pass


# So many times the limit is read and thrown away, because a client that is still sending does not see an answer.
_DRAINED = 8


async def _whole_body(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    length = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        length += len(part)
        if length <= limit:
            body += part
        if length > limit * _DRAINED or (length > limit and not message.get("more_body")):
            raise _TooLarge
        if not message.get("more_body"):
            return bytes(body)


def _number(text: str) -> float:
    # Python reads a decimal fraction to the nearest double; pandas' own reader may be off by the last bit, and so would the score be.
    truth = {"true": 1.0, "false": 0.0}.get(text.strip().lower())
    return float(text) if truth is None else truth


def split_from_csv(body: bytes, schema: Any) -> bytes:
    """A CSV request as `dataframe_split`. MLflow's own reader cannot take dates, nor a missing or true/false value in a numeric column.

    Strings stay as they are written; an empty field is missing. Raises MlflowException (400).
    """
    import pandas

    types = {column.name: getattr(column.type, "name", None) for column in schema.inputs} if schema is not None else {}
    strings = {name: str for name, kind in types.items() if kind in ("string", "datetime")}
    numbers = {name: str for name, kind in types.items() if kind == "double"}
    try:
        frame = pandas.read_csv(io.StringIO(body.decode("utf-8-sig")), dtype={**strings, **numbers}, keep_default_na=False, na_values=[""])
        for name in numbers.keys() & set(frame.columns):
            frame[name] = frame[name].map(_number, na_action="ignore").astype("float64")
    except (ValueError, UnicodeDecodeError) as error:
        raise MlflowException(f"The body is not a CSV table that the model's columns can be read from: {error}", error_code=3) from None
    plain = frame.astype(object).where(frame.notna(), None)
    split = {"columns": list(plain.columns), "data": plain.to_numpy().tolist()}
    return json.dumps({"dataframe_split": split}).encode("utf-8")


def build_app(model: Any, identity: Identity, max_body_bytes: int) -> Any:
    """MLflow's app (`/ping`, `/health`, `/version`, `/invocations`) plus `GET /model`, a limit on bodies, CSV with dates and gaps, JSON errors
    instead of bare 500s, and the model's name and version in a header of every answer."""
    app = scoring_server.init(model)
    schema = model.metadata.get_input_schema()
    headers = identity.headers()
    began = time.time()

    async def answer_invocation(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _whole_body(receive, max_body_bytes)
        except _TooLarge:
            message = f"The body is larger than {max_body_bytes} bytes; send the rows in several requests."
            return await _answer(send, *_error(413, "REQUEST_TOO_LARGE", message))
        given = {key: value for key, value in scope["headers"]}
        kind = given.get(b"content-type", b"").decode("latin-1")
        if not kind:
            return await _answer(send, *_error(415, "BAD_REQUEST", "Send a Content-Type: application/json or text/csv."))
        if kind.split(";")[0].strip().lower() == "text/csv":
            try:
                body = split_from_csv(body, schema)
            except MlflowException as error:
                return await _answer(send, 400, error.serialize_as_json().encode("utf-8"))
            kind = "application/json"
        replaced = [(key, value) for key, value in scope["headers"] if key not in (b"content-type", b"content-length")]
        replaced += [(b"content-type", kind.encode("latin-1")), (b"content-length", str(len(body)).encode("ascii"))]
        sent = False

        async def once() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await app({**scope, "headers": replaced}, once, send)

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        started = False

        async def named(message: dict[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *headers]}
            await send(message)

        try:
            if scope["path"] == "/invocations" and scope["method"] == "POST":
                await answer_invocation(scope, receive, named)
            elif scope["path"] == "/model" and scope["method"] == "GET":
                document = {**identity.document(), "startedAt": int(began * 1000)}
                await _answer(named, 200, json.dumps(document).encode("utf-8"))
            else:
                await app(scope, receive, named)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a caller gets JSON, the log gets the reason
            print(json.dumps({"event": "error", "path": scope["path"], "error": repr(error)}), flush=True)
            if not started:
                await _answer(named, *_error(500, "INTERNAL_ERROR", "The model server failed on this request; its log says why."))

    return outer
