"""The action `build`: runs the user's `build(tables, params) -> table` and leaves the table as Parquet."""

from __future__ import annotations

import os
import random
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy
import pyarrow
import pyarrow.parquet

from .contract import Reader, read_document
from .errors import BadInput, FeatureCodeFailed
from .output import output_directory, write_build_result
from .progress import ProgressWriter
from .tables import read_parquet
from .user_code import load_function

SEED = 42
# What may be over the next time: a full disk, a connection that was cut. These say that the code asks for what is not there.
FINAL_OS_ERRORS = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)
SHOWN_LINES = 12
SHOWN_CHARACTERS = 1500


@dataclass(frozen=True)
class BuildInput:
    """`input.json` of a job that builds a table, in the directory it was read from."""

    directory: Path
    file: str
    function: str
    tables: list[str]
    params: dict[str, Any]
    threads: int

    @property
    def place(self) -> str:
        return f"{self.file}:{self.function}"


def read_build_input(directory: Path) -> BuildInput:
    """Reads and checks the job's input. Raises BadInput."""
    reader = Reader(read_document(directory))
    if reader.members.get("action") != "build":
        raise BadInput(f"input.json asks for `{reader.members.get('action')}`, not for `build`.")
    return BuildInput(
        directory,
        reader.take("file", str),
        reader.take("function", str),
        [str(name) for name in reader.take("tables", list)],
        reader.take("params", dict),
        max(1, reader.take("threads", int)),
    )


def build(directory: Path) -> None:
    """Builds the table of the job in `directory`. Raises BadInput; other exceptions are failures that may be tried again."""
    task = read_build_input(directory)
    pyarrow.set_cpu_count(task.threads)
    progress = ProgressWriter(directory)
    tables = {name: read_parquet(directory / "tables" / f"{name}.parquet") for name in task.tables}
    progress.phase(0.1, ", ".join(f"{name}: {table.num_rows} rows" for name, table in tables.items()))
    function = _guarded(task, lambda: load_function(directory, task.file, task.function, ("tables", "params")))
    random.seed(SEED)
    numpy.random.seed(SEED)
    progress.phase(0.2, f"running {task.place}")
    made = _guarded(task, lambda: function(tables, dict(task.params)))
    table = arrow_table(made, task.place)
    progress.phase(0.9, f"writing {table.num_rows} rows")
    _write(directory, table, task.place)
    write_build_result(directory, table.num_rows)
    progress.phase(1.0, "done")


def _guarded(task: BuildInput, call: Callable[[], Any]) -> Any:
    """Runs the user's code. What it raises is final, since the same code over the same bytes will raise it again, but for what the machine is short of."""
    try:
        return call()
    except BadInput as refusal:
        raise FeatureCodeFailed(f"{task.place}: {refusal}") from refusal
    except Exception as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and not isinstance(error, FINAL_OS_ERRORS)):
            raise
        traceback.print_exc(file=sys.stderr)
        raise FeatureCodeFailed(explain(error, task)) from error


def explain(error: BaseException, task: BuildInput) -> str:
    """What was raised, and the last lines of the traceback in the user's own files."""
    code = f"{task.directory / 'code'}{os.sep}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen")]
    own = [index for index, frame in enumerate(frames) if frame.filename.startswith(code)]
    # The frames before are this package's.
    shown = frames[own[0] :] if own else frames[-2:]
    lines = "".join(traceback.format_list(shown)).replace(code, "").rstrip("\n").split("\n")
    what = "".join(traceback.format_exception_only(type(error), error)).strip().replace(code, "")
    return f"{task.place} raised {what[:SHOWN_CHARACTERS]}\n" + "\n".join(lines[-SHOWN_LINES:])[-SHOWN_CHARACTERS:]


def arrow_table(made: Any, place: str) -> pyarrow.Table:
    """What the function returned as a table without an index. Raises FeatureCodeFailed where it is none, or Parquet cannot hold it."""
    import pandas

    if isinstance(made, pandas.DataFrame):
        made = _without_index(made, place)
        strange = [name for name in made.columns if not isinstance(name, str)]
        if strange:
            raise FeatureCodeFailed(f"{place} returned a frame with the column name {strange[0]!r}; names must be strings.")
    elif not isinstance(made, pyarrow.Table) and not hasattr(made, "__arrow_c_stream__"):
        raise FeatureCodeFailed(f"{place} returned {type(made).__name__}, which is no table; return a pandas DataFrame or a pyarrow Table.")
    try:
        if isinstance(made, pandas.DataFrame):
            table = pyarrow.Table.from_pandas(made, preserve_index=False)
        else:
            table = made if isinstance(made, pyarrow.Table) else pyarrow.table(made)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError) as error:
        raise FeatureCodeFailed(f"{place} returned a table with values of different kinds in a column: {_one_line(error)}.") from error
    except (MemoryError, OSError):
        raise
    # Whatever else: the same code over the same bytes will return the same. pandas and pyarrow have no common name for it.
    except Exception as error:
        what = f"{type(error).__name__}{_where_in(made)}: {_one_line(error)}"
        raise FeatureCodeFailed(f"{place} returned a table that cannot be taken in: {what}.") from error
    if table.num_columns == 0:
        raise FeatureCodeFailed(f"{place} returned a table without columns.")
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        raise FeatureCodeFailed(f"{place} returned a table with two columns `{twice[0]}`.")
    return pyarrow.table([_plain(table[name], name, place) for name in table.column_names], names=table.column_names)


def _where_in(made: Any) -> str:
    """The first column that cannot be taken in by itself, since not every error names it."""
    import pandas

    for name in made.columns if isinstance(made, pandas.DataFrame) else ():
        try:
            pyarrow.array(made[name], from_pandas=True)
        except Exception:
            return f" in column `{name}`"
    return ""


def _without_index(frame: Any, place: str) -> Any:
    """An index that has names is columns, as after a `groupby`; one without is a mere number of the row."""
    named = [name for name in frame.index.names if name is not None]
    if not named:
        return frame
    twice = [name for name in named if named.count(name) > 1]
    if twice:
        raise FeatureCodeFailed(f"{place} returned a frame with `{twice[0]}` twice in its index.")
    clash = [name for name in named if name in frame.columns]
    if clash:
        raise FeatureCodeFailed(f"{place} returned a frame with `{clash[0]}` both in its index and among its columns.")
    return frame.reset_index()


def _plain(values: pyarrow.ChunkedArray, name: str, place: str) -> pyarrow.ChunkedArray:
    if pyarrow.types.is_duration(values.type):
        raise FeatureCodeFailed(f"{place} returned the column `{name}` of time differences; make numbers of them, for example seconds.")
    # A column of nothing but gaps has no type of its own.
    return values.cast(pyarrow.string()) if pyarrow.types.is_null(values.type) else values


def _write(directory: Path, table: pyarrow.Table, place: str) -> None:
    path = output_directory(directory) / "table.parquet"
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pyarrow.parquet.write_table(table, temporary)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError) as error:
        raise FeatureCodeFailed(f"{place} returned a table that Parquet cannot hold: {_one_line(error)}.") from error
    os.replace(temporary, path)


def _one_line(error: Exception) -> str:
    return " ".join(str(part) for part in error.args).replace("\n", " ")[:SHOWN_CHARACTERS]
