"""Hunts: a table of the user's own function that loses or invents values on its way, or is refused without a reason."""

import datetime
import json
import textwrap

import numpy
import pandas
import pyarrow
import pyarrow.parquet
import pytest
from conftest import run_trainer

from millrace_trainer.building import arrow_table
from millrace_trainer.errors import FeatureCodeFailed


def made(value):
    return arrow_table(value, "features.py:build")


def test_the_index_of_a_groupby_is_columns_and_a_number_of_the_row_is_none():
    frame = pandas.DataFrame({"town": ["Ulm", "Bonn", "Ulm"], "amount": [1, 2, 3]})
    assert made(frame.groupby("town").sum()).to_pydict() == {"town": ["Bonn", "Ulm"], "amount": [2, 4]}
    assert made(frame[frame["amount"] > 1]).column_names == ["town", "amount"]


def test_gaps_stay_gaps_and_types_stay_what_they_were():
    table = made(
        pandas.DataFrame(
            {
                "whole": pandas.array([1, None], dtype="Int64"),
                "real": [0.5, numpy.nan],
                "text": ["a", None],
                "day": [datetime.date(2026, 1, 1), None],
                "moment": pandas.to_datetime(["2026-01-01T10:00:00", None]),
                "kind": pandas.Categorical(["x", None]),
                "nothing": [None, None],
            }
        )
    )
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["whole"], types["real"], types["day"], types["nothing"]) == ("int64", "double", "date32[day]", "string")
    assert types["moment"].startswith("timestamp")
    assert table.slice(1, 1).to_pylist() == [{name: None for name in types}]
    assert table.schema.metadata is None


def test_other_libraries_hand_over_their_tables_by_arrow():
    class Foreign:
        def __init__(self, table):
            self.table = table

        def __arrow_c_stream__(self, requested_schema=None):
            return self.table.__arrow_c_stream__(requested_schema)

    assert made(Foreign(pyarrow.table({"id": [1, 2]}))).to_pydict() == {"id": [1, 2]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "returned NoneType, which is no table"),
        ({"id": [1]}, "returned dict, which is no table"),
        (pandas.DataFrame({0: [1]}), "column name 0; names must be strings"),
        (pandas.DataFrame(), "without columns"),
        (pyarrow.table([pyarrow.array([1]), pyarrow.array([2])], names=["id", "id"]), "two columns `id`"),
        (pandas.DataFrame([[1, 2]], columns=["id", "id"]), "id"),
        (pandas.DataFrame({"id": [1, "a"]}), "different kinds in a column: .*id"),
        (pandas.DataFrame({"id": [1], "big": [2**70]}), "cannot be taken in: OverflowError in column `big`: .*too large"),
        (pandas.DataFrame({"id": pandas.arrays.SparseArray([0, 1])}), "cannot be taken in: TypeError.*[Ss]parse"),
        (pandas.DataFrame({"id": [1], "age": pandas.to_timedelta(["1 day"])}), "column `age` of time differences"),
        (pandas.DataFrame({"id": [1]}, index=pandas.Index([2], name="id")), "both in its index and among its columns"),
        (pandas.DataFrame({"id": [1]}, index=pandas.MultiIndex.from_tuples([(1, 2)], names=["a", "a"])), "`a` twice in its index"),
    ],
)
def test_what_is_no_table_is_refused_by_name(value, message):
    with pytest.raises(FeatureCodeFailed, match=message):
        made(value)


class Stream:
    """A table of another library that cannot be handed over."""

    def __init__(self, error):
        self.error = error

    def __arrow_c_stream__(self, requested_schema=None):
        raise self.error


def test_a_table_that_fails_as_it_is_handed_over_is_refused():
    with pytest.raises(FeatureCodeFailed, match="cannot be taken in: RuntimeError: the frame was closed"):
        made(Stream(RuntimeError("the frame was closed")))


@pytest.mark.parametrize("error", [MemoryError("no more"), OSError(28, "No space left on device")])
def test_what_the_machine_is_short_of_as_a_table_is_handed_over_is_no_refusal(error):
    with pytest.raises(type(error)):
        made(Stream(error))


def job(path, code, function="build", **members):
    (path / "code").mkdir(parents=True)
    (path / "tables").mkdir()
    (path / "code" / "features.py").write_text(textwrap.dedent(code))
    pyarrow.parquet.write_table(pyarrow.table({"id": [2, 1], "spend": [0.5, None]}), path / "tables" / "rows.parquet")
    document = {"contract": 1, "action": "build", "pipeline": "tests", "file": "features.py", "function": function}
    (path / "input.json").write_text(json.dumps({**document, "tables": ["rows"], "params": {"by": 2}, "threads": 1, **members}))
    return path


def test_a_job_leaves_the_table_and_says_how_many_rows(tmp_path):
    code = """
        import random, numpy

        def build(tables, params):
            rows = tables["rows"].to_pandas()
            return rows.assign(half=rows["spend"] / params["by"], luck=random.random() + numpy.random.random())
    """
    tables = []
    for name in ("one", "two"):
        place = job(tmp_path / name, code)
        ended = run_trainer("build", place)
        assert ended.returncode == 0, ended.stderr
        assert json.loads((place / "out" / "result.json").read_text()) == {"contract": 1, "status": "succeeded", "rows": {"built": 2}}
        tables.append(pyarrow.parquet.read_table(place / "out" / "table.parquet"))
    assert tables[0].select(["id", "spend", "half"]).to_pydict() == {"id": [2, 1], "spend": [0.5, None], "half": [0.25, None]}
    # Chance is the same each time.
    assert tables[0].equals(tables[1])


def test_what_it_raises_is_told_with_its_place_and_no_folder_of_the_job(tmp_path):
    place = job(tmp_path / "job", "def build(tables, params):\n    return tables['rows']['spent']\n")
    ended = run_trainer("build", place)
    error = json.loads((place / "out" / "error.json").read_text())
    assert (ended.returncode, error["code"]) == (64, "FEATURE_CODE_FAILED")
    assert error["message"].startswith("features.py:build raised KeyError: ")
    assert 'File "features.py", line 2, in build' in error["message"]
    assert str(tmp_path) not in error["message"]
    # The whole of it stands in the log.
    assert "Traceback (most recent call last)" in ended.stderr


def test_a_long_traceback_is_cut_to_its_end(tmp_path):
    place = job(tmp_path / "job", "def build(tables, params, depth=0):\n    return build(tables, params, depth + 1)\n")
    run_trainer("build", place)
    message = json.loads((place / "out" / "error.json").read_text())["message"]
    assert "RecursionError" in message.splitlines()[0]
    assert len(message.splitlines()) <= 13 and len(message) < 3100


def test_what_the_machine_is_short_of_is_no_refusal(tmp_path):
    place = job(tmp_path / "job", "def build(tables, params):\n    raise OSError(28, 'No space left on device')\n")
    ended = run_trainer("build", place)
    assert ended.returncode == 1 and not (place / "out" / "error.json").exists()
    assert ended.stderr.rstrip().endswith("No space left on device")
