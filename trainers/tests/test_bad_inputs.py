"""Hunts: an input that can never work and yet is retried, or is refused without saying what is wrong and where."""

import json

import numpy
import pandas
import pytest
from conftest import customer_job, run_trainer, text_job
from millrace_trainer.__main__ import main


def refused(job, *words):
    """The job ends with 64 and a sentence with these words, and leaves no result."""
    assert main(["train", str(job.path)]) == 64
    for word in words:
        assert word in job.error()
    assert not (job.path / "out" / "result.json").exists()


def change_training_rows(job, change):
    path = job.path / "train.parquet"
    rows = pandas.read_parquet(path)
    rows = change(rows)
    rows.to_parquet(path, index=False)
    return job


def test_as_a_process_it_exits_with_64_and_a_sentence(tmp_path):
    job = customer_job(tmp_path, "xgboost", params={"max_deph": 6})
    done = run_trainer("train", job.path)
    assert done.returncode == 64
    assert done.stderr.strip() == "millrace_trainer: " + job.error() == "millrace_trainer: params of xgboost: unknown parameter `max_deph`; did you mean `max_depth`?"


def test_the_result_of_an_earlier_attempt_does_not_outlive_a_refusal(tmp_path):
    job = customer_job(tmp_path, "sklearn/logistic-regression")
    assert main(["train", str(job.path)]) == 0 and job.result()
    job.amend(label="absent")
    refused(job, "`absent`")
    job.amend(label="label")
    assert main(["train", str(job.path)]) == 0
    assert job.result() and not (job.path / "out" / "error.json").exists()


def test_a_directory_that_is_not_there(tmp_path, capsys):
    assert main(["train", str(tmp_path / "nowhere")]) == 64
    assert "no job directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("trainer", "params", "words"),
    [
        ("sklearn/logistic-regression", {"c": 1.0}, ["`c`", "known are"]),
        ("sklearn/random-forest", {"n_estimator": 10}, ["did you mean `n_estimators`"]),
        ("lightgbm", {"num_leafs": 10}, ["did you mean `num_leaf`"]),
        ("xgboost", {"n_jobs": 8}, ["`n_jobs` cannot be set", "resources"]),
        ("lightgbm", {"num_threads": 8}, ["cannot be set"]),
        ("sklearn/random-forest", {"random_state": 8}, ["the seed is the pipeline's"]),
        ("xgboost", {"max_depth": "deep"}, ["max_depth"]),
        ("lightgbm", {"num_leaves": "many"}, ["num_leaves"]),
        ("lightgbm", {"num_leaves": 1}, ["num_leaves"]),
        ("sklearn/logistic-regression", {"C": -1}, ["'C' parameter"]),
        ("sklearn/linear-svm", {"C": "x"}, ["'C' parameter"]),
        ("sklearn/linear-svm", {"calibration_folds": 1}, ["calibration_folds"]),
        ("sklearn/random-forest", {"n_estimators": 0}, ["`n_estimators` is a whole number"]),
        ("xgboost", {"n_estimators": 1.5}, ["`n_estimators` is a whole number"]),
        ("lightgbm", {"early_stopping_rounds": -1}, ["early_stopping_rounds"]),
        ("lightgbm", {"early_stopping_rounds": 5, "eval_fraction": 2}, ["eval_fraction"]),
        ("xgboost", {"max_categories": 0}, ["max_categories"]),
        ("xgboost", {"class_weight": {"leave": 2}}, ["'leave'", "did you mean `leaves`"]),
        ("xgboost", {"class_weight": {"leaves": 0}}, ["above 0"]),
        ("xgboost", {"class_weight": "heavy"}, ["balanced"]),
        ("xgbost", {}, ["Unknown trainer", "did you mean `xgboost`"]),
        ("sklearn/ridge", {}, ["use `sklearn/logistic-regression`"]),
    ],
)
def test_parameters(tmp_path, trainer, params, words):
    refused(customer_job(tmp_path, trainer, params=params), *words)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"tfidf": {"ngrams": [1, 2]}}, ["tfidf: unknown parameter `ngrams`", "`ngram_range`"]),
        ({"tfidf": {"ngram_range": [2, 1]}}, ["ngram_range"]),
        ({"tfidf": {"characters": 3}}, ["`characters` is [shortest, longest]"]),
        ({"tfidf": 3}, ["`tfidf` is an object"]),
        ({"tfidf": {"min_df": 1000}}, ["Text feature `text`"]),
    ],
)
def test_text_parameters(tmp_path, params, words):
    refused(text_job(tmp_path, "sklearn/logistic-regression", params=params), *words)


