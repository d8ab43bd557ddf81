"""Linear support vector machines (scikit-learn's LIBLINEAR), with calibrated probabilities."""

from __future__ import annotations

import numpy
from sklearn.svm import LinearSVC, LinearSVR

from ..errors import BadInput
from ..parameters import Parameters
from .fitting import Fitted, Fitting, library_call

MOST_FOLDS = 5


def _names(estimator: type) -> list[str]:
    return [name for name in estimator().get_params() if name != "class_weight"]


def fit_linear_svm(fitting: Fitting) -> Fitted:
    """A linear SVM whose probabilities come from Platt scaling; a linear support vector regression for a regression task.

    Calibration uses cross-validation within the training rows: the margins it is fitted on come from models that have not seen those rows
    (scikit-learn's CalibratedClassifierCV with `ensemble=False`).
    """
    known = [*_names(LinearSVC if fitting.classification else LinearSVR), *(["calibration_folds"] if fitting.classification else [])]
    parameters = fitting.parameters(known)
    weights = fitting.weights(parameters)
    encoder = fitting.encoder(parameters, row_wise=True)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    fitting.progress.phase(0.3, "fitting and calibrating" if fitting.classification else "fitting")
    fit = _fit_classifier if fitting.classification else _fit_regressor
    model = library_call(fitting.trainer, lambda: fit(fitting, parameters, matrix, weights))
    return Fitted(encoder, model, {"features": float(matrix.shape[1])})


def _fit_classifier(fitting: Fitting, parameters: Parameters, matrix, weights):
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    settings = {"C": 0.5, "max_iter": 5000, **parameters.library}
    folds = settings.pop("calibration_folds", MOST_FOLDS)
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        raise BadInput(f"params of {fitting.trainer}: `calibration_folds` is a whole number from 2, found {folds!r}.")
    smallest = int(numpy.bincount(fitting.labels).min())
    if smallest < 2:
        raise BadInput("Calibration needs at least two training rows of each class; the rarest class has one.")
    split = StratifiedKFold(min(folds, smallest), shuffle=True, random_state=fitting.seed)
    machine = LinearSVC(**settings, random_state=fitting.seed)
    return CalibratedClassifierCV(machine, cv=split, ensemble=False, n_jobs=None).fit(matrix, fitting.labels, sample_weight=weights)


def _fit_regressor(fitting: Fitting, parameters: Parameters, matrix, weights):
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    # C and epsilon are lengths on the label's scale; on a standardised label their defaults mean something.
    machine = LinearSVR(**{"max_iter": 5000, **parameters.library}, random_state=fitting.seed)
    return TransformedTargetRegressor(machine, transformer=StandardScaler()).fit(matrix, fitting.labels)
