"""A small neural network, trained pass by pass."""

import numpy
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


class Network:
    """Encodes the columns, then fits one pass at a time, so that its caller can tell how far it is."""

    def __init__(self, hidden, seed):
        self.columns = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_include=object)),
            (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="float64")),
        )
        self.network = MLPClassifier(hidden_layer_sizes=(hidden,), learning_rate_init=0.003, alpha=0.001, random_state=seed)
        self.classes_ = numpy.array([0, 1])

    def start(self, frame):
        """Learns the encoding from the training rows and returns their matrix."""
        return self.columns.fit_transform(frame)

    def train_one_pass(self, matrix, labels):
        """One pass over the rows; returns the loss after it."""
        self.network.partial_fit(matrix, labels, classes=self.classes_)
        return float(self.network.loss_)

    def predict_proba(self, frame):
        return self.network.predict_proba(self.columns.transform(frame))
