"""Gradient boosting with CatBoost, where it is installed (it is large, and so not part of the environment)."""

from __future__ import annotations

import catboost

from .boosting import EARLY_STOPPING_NAMES, TEXT_DEFAULTS, RoundReporter, slice_rows, take_early_stopping, whole_rounds
from .fitting import Fitted, Fitting, library_call

NAMES = (
    "bagging_temperature",
    "border_count",
    "bootstrap_type",
    "boosting_type",
    "colsample_bylevel",
    "depth",
    "grow_policy",
    "iterations",
    "l2_leaf_reg",
    "leaf_estimation_iterations",
    "leaf_estimation_method",
    "learning_rate",
    "max_leaves",
    "min_data_in_leaf",
    "model_size_reg",
    "random_strength",
    "rsm",
    "subsample",
)


class _Report:
    def __init__(self, reporter: RoundReporter):
        self._reporter = reporter

    def after_iteration(self, info) -> bool:
        names = {"learn": "train", "validation": "eval"}
        metrics = {f"{names.get(data, data)}_{name}": values[-1] for data, log in (info.metrics or {}).items() for name, values in log.items()}
        self._reporter.report(info.iteration, metrics)
        return True


def fit_catboost(fitting: Fitting) -> Fitted:
    """A boosted ensemble of symmetric trees; missing numbers stay missing where there is no text."""
    kind = catboost.CatBoostClassifier if fitting.classification else catboost.CatBoostRegressor
    parameters = fitting.parameters([*NAMES, *EARLY_STOPPING_NAMES], {**TEXT_DEFAULTS, "max_features": 1000})
    weights = fitting.weights(parameters)
    settings = {"depth": 6, "learning_rate": 0.1, **parameters.library}
    rounds = whole_rounds(settings, "iterations", 200, fitting.trainer)
    stopping = take_early_stopping(settings, fitting.trainer)
    encoder = fitting.encoder(parameters, impute=fitting.has_text, scale=False)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    labels, held_rows = fitting.labels, None
    if stopping is not None:
        kept, held = slice_rows(fitting, stopping)
        held_rows = (matrix[held], labels[held])
        matrix, labels, weights = matrix[kept], labels[kept], None if weights is None else weights[kept]
        settings["early_stopping_rounds"] = stopping.rounds

    def fit():
        model = kind(**settings, thread_count=fitting.task.threads, random_seed=fitting.seed, logging_level="Silent", allow_writing_files=False)
        return model.fit(matrix, labels, sample_weight=weights, eval_set=held_rows, callbacks=[_Report(RoundReporter(fitting, rounds))])

    model = library_call(fitting.trainer, fit, (catboost.CatBoostError,))
    # CatBoost stamps a model with the time and a random id; equal models shall have equal bytes.
    for stamp in ("train_finish_time", "model_guid"):
        model.get_metadata()[stamp] = ""
    return Fitted(encoder, model, {"rounds": float(model.tree_count_), "features": float(matrix.shape[1])})
