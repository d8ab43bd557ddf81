"""What the boosting libraries have in common: rounds, a slice of training rows for early stopping, and news every few rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from ..errors import BadInput
from .fitting import Fitting

REPORTS = 20
EARLY_STOPPING_NAMES = ("early_stopping_rounds", "eval_fraction")
# Boosters scan every feature in every round: a bounded vocabulary of single words keeps text within seconds.
TEXT_DEFAULTS = {"max_features": 3000, "ngram_range": (1, 1)}


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the metric has not improved for so many rounds on a slice of the training rows, which then are not trained on."""

    rounds: int
    fraction: float


def take_early_stopping(settings: dict[str, Any], trainer: str) -> EarlyStopping | None:
    """Takes `early_stopping_rounds` and `eval_fraction` out of the settings. Raises BadInput."""
    rounds, fraction = settings.pop("early_stopping_rounds", None), settings.pop("eval_fraction", 0.1)
    if rounds is None:
        return None
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
        raise BadInput(f"params of {trainer}: `early_stopping_rounds` is a whole number from 1, found {rounds!r}.")
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or not 0 < fraction < 1:
        raise BadInput(f"params of {trainer}: `eval_fraction` is a share between 0 and 1, found {fraction!r}.")
    return EarlyStopping(rounds, float(fraction))


def whole_rounds(settings: dict[str, Any], name: str, default: int, trainer: str) -> int:
    """The number of boosting rounds among the settings. Raises BadInput."""
    rounds = settings.setdefault(name, default)
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
        raise BadInput(f"params of {trainer}: `{name}` is a whole number from 1, found {rounds!r}.")
    return rounds


def slice_rows(fitting: Fitting, stopping: EarlyStopping) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Places of the rows to train on and of the rows to stop by, drawn by the seed, from each class its share."""
    generator = numpy.random.default_rng(fitting.seed)
    groups = fitting.labels if fitting.classification else numpy.zeros(len(fitting.labels), dtype=int)
    held = []
    for group in numpy.unique(groups):
        places = generator.permutation(numpy.flatnonzero(groups == group))
        held.append(places[: int(len(places) * stopping.fraction)])
    evaluation = numpy.sort(numpy.concatenate(held))
    if len(evaluation) == 0:
        raise BadInput(f"params of {fitting.trainer}: `eval_fraction` of {len(groups)} training rows leaves no row to stop by.")
    return numpy.setdiff1d(numpy.arange(len(groups)), evaluation), evaluation


class RoundReporter:
    """Reports about twenty times over all rounds, and at the last one."""

    def __init__(self, fitting: Fitting, rounds: int):
        self._fitting = fitting
        self._rounds = rounds
        self._every = max(1, rounds // REPORTS)

    def due(self, done: int) -> bool:
        return done % self._every == 0 or done == self._rounds

    def report(self, done: int, metrics: dict[str, float]) -> None:
        if self.due(done):
            self._fitting.progress.report(done, 0.1 + 0.8 * done / self._rounds, metrics, f"round {done} of {self._rounds}")
