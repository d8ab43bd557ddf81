"""Source rows in one canonical form, whatever they came as: a Parquet table in training, JSON or CSV in a request.

Training and serving both go through here, which is why they cannot drift apart.
"""

from __future__ import annotations

import numpy
import pandas
import pyarrow
import pyarrow.compute as compute

ARROW_TYPES = {
    "integer": pyarrow.int64(),
    "double": pyarrow.float64(),
    "boolean": pyarrow.bool_(),
    "category": pyarrow.string(),
    "text": pyarrow.string(),
    "date": pyarrow.date32(),
    "timestamp": pyarrow.timestamp("us"),
}
# JSON and MLflow's double carry integers exactly up to here; beyond it a served row could differ from the trained one.
LARGEST_INTEGER = 2**53
# What pandas, and so MLflow, can hold in nanoseconds. A sentinel such as 9999-12-31 counts as missing.
EARLIEST = pandas.Timestamp("1678-01-01")
LATEST = pandas.Timestamp("2262-01-01")


class UnusableColumn(ValueError):
    """A column's values do not fit its declared type; the message names the column and a value."""


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and value != value) or value is pandas.NaT or value is pandas.NA:
        return None
    if isinstance(value, (bool, numpy.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, numpy.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _strings(values: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type):
        return values.cast(pyarrow.string())
    return pyarrow.array([_text(value) for value in values.to_pylist()], pyarrow.string())


def _numbers(values: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_boolean(values.type):
        values = values.cast(pyarrow.int64())
    numbers = values.cast(pyarrow.float64(), safe=False)
    return compute.if_else(compute.is_nan(numbers), pyarrow.scalar(None, pyarrow.float64()), numbers)


def _integers(values: pyarrow.Array, name: str) -> pyarrow.Array:
    numbers = _numbers(values)
    wrong = compute.or_(compute.not_equal(numbers, compute.trunc(numbers)), compute.greater(compute.abs(numbers), float(LARGEST_INTEGER)))
    if compute.any(wrong).as_py():
        example = numbers.filter(compute.fill_null(wrong, False))[0].as_py()
        raise UnusableColumn(f"Column `{name}` is an integer, and {example!r} is not a whole number within ±2^53.")
    return numbers.cast(pyarrow.int64())


def _booleans(values: pyarrow.Array) -> pyarrow.Array:
    if pyarrow.types.is_floating(values.type):
        values = _numbers(values)
    return values.cast(pyarrow.bool_())


def _instants(values: pyarrow.Array, target: pyarrow.DataType) -> pyarrow.Array:
    if pyarrow.types.is_string(values.type) or pyarrow.types.is_large_string(values.type):
        values = values.cast(pyarrow.timestamp("us"))
    if pyarrow.types.is_timestamp(values.type) and values.type.tz is not None:
        values = values.cast(pyarrow.timestamp("us", tz="UTC"), safe=False)
    instants = values.cast(pyarrow.timestamp("us"), safe=False)
    inside = compute.and_(
        compute.greater_equal(instants, pyarrow.scalar(EARLIEST, pyarrow.timestamp("us"))),
        compute.less(instants, pyarrow.scalar(LATEST, pyarrow.timestamp("us"))),
    )
    return compute.if_else(inside, instants, pyarrow.scalar(None, pyarrow.timestamp("us"))).cast(target, safe=False)


def _as_arrow(values: object) -> pyarrow.Array:
    if isinstance(values, pyarrow.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pyarrow.Array):
        return values
    try:
        return pyarrow.array(values, from_pandas=True)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        # Mixed Python objects, for example numbers and strings in one category column of a request.
        return pyarrow.array([_text(value) for value in values], pyarrow.string())


def canonical_column(values: object, name: str, kind: str) -> pyarrow.Array:
    """One column (arrow or pandas) as the arrow type of its declared kind; NaN is null. Raises UnusableColumn."""
    try:
        array = _as_arrow(values)
        if pyarrow.types.is_null(array.type):
            return pyarrow.nulls(len(array), ARROW_TYPES[kind])
        if kind in ("category", "text"):
            return _strings(array)
        if kind == "integer":
            return _integers(array, name)
        if kind == "double":
            return _numbers(array)
        if kind == "boolean":
            return _booleans(array)
        return _instants(array, ARROW_TYPES[kind])
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, pyarrow.ArrowTypeError) as error:
        reason = str(error).splitlines()[0]
        raise UnusableColumn(f"Column `{name}` cannot be read as {kind}: {reason}.") from None


def canonical_rows(rows: object, inputs: list[dict[str, str]]) -> pyarrow.Table:
    """The input columns of `rows` (a pandas frame or an arrow table), in signature order. Raises UnusableColumn."""
    names = rows.column_names if isinstance(rows, pyarrow.Table) else list(rows.columns)
    absent = [column["name"] for column in inputs if column["name"] not in names]
    if absent:
        raise UnusableColumn(f"The rows lack the column(s) {', '.join(f'`{name}`' for name in absent)}; they have {names}.")
    arrays = [canonical_column(rows[column["name"]], column["name"], column["type"]) for column in inputs]
    return pyarrow.table(arrays, names=[column["name"] for column in inputs])