def test_class_weights_of_a_regression(tmp_path):
    refused(customer_job(tmp_path, "sklearn/ridge", "regression", params={"class_weight": "balanced"}), "regression")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop(columns="label"), ["no label column `label`"]),
        (lambda rows: rows.assign(label=rows["label"].astype("float64").where(rows.index != 3)), ["missing in 1 of 320"]),
        (lambda rows: rows.assign(label=2), ["must be 0 or 1", "is 2"]),
        (lambda rows: rows.assign(label=1), ["All training rows have the label 'leaves'"]),
        (lambda rows: rows.assign(label="yes"), ["must be a number"]),
        (lambda rows: rows.iloc[:0], ["no rows"]),
        (lambda rows: rows.drop(columns="plan"), ["lack the column(s) `plan`"]),
        (lambda rows: rows.assign(spend="much"), ["`spend` cannot be read as double"]),
        (lambda rows: rows.assign(age=1.5), ["`age` is an integer, and 1.5"]),
        (lambda rows: rows.drop(columns="__row_id"), ["train.parquet has no column `__row_id`"]),
    ],
)
def test_training_rows(tmp_path, change, words):
    refused(change_training_rows(customer_job(tmp_path, "lightgbm"), change), *words)


def test_a_nan_label_in_a_regression(tmp_path):
    job = customer_job(tmp_path, "sklearn/ridge", "regression")
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(job.path / "train.parquet")
    labels = table["label"].to_numpy().copy()
    labels[5] = numpy.nan
    table = table.set_column(table.column_names.index("label"), "label", pyarrow.array(labels))
    pyarrow.parquet.write_table(table, job.path / "train.parquet")
    refused(job, "NaN or infinite in 1 of 320")


def test_a_class_that_is_not_among_the_classes(tmp_path):
    job = customer_job(tmp_path, "lightgbm", "multiclass").amend(classes=["high", "low"])
    refused(job, "'middle'", "none of the classes")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("nothing + 1", ["`broken`", "nothing"]),
        ("spend +", ["`broken`"]),
        ("avg(spend) OVER ()", ["`broken`", "its own row"]),
        ("random()", ["`broken`", "its own row"]),
        ("[spend]", ["`broken`", "cast it"]),
        ("count(*)", ["into 1"]),
        ("read_text('/etc/hostname')", ["`broken`"]),
    ],
)
def test_expressions(tmp_path, expression, words):
    job = customer_job(tmp_path, "lightgbm")
    job.document["features"]["derive"] = {"broken": expression}
    refused(job.amend(), *words)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"contract": 2}, ["contract: 1"]),
        ({"task": "ranking"}, ["`ranking`"]),
        ({"classes": ["only"]}, ["two classes"]),
        ({"threads": 0}, ["threads"]),
        ({"seed": "x"}, ["`seed` must be a whole number"]),
        ({"trainer": {"kind": "command", "command": ["x"]}}, ["runs itself"]),
        ({"action": "score"}, ["not for `train`"]),
    ],
)
def test_input_documents(tmp_path, members, words):
    refused(customer_job(tmp_path, "lightgbm").amend(**members), *words)


def test_no_features_unknown_features_and_one_name_twice(tmp_path):
    for features, word in (
        ({"select": [], "derive": {}}, "There is no feature"),
        ({"select": ["nowhere"]}, "`nowhere`"),
        ({"select": ["age"], "derive": {"age": "age + 1"}}, "both selected and derived"),
    ):
        job = customer_job(tmp_path, "lightgbm")
        job.document["features"] = {**job.document["features"], **features}
        refused(job.amend(), word)


def test_files_that_are_not_there_or_not_parquet(tmp_path):
    job = customer_job(tmp_path, "lightgbm")
    (job.path / "validation.parquet").write_bytes(b"no parquet")
    refused(job, "validation.parquet is not a readable Parquet file")
    (job.path / "validation.parquet").unlink()
    refused(job, "validation.parquet is missing")
    (job.path / "input.json").write_text("{")
    refused(job, "not valid JSON")
    (job.path / "input.json").unlink()
    refused(job, "No input.json")


def test_a_scoring_job_without_a_model_or_with_rows_that_lack_a_column(tmp_path, trained_customers):
    import shutil

    (tmp_path / "input.json").write_text(json.dumps({"contract": 1, "action": "score", "task": "binary", "classes": ["a", "b"], "threads": 1}))
    rows = pandas.read_parquet(trained_customers.path / "validation.parquet")
    rows.drop(columns="plan").to_parquet(tmp_path / "rows.parquet")
    assert main(["score", str(tmp_path)]) == 64
    assert "no MLflow model" in json.loads((tmp_path / "out" / "error.json").read_text())["message"]
    shutil.copytree(trained_customers.model, tmp_path / "model")
    assert main(["score", str(tmp_path)]) == 64
    assert "['plan']" in json.loads((tmp_path / "out" / "error.json").read_text())["message"]
