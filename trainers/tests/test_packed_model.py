"""Hunts: a packed model that MLflow cannot use, that forgets its features, or that trips over a value training has not seen."""

import json

import mlflow.pyfunc
import numpy
import pandas
import pytest
from conftest import TRAINERS, customer_job, customers, text_job, train_here
from mlflow.exceptions import MlflowException


@pytest.fixture(scope="module")
def model(trained_customers):
    return mlflow.pyfunc.load_model(str(trained_customers.model))


@pytest.fixture()
def rows(model):
    return model.input_example.copy()


def test_signature_example_and_requirements_are_what_mlflow_expects(model, trained_customers):
    signature = model.metadata.signature
    assert signature.inputs.input_names() == ["age", "spend", "member", "plan", "joined", "seen_at"]
    assert [kind.name for kind in signature.inputs.input_types()] == ["double", "double", "double", "string", "datetime", "datetime"]
    assert signature.outputs.input_names() == ["score", "prediction"]
    assert [(param.name, param.default) for param in signature.params.params] == [("threshold", 0.5)]
    assert len(model.predict(model.input_example)) == 3
    requirements = (trained_customers.model / "requirements.txt").read_text().splitlines()
    assert all("==" in line for line in requirements) and "duckdb==1.5.6" in requirements
    assert mlflow.pyfunc.get_model_dependencies(str(trained_customers.model))


def test_the_id_of_a_model_is_its_content(trained_customers, model):
    document = json.loads((trained_customers.model / "MLmodel").read_text())
    assert document["model_uuid"] == model.metadata.model_uuid and "utc_time_created" not in document


def test_prediction_follows_the_threshold_parameter(model, rows):
    score = model.predict(rows)["score"]
    for threshold in (0.0, float(score[1]), 1.0):
        named = model.predict(rows, params={"threshold": threshold})["prediction"]
        assert list(named) == ["leaves" if value >= threshold else "stays" for value in score]


def test_derived_features_are_computed_in_the_model_as_duckdb_computes_them(trained_customers):
    import duckdb
    from millrace_model.features import FeatureRows

    specification = json.loads((trained_customers.model / "data" / "specification.json").read_text())
    source = pandas.read_parquet(trained_customers.path / "validation.parquet")
    frame, kinds = FeatureRows(**specification["features"]).frame(source)
    assert kinds["spend_per_year"] == "double" and kinds["age_group"] == "category"
    expressions = ", ".join(f'{expression} AS "{name}"' for name, expression in specification["features"]["derive"].items())
    table = str(trained_customers.path / "validation.parquet")
    expected = duckdb.sql(f"SELECT {expressions} FROM read_parquet('{table}')").df()
    assert numpy.array_equal(frame["spend_per_year"], expected["spend_per_year"], equal_nan=True)
    assert frame["age_group"].tolist() == expected["age_group"].tolist()


def test_every_value_may_be_missing_or_new(model, rows):
    for name in rows.columns:
        gap = rows.copy()
        gap[name] = None
        assert model.predict(gap)["score"].between(0, 1).all(), name
    rows["plan"] = "a plan of tomorrow"
    rows["joined"] = pandas.Timestamp("2199-01-01")
    rows["spend"] = 1e300
    assert model.predict(rows)["score"].between(0, 1).all()


def test_an_unseen_category_counts_as_none_of_the_known(model, rows):
    rows = rows.iloc[[0, 0]].reset_index(drop=True)
    rows["plan"] = ["unseen", "unseen as well"]
    scores = model.predict(rows)["score"]
    assert scores[0] == scores[1]


def test_a_fraction_in_an_integer_column_is_refused_by_name(model, rows):
    rows["age"] = 34.5
    with pytest.raises(ValueError, match="`age` is an integer, and 34.5"):
        model.predict(rows)


def test_a_missing_column_is_refused_by_name(model, rows):
    with pytest.raises(MlflowException, match="plan"):
        model.predict(rows.drop(columns="plan"))


def test_no_rows_give_no_predictions(model, rows):
    assert len(model.predict(rows.iloc[:0])) == 0


def test_texts_may_be_missing_and_long(tmp_path):
    model = mlflow.pyfunc.load_model(str(train_here(text_job(tmp_path, "sklearn/logistic-regression")).model))
    answers = model.predict(pandas.DataFrame({"text": [None, "", "thanks " * 100_000, "bad \0 \ud83d\ude00".encode("utf-8", "surrogatepass").decode("utf-8", "replace")]}))
    assert answers["score"].between(0, 1).all()


def test_the_models_sql_cannot_reach_the_machine(tmp_path):
    from millrace_model.derive import Deriver, UnusableExpression
    import pyarrow

    rows = pyarrow.table({"x": [1]})
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for expression in (f"(SELECT a FROM read_csv('{secret}'))", f"(SELECT content FROM read_text('{secret}'))", f"(SELECT count(*) FROM '{secret}')", "(SELECT x FROM rows)", "getenv('HOME')"):
        with pytest.raises(UnusableExpression, match="`stolen`"):
            Deriver({"stolen": expression}).derive(rows)


def test_the_code_in_the_model_is_the_code_of_this_package(trained_customers):
    for path in (TRAINERS / "millrace_trainer" / "packed" / "millrace_model").glob("*.py"):
        assert (trained_customers.model / "code" / "millrace_model" / path.name).read_bytes() == path.read_bytes()


def test_out_of_range_dates_are_missing(tmp_path):
    import datetime

    job = customer_job(tmp_path, "lightgbm")
    rows = pandas.read_parquet(job.path / "validation.parquet")
    rows.loc[0, "joined"] = datetime.date(9999, 12, 31)
    rows.loc[1:, "joined"] = None
    rows.to_parquet(job.path / "validation.parquet", index=False)
    assert len(train_here(job).predictions()) == len(rows)
    assert customers()["joined"].notna().any()
