"""The action `train`: reads the job, fits the candidate, packs the model, predicts the validation rows."""

from __future__ import annotations

import pickle
import sys
import time
from pathlib import Path
from typing import Any, Sequence

import numpy
import pandas
import pyarrow

from .contract import ROW_ID_COLUMN, TrainInput, read_train_input, score_columns
from .errors import BadInput
from .labels import read_labels
from .output import write_predictions, write_result
from .packing import PACKED, pack_model, pickled, specification
from .progress import ProgressWriter
from .tables import read_table

# The code that travels with models is imported under the name it has there, so that pickles made here are found there.
sys.path.insert(0, str(PACKED))

from millrace_model.features import FeatureRows  # noqa: E402
from millrace_model.predictor import PackedModel  # noqa: E402

PROBES = 3


class Job:
    """A training job's rows, read and checked. Raises BadInput for everything that can never be trained on."""

    def __init__(self, directory: Path):
        self.task: TrainInput = read_train_input(directory)
        pyarrow.set_cpu_count(self.task.threads)
        self.progress = ProgressWriter(directory)
        self.train_rows = read_table(directory / "train.parquet")
        self.validation_rows = read_table(directory / "validation.parquet")
        self.places = read_labels(self.train_rows, self.task)
        self.features = FeatureRows(**specification(self.task, [])["features"])
        self.frame, self.kinds = _frame(self.features, self.train_rows)
        _refuse_looking_at_other_rows(self.features, self.train_rows, self.frame)

    @property
    def present(self) -> list[int]:
        """Places in `classes` of the labels that training rows have; empty for a regression."""
        return [] if self.task.task == "regression" else [int(place) for place in numpy.unique(self.places)]

    def finish(self, estimator: Any, metrics: dict[str, float], code: Path | None, expected: Any = None) -> None:
        """Packs the estimator, predicts the validation rows with what was packed, and writes the result.

        Raises ValueError where `expected` scores are given and the packed model's differ from them.
        """
        self.progress.phase(0.92, "packing the model")
        packed_bytes = pickled(estimator)
        pack_model(self.task, packed_bytes, self.present, self.train_rows, code)
        model = PackedModel(specification(self.task, self.present), pickle.loads(packed_bytes))
        scores = _scores(model, self.validation_rows)
        if expected is not None and not numpy.allclose(scores, numpy.asarray(expected, dtype=float).reshape(len(scores), -1), atol=1e-6):
            raise ValueError("The scores given are not those of the packed model; a served row would get another score than it was judged by.")
        columns = score_columns(self.task.task, len(self.task.classes))
        write_predictions(self.task.directory, self.validation_rows[ROW_ID_COLUMN], scores, columns)
        self.progress.phase(1.0, "done")
        rows = self.validation_rows.num_rows
        write_result(self.task.directory, predicted=rows, train=self.train_rows.num_rows, model=True, metrics=metrics)


def _frame(features: FeatureRows, rows: pyarrow.Table) -> tuple[pandas.DataFrame, dict[str, str]]:
    try:
        return features.frame(rows)
    except ValueError as error:
        raise BadInput(str(error)) from error


def _scores(model: PackedModel, rows: pyarrow.Table) -> numpy.ndarray:
    try:
        scores = model.scores(rows)
    except ValueError as error:
        raise BadInput(f"The fitted model cannot predict the validation rows: {error}") from error
    return scores


def _refuse_looking_at_other_rows(features: FeatureRows, rows: pyarrow.Table, frame: pandas.DataFrame) -> None:
    """A served row comes alone: a derived feature that differs then (a window, random(), now()) would make the model another one."""
    for place in sorted({0, rows.num_rows // 2, rows.num_rows - 1})[:PROBES]:
        alone, _ = features.frame(rows.slice(place, 1))
        for name in features.derived:
            if not alone[name].reset_index(drop=True).equals(frame[name].iloc[[place]].reset_index(drop=True)):
                raise BadInput(f"Derived feature `{name}` differs when its row stands alone: it may depend on nothing but its own row.")


def train(directory: Path) -> None:
    """Trains the job in `directory` by the contract. Raises BadInput; other exceptions are failures that may be tried again."""
    job = Job(directory)
    job.progress.phase(0.02, f"{len(job.frame)} training rows, {len(job.kinds)} features")
    kind = job.task.trainer.get("kind")
    began = time.monotonic()
    if kind == "reference":
        estimator, metrics = _fit_reference(job)
        code = None
    elif kind == "python":
        estimator, metrics = _fit_user(job), {}
        code = directory / "code"
    else:
        raise BadInput(f"A trainer of kind `{kind}` does not run here: a `command` runs itself, and may use `millrace_trainer.job`.")
    job.finish(estimator, {**metrics, "fit_seconds": time.monotonic() - began}, code)


def _fit_reference(job: Job) -> tuple[Any, dict[str, float]]:
    from sklearn.pipeline import Pipeline

    from .reference import Fitting, reference_trainer

    name = str(job.task.trainer.get("name"))
    fit = reference_trainer(name)
    labels = job.places if job.task.task == "regression" else numpy.searchsorted(job.present, job.places)
    fitted = fit(Fitting(name, job.task, job.frame, job.kinds, labels, job.places, job.progress))
    return Pipeline([("features", fitted.encoder), ("model", fitted.model)]), fitted.metrics


def user_labels(task: TrainInput, places: numpy.ndarray) -> pandas.Series:
    """Labels as a user's code gets them: 0 and 1, class names, or numbers."""
    values: Sequence[Any] = numpy.array(task.classes, dtype=object)[places] if task.task == "multiclass" else places
    return pandas.Series(values, name=task.label)


def _fit_user(job: Job) -> Any:
    from .user_code import load_function, refuse_unless_predicting

    place = job.task.trainer
    function = load_function(job.task.directory, str(place.get("file")), str(place.get("function")), ("frame", "labels", "params"))
    numpy.random.seed(job.task.seed % 2**32)
    job.progress.phase(0.1, f"running {job.task.trainer['file']}:{job.task.trainer['function']}")
    estimator = function(job.frame.copy(), user_labels(job.task, job.places), dict(job.task.params))
    refuse_unless_predicting(estimator, f"`{job.task.trainer['file']}:{job.task.trainer['function']}`")
    return estimator
