"""Hunts: a reference trainer that does not learn, mixes up its columns, or leaves something else than the contract says."""

import importlib.util

import numpy
import pandas
import pytest
from conftest import customer_job, text_job, train_here
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

CLASSIFIERS = ["sklearn/logistic-regression", "sklearn/linear-svm", "sklearn/random-forest", "xgboost", "lightgbm"]
REGRESSORS = ["sklearn/ridge", "sklearn/linear-svm", "sklearn/random-forest", "xgboost", "lightgbm"]


def assert_contract(job, columns):
    result = job.result()
    assert result["contract"] == 1 and result["status"] == "succeeded" and result["model"] is True
    assert result["rows"] == {"train": 4 * len(job.truth), "predicted": len(job.truth)} or "text" in job.validation
    predictions = job.predictions()
    assert list(predictions.columns) == ["__row_id", *columns]
    assert list(predictions["__row_id"]) == list(job.validation["__row_id"])
    assert (predictions[columns].dtypes == "float64").all() and numpy.isfinite(predictions[columns].to_numpy()).all()
    fractions = [line["fraction"] for line in job.progress()]
    steps = [line["step"] for line in job.progress()]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0 and steps == sorted(steps)
    return predictions


@pytest.mark.parametrize("trainer", CLASSIFIERS)
def test_two_classes_from_columns_of_every_type(tmp_path, trainer):
    job = train_here(customer_job(tmp_path, trainer))
    predictions = assert_contract(job, ["score"])
    assert predictions["score"].between(0, 1).all()
    assert roc_auc_score(job.truth, predictions["score"]) > 0.85


@pytest.mark.parametrize("trainer", CLASSIFIERS)
def test_several_classes_in_the_order_of_the_input(tmp_path, trainer):
    job = train_here(customer_job(tmp_path, trainer, "multiclass"))
    columns = ["score_0", "score_1", "score_2"]
    scores = assert_contract(job, columns)[columns]
    assert numpy.allclose(scores.sum(axis=1), 1)
    named = numpy.array(job.document["classes"])[scores.to_numpy().argmax(axis=1)]
    assert accuracy_score(job.truth, named) > 0.6


@pytest.mark.parametrize("trainer", REGRESSORS)
def test_regression(tmp_path, trainer):
    job = train_here(customer_job(tmp_path, trainer, "regression"))
    assert r2_score(job.truth, assert_contract(job, ["score"])["score"]) > 0.5


@pytest.mark.parametrize("trainer", CLASSIFIERS)
def test_text(tmp_path, trainer):
    job = train_here(text_job(tmp_path, trainer))
    assert roc_auc_score(job.truth, assert_contract(job, ["score"])["score"]) > 0.95


@pytest.mark.parametrize("trainer", ["sklearn/logistic-regression", "xgboost"])
def test_text_with_several_classes(tmp_path, trainer):
    job = train_here(text_job(tmp_path, trainer, classes=3))
    scores = job.predictions()[["score_0", "score_1", "score_2"]].to_numpy()
    assert accuracy_score(job.truth, numpy.array(job.document["classes"])[scores.argmax(axis=1)]) > 0.9


@pytest.mark.parametrize("trainer", ["xgboost", "lightgbm"])
def test_boosting_reports_its_metric_as_it_goes_and_stops_early(tmp_path, trainer):
    job = customer_job(tmp_path, trainer, params={"n_estimators": 300, "early_stopping_rounds": 10, "learning_rate": 0.3})
    train_here(job)
    lines = [line for line in job.progress() if "metrics" in line]
    assert len(lines) >= 2
    losses = [next(value for name, value in line["metrics"].items() if name.startswith("train_") and "logloss" in name) for line in lines]
    assert losses[-1] < losses[0]
    assert all(any(name.startswith("eval_") for name in line["metrics"]) for line in lines)
    assert job.result()["metrics"]["rounds"] < 300


def test_the_forest_grown_in_chunks_is_the_forest_grown_at_once(tmp_path):
    from sklearn.ensemble import RandomForestClassifier

    job = train_here(customer_job(tmp_path, "sklearn/random-forest", params={"n_estimators": 23}))
    import pickle

    pipeline = pickle.loads((job.model / "data" / "estimator.pkl").read_bytes())
    from millrace_trainer.training import Job

    again = Job(job.path)
    matrix = pipeline.named_steps["features"].transform(again.frame).astype("float32")
    forest = RandomForestClassifier(n_estimators=23, min_samples_leaf=2, random_state=42, n_jobs=1).fit(matrix, again.places)
    assert len(pipeline.named_steps["model"].estimators_) == 23
    validation = pipeline.named_steps["features"].transform(again.features.frame(again.validation_rows)[0])
    assert numpy.array_equal(forest.predict_proba(validation)[:, 1], job.predictions()["score"])


def test_a_class_without_training_rows_gets_probability_zero(tmp_path):
    job = customer_job(tmp_path, "xgboost", "multiclass")
    job.amend(classes=["high", "huge", "low", "middle"])
    scores = train_here(job).predictions()
    assert (scores["score_1"] == 0).all() and numpy.allclose(scores.iloc[:, 1:].sum(axis=1), 1)


@pytest.mark.parametrize("trainer", CLASSIFIERS)
def test_class_weights_shift_every_trainer(tmp_path, trainer):
    plain = train_here(customer_job(tmp_path / "plain", trainer)).predictions()["score"]
    job = customer_job(tmp_path / "heavy", trainer, params={"class_weight": {"leaves": 20}})
    assert train_here(job).predictions()["score"].mean() > plain.mean() + 0.02


def test_balanced_weights_are_scikit_learns(tmp_path):
    from millrace_trainer.labels import sample_weights
    from millrace_trainer.training import Job
    from sklearn.utils.class_weight import compute_sample_weight

    job = Job(customer_job(tmp_path, "xgboost", "multiclass").path)
    assert numpy.allclose(sample_weights("balanced", job.places, job.task), compute_sample_weight("balanced", job.places))


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_catboost_trains_where_installed_and_says_so_where_not(tmp_path, task):
    job = customer_job(tmp_path, "catboost", task, params={"iterations": 50})
    if importlib.util.find_spec("catboost"):
        assert len(assert_contract(train_here(job), ["score"])) == len(job.truth)
    else:
        from millrace_trainer.errors import BadInput

        with pytest.raises(BadInput, match="`catboost`, which is not installed"):
            train_here(job)


def test_no_statistic_comes_from_validation_rows(tmp_path):
    """The same training rows beside other validation rows must give the same model."""
    one, other = customer_job(tmp_path / "one", "sklearn/logistic-regression"), customer_job(tmp_path / "other", "sklearn/logistic-regression")
    rows = pandas.read_parquet(other.path / "validation.parquet")
    rows["spend"] = 1e6
    rows["plan"] = "only here"
    rows.to_parquet(other.path / "validation.parquet", index=False)
    train_here(one), train_here(other)
    assert (one.model / "data" / "estimator.pkl").read_bytes() == (other.model / "data" / "estimator.pkl").read_bytes()
