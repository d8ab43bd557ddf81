"""The fitted part of the features: imputation, scaling, one-hot and TF-IDF, as one scikit-learn transformer."""

from __future__ import annotations

import numpy
import pandas
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

_MICROSECONDS_A_DAY = 86_400_000_000


class _Numbers:
    """Numeric columns. `impute` fills gaps with the training median and adds an indicator where training had gaps; `scale` standardises."""

    def __init__(self, values: numpy.ndarray, impute: bool, scale: bool):
        missing = numpy.isnan(values)
        self.impute = impute
        # A column that is all missing has no median: it carries nothing and becomes 0.
        self.median = numpy.array([numpy.median(c[~m]) if (~m).any() else 0.0 for c, m in zip(values.T, missing.T)], dtype=float)
        self.indicators = numpy.flatnonzero(missing.any(axis=0)) if impute else numpy.array([], dtype=int)
        self.mean = self.deviation = None
        if scale:
            filled = numpy.where(missing, self.median, values)
            self.mean = filled.mean(axis=0)
            deviation = filled.std(axis=0)
            self.deviation = numpy.where(deviation > 0, deviation, 1.0)

    def transform(self, values: numpy.ndarray) -> numpy.ndarray:
        if not self.impute:
            return values
        missing = numpy.isnan(values)
        filled = numpy.where(missing, self.median, values)
        if self.mean is not None:
            filled = (filled - self.mean) / self.deviation
        return numpy.hstack([filled, missing[:, self.indicators].astype(float)])


class _Category:
    """One column of strings as one indicator for each of its most frequent values; a missing value is a value where training had one."""

    def __init__(self, values: pandas.Series, most: int):
        counts = values.dropna().value_counts()
        # Ties are broken by name, so that the choice never depends on the order of the rows.
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
        self.values = sorted(name for name, _ in ranked)
        self.missing = bool(values.isna().any())

    def transform(self, values: pandas.Series) -> numpy.ndarray:
        places = pandas.Index(self.values, dtype=object).get_indexer(values)
        encoded = numpy.zeros((len(values), len(self.values) + int(self.missing)))
        known = numpy.flatnonzero(places >= 0)
        encoded[known, places[known]] = 1.0
        if self.missing:
            encoded[values.isna().to_numpy(), -1] = 1.0
        return encoded


def _calendar(values: pandas.Series, with_time: bool) -> numpy.ndarray:
    """Days since the epoch, month and weekday, and for a timestamp the hour; missing is NaN in each."""
    instants = values.to_numpy().astype("datetime64[us]")
    parts = [instants.astype("int64") / _MICROSECONDS_A_DAY, values.dt.month.to_numpy(), values.dt.dayofweek.to_numpy()]
    if with_time:
        parts.append(values.dt.hour.to_numpy())
    table = numpy.column_stack([numpy.asarray(part, dtype=float) for part in parts])
    table[numpy.isnat(instants)] = numpy.nan
    return table


class FeatureEncoder(TransformerMixin, BaseEstimator):
    """Fits on training rows only and turns a feature frame into a numeric matrix.

    Parameters
    ----------
    kinds: kind of each feature by name (integer, double, boolean, category, text, date, timestamp).
    impute, scale: treatment of numbers; without `impute` a missing number stays NaN, for learners that know what to do with it.
    row_wise: always a CSR matrix, because its products are summed row by row: a dense BLAS product may round a row differently in
        another batch, and a model must score a row the same alone and among others.
    max_categories: indicators a category column may have at most; rarer values, like unseen ones, are all zeros.
    tfidf: keyword arguments of scikit-learn's TfidfVectorizer for every text feature.
    characters: (shortest, longest) runs of characters within words, as terms beside the words of every text feature; None for words only.
    """

    def __init__(self, kinds, impute=True, scale=True, row_wise=False, max_categories=50, tfidf=None, characters=None):
        self.kinds = kinds
        self.impute = impute
        self.scale = scale
        self.row_wise = row_wise
        self.max_categories = max_categories
        self.tfidf = tfidf
        self.characters = characters

    def _numeric(self, frame: pandas.DataFrame) -> numpy.ndarray:
        blocks = []
        for name, kind in self.kinds.items():
            if kind in ("date", "timestamp"):
                blocks.append(_calendar(frame[name], kind == "timestamp"))
            elif kind not in ("category", "text"):
                blocks.append(frame[name].to_numpy(dtype=float)[:, None])
        return numpy.hstack(blocks) if blocks else numpy.empty((len(frame), 0))

    def _named(self, wanted: str) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind == wanted]

    def fit(self, frame, labels=None):
        self.fit_transform(frame, labels)
        return self

    def fit_transform(self, frame, labels=None):
        self.numbers_ = _Numbers(self._numeric(frame), self.impute, self.scale)
        self.categories_ = {name: _Category(frame[name], self.max_categories) for name in self._named("category")}
        self.texts_ = {}
        terms = []
        for name in self._named("text"):
            self.texts_[name] = self._vectorizers()
            terms += [_fitted_terms(name, vectorizer, frame[name]) for vectorizer in self.texts_[name]]
        return self._assemble(frame, terms)

    def _vectorizers(self) -> list:
        # Imported here, because a model without text need not wait for it.
        from sklearn.feature_extraction.text import TfidfVectorizer

        words = dict(self.tfidf or {})
        vectorizers = [TfidfVectorizer(**words)]
        if self.characters:
            shared = {name: value for name, value in words.items() if name not in ("analyzer", "token_pattern", "stop_words", "ngram_range")}
            vectorizers.append(TfidfVectorizer(**shared, analyzer="char_wb", ngram_range=tuple(self.characters)))
        return vectorizers

    def transform(self, frame):
        return self._assemble(frame, [item.transform(frame[name]) for name, items in self.texts_.items() for item in items])

    def _assemble(self, frame: pandas.DataFrame, terms: list):
        numbers = self.numbers_.transform(self._numeric(frame))
        indicators = [self.categories_[name].transform(frame[name]) for name in self.categories_]
        if not terms and not self.row_wise:
            return numpy.hstack([numbers, *indicators])
        blocks = [_stored(numbers)] + [sparse.csr_matrix(block) for block in indicators] + terms
        blocks = [block for block in blocks if block.shape[1] > 0]
        return sparse.hstack(blocks, format="csr") if blocks else sparse.csr_matrix((len(frame), 0))


def _fitted_terms(name: str, vectorizer, texts: pandas.Series) -> sparse.csr_matrix:
    try:
        terms = vectorizer.fit_transform(texts)
    except ValueError as error:
        raise ValueError(f"Text feature `{name}`: {error}") from error
    # scikit-learn notes a memory address here to save itself a check; it would make equal models differ in their bytes.
    vars(vectorizer).pop("_stop_words_id", None)
    return terms


def _stored(block: numpy.ndarray) -> sparse.csr_matrix:
    """A CSR matrix that stores its zeros as well: XGBoost takes an absent entry for a missing value, and 0 is not missing."""
    rows, columns = block.shape
    places = numpy.tile(numpy.arange(columns, dtype=numpy.int32), rows)
    starts = numpy.arange(0, rows * columns + 1, columns, dtype=numpy.int32) if columns else numpy.zeros(rows + 1, dtype=numpy.int32)
    return sparse.csr_matrix((block.ravel(), places, starts), shape=block.shape)
