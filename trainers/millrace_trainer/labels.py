"""The label column and the weights of its classes."""

from __future__ import annotations

from typing import Any

import numpy
import pyarrow
import pyarrow.compute as compute

from .contract import TrainInput
from .errors import BadInput
from .parameters import nearest


def read_labels(table: pyarrow.Table, task: TrainInput) -> numpy.ndarray:
    """Labels of the training rows: the class's place in `classes` (integers), or the value (doubles). Raises BadInput."""
    if task.label not in table.column_names:
        raise BadInput(f"train.parquet has no label column `{task.label}`; it has {table.column_names}.")
    column = table[task.label].combine_chunks()
    if len(column) == 0:
        raise BadInput("train.parquet has no rows.")
    if column.null_count:
        raise BadInput(f"The label `{task.label}` is missing in {column.null_count} of {len(column)} training rows.")
    if task.task == "multiclass":
        return _class_places(column, task)
    try:
        values = column.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
        raise BadInput(f"The label `{task.label}` must be a number for a {task.task} task, and is {column.type}.") from None
    if not numpy.isfinite(values).all():
        bad = int((~numpy.isfinite(values)).sum())
        raise BadInput(f"The label `{task.label}` is NaN or infinite in {bad} of {len(values)} training rows.")
    if task.task == "regression":
        return values
    if not numpy.isin(values, (0, 1)).all():
        odd = float(values[~numpy.isin(values, (0, 1))][0])
        raise BadInput(f"The label `{task.label}` must be 0 or 1 for a binary task, and is {odd:g} in some rows.")
    return _at_least_two(values.astype(numpy.int64), task)


def _class_places(column: pyarrow.Array, task: TrainInput) -> numpy.ndarray:
    places = compute.index_in(column.cast(pyarrow.string()), pyarrow.array(task.classes, pyarrow.string()))
    if places.null_count:
        unknown = column.filter(compute.is_null(places))[0].as_py()
        raise BadInput(f"The label `{task.label}` has the value {unknown!r}, which is none of the classes {task.classes}.")
    return _at_least_two(places.to_numpy(zero_copy_only=False).astype(numpy.int64), task)


def _at_least_two(places: numpy.ndarray, task: TrainInput) -> numpy.ndarray:
    present = numpy.unique(places)
    if len(present) < 2:
        raise BadInput(f"All training rows have the label {task.classes[present[0]]!r}; a model needs at least two classes to tell apart.")
    return places


def sample_weights(class_weight: Any, places: numpy.ndarray, task: TrainInput) -> numpy.ndarray | None:
    """A weight for each row from `class_weight`: `balanced` (inverse to the class's frequency), or {class name: weight}; None without one.

    `balanced` is rows / (classes × rows of the class), as in scikit-learn. Raises BadInput.
    """
    if class_weight is None:
        return None
    if task.task == "regression":
        raise BadInput("`class_weight` has no meaning for a regression; remove it.")
    counts = numpy.bincount(places, minlength=len(task.classes))
    if class_weight == "balanced":
        present = counts > 0
        weights = numpy.where(present, len(places) / (present.sum() * numpy.maximum(counts, 1)), 0.0)
    elif isinstance(class_weight, dict):
        weights = numpy.ones(len(task.classes))
        for name, weight in class_weight.items():
            if name not in task.classes:
                raise BadInput(f"`class_weight` names the class {name!r}{nearest(str(name), task.classes)}; the classes are {task.classes}.")
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight < float("inf"):
                raise BadInput(f"`class_weight` of {name!r} must be a number above 0, found {weight!r}.")
            weights[task.classes.index(name)] = weight
    else:
        raise BadInput(f"`class_weight` is `balanced` or a weight for each class by name, found {class_weight!r}.")
    return weights[places]
