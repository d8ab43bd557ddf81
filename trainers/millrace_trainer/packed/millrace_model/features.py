"""From source rows to the feature frame that an estimator is fitted on."""

from __future__ import annotations

import numpy
import pandas
import pyarrow
import pyarrow.compute as compute

from .columns import canonical_rows
from .derive import Deriver, UnusableExpression


def _derived_kind(name: str, kind: pyarrow.DataType) -> str:
    types = pyarrow.types
    if types.is_boolean(kind):
        return "boolean"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "double"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind):
        return "category"
    if types.is_date(kind):
        return "date"
    if types.is_timestamp(kind):
        return "timestamp"
    if types.is_null(kind):
        return "double"
    raise UnusableExpression(f"Derived feature `{name}` has the type {kind}; cast it to a number, boolean, string, date or timestamp.")


class FeatureRows:
    """Turns source rows into features: canonical columns, then `derive`, then one pandas column a feature.

    Dtypes do not depend on the rows: numbers and booleans are float64 (missing is NaN), categories and texts are objects (a missing category
    is None, a missing text is ""), dates and timestamps are datetime64[us].
    """

    def __init__(self, inputs: list[dict[str, str]], select: list[str], derive: dict[str, str], text: list[str]):
        self.inputs = inputs
        self.select = list(select)
        self.text = set(text)
        self._types = {column["name"]: column["type"] for column in inputs}
        self.derived = list(derive)
        self._deriver = Deriver(derive)

    def table(self, rows: object) -> tuple[pyarrow.Table, dict[str, str]]:
        """Features as an arrow table, and the kind of each. Raises UnusableColumn or UnusableExpression (both ValueError)."""
        source = canonical_rows(rows, self.inputs)
        derived = self._deriver.derive(source)
        kinds = {name: self._types[name] for name in self.select}
        for field in derived.schema:
            kinds[field.name] = _derived_kind(field.name, field.type)
        for name, kind in kinds.items():
            if name in self.text and kind == "category":
                kinds[name] = "text"
        table = source.select(self.select)
        for name in derived.column_names:
            table = table.append_column(name, derived[name])
        return table, kinds

    def frame(self, rows: object) -> tuple[pandas.DataFrame, dict[str, str]]:
        """Features as a pandas frame, and the kind of each. Raises as `table`."""
        table, kinds = self.table(rows)
        return pandas.DataFrame({name: _pandas_column(table[name], kind) for name, kind in kinds.items()}), kinds


def _pandas_column(values: pyarrow.ChunkedArray, kind: str) -> object:
    if kind in ("category", "text"):
        strings = values.cast(pyarrow.string())
        return (compute.fill_null(strings, "") if kind == "text" else strings).to_numpy(zero_copy_only=False)
    if kind in ("date", "timestamp"):
        instants = values.cast(pyarrow.timestamp("us"), safe=False) if values.type != pyarrow.timestamp("us") else values
        return instants.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    if pyarrow.types.is_boolean(values.type):
        values = values.cast(pyarrow.int8())
    numbers = values.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)
    # An overflow or a division by zero in an expression says nothing that a model could use.
    return numpy.where(numpy.isfinite(numbers), numbers, numpy.nan)
