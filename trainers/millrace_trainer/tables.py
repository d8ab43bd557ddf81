"""Reads the tables of a job directory."""

from __future__ import annotations

from pathlib import Path

import pyarrow
import pyarrow.parquet

from .contract import ROW_ID_COLUMN
from .errors import BadInput


def read_parquet(path: Path) -> pyarrow.Table:
    """A Parquet table. Raises BadInput where it cannot be read."""
    try:
        # One file, never a folder of partitions: the columns of the file are all there is.
        return pyarrow.parquet.ParquetFile(path).read()
    except FileNotFoundError:
        raise BadInput(f"{path.name} is missing from the job directory.") from None
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise BadInput(f"{path.name} is not a readable Parquet file: {error}.") from None


def read_table(path: Path) -> pyarrow.Table:
    """A Parquet table with its row ids. Raises BadInput where it cannot be read, or has no row id column."""
    table = read_parquet(path)
    if ROW_ID_COLUMN not in table.column_names:
        raise BadInput(f"{path.name} has no column `{ROW_ID_COLUMN}`; it has {table.column_names}.")
    return table
