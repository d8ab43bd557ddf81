"""For training scripts of one's own (trainer kind `command`): reads the job and leaves its result by the contract.

    from millrace_trainer import job

    task = job.load()
    estimator = SomeEstimator().fit(task.train, task.labels)
    job.progress(1, 0.9, loss=0.3)
    job.finish(estimator=estimator)

The estimator gets the same feature frames in training and in serving, and needs `predict_proba`, `decision_function` or `predict`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .contract import ROW_ID_COLUMN, TrainInput, read_document, score_columns
from .errors import BAD_INPUT_EXIT_CODE, BadInput
from .output import begin, write_error, write_predictions, write_result
from .threads import bound_threads

if TYPE_CHECKING:
    import pandas

    from .training import Job

__all__ = ["BadInput", "Task", "finish", "load", "progress", "refuse"]


@dataclass(frozen=True)
class Task:
    """A training job as a script sees it."""

    input: TrainInput
    # Selected and derived features; numbers and booleans as float64, categories and texts as objects, dates as datetime64.
    train: "pandas.DataFrame"
    # 0 and 1 (1 is positive), class names, or numbers, in the order of `train`.
    labels: "pandas.Series"
    validation: "pandas.DataFrame"
    validation_row_ids: list[str]
    params: dict[str, Any]
    seed: int
    threads: int


_current: "Job | None" = None


def directory() -> Path:
    """The job directory, from MILLRACE_JOB_DIR. Raises BadInput where the variable is not set."""
    place = os.environ.get("MILLRACE_JOB_DIR")
    if not place:
        raise BadInput("MILLRACE_JOB_DIR is not set: this script runs as a Millrace job, or with that variable naming a job directory.")
    return Path(place).absolute()


def refuse(message: str) -> NoReturn:
    """Ends the script for good: leaves `out/error.json` and exits with 64, so that Millrace does not try again."""
    write_error(directory(), message)
    print(message, file=sys.stderr)
    raise SystemExit(BAD_INPUT_EXIT_CODE)


def load() -> Task:
    """Reads and checks the job. Call it before importing numeric libraries, so that they keep to the job's threads."""
    global _current
    try:
        place = directory()
        begin(place)
        threads = read_document(place).get("threads")
        bound_threads(threads if isinstance(threads, int) and threads > 0 else 1)
        from .training import Job, user_labels

        _current = Job(place)
        validation = _current.features.frame(_current.validation_rows)[0]
    except (BadInput, ValueError) as refusal:
        if "MILLRACE_JOB_DIR" in os.environ:
            refuse(str(refusal))
        raise
    task = _current.task
    ids = _current.validation_rows[ROW_ID_COLUMN].to_pylist()
    labels = user_labels(task, _current.places)
    return Task(task, _current.frame.copy(), labels, validation, ids, dict(task.params), task.seed, task.threads)


def _job() -> "Job":
    if _current is None:
        raise RuntimeError("Call job.load() first.")
    return _current


def progress(step: float, fraction: float | None = None, *, message: str | None = None, **metrics: float) -> None:
    """One line of progress; `fraction` is the share of the work done, metrics become step metrics in MLflow."""
    _job().progress.report(step, fraction, metrics, message)


def finish(*, estimator: Any = None, scores: Any = None, metrics: dict[str, float] | None = None, code: Path | None = None) -> None:
    """Writes predictions, model and result; the last thing a script does.

    With an `estimator`: it is packed with the feature code into `out/model/`, with the job's `code/` folder (or `code`), and predicts the
    validation rows; `scores`, if given too, must agree with it. Without one: `scores` are written as they are (a row a validation row, in
    order), and the script must have left an MLflow model in `out/model/` itself.
    Raises ValueError where scores and model disagree or are missing; ends the script with 64 where the estimator cannot be packed.
    """
    import numpy

    current = _job()
    columns = score_columns(current.task.task, len(current.task.classes))
    if estimator is not None:
        try:
            current.finish(estimator, metrics or {}, code or current.task.directory / "code", expected=scores)
        except BadInput as refusal:
            refuse(str(refusal))
        return
    if scores is None:
        raise ValueError("finish() needs an estimator, or scores.")
    if not (current.task.directory / "out" / "model" / "MLmodel").is_file():
        raise ValueError("finish() without an estimator needs an MLflow model in out/model/, for example by mlflow.pyfunc.save_model.")
    rows = current.validation_rows
    write_predictions(current.task.directory, rows[ROW_ID_COLUMN], numpy.asarray(scores, dtype=float), columns)
    write_result(current.task.directory, predicted=rows.num_rows, train=current.train_rows.num_rows, model=True, metrics=metrics or {})
