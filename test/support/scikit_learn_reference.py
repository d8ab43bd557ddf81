"""Answers with scikit-learn and numpy what the evaluation of Millrace answers with its own code.

Argument: a JSON file {"cases": [...], "bootstraps": [...]}; standard output: the answers in the same order. NaN is written as null.
"""

import json
import math
import sys
import warnings

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

warnings.simplefilter("ignore")


def repeated(case, *names):
    """The arrays named, with each row as often as its weight says."""
    arrays = [np.asarray(case[name]) for name in names]
    if "weights" in case:
        arrays = [np.repeat(array, case["weights"], axis=0) for array in arrays]
    return arrays


def binary_metrics(labels, scores, threshold):
    predicted = (scores >= threshold).astype(int)
    return {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision": metrics.precision_score(labels, predicted, zero_division=0),
        "recall": metrics.recall_score(labels, predicted, zero_division=0),
        "f1": metrics.f1_score(labels, predicted, zero_division=0),
        "roc_auc": metrics.roc_auc_score(labels, scores) if len(set(labels)) == 2 else math.nan,
        "average_precision": metrics.average_precision_score(labels, scores),
        "log_loss": metrics.log_loss(labels, scores, labels=[0, 1]),
        "brier": metrics.brier_score_loss(labels, scores, pos_label=1),
    }


def binary(case):
    labels, scores = repeated(case, "labels", "scores")
    answer = {"metrics": binary_metrics(labels, scores, case["threshold"])}
    predicted = (scores >= case["threshold"]).astype(int)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(labels, predicted, labels=[0, 1])
    answer["confusion"] = {
        "truePositives": tp, "falsePositives": fp, "falseNegatives": fn, "trueNegatives": tn,
    }
    if len(set(labels)) == 2:
        false_rate, true_rate, _ = metrics.roc_curve(labels, scores, drop_intermediate=False)
        precision, recall, _ = metrics.precision_recall_curve(labels, scores)
        observed, mean = calibration_curve(labels, scores, n_bins=case["bins"])
        positives = labels.mean()
        harmonic = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
        answer |= {
            "roc": np.column_stack([false_rate, true_rate]).tolist(),
            "precisionRecall": np.column_stack([recall, precision]).tolist(),
            "calibration": np.column_stack([mean, observed]).tolist(),
            "best": {
                "f1": np.max(harmonic),
                "accuracy": np.max(true_rate * positives + (1 - false_rate) * (1 - positives)),
                "youden": np.max(true_rate - false_rate),
            },
        }
    return answer


def multiclass(case):
    labels, scores = repeated(case, "labels", "scores")
    classes = list(range(scores.shape[1]))
    predicted = np.argmax(scores, axis=1)
    values = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "log_loss": metrics.log_loss(labels, scores, labels=classes),
        "brier": metrics.brier_score_loss(labels, scores, labels=classes),
    }
    for average in ["macro", "weighted"]:
        for name, score in [
            ("precision", metrics.precision_score),
            ("recall", metrics.recall_score),
            ("f1", metrics.f1_score),
        ]:
            values[f"{name}_{average}"] = score(labels, predicted, average=average, zero_division=0)
        values[f"roc_auc_ovr_{average}"] = metrics.roc_auc_score(
            labels, scores, multi_class="ovr", average=average, labels=classes
        )
    complete = len(set(labels)) == len(classes)
    values["average_precision_macro"] = (
        metrics.average_precision_score(label_binarize(labels, classes=classes), scores, average="macro")
        if complete
        else math.nan
    )
    per_class = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    return {
        "metrics": values,
        "confusion": metrics.confusion_matrix(labels, predicted, labels=classes).ravel().tolist(),
        "classes": np.column_stack(per_class).tolist(),
    }


def regression(case):
    labels, predictions = repeated(case, "labels", "predictions")
    residuals = labels - predictions
    return {
        "metrics": {
            "rmse": metrics.root_mean_squared_error(labels, predictions),
            "mae": metrics.mean_absolute_error(labels, predictions),
            "r2": metrics.r2_score(labels, predictions) if len(labels) > 1 else math.nan,
        },
        "residuals": np.quantile(residuals, case["shares"]).tolist(),
    }


def xoshiro128(seed):
    """xoshiro128** seeded as `randomFromSeed` documents it, in whole numbers without bounds."""
    mask = 0xFFFFFFFF

    def rotate(word, bits):
        return ((word << bits) | (word >> (32 - bits))) & mask

    def mix(word):
        word = ((word ^ (word >> 16)) * 0x85EBCA6B) & mask
        word = ((word ^ (word >> 13)) * 0xC2B2AE35) & mask
        return word ^ (word >> 16)

    a, b, c, d = (mix((seed + index * 0x9E3779B9) & mask) for index in range(1, 5))
    while True:
        yield (rotate((b * 5) & mask, 7) * 9) & mask
        shifted = (b << 9) & mask
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 11)


def bootstrap(request):
    """Endpoints from the same draws (equal but for rounding) and from numpy's own (equal but for chance)."""
    labels, scores = np.asarray(request["labels"]), np.asarray(request["scores"])
    units = np.asarray(request.get("clusters", np.arange(len(labels))))
    members = [np.flatnonzero(units == unit) for unit in dict.fromkeys(units.tolist())]
    tail = (1 - request["confidence"]) / 2
    draws = xoshiro128(request["seed"])
    generator = np.random.default_rng(abs(request["seed"]))
    count = len(members)

    def two_metrics(labels, scores, threshold):
        """Those that are quick to have: each resample costs several calls otherwise."""
        return {
            "accuracy": np.mean((scores >= threshold) == labels),
            "roc_auc": metrics.roc_auc_score(labels, scores),
        }

    streams = {
        "same": (binary_metrics, lambda: [(next(draws) * count) >> 32 for _ in range(count)]),
        "other": (two_metrics, lambda: generator.integers(0, count, count)),
    }
    answer = {}
    for stream, (measure, draw) in streams.items():
        values = {}
        for _ in range(request[stream]):
            rows = np.concatenate([members[unit] for unit in draw()])
            if len(set(labels[rows])) < 2:
                continue
            for name, value in measure(labels[rows], scores[rows], request["threshold"]).items():
                values.setdefault(name, []).append(value)
        answer[stream] = {
            name: np.quantile(sample, [tail, 1 - tail]).tolist() for name, sample in values.items()
        }
    return answer


def plain(value):
    """Python's own numbers, and null for NaN: JSON knows neither numpy nor NaN."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    number = float(value)
    return None if math.isnan(number) else number


with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)
tasks = {"binary": binary, "multiclass": multiclass, "regression": regression}
json.dump(
    {
        "cases": [plain(tasks[case["task"]](case)) for case in request["cases"]],
        "bootstraps": [plain(bootstrap(entry)) for entry in request["bootstraps"]],
    },
    sys.stdout,
)
