"""The command line: `python -m millrace_trainer train|score|build JOBDIR` and `serve --model DIR --port PORT`."""

from __future__ import annotations

import argparse
import atexit
import ctypes
import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from .errors import BAD_INPUT_EXIT_CODE, BadInput


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="millrace_trainer", description="Trains, scores and serves Millrace models.")
    actions = parser.add_subparsers(dest="action", required=True)
    for name, words in (("train", "train the candidate described in JOBDIR/input.json"), ("score", "score JOBDIR/rows.parquet"), ("build", "build a table with the user's function")):
        action = actions.add_parser(name, help=words)
        action.add_argument("directory", type=Path, metavar="JOBDIR")
    serve = actions.add_parser("serve", help="answer MLflow's scoring protocol")
    serve.add_argument("--model", type=Path, required=True, metavar="DIR")
    serve.add_argument("--port", type=int, required=True, help="0 takes a free one; the line `ready` names it")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--threshold", type=float, help="decision threshold where a request gives none")
    serve.add_argument("--model-name", default="")
    serve.add_argument("--model-version", default="")
    serve.add_argument("--threads", type=int, default=1)
    serve.add_argument("--max-body-bytes", type=int, default=16 * 1024 * 1024)
    return parser


def _run_job(action: str, directory: Path) -> None:
    from .contract import read_document
    from .output import begin
    from .threads import bound_threads

    if not directory.is_dir():
        raise BadInput(f"There is no job directory {directory}.")
    begin(directory)
    threads = read_document(directory).get("threads")
    bound_threads(threads if isinstance(threads, int) and threads > 0 else 1)
    if action == "train":
        from .training import train

        train(directory)
    elif action == "build":
        from .building import build

        build(directory)
    else:
        from .scoring import score

        score(directory)


def main(arguments: list[str] | None = None) -> int:
    """Runs one action. 0 is success, 64 a refused input (with `out/error.json` for a job); other failures raise."""
    options = _parser().parse_args(arguments)
    try:
        if options.action == "serve":
            from .serving import serve

            return serve(options)
        _run_job(options.action, options.directory.absolute())
        return 0
    except BadInput as refusal:
        print(f"millrace_trainer: {refusal}", file=sys.stderr)
        if options.action != "serve" and options.directory.is_dir():
            from .output import write_error

            write_error(options.directory.absolute(), str(refusal), refusal.code)
        return BAD_INPUT_EXIT_CODE


def leave(code: int) -> NoReturn:
    """
    Ends the process without taking the interpreter apart: Arrow's threads may still run then, and abort a job that has done its work
    (apache/arrow issue 34314). What the interpreter would wait for and call at its end is waited for and called; what was said is flushed.
    """
    # The executors of concurrent.futures and joblib end by hooks of this call, before their threads are waited for; there is no public one.
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads it
    # What native code has printed lies in C's own buffers.
    ctypes.CDLL(None).fflush(None)
    os._exit(code)


if __name__ == "__main__":
    leave(main())
