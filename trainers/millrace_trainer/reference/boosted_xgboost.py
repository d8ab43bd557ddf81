"""Gradient boosting with XGBoost."""

from __future__ import annotations

import numpy
import xgboost

from .boosting import EARLY_STOPPING_NAMES, TEXT_DEFAULTS, RoundReporter, slice_rows, take_early_stopping, whole_rounds
from .fitting import Fitted, Fitting, library_call

NOT_OFFERED = ("callbacks", "missing", "device", "verbosity", "enable_categorical", "feature_types", "early_stopping_rounds", "kwargs")


class _Report(xgboost.callback.TrainingCallback):
    def __init__(self, reporter: RoundReporter):
        self._reporter = reporter

    def after_iteration(self, model, epoch, evals_log):
        names = {"validation_0": "train", "validation_1": "eval"}
        metrics = {f"{names[data]}_{metric}": history[-1] for data, log in evals_log.items() for metric, history in log.items()}
        self._reporter.report(epoch + 1, metrics)
        return False


def fit_xgboost(fitting: Fitting) -> Fitted:
    """A boosted tree ensemble; missing numbers stay missing, XGBoost learns where they belong."""
    kind = xgboost.XGBClassifier if fitting.classification else xgboost.XGBRegressor
    names = [name for name in kind().get_params() if name not in NOT_OFFERED]
    parameters = fitting.parameters([*names, *EARLY_STOPPING_NAMES], TEXT_DEFAULTS)
    weights = fitting.weights(parameters)
    settings = {"max_depth": 5, "learning_rate": 0.1, "tree_method": "hist", **parameters.library}
    rounds = whole_rounds(settings, "n_estimators", 150, fitting.trainer)
    stopping = take_early_stopping(settings, fitting.trainer)
    encoder = fitting.encoder(parameters, impute=False, scale=False)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    labels, sets = fitting.labels, None
    if stopping is not None:
        kept, held = slice_rows(fitting, stopping)
        sets = (matrix[held], labels[held])
        matrix, labels, weights = matrix[kept], labels[kept], None if weights is None else weights[kept]
        settings["early_stopping_rounds"] = stopping.rounds
    reporter = RoundReporter(fitting, rounds)

    def fit():
        model = kind(**settings, n_jobs=fitting.task.threads, random_state=fitting.seed, callbacks=[_Report(reporter)])
        return model.fit(matrix, labels, sample_weight=weights, eval_set=[(matrix, labels)] + ([sets] if sets else []), verbose=False)

    model = library_call(fitting.trainer, fit, (xgboost.core.XGBoostError,))
    metrics = _last_metrics(model, rounds)
    model.set_params(callbacks=None, n_jobs=1)
    model.get_booster().set_param({"nthread": 1})
    return Fitted(encoder, model, {**metrics, "features": float(matrix.shape[1])})


def _last_metrics(model, rounds: int) -> dict[str, float]:
    names = {"validation_0": "train", "validation_1": "eval"}
    best = getattr(model, "best_iteration", None) if model.early_stopping_rounds else None
    metrics = {"rounds": float(rounds if best is None else best + 1)}
    for data, log in model.evals_result().items():
        for metric, history in log.items():
            metrics[f"{names[data]}_{metric}"] = float(numpy.asarray(history)[-1 if best is None else best])
    return metrics
