"""Gradient boosting with LightGBM."""

from __future__ import annotations

import lightgbm
from lightgbm.basic import LightGBMError, _ConfigAliases

from ..parameters import OWNED
from .boosting import EARLY_STOPPING_NAMES, TEXT_DEFAULTS, RoundReporter, slice_rows, take_early_stopping, whole_rounds
from .fitting import Fitted, Fitting, library_call

# Input, output and network settings have no place in a candidate, and these decide what Millrace decides.
NOT_OFFERED = ("class_weight", "importance_type", "task", "device_type", "deterministic", "force_row_wise", "force_col_wise", "is_unbalance")
SETTINGS_FOR_REPEATABLE_RUNS = {"deterministic": True, "force_row_wise": True, "verbosity": -1}


def _names(kind: type) -> list[str]:
    aliases = _ConfigAliases._get_all_param_aliases()
    refused = set(NOT_OFFERED) | set(OWNED) | {"num_iterations", "early_stopping_round", "verbosity"}
    refused |= {alias for name in tuple(refused) for alias in aliases.get(name, [])}
    files = ("data", "valid", "input_model", "output_model", "output_result", "config", "snapshot_freq", "machines", "machine_list_filename")
    refused |= {alias for name in files for alias in (name, *aliases.get(name, []))}
    known = {alias for name, others in aliases.items() for alias in (name, *others)} | set(kind().get_params())
    return sorted((known - refused) | {"n_estimators"})


def _callback(reporter: RoundReporter):
    def report(environment) -> None:
        metrics = {f"{name}_{metric}": value for name, metric, value, _ in environment.evaluation_result_list or []}
        reporter.report(environment.iteration + 1, metrics)

    return report


def fit_lightgbm(fitting: Fitting) -> Fitted:
    """A boosted tree ensemble grown leaf by leaf; missing numbers stay missing."""
    kind = lightgbm.LGBMClassifier if fitting.classification else lightgbm.LGBMRegressor
    parameters = fitting.parameters([*_names(kind), *EARLY_STOPPING_NAMES], TEXT_DEFAULTS)
    weights = fitting.weights(parameters)
    settings = {"num_leaves": 15, "learning_rate": 0.1, **parameters.library}
    rounds = whole_rounds(settings, "n_estimators", 150, fitting.trainer)
    stopping = take_early_stopping(settings, fitting.trainer)
    encoder = fitting.encoder(parameters, impute=False, scale=False)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    labels, held_rows, names = fitting.labels, None, ["train"]
    callbacks = [_callback(RoundReporter(fitting, rounds))]
    if stopping is not None:
        kept, held = slice_rows(fitting, stopping)
        held_rows, names = (matrix[held], labels[held]), ["train", "eval"]
        matrix, labels, weights = matrix[kept], labels[kept], None if weights is None else weights[kept]
        callbacks.append(lightgbm.early_stopping(stopping.rounds, verbose=False))

    def fit():
        model = kind(**settings, **SETTINGS_FOR_REPEATABLE_RUNS, n_jobs=fitting.task.threads, random_state=fitting.seed)
        watched = [(matrix, labels), *([held_rows] if held_rows else [])]
        matrices, targets = zip(*watched)
        return model.fit(matrix, labels, sample_weight=weights, eval_X=matrices, eval_y=targets, eval_names=names, callbacks=callbacks)

    model = library_call(fitting.trainer, fit, (LightGBMError,))
    metrics = {f"{name}_{metric}": float(value) for name, values in model.best_score_.items() for metric, value in values.items()}
    model.set_params(n_jobs=1)
    return Fitted(encoder, model, {**metrics, "rounds": float(model.best_iteration_ or rounds), "features": float(matrix.shape[1])})
