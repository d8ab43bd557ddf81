"""Packs a fitted estimator with its feature code into an MLflow model folder."""

from __future__ import annotations

import datetime
import io
import json
import math
import pickle
import re
import shutil
from pathlib import Path
from typing import Any, Sequence

from .contract import TrainInput
from .errors import BadInput
from .mlmodel import BASE_REQUIREMENTS, pinned, signature, write_environment, write_input_example, write_mlmodel

PACKED = Path(__file__).parent / "packed"
EXAMPLE_ROWS = 3
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc", ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ipynb_checkpoints")


def specification(task: TrainInput, present: Sequence[int]) -> dict[str, Any]:
    """What the packed code needs to know about the model; `present` are the places in `classes` of the labels that training saw."""
    features = task.features
    return {
        "task": task.task,
        "classes": task.classes,
        "present": [int(place) for place in present],
        "features": {"inputs": features.inputs, "select": features.select, "derive": features.derive, "text": features.text},
    }


def pickled(estimator: Any) -> bytes:
    """The estimator as bytes. Raises BadInput where it cannot be pickled.

    cloudpickle takes along what was defined in a script; everything else is referred to by its module, as in pickle.
    """
    import cloudpickle

    buffer = io.BytesIO()
    try:
        cloudpickle.CloudPickler(buffer, protocol=5).dump(estimator)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise BadInput(f"The estimator ({type(estimator).__name__}) cannot be packed into a model, because it cannot be pickled: {error}") from error
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return value


def example_rows(rows: Any, inputs: list[dict[str, str]]) -> dict[str, Any]:
    """The first source rows, as they would stand in a request (`dataframe_split`)."""
    from millrace_model.columns import canonical_rows

    table = canonical_rows(rows, inputs).slice(0, EXAMPLE_ROWS)
    names = table.column_names
    return {"columns": names, "data": [[_plain(row[name]) for name in names] for row in table.to_pylist()]}


def user_requirements(code: Path) -> list[str]:
    """Names in the user's `requirements.txt`, where the job has one."""
    path = code / "requirements.txt"
    if not path.is_file():
        return []
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    names = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in lines if not line.startswith(("#", "-")))
    return [name.group(0) for name in names if name]


def library_packages(estimator_bytes: bytes) -> list[str]:
    """Boosting libraries that the pickled estimator refers to, by the name of their distribution."""
    libraries = {b"xgboost": ["xgboost", "xgboost-cpu"], b"lightgbm": ["lightgbm"], b"catboost": ["catboost"]}
    return [package for module, packages in libraries.items() if module in estimator_bytes for package in packages]


def pack_model(task: TrainInput, estimator_bytes: bytes, present: Sequence[int], source_rows: Any, code: Path | None) -> Path:
    """Writes `out/model/` and returns its path. `code` is the folder of the user's code, which then travels with the model.

    The folder's bytes are a function of their content alone: no times, no random ids.
    """
    folder = task.directory / "out" / "model"
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    (data / "specification.json").write_text(json.dumps(specification(task, present), indent=2), encoding="utf-8")
    (data / "estimator.pkl").write_bytes(estimator_bytes)
    if code is not None and code.is_dir():
        shutil.copytree(code, folder / "code", ignore=NOT_COPIED)
    shutil.copytree(PACKED / "millrace_model", folder / "code" / "millrace_model", ignore=NOT_COPIED)
    packages = [*BASE_REQUIREMENTS, *library_packages(estimator_bytes), *(user_requirements(code) if code else [])]
    write_environment(folder, pinned(packages))
    example = write_input_example(folder, example_rows(source_rows, task.features.inputs))
    metadata = {"pipeline": task.pipeline, "candidate": task.candidate, "task": task.task, "classes": task.classes, "inputs": task.features.inputs}
    document = signature(task.features.inputs, task.task, len(task.classes))
    write_mlmodel(folder, document, example, {"millrace": metadata})
    return folder
