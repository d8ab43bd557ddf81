"""Hunts: imputation, scaling or one-hot that differs from scikit-learn's own."""

import numpy
import pandas
import pytest
from conftest import customers
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler


@pytest.fixture(scope="module")
def encoder_class():
    import millrace_trainer.training  # noqa: F401 - makes millrace_model importable
    from millrace_model.encoder import FeatureEncoder

    return FeatureEncoder


@pytest.fixture(scope="module")
def frame():
    source = customers(200)
    return pandas.DataFrame({"age": source["age"].astype("float64"), "spend": source["spend"], "plan": source["plan"].astype(object).where(source["plan"].notna(), None)})


KINDS = {"age": "double", "spend": "double", "plan": "category"}


def test_numbers_and_categories_are_scikit_learns(encoder_class, frame):
    train, other = frame[:150], frame[150:]
    encoder = encoder_class(KINDS).fit(train)
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(train[["age", "spend"]])
    scaler = StandardScaler().fit(imputer.transform(train[["age", "spend"]])[:, :2])
    onehot = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[["plan"]])
    for rows in (train, other):
        filled = imputer.transform(rows[["age", "spend"]])
        expected = numpy.hstack([scaler.transform(filled[:, :2]), filled[:, 2:], onehot.transform(rows[["plan"]])])
        assert numpy.allclose(encoder.transform(rows), expected, atol=1e-12)


def test_a_category_column_is_bounded_by_frequency_and_then_by_name(encoder_class):
    frame = pandas.DataFrame({"plan": ["c", "b", "a", "d", "d", "e", "e", "e"]})
    encoder = encoder_class({"plan": "category"}, max_categories=3).fit(frame)
    assert encoder.categories_["plan"].values == ["a", "d", "e"]
    assert encoder.transform(pandas.DataFrame({"plan": ["b", "z", "e"]})).tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_row_wise_matrices_hold_the_same_numbers(encoder_class, frame):
    dense = encoder_class(KINDS).fit_transform(frame)
    sparse = encoder_class(KINDS, row_wise=True).fit_transform(frame)
    assert numpy.array_equal(sparse.toarray(), dense)


def test_beside_text_a_zero_is_stored_because_xgboost_takes_an_absent_entry_for_missing(encoder_class):
    frame = pandas.DataFrame({"count": [0.0, 0.0, 2.0], "text": ["one two", "two", "one"]})
    matrix = encoder_class({"count": "double", "text": "text"}, impute=False, scale=False).fit_transform(frame)
    assert (matrix.getcol(0).tocoo().row == [0, 1, 2]).all()


def test_without_imputation_gaps_stay(encoder_class, frame):
    matrix = encoder_class(KINDS, impute=False, scale=False).fit_transform(frame)
    assert numpy.array_equal(numpy.isnan(matrix[:, :2]), frame[["age", "spend"]].isna().to_numpy())


def test_the_parts_of_dates(encoder_class):
    frame = pandas.DataFrame({"at": pandas.to_datetime(["1970-01-02T12:00:00", "2024-02-29T23:59:59", None])})
    matrix = encoder_class({"at": "timestamp"}, impute=False, scale=False).fit_transform(frame)
    assert matrix[0].tolist() == [1.5, 1, 4, 12]
    assert matrix[1, 1:].tolist() == [2, 3, 23] and int(matrix[1, 0]) == 19782
    assert numpy.isnan(matrix[2]).all()


def test_words_and_characters_are_scikit_learns_tfidf_side_by_side(encoder_class):
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = ["slow and broken", "great, and fast!", "broken again"]
    frame = pandas.DataFrame({"text": texts})
    encoder = encoder_class({"text": "text"}, tfidf={"ngram_range": (1, 2), "sublinear_tf": True}, characters=(2, 3)).fit(frame)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit(texts)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), sublinear_tf=True).fit(texts)
    other = ["and slow", "xyz"]
    expected = numpy.hstack([words.transform(other).toarray(), characters.transform(other).toarray()])
    assert numpy.array_equal(encoder.transform(pandas.DataFrame({"text": other})).toarray(), expected)
