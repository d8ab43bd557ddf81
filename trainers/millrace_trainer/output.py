"""What a job leaves under `out/`. Each file appears whole or not at all, and `result.json` appears last."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any, Mapping, Sequence

from .contract import CONTRACT, ROW_ID_COLUMN
from .errors import BadInput


def output_directory(directory: Path) -> Path:
    """`out/` of the job directory, created if need be."""
    path = directory / "out"
    path.mkdir(parents=True, exist_ok=True)
    return path


def begin(directory: Path) -> None:
    """Removes what an earlier attempt in the same directory left, so that its result is never taken for this one's."""
    for left in output_directory(directory).iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _write_whole(path: Path, document: Mapping[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(document, file, allow_nan=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def write_error(directory: Path, message: str, code: str = BadInput.code) -> None:
    """Leaves `out/error.json`: why the input was refused, in words for people."""
    _write_whole(output_directory(directory) / "error.json", {"message": message, "code": code})


def write_result(directory: Path, *, predicted: int, train: int | None, model: bool, metrics: Mapping[str, float]) -> None:
    """Leaves `out/result.json`; from then on the job has succeeded. Metrics that are not finite are left out: JSON has no NaN."""
    rows = {"predicted": predicted} if train is None else {"train": train, "predicted": predicted}
    finite = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
    document = {"contract": CONTRACT, "status": "succeeded", "rows": rows, "model": model, "metrics": finite}
    _write_whole(output_directory(directory) / "result.json", document)


def write_build_result(directory: Path, rows: int) -> None:
    """Leaves `out/result.json` of a job that built a table."""
    _write_whole(output_directory(directory) / "result.json", {"contract": CONTRACT, "status": "succeeded", "rows": {"built": rows}})


def write_predictions(directory: Path, row_ids: Any, scores: Any, columns: Sequence[str]) -> None:
    """Leaves `out/predictions.parquet`: the row id and one double a score column (`scores` has shape rows × columns)."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    matrix = numpy.asarray(scores, dtype=numpy.float64).reshape(len(row_ids), len(columns))
    if not numpy.isfinite(matrix).all():
        bad = int((~numpy.isfinite(matrix)).any(axis=1).sum())
        raise BadInput(f"{bad} of {len(matrix)} predictions are not finite numbers. Look for extreme values in the features or the label.")
    arrays = [pyarrow.array(matrix[:, index]) for index in range(len(columns))]
    table = pyarrow.table([row_ids, *arrays], names=[ROW_ID_COLUMN, *columns])
    path = output_directory(directory) / "predictions.parquet"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    pyarrow.parquet.write_table(table, temporary)
    os.replace(temporary, path)
