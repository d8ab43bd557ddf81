"""A model of our own: nearest neighbours on target-encoded columns."""

from category_encoders import TargetEncoder
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def fit(frame, labels, params):
    """Returns a fitted estimator with `predict_proba`.

    `frame` is a pandas frame with one column a feature, `labels` are 0 and 1, `params` come from the candidate. Everything that is learnt
    from data, the encoding included, is learnt inside, from these rows only.
    """
    model = make_pipeline(
        TargetEncoder(smoothing=20.0),
        SimpleImputer(strategy="median"),
        StandardScaler(),
        KNeighborsClassifier(n_neighbors=int(params.get("neighbours", 50)), weights="distance"),
    )
    return model.fit(frame, labels)
