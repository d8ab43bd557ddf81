"""The model that MLflow loads: source rows in, scores and predictions out."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy
import pandas

from .features import FeatureRows

DEFAULT_THRESHOLD = 0.5


def scores_of(estimator, features, task: str, classes: list[str], present: list[int]) -> numpy.ndarray:
    """Scores of shape rows × 1, or rows × classes for several classes.

    `predict_proba` is preferred; a binary `decision_function` is squashed by the logistic function; a bare `predict` gives 0 or 1.
    `present` are the places in `classes` of the labels that training saw, in the order of the estimator's own columns.
    """
    if task == "regression":
        return numpy.asarray(estimator.predict(features), dtype=float).reshape(-1, 1)
    probabilities = _probabilities(estimator, features, task, classes, present)
    if task == "binary":
        return probabilities[:, [1]]
    return probabilities


def _probabilities(estimator, features, task, classes, present) -> numpy.ndarray:
    if hasattr(estimator, "predict_proba"):
        raw = numpy.asarray(estimator.predict_proba(features), dtype=float)
        if raw.ndim == 1:
            raw = numpy.column_stack([1 - raw, raw])
    elif hasattr(estimator, "decision_function") and task == "binary":
        from scipy.special import expit

        positive = expit(numpy.asarray(estimator.decision_function(features), dtype=float).ravel())
        raw = numpy.column_stack([1 - positive, positive])
    elif hasattr(estimator, "decision_function"):
        from scipy.special import softmax

        raw = softmax(numpy.asarray(estimator.decision_function(features), dtype=float), axis=1)
    else:
        return _one_hot(estimator.predict(features), task, classes)
    if raw.shape[1] == len(classes):
        return raw
    if raw.shape[1] != len(present):
        raise ValueError(f"The estimator gives {raw.shape[1]} columns of probabilities for the {len(classes)} classes {classes}.")
    spread = numpy.zeros((len(raw), len(classes)))
    spread[:, present] = raw
    return spread


def _one_hot(predicted, task: str, classes: list[str]) -> numpy.ndarray:
    if task == "binary":
        positive = numpy.asarray(predicted, dtype=float).ravel()
        return numpy.column_stack([1 - positive, positive])
    places = pandas.Index(classes).get_indexer([str(value) for value in numpy.asarray(predicted).ravel()])
    return numpy.eye(len(classes))[places]


class PackedModel:
    """Feature code, the fitted estimator, and how its answers are read. Immutable, and safe to use from several threads."""

    def __init__(self, specification: dict, estimator):
        self.task = specification["task"]
        self.classes = specification["classes"]
        self.present = specification["present"]
        self.features = FeatureRows(**specification["features"])
        self.estimator = estimator

    @classmethod
    def load(cls, path) -> "PackedModel":
        """The model whose `specification.json` and `estimator.pkl` lie in the folder `path`."""
        folder = Path(path)
        specification = json.loads((folder / "specification.json").read_text(encoding="utf-8"))
        with open(folder / "estimator.pkl", "rb") as file:
            return cls(specification, pickle.load(file))

    def scores(self, rows) -> numpy.ndarray:
        """Scores for source rows (a pandas frame or an arrow table), of shape rows × score columns."""
        frame, _ = self.features.frame(rows)
        if len(frame) == 0:
            return numpy.empty((0, len(self.classes) if self.task == "multiclass" else 1))
        return scores_of(self.estimator, frame, self.task, self.classes, self.present)

    def predict(self, model_input, params=None) -> pandas.DataFrame:
        """MLflow's entry point.

        Binary: `score` is the probability of the positive class, `prediction` the class name (positive from `threshold` upwards).
        Several classes: `prediction` is the likeliest class, `score_0`, `score_1`, ... the probabilities in class order.
        Regression: `score` and `prediction` are the predicted value.
        """
        scores = self.scores(model_input)
        if self.task == "regression":
            return pandas.DataFrame({"score": scores[:, 0], "prediction": scores[:, 0]})
        names = numpy.array(self.classes, dtype=object)
        if self.task == "binary":
            threshold = DEFAULT_THRESHOLD if params is None else params.get("threshold", DEFAULT_THRESHOLD)
            places = (scores[:, 0] >= threshold).astype(int)
            return pandas.DataFrame({"score": scores[:, 0], "prediction": names[places]})
        predictions = pandas.DataFrame({"prediction": names[scores.argmax(axis=1)]})
        for index in range(len(self.classes)):
            predictions[f"score_{index}"] = scores[:, index]
        return predictions
