"""The action `serve`: MLflow's scoring protocol over one model, in one process."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Iterator

from .errors import BadInput
from .threads import bound_threads

GRACE_SECONDS = 10


def log(event: str, **details: Any) -> None:
    """One JSON line on standard output."""
    line = {"time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"), "event": event, **details}
    print(json.dumps(line), flush=True)


def with_default_threshold(model: Any, threshold: float) -> None:
    """Makes `threshold` the default of the model's parameter of that name, so that a request without one is decided as the model was judged.

    Raises BadInput where the model has no such parameter, or the threshold is no probability.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec

    if not 0 <= threshold <= 1:
        raise BadInput(f"--threshold is a probability between 0 and 1, found {threshold}.")
    schema = model.metadata.get_params_schema()
    if schema is None or "threshold" not in {param.name for param in schema.params}:
        raise BadInput("The model has no parameter `threshold`, so --threshold has no meaning for it.")
    params = [ParamSpec("threshold", "double", threshold) if param.name == "threshold" else param for param in schema.params]
    signature = model.metadata.signature
    model.metadata.signature = ModelSignature(signature.inputs, signature.outputs, ParamSchema(params))


def serve(options: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT, then finishes the requests in hand. Raises BadInput for a model or an address that cannot be served."""
    began = time.monotonic()
    bound_threads(max(1, options.threads))
    # A request that runs longer than MLflow's limit is answered with 504; its log of every request's unknown columns is noise.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from .loading import load_model

    model = load_model(Path(options.model).absolute())
    if options.threshold is not None:
        with_default_threshold(model, options.threshold)
    import uvicorn

    from .serving_app import Identity, build_app

    identity = Identity(options.model_name, options.model_version, model.metadata.model_uuid or "", options.threshold)
    app = build_app(model, identity, options.max_body_bytes)

    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal once more at the end, and the process would die of it instead of saying that it stopped.
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, self.handle_exit)
            yield

        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                port = options.port = self.servers[0].sockets[0].getsockname()[1]
                seconds = round(time.monotonic() - began, 3)
                log("ready", host=options.host, port=port, pid=os.getpid(), seconds=seconds, **identity.document())

    settings = uvicorn.Config(
        app, host=options.host, port=options.port, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE_SECONDS
    )
    server = Server(settings)
    try:
        server.run()
    except SystemExit:
        # uvicorn has said why on standard error, most often that the port is taken.
        log("failed", host=options.host, port=options.port, pid=os.getpid())
        return 1
    log("stopped", host=options.host, port=options.port, pid=os.getpid(), seconds=round(time.monotonic() - began, 3))
    sys.stdout.flush()
    return 0
