"""The reference trainers by name. Each module is imported only when its trainer is asked for, because the libraries are slow to import."""

from __future__ import annotations

import importlib
from typing import Any, Callable

from ..errors import BadInput
from ..parameters import nearest
from .fitting import Fitted, Fitting

# Name → module and function. A function takes a Fitting and returns a Fitted.
TRAINERS = {
    "sklearn/logistic-regression": ("linear", "fit_logistic_regression"),
    "sklearn/ridge": ("linear", "fit_ridge"),
    "sklearn/linear-svm": ("linear_svm", "fit_linear_svm"),
    "sklearn/random-forest": ("forest", "fit_random_forest"),
    "xgboost": ("boosted_xgboost", "fit_xgboost"),
    "lightgbm": ("boosted_lightgbm", "fit_lightgbm"),
    "catboost": ("boosted_catboost", "fit_catboost"),
}

__all__ = ["TRAINERS", "Fitted", "Fitting", "reference_trainer"]


def reference_trainer(name: str) -> Callable[[Fitting], Any]:
    """The trainer of that name. Raises BadInput for an unknown name, or where its library is not installed."""
    if name not in TRAINERS:
        hint = nearest(name, TRAINERS) or f"; known are {', '.join(TRAINERS)}"
        raise BadInput(f"Unknown trainer `{name}`{hint}")
    module, function = TRAINERS[name]
    try:
        return getattr(importlib.import_module(f".{module}", __name__), function)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("millrace"):
            raise
        raise BadInput(
            f"Trainer `{name}` needs the Python package `{error.name}`, which is not installed in this environment; add it to the candidate's requirements."
        ) from None
