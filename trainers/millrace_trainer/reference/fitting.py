"""What every reference trainer is given and gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

import numpy
import pandas

from ..errors import BadInput
from ..labels import sample_weights
from ..parameters import FEW_ROWS, Parameters, parse_parameters
from ..progress import ProgressWriter

# Seeds of all libraries fit into a positive 32-bit integer.
SEED_LIMIT = 2**31 - 1


@dataclass
class Fitting:
    """Training rows and everything that decides how they are fitted."""

    trainer: str
    task: Any
    frame: pandas.DataFrame
    kinds: dict[str, str]
    # 0, 1, ... without gaps (see `present` of the model's specification), or the values of a regression.
    labels: numpy.ndarray
    # Places in `classes`, which is what `class_weight` is about.
    places: numpy.ndarray
    progress: ProgressWriter

    @property
    def seed(self) -> int:
        return self.task.seed % SEED_LIMIT

    @property
    def has_text(self) -> bool:
        return "text" in self.kinds.values()

    @property
    def classification(self) -> bool:
        return self.task.task != "regression"

    def parameters(self, known: Any, tfidf: Mapping[str, Any] | None = None) -> Parameters:
        """The checked parameters of this candidate. Raises BadInput."""
        few = {"min_df": 1} if len(self.frame) < FEW_ROWS else {}
        return parse_parameters(self.task.params, known, self.trainer, {**few, **(tfidf or {})})

    def weights(self, parameters: Parameters) -> numpy.ndarray | None:
        """A weight for each row, or None."""
        return sample_weights(parameters.class_weight, self.places, self.task)

    def encoder(self, parameters: Parameters, **options: Any) -> Any:
        """An unfitted FeatureEncoder of this candidate's features."""
        from millrace_model.encoder import FeatureEncoder

        if self.has_text:
            words = dict(parameters.tfidf)
            options["characters"] = words.pop("characters", None)
            options["tfidf"] = words
        return FeatureEncoder(self.kinds, max_categories=parameters.max_categories, **options)

    def encode(self, encoder: Any) -> Any:
        """Fits the encoder on the training rows and returns their matrix."""
        self.progress.phase(0.05, "encoding features")
        return encoder.fit_transform(self.frame)


@dataclass
class Fitted:
    """A fitted encoder and model, and what the trainer measured on the way."""

    encoder: Any
    model: Any
    metrics: dict[str, float] = field(default_factory=dict)


def library_call(trainer: str, call: Callable[[], Any], library_errors: tuple[type[BaseException], ...] = ()) -> Any:
    """Runs a library's constructor or `fit`. What the library refuses, it would refuse again: ValueError and its own errors become BadInput."""
    try:
        return call()
    except (ValueError, TypeError, *library_errors) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        # Without XGBoost's stack trace and CatBoost's place in its source: neither helps the person who wrote the parameters.
        words = re.sub(r"\S+\.cpp:\d+: ", "", " ".join(line for line in lines if line and not line.startswith("[")))
        raise BadInput(f"Trainer `{trainer}` refused its parameters or data: {words or type(error).__name__}") from error
