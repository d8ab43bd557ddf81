"""Hunts: a row that scores differently in training, in a scoring job, alone, in another order, or as JSON."""

import json
import shutil

import numpy
import pandas
import pytest
from conftest import customer_job, run_python, run_trainer, text_job, train_here

TRAINERS = ["sklearn/logistic-regression", "sklearn/linear-svm", "sklearn/random-forest", "xgboost", "lightgbm"]


def scoring_job(path, job, rows):
    """A scoring job directory for the model of a finished training job."""
    path.mkdir()
    shutil.copytree(job.model, path / "model")
    rows.to_parquet(path / "rows.parquet", index=False)
    document = {"contract": 1, "action": "score", "task": job.document["task"], "classes": job.document["classes"], "threads": 1}
    (path / "input.json").write_text(json.dumps(document))
    done = run_trainer("score", path)
    assert done.returncode == 0, done.stderr
    result = json.loads((path / "out" / "result.json").read_text())
    assert result == {"contract": 1, "status": "succeeded", "rows": {"predicted": len(rows)}, "model": False, "metrics": {}}
    return pandas.read_parquet(path / "out" / "predictions.parquet")


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_scoring_job_repeats_the_scores_of_training_in_any_order(tmp_path, trainer):
    job = train_here(customer_job(tmp_path / "train", trainer))
    rows = pandas.read_parquet(job.path / "validation.parquet").sample(frac=1, random_state=3)
    rows["a column that the model does not know"] = 1
    scored = scoring_job(tmp_path / "score", job, rows)
    assert list(scored["__row_id"]) == list(rows["__row_id"])
    assert not list((tmp_path / "score" / "model").rglob("__pycache__")), "loading must not change the artifact"
    expected = job.predictions().set_index("__row_id").loc[rows["__row_id"]]
    assert (scored["score"].to_numpy() == expected["score"].to_numpy()).all()


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_scoring_other_tasks(tmp_path, task):
    job = train_here(customer_job(tmp_path / "train", "lightgbm", task))
    scored = scoring_job(tmp_path / "score", job, pandas.read_parquet(job.path / "validation.parquet"))
    pandas.testing.assert_frame_equal(scored, job.predictions(), check_exact=True)


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("make", [customer_job, text_job])
def test_a_row_scores_the_same_alone_and_among_others(tmp_path, trainer, make):
    job = train_here(make(tmp_path, trainer))
    from millrace_model.predictor import PackedModel

    model = PackedModel.load(job.model / "data")
    rows = pandas.read_parquet(job.path / "validation.parquet")
    together = model.scores(rows)
    assert numpy.array_equal(together[:, 0], job.predictions()["score"])
    for size in (1, 7):
        pieces = [model.scores(rows.iloc[start : start + size]) for start in range(0, len(rows), size)]
        assert numpy.array_equal(numpy.vstack(pieces), together)


FRESH = """
import json, sys
import mlflow.pyfunc, pandas
from mlflow.pyfunc import scoring_server
assert not any('trainers' in place for place in sys.path)
model = mlflow.pyfunc.load_model(sys.argv[1])
body = open(sys.argv[2]).read()
answer = scoring_server.invocations(body, 'application/json', model, model.metadata.get_input_schema())
assert answer.status == 200, answer
print(answer.response)
"""


@pytest.mark.parametrize("trainer", ["sklearn/logistic-regression", "xgboost"])
def test_json_rows_with_nulls_in_a_fresh_process_without_this_package(tmp_path, trainer):
    """What a served caller gets is what was evaluated, from a model that brings all its code along."""
    job = train_here(customer_job(tmp_path / "train", trainer))
    rows = pandas.read_parquet(job.path / "validation.parquet")
    assert rows.drop(columns="__row_id").isna().any().all(), "the test needs a gap in every column"
    records = json.loads(rows.drop(columns="__row_id").assign(joined=rows["joined"].astype(str).where(rows["joined"].notna(), None)).to_json(orient="records", date_format="iso", double_precision=15))
    for record, exact in zip(records, rows["spend"]):
        record["spend"] = None if pandas.isna(exact) else exact
    (tmp_path / "body.json").write_text(json.dumps({"dataframe_records": records}))
    done = run_python("-c", FRESH, job.model, tmp_path / "body.json")
    assert done.returncode == 0, done.stderr
    answered = [row["score"] for row in json.loads(done.stdout)["predictions"]]
    assert answered == list(job.predictions()["score"])


FOREIGN = """
import sys, mlflow.pyfunc, pandas
class Model(mlflow.pyfunc.PythonModel):
    kind = sys.argv[2]
    def predict(self, context, model_input, params=None):
        return model_input['x'] / 10 if self.kind == 'array' else pandas.DataFrame({'label': ['yes'] * len(model_input)})
mlflow.pyfunc.save_model(sys.argv[1], python_model=Model(), pip_requirements=[])
"""


@pytest.mark.parametrize("kind", ["array", "names"])
def test_a_foreign_model_is_scored_or_refused_with_a_reason(tmp_path, kind):
    done = run_python("-c", FOREIGN, tmp_path / "model", kind)
    assert done.returncode == 0, done.stderr
    pandas.DataFrame({"__row_id": ["a", "b"], "x": [1.0, 7.0]}).to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "input.json").write_text(json.dumps({"contract": 1, "action": "score", "task": "binary", "classes": ["n", "y"], "threads": 1}))
    done = run_trainer("score", tmp_path)
    if kind == "array":
        assert done.returncode == 0, done.stderr
        assert list(pandas.read_parquet(tmp_path / "out" / "predictions.parquet")["score"]) == [0.1, 0.7]
    else:
        assert done.returncode == 64 and "no scores for a binary task" in done.stderr
