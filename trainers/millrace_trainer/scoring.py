"""The action `score`: any MLflow model over `rows.parquet`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pandas
import pyarrow

from .contract import ROW_ID_COLUMN, ScoreInput, read_score_input, score_columns
from .errors import BadInput
from .loading import load_model
from .output import write_predictions, write_result
from .tables import read_table

# MLflow refuses to turn a column of 64-bit integers into doubles, although Parquet has them wherever training had none missing.
_ARROW_TYPES = {
    "boolean": pyarrow.bool_(),
    "integer": pyarrow.int32(),
    "long": pyarrow.int64(),
    "float": pyarrow.float32(),
    "double": pyarrow.float64(),
    "string": pyarrow.string(),
    "datetime": pyarrow.timestamp("ns"),
}


def request_frame(rows: pyarrow.Table, model: Any) -> pandas.DataFrame:
    """The model's input columns with the types of its signature; all but the row id where it has no signature. Raises BadInput."""
    schema = model.metadata.get_input_schema()
    if schema is None or not schema.has_input_names():
        return rows.drop_columns([ROW_ID_COLUMN]).to_pandas()
    absent = [name for name in schema.required_input_names() if name not in rows.column_names]
    if absent:
        raise BadInput(f"rows.parquet lacks the model's input column(s) {absent}; it has {rows.column_names}.")
    columns = {}
    for column in schema.inputs:
        if column.name in rows.column_names:
            columns[column.name] = _typed(rows[column.name], column.name, getattr(column.type, "name", None))
    return pandas.DataFrame(columns)


def _typed(values: pyarrow.ChunkedArray, name: str, kind: str | None) -> Any:
    if kind not in _ARROW_TYPES or (kind == "string" and pyarrow.types.is_boolean(values.type)):
        return values.to_pandas()
    try:
        if kind == "datetime":
            return _nanoseconds(values)
        return values.cast(_ARROW_TYPES[kind]).to_pandas()
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError) as error:
        raise BadInput(f"Column `{name}` of rows.parquet cannot be read as the model's {kind}: {str(error).splitlines()[0]}.") from None


def _nanoseconds(values: pyarrow.ChunkedArray) -> Any:
    # What nanoseconds cannot hold (9999-12-31) is missing, as it was in training.
    instants = values.cast(pyarrow.timestamp("us", tz=getattr(values.type, "tz", None)), safe=False).to_pandas()
    if instants.dt.tz is not None:
        instants = instants.dt.tz_convert("UTC").dt.tz_localize(None)
    inside = (instants >= pandas.Timestamp("1678-01-01")) & (instants < pandas.Timestamp("2262-01-01"))
    return instants.where(inside).astype("datetime64[ns]")


def scores_from(output: Any, task: ScoreInput, rows: int) -> numpy.ndarray:
    """Score columns from what a model returned: a frame with the contract's columns, or for a foreign model an array of probabilities.

    Raises BadInput where scores cannot be told from it, such as class names.
    """
    columns = score_columns(task.task, len(task.classes))
    if isinstance(output, pandas.DataFrame) and set(columns) <= set(output.columns):
        values = output[columns].to_numpy()
    else:
        values = numpy.asarray(output)
        if task.task == "binary" and values.ndim == 2 and values.shape[1] == 2:
            values = values[:, 1]
    try:
        matrix = numpy.asarray(values, dtype=float).reshape(rows, -1)
    except ValueError:
        matrix = None
    if matrix is None or matrix.shape[1] != len(columns):
        raise BadInput(f"The model's output has no scores for a {task.task} task: expected the column(s) {columns}, or an array of that many columns.")
    return matrix


def score(directory: Path) -> None:
    """Scores the job in `directory` by the contract. Raises BadInput; other exceptions are failures that may be tried again."""
    task = read_score_input(directory)
    pyarrow.set_cpu_count(task.threads)
    rows = read_table(directory / "rows.parquet")
    model = load_model(directory / "model")
    frame = request_frame(rows, model)
    from mlflow.exceptions import MlflowException

    try:
        output = model.predict(frame) if len(frame) else None
    except (MlflowException, ValueError) as error:
        raise BadInput(f"The model cannot score these rows: {error}") from error
    columns = score_columns(task.task, len(task.classes))
    scores = numpy.empty((0, len(columns))) if output is None else scores_from(output, task, len(frame))
    write_predictions(directory, rows[ROW_ID_COLUMN], scores, columns)
    write_result(directory, predicted=rows.num_rows, train=None, model=False, metrics={})
