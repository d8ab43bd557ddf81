"""Runs `derive` expressions: DuckDB SQL over one row of inputs."""

from __future__ import annotations

import threading

import duckdb
import pyarrow

SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "1",
    "preserve_insertion_order": "true",
}


class UnusableExpression(ValueError):
    """An expression does not parse, fails, or has a type that no feature can have; the message names the feature."""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Deriver:
    """Evaluates expressions over canonical rows. Safe to use from several threads: each has its own connection."""

    def __init__(self, expressions: dict[str, str]):
        self._expressions = dict(expressions)
        self._local = threading.local()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = duckdb.connect(":memory:", config=SETTINGS)
            connection.execute("SET lock_configuration = true")
            self._local.connection = connection
        return connection

    def _query(self, rows: pyarrow.Table, expressions: dict[str, str]) -> pyarrow.Table:
        connection = self._connection()
        # The line breaks keep a trailing `--` comment in an expression from swallowing what follows it.
        columns = ", ".join(f"(\n{expression}\n) AS {_quoted(name)}" for name, expression in expressions.items())
        connection.register("source_rows", rows)
        try:
            result = connection.execute(f"SELECT {columns} FROM source_rows").to_arrow_table()
        finally:
            connection.unregister("source_rows")
        if result.column_names != list(expressions):
            raise UnusableExpression(f"The expressions of {list(expressions)} yield the columns {result.column_names}.")
        return result

    def derive(self, rows: pyarrow.Table) -> pyarrow.Table:
        """One column for each expression, in row order. Raises UnusableExpression naming the feature."""
        if not self._expressions:
            return rows.select([])
        try:
            result = self._query(rows, self._expressions)
        except duckdb.Error as error:
            raise self._blame(rows, error) from None
        if result.num_rows != rows.num_rows:
            raise UnusableExpression(f"The expressions turn {rows.num_rows} rows into {result.num_rows}; each must be over one row.")
        return result

    def _blame(self, rows: pyarrow.Table, error: duckdb.Error) -> UnusableExpression:
        """The first expression that fails alone is the one to name."""
        for name, expression in self._expressions.items():
            try:
                self._query(rows, {name: expression})
            except duckdb.Error as alone:
                return UnusableExpression(f"Derived feature `{name}` ({expression}) fails: {str(alone).splitlines()[0]}")
        return UnusableExpression(f"The derived features fail together: {str(error).splitlines()[0]}")
