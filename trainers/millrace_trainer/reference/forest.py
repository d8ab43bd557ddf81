"""Random forests (scikit-learn)."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from ..errors import BadInput
from .fitting import Fitted, Fitting, library_call

CHUNKS = 10


def fit_random_forest(fitting: Fitting) -> Fitted:
    """A random forest, grown in chunks so that its progress shows.

    Growing by `warm_start` draws the same seeds as growing at once, so chunks do not change the trees.
    """
    kind = RandomForestClassifier if fitting.classification else RandomForestRegressor
    names = [name for name in kind().get_params() if name not in ("class_weight", "warm_start")]
    # A forest looks at every term for every split: a bounded vocabulary keeps it within seconds.
    parameters = fitting.parameters(names, {"max_features": 1000, "ngram_range": (1, 1)})
    weights = fitting.weights(parameters)
    encoder = fitting.encoder(parameters, scale=False)
    matrix = library_call(fitting.trainer, lambda: fitting.encode(encoder).astype("float32"))
    settings = {"n_estimators": 100 if fitting.has_text else 200, "min_samples_leaf": 2, **parameters.library}
    trees = settings.pop("n_estimators")
    if isinstance(trees, bool) or not isinstance(trees, int) or trees < 1:
        raise BadInput(f"params of {fitting.trainer}: `n_estimators` is a whole number from 1, found {trees!r}.")
    if fitting.has_text:
        matrix = matrix.tocsc()
        matrix.sort_indices()

    def grow():
        forest = kind(**settings, n_estimators=0, warm_start=True, n_jobs=fitting.task.threads, random_state=fitting.seed)
        chunks = min(CHUNKS, trees)
        for chunk in range(1, chunks + 1):
            forest.set_params(n_estimators=trees * chunk // chunks)
            forest.fit(matrix, fitting.labels, sample_weight=weights)
            fitting.progress.report(forest.n_estimators, 0.1 + 0.8 * chunk / chunks, message=f"{forest.n_estimators} of {trees} trees")
        return forest

    model = library_call(fitting.trainer, grow)
    # Several threads add up the trees' votes in the order they finish, which changes the last bits from call to call.
    model.set_params(n_jobs=1, warm_start=False)
    return Fitted(encoder, model, {"trees": float(trees), "features": float(matrix.shape[1])})
