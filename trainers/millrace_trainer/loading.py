"""Loads a model folder through MLflow, without leaving a trace in it."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

from .errors import BadInput


def load_model(folder: Path) -> Any:
    """The MLflow pyfunc model in `folder`. Raises BadInput where there is none, or it cannot be loaded here."""
    if not (folder / "MLmodel").is_file():
        raise BadInput(f"There is no MLflow model in {folder}: it has no file `MLmodel`.")
    # Byte code written beside the model's code would change an artifact that is known by its content.
    sys.dont_write_bytecode = True
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mlflow.pyfunc.load_model(str(folder))
    except (ModuleNotFoundError, AttributeError, mlflow.exceptions.MlflowException) as error:
        raise BadInput(f"The model cannot be loaded in this environment: {error}") from error
