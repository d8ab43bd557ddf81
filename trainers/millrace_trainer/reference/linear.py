"""Logistic regression and ridge regression (scikit-learn)."""

from __future__ import annotations

from sklearn.linear_model import LogisticRegression, Ridge

from ..errors import BadInput
from .fitting import Fitted, Fitting, library_call


def _names(estimator: type) -> list[str]:
    return [name for name in estimator().get_params() if name not in ("class_weight", "warm_start", "copy_X")]


def fit_logistic_regression(fitting: Fitting) -> Fitted:
    """L2-regularised logistic regression; multinomial for several classes."""
    if not fitting.classification:
        raise BadInput("`sklearn/logistic-regression` cannot predict a number; use `sklearn/ridge` for a regression.")
    parameters = fitting.parameters(_names(LogisticRegression))
    encoder = fitting.encoder(parameters, row_wise=True)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    fitting.progress.phase(0.3, "fitting")
    # TF-IDF rows have length 1, so scikit-learn's C of 1 regularises text far more than scaled numbers.
    settings = {"C": 10.0 if fitting.has_text else 1.0, "max_iter": 1000, **parameters.library}
    model = library_call(
        fitting.trainer,
        lambda: LogisticRegression(**settings, random_state=fitting.seed).fit(matrix, fitting.labels, sample_weight=fitting.weights(parameters)),
    )
    return Fitted(encoder, model, {"iterations": float(model.n_iter_.max()), "features": float(matrix.shape[1])})


def fit_ridge(fitting: Fitting) -> Fitted:
    """Linear least squares with L2 regularisation."""
    if fitting.classification:
        raise BadInput("`sklearn/ridge` predicts a number; use `sklearn/logistic-regression` for classes.")
    parameters = fitting.parameters(_names(Ridge))
    fitting.weights(parameters)
    encoder = fitting.encoder(parameters, row_wise=True)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder))
    fitting.progress.phase(0.3, "fitting")
    # Without text the matrix is small, and the dense solver is exact; predictions are row-wise either way.
    rows = matrix if fitting.has_text else matrix.toarray()
    model = library_call(fitting.trainer, lambda: Ridge(**parameters.library, random_state=fitting.seed).fit(rows, fitting.labels))
    return Fitted(encoder, model, {"features": float(matrix.shape[1])})
